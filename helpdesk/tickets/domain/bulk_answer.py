"""One answer to many tickets: filled in for each of them, sent as each one's own."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import translation

from helpdesk.agents.models import User
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.lib.literals import bare, literal
from helpdesk.textmodules.placeholders import BY_HAND, find_placeholders, substitute
from helpdesk.textmodules.placeholders import unknown_placeholders as unknown
from helpdesk.tickets.domain.articles import Answer, withdraw_answer, write_answer
from helpdesk.tickets.domain.letters import find_answer_address, letter_language
from helpdesk.tickets.domain.placeholders import placeholder_values
from helpdesk.tickets.domain.taking_back import ChangedSinceError
from helpdesk.tickets.domain.wording import wording_of
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.models import (
    Article,
    ArticleDraft,
    BulkItem,
    BulkJob,
    DraftFile,
    DraftKind,
    Participant,
    Ticket,
)
from helpdesk.tickets.queries import can_read_page

MOST_ANSWERS = 200
LONGEST = 20_000
# What becomes of a ticket with its answer → status and outcome.
THEN: dict[str, tuple[Status | None, str]] = {
    "keep": (None, ""),
    "wait": (Status.WAITING_CITIZEN, ""),
    "resolve": (Status.RESOLVED, Outcome.ANSWERED.value),
}
# What we have made ourselves may stand within a mark, as where a link leads.
OURS = frozenset({"anliegen.link", "anliegen.nummer", "anliegen.kennung", "heute"})
# Mails wait until the job is over and its undo too: so long, and a second for so many tickets.
HELD_SECONDS, A_SECOND = 90, 4


class EmptyPlaceholderError(Exception):
    """A placeholder has no value in this ticket: its citizen would read what was not filled in."""


class CannotReachError(Exception):
    """There is no mail address that works, and the citizen was never given the status page."""


class StrangeAddressError(Exception):
    """The answer would go to an address that is not one of the citizen's own."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one of the tickets would be sent; ``empty`` are placeholders without a value.

    In ``typed`` marks are still to be read, though none in what was filled in.
    Without ``to`` it stands on the status page; ``reaches`` tells whether that is known.
    ``is_strange`` says that ``to`` is none of the addresses of whoever asked: in an answer to
    one request a person is asked about that, among many nobody looks.
    """

    ticket: Ticket
    typed: str
    to: str
    reaches: bool
    empty: tuple[str, ...] = ()
    is_strange: bool = False

    @property
    def text(self) -> str:
        """Return its words as they were typed and filled in."""
        return bare(self.typed)

    @property
    def shown(self) -> str:
        """Return the HTML of its words."""
        return wording_of(self.typed, is_marked=True).shown

    @property
    def can_go(self) -> bool:
        """Tell whether it reaches the citizen alone, and nobody reads what was not filled in."""
        return self.reaches and not self.empty and not self.is_strange


def fill_in(ticket: Ticket, user: User, text: str) -> Letter:
    """Return the answer as this ticket's citizen would get it."""
    with translation.override(letter_language(ticket)):
        values = placeholder_values(ticket, user)
    # Nobody looks at each of many letters: stars in a citizen's name are stars.
    plain = {name: value if name in OURS else literal(value) for name, value in values.items()}
    filled = substitute(text, plain)
    to = find_answer_address(ticket)
    reaches = to is not None or can_read_page(ticket)
    is_strange = to is not None and not _is_own(ticket, to.address)
    return Letter(ticket, filled.text, to.address if to else "", reaches, filled.empty, is_strange)


def _is_own(ticket: Ticket, address: str) -> bool:
    """Tell whether an address is on file for whoever asked; a forged reply names another."""
    requesters = Participant.objects.filter(ticket=ticket, role=Participant.Role.REQUESTER)
    return ContactPoint.objects.filter(
        citizen__in=requesters.values("citizen"),
        kind=ContactKind.MAIL,
        normalised=normalise(address),
    ).exists()


def not_to_be_filled(text: str) -> tuple[str, ...]:
    """Return the placeholders that no ticket fills: unknown ones, and those for one's own hand."""
    by_hand = (name for name in find_placeholders(text) if name in BY_HAND)
    return (*unknown(text), *by_hand)


def newest_article(tickets: Iterable[Ticket]) -> int:
    """Return the newest public contribution among tickets: what comes later was not seen."""
    return max((ticket.last_public_id or 0 for ticket in tickets), default=0)


def answer_one(item: BulkItem, job: BulkJob) -> object:
    """Answer one ticket of a job; one's own draft there stays as it was."""
    ticket = Ticket.objects.select_related("authority", "team", "citizen").get(pk=item.ticket_id)
    letter = fill_in(ticket, job.user, job.text)
    if letter.empty:
        raise EmptyPlaceholderError
    if letter.is_strange:
        raise StrangeAddressError
    if not letter.can_go:
        raise CannotReachError
    then, outcome = THEN[job.value]
    answer = Answer(
        ticket_id=ticket.pk,
        text=letter.typed,
        form_key=f"bulk-{job.pk}",
        seen_article_id=job.seen_article_id,
        then=then,
        outcome=outcome,
        undo_seconds=HELD_SECONDS + job.items.count() // A_SECOND,
        is_marked=True,
    )
    drafts = _drafts(ticket.pk, job.user)
    article = write_answer(answer=answer, user=job.user)
    _put_back(drafts)
    return article


def take_answer_back(item: BulkItem, user: User) -> object:
    """Withdraw the answer of one ticket; raises ChangedSinceError once it is on its way."""
    article = (
        Article.objects.filter(ticket_id=item.ticket_id, author_user=user, is_withdrawn=False)
        .filter(pk=item.after.get("article"))
        .first()
    )
    drafts = _drafts(item.ticket_id, user)
    if article is None or withdraw_answer(article_id=article.pk, user=user) is None:
        raise ChangedSinceError
    # The words of all stand on the page of the job; a draft would be one for each ticket.
    ArticleDraft.objects.filter(ticket_id=item.ticket_id, user=user, kind=DraftKind.ANSWER).delete()
    _put_back(drafts)
    return article


def _drafts(ticket_id: int, user: User) -> tuple[list[ArticleDraft], list[DraftFile]]:
    """Return one's own draft there with its files."""
    drafts = ArticleDraft.objects.filter(ticket_id=ticket_id, user=user, kind=DraftKind.ANSWER)
    found = list(drafts.select_for_update())
    return found, list(DraftFile.objects.filter(draft__in=found))


def _put_back(found: tuple[list[ArticleDraft], list[DraftFile]]) -> None:
    drafts, files = found
    ArticleDraft.objects.bulk_create(drafts, ignore_conflicts=True)
    DraftFile.objects.bulk_create(files, ignore_conflicts=True)
