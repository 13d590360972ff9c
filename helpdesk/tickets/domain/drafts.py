"""Drafts of agents: kept on the server within seconds, never lost to a crash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.files.kept import FORGOTTEN_AFTER
from helpdesk.files.store import keep_for
from helpdesk.lib.statements import ask, slot
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.attachments import inbound_of
from helpdesk.tickets.domain.greeting import NONE as NO_GREETING
from helpdesk.tickets.domain.greeting import (
    Greeting,
    greeting_of,
    outside_greeting_of,
    own_words,
)
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.domain.threading import follow_merges
from helpdesk.tickets.domain.writing import is_written
from helpdesk.tickets.enums import Status
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import ArticleDraft, DraftFile, DraftKind, Ticket

# kind of draft → the right without which nobody may write, read or take over such a text
VERBS: Mapping[str, str] = {
    DraftKind.ANSWER: "answer_ticket",
    DraftKind.FORWARD: "answer_ticket",
    DraftKind.NOTE: "read_ticket",
    DraftKind.CALL: "read_ticket",
}


# The line that names the sender an answer is to leave by: one of two, never both.
SENDER_LINE = "sender"
# So often a text is led on by merges that happen while it waits for a lock.
MERGES_MEANWHILE = 5


class _ElsewhereError(Exception):
    """The text goes on in another request than the one that was locked for it."""

    def __init__(self, home: int) -> None:
        super().__init__(f"request {home}")
        self.home = home


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in one form of the composer; ``form_key`` is the form's own key.

    ``fields`` is what stands in it beside the text, ``files`` what was added to it.
    """

    ticket_id: int
    kind: str
    body: str
    form_key: str = ""
    seen_article_id: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[InboundFile, ...] = ()


def save_draft(*, typed: Typed, user: User) -> ArticleDraft | None:
    """Keep what was typed so far; an empty form removes the draft. Raises TicketNotThereError.

    What a form sends after its text was written for good is late, and changes
    nothing: under the ticket's lock the two can't overtake each other unseen. What is still
    being typed in a request that was merged meanwhile goes on in the one it went into.
    """
    home = typed.ticket_id
    for _ in range(MERGES_MEANWHILE):
        try:
            return _save_draft(typed, home, user)
        except _ElsewhereError as moved:
            home = moved.home
    raise TicketNotThereError


def _home_of(typed: Typed, user: User) -> int:
    """Return where the text goes on: in the request that its own one was merged into.

    Not where its writer could not send it, nor over a text of theirs that it does not hold:
    then it stays at its own request, whose page shows it. Holds as long as that one is locked.
    """
    merged = Ticket.objects.filter(pk=typed.ticket_id, status=Status.MERGED).first()
    survivor = follow_merges(merged) if merged and typed.body.strip() else None
    if survivor is None or not _may_write(user, typed.kind, survivor):
        return typed.ticket_id
    there = load_drafts(ticket_id=survivor.pk, user=user).get(typed.kind)
    return survivor.pk if there is None or _holds(typed, there) else typed.ticket_id


def _holds(typed: Typed, draft: ArticleDraft) -> bool:
    """Tell whether nothing of a draft is lost where this is written over it."""
    files = {each.file_id for each in typed.files}
    has_all = all(typed.fields.get(name) for name in draft.fields)
    has_all &= files.issuperset(draft.files.values_list("file_id", flat=True))
    return has_all and draft.body.strip() in typed.body


def above_draft(typed: Typed, user: User) -> Typed:
    """Return what comes back into the composer above what its writer has begun there since.

    Neither is lost: copies, chosen messages and files of both stand together. The ticket is locked.
    """
    begun = load_drafts(ticket_id=typed.ticket_id, user=user).get(typed.kind)
    if begun is None:
        return typed
    names = {*typed.fields, *begun.fields}
    held = {each.file_id for each in typed.files}
    more = (inbound_of(each) for each in begun.files.all() if each.file_id not in held)
    return replace(
        typed,
        body=_one_text(typed.body.strip(), begun.body.strip()),
        seen_article_id=begun.seen_article_id,
        fields={
            name: _both(typed.fields.get(name), begun.fields.get(name))
            for name in names - {SENDER_LINE}
        }
        | {SENDER_LINE: typed.fields.get(SENDER_LINE) or begun.fields.get(SENDER_LINE)},
        files=(*typed.files, *more),
    )


def _one_text(above: str, below: str) -> str:
    """Return two texts as one; what stands word for word in the other does not stand twice."""
    if below in above:
        return above
    return below if above in below else f"{above}\n\n{below}"


def _both(above: Any, below: Any) -> Any:  # noqa: ANN401 - a line of addresses, or ticked boxes
    """Return what stands in both of two lines of addresses or lists of ticked boxes, each once."""
    if not above or not below:
        return above or below
    if isinstance(above, list):
        return list(dict.fromkeys([*above, *below]))
    addresses = (each.strip() for each in f"{above}, {below}".split(","))
    return ", ".join(dict.fromkeys(filter(None, addresses)))


@transaction.atomic
def _save_draft(typed: Typed, ticket_id: int, user: User) -> ArticleDraft | None:
    kind = typed.kind
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="read_ticket")
    if ticket_id != typed.ticket_id or ticket.status == Status.MERGED:
        # Asked under the lock: what its writer has there, and what was merged, may have changed.
        home = _home_of(typed, user)
        if home != ticket_id:
            raise _ElsewhereError(home)
    if is_written(
        ticket_id=typed.ticket_id,
        user=user,
        kind=kind,
        form_key=typed.form_key,
        lies_in=ticket_id,
    ):
        return None
    if _is_empty(typed, ticket, user):
        discard_draft(ticket_id=ticket_id, user=user, kind=kind)
        return None
    draft, _ = ArticleDraft.objects.update_or_create(
        ticket_id=ticket_id,
        user=user,
        kind=kind,
        defaults={
            "body": typed.body,
            "fields": {name: value for name, value in typed.fields.items() if value},
            "seen_article_id": typed.seen_article_id,
            "updated_at": timezone.now(),
        },
    )
    _keep_files(draft, typed.files)
    return draft


