"""What stands in a form of the composer beside the text: copies, files, what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.enclosures import files_of_draft, read_enclosed, take_enclosed
from helpdesk.desk.numbers import read_id
from helpdesk.files.kept import KeptFile
from helpdesk.tickets.domain.addressees import read_addresses
from helpdesk.tickets.domain.attachments import inbound_of_kept
from helpdesk.tickets.domain.drafts import SENDER_LINE, Typed
from helpdesk.tickets.domain.letters import SenderNotThereError
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import ArticleDraft, DraftKind, Ticket

LONGEST = 2000
FORM_KEY_LENGTH = 32
# kind of form → the lines that stand in it beside the text, and the boxes that may be ticked
LINES: Mapping[str, tuple[str, ...]] = {
    DraftKind.ANSWER: (SENDER_LINE, "cc", "bcc"),
    DraftKind.NOTE: (),
    DraftKind.FORWARD: ("to",),
    DraftKind.CALL: ("callback_on", "callback_at", "callback_phone"),
}
ADDRESSES = frozenset({"to", "cc", "bcc"})
BOXES: Mapping[str, tuple[str, ...]] = {
    DraftKind.ANSWER: (),
    DraftKind.NOTE: (),
    DraftKind.FORWARD: ("articles", "attachments"),
    DraftKind.CALL: ("result",),
}
MOST_BOXES = 200


class Composed:
    """One submitted form of the composer; ``problems`` says what is wrong with it."""

    def __init__(self, request: HttpRequest, ticket: Ticket, kind: str = DraftKind.ANSWER) -> None:
        """Read the form and store its files, so that none is lost whatever follows."""
        self.kind, self.ticket = kind, ticket
        # Browsers send the end of a line as two characters.
        self.body = request.POST.get("body", "").replace("\r\n", "\n").replace("\0", "")
        self.form_key = request.POST.get("form_key", "")[:FORM_KEY_LENGTH]
        self.seen = read_id(request.POST.get("seen", ""))
        self.lines = {name: _line(request, name) for name in LINES[kind]}
        self.boxes = {name: request.POST.getlist(name)[:MOST_BOXES] for name in BOXES[kind]}
        self.problems: list[str] = []
        self._addresses = {name: self._read(name) for name in LINES[kind] if name in ADDRESSES}
        user = agent_of(request)
        kept = read_enclosed(ticket, user, request.POST.getlist("kept"))
        self.files, problems = take_enclosed(ticket, user, kept, request.FILES.getlist("files"))
        self.problems += problems

    def _read(self, name: str) -> tuple[str, ...]:
        good, bad = read_addresses(self.lines[name])
        sentence = gettext("“%(address)s” is no e-mail address. Correct it or take it out.")
        self.problems += [sentence % {"address": each[:80]} for each in bad[:3]]
        return good

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return what was typed into one line, as far as it is addresses."""
        return self._addresses.get(name, ())

    @property
    def sender_id(self) -> int | None:
        """Return the sender that was chosen; None leaves it to the request's team.

        Raises SenderNotThereError for what is the name of none.
        """
        chosen = self.lines[SENDER_LINE]
        found = read_id(chosen)
        if chosen and found is None:
            raise SenderNotThereError
        return found

    def inbound(self) -> tuple[InboundFile, ...]:
        """Return the files as doors take them."""
        return tuple(inbound_of_kept(file) for file in self.files)

    def typed(self, *, is_saved_anew: bool = False) -> Typed:
        """Return it as a draft; ``is_saved_anew`` keeps it although this form was sent."""
        return Typed(
            self.ticket.pk,
            self.kind,
            self.body,
            "" if is_saved_anew else self.form_key,
            self.seen,
            fields={**self.lines, **self.boxes},
            files=self.inbound(),
        )

    def pane(self) -> "Pane":
        """Return what the page needs to show it all again."""
        return Pane(self.body, {**self.lines, **self.boxes}, self.files)


@dataclass(frozen=True, slots=True)
class Pane:
    """What stands in one form of the composer when its page is drawn."""

    text: str
    fields: Mapping[str, Any]
    files: list[KeptFile]
    draft: ArticleDraft | None = None

    @property
    def is_filled(self) -> bool:
        """Tell whether the lines for copies and files must be open."""
        return bool(self.files or any(self.fields.values()))


EMPTY = Pane("", {}, [])


def pane_of(draft: ArticleDraft | None, user: User) -> Pane:
    """Return the form that a draft fills."""
    if draft is None:
        return EMPTY
    return Pane(draft.body, draft.fields, files_of_draft(draft, user), draft)


def _line(request: HttpRequest, name: str) -> str:
    return " ".join(request.POST.get(name, "").replace("\0", "").split())[:LONGEST]