def _is_empty(typed: Typed, ticket: Ticket, user: User) -> bool:
    """Tell whether there is nothing worth keeping: greeting and closing come by themselves."""
    if typed.files or any(typed.fields.values()):
        return False
    return not own_words(typed.body, GREETINGS.get(typed.kind, _nobody)(ticket, user))


def _nobody(_ticket: Ticket, _user: User) -> Greeting:
    return NO_GREETING


# kind of draft → what stands around it before a word is typed
GREETINGS: Mapping[str, Callable[[Ticket, User], Greeting]] = {
    DraftKind.ANSWER: greeting_of,
    DraftKind.FORWARD: outside_greeting_of,
}


def _keep_files(draft: ArticleDraft, files: tuple[InboundFile, ...]) -> None:
    """Let the draft hold exactly these files, in this order."""
    held = list(draft.files.all())
    if [each.file_id for each in held] == [each.file_id for each in files]:
        return
    _let_go(held)
    draft.files.all().delete()
    DraftFile.objects.bulk_create(
        DraftFile(
            draft=draft,
            file_id=each.file_id,
            public_file_id=each.public_file_id,
            name=each.name[:255],
            content_type=each.content_type[:120],
            size=each.size,
            position=place,
        )
        for place, each in enumerate(files)
    )


def _let_go(held: list[DraftFile]) -> None:
    """Give files a while to be taken by a text, after which they may go."""
    for each in held:
        for file in filter(None, (each.file, each.public_file)):
            keep_for(file, FORGOTTEN_AFTER)


def drafts_of(ticket: Ticket, user: User) -> tuple[dict[str, ArticleDraft], list[ArticleDraft]]:
    """Return the user's own drafts by kind, and those of others that ``user`` may take over.

    Whoever may write such a text may see one that a colleague has begun: nobody writes
    twice, and nothing waits for somebody who is ill.
    """
    mine, others = {}, []
    for draft in ask(_drafts, ticket=ticket.pk):
        draft.ticket = ticket
        if draft.user_id == user.pk:
            mine[draft.kind] = draft
        elif draft.body.strip() and can(user, VERBS[draft.kind], ticket):
            others.append(draft)
    prefetch_related_objects(list(mine.values()), "files")
    return mine, others


def _drafts() -> QuerySet[ArticleDraft]:
    drafts = ArticleDraft.objects.filter(ticket_id=slot("ticket")).select_related("user")
    return drafts.order_by("-updated_at", "id")


@transaction.atomic
def take_over_draft(*, draft_id: int, user: User) -> ArticleDraft:
    """Make a colleague's draft one's own; what one has typed oneself stands above it.

    Whoever began it finds it with its new writer; if their page is still open, what they go
    on typing is a draft of theirs again. Raises TicketNotThereError.
    """
    found = ArticleDraft.objects.filter(pk=draft_id).exclude(user=user).first()
    if found is None:
        raise TicketNotThereError
    lock_ticket(ticket_id=found.ticket_id, user=user, verb=VERBS[found.kind])
    theirs = ArticleDraft.objects.filter(pk=draft_id).first()
    if theirs is None:
        raise TicketNotThereError
    mine = ArticleDraft.objects.filter(ticket_id=theirs.ticket_id, user=user, kind=theirs.kind)
    own = mine.first()
    if own is None:
        theirs.user = user
        theirs.save(update_fields=["user"])
        return theirs
    _append(own, theirs)
    return own


def _append(own: ArticleDraft, theirs: ArticleDraft) -> None:
    own.body = f"{own.body.rstrip()}\n\n{theirs.body}".strip()
    own.fields = theirs.fields | own.fields
    own.updated_at = timezone.now()
    own.save(update_fields=["body", "fields", "updated_at"])
    theirs.files.update(draft=own)
    theirs.delete()


def move_drafts(*, source: Ticket, target: Ticket) -> None:
    """Let what was typed on a ticket go on on another one; both are locked.

    What its writer has there already stands above it. A text that its writer could not send
    there stays where they find it.
    """
    for draft in ArticleDraft.objects.filter(ticket=source).select_related("user"):
        if not _may_write(draft.user, draft.kind, target):
            continue
        there = ArticleDraft.objects.filter(ticket=target, user_id=draft.user_id, kind=draft.kind)
        own = there.first()
        if own is not None:
            _append(own, draft)
            continue
        draft.ticket = target
        draft.save(update_fields=["ticket"])


def _may_write(user: User, kind: str, ticket: Ticket) -> bool:
    return user.is_active and can(user, "read_ticket", ticket) and can(user, VERBS[kind], ticket)


def load_drafts(*, ticket_id: int, user: User) -> dict[str, ArticleDraft]:
    """Return the user's own drafts for a ticket by kind."""
    drafts = ArticleDraft.objects.filter(ticket_id=ticket_id, user=user)
    return {draft.kind: draft for draft in drafts}


def discard_draft(*, ticket_id: int, user: User, kind: str) -> None:
    """Remove a draft, because it was sent or emptied; runs inside a transaction."""
    draft = ArticleDraft.objects.filter(ticket_id=ticket_id, user=user, kind=kind).first()
    if draft is None:
        return
    _let_go(list(draft.files.select_related("file", "public_file")))
    draft.delete()
