"""Answers and notes: what agents add to a ticket."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from helpdesk.agents.models import User, UserKind
from helpdesk.lib.literals import bare
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.outbox.queue import queue_message
from helpdesk.tickets import facts
from helpdesk.tickets.domain.addressees import copies
from helpdesk.tickets.domain.attachments import attach_files, inbound_of
from helpdesk.tickets.domain.drafts import (
    SENDER_LINE,
    Typed,
    above_draft,
    discard_draft,
    save_draft,
)
from helpdesk.tickets.domain.greeting import greeting_of, own_words
from helpdesk.tickets.domain.letters import (
    NoAddressError,
    NoSenderError,
    Posting,
    answer_letter,
    find_answer_address,
    letter_language,
    sender_for,
)
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.domain.mention import keep_mentions
from helpdesk.tickets.domain.state import demand_open, set_status
from helpdesk.tickets.domain.undo import restore_ticket, state_of, state_wanted, words_of
from helpdesk.tickets.domain.wording import Wording, typed_again, wording_of
from helpdesk.tickets.domain.writing import (
    UNDO_SECONDS,
    EmptyTextError,
    demand_there,
    hold_back,
    note_name,
    sending_key,
)
from helpdesk.tickets.enums import ENDED, ArticleKind, Channel, Status
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, DraftKind, Ticket
from helpdesk.tickets.queries import public_thread

__all__ = (
    "UNDO_SECONDS",
    "Answer",
    "EmptyTextError",
    "StaleAnswerError",
    "add_note",
    "withdraw_answer",
    "write_answer",
    "write_note",
)
# What was on its way to somebody → what its writer's draft is called once it is taken back
TAKEN_BACK = {ArticleKind.ANSWER: DraftKind.ANSWER, ArticleKind.FORWARD: DraftKind.FORWARD}
# … → the fact that told of it, and the one that tells that it never left
WITHDRAWN = {
    ArticleKind.ANSWER: (facts.ANSWERED, facts.ANSWER_WITHDRAWN),
    ArticleKind.FORWARD: (facts.FORWARDED, facts.FORWARD_WITHDRAWN),
}


class StaleAnswerError(Exception):
    """Something the writer has not seen stands in the ticket since; nothing was sent."""

    def __init__(self, newer: Article) -> None:
        """Keep the newest contribution that the writer has not seen."""
        super().__init__(f"article {newer.pk} is newer")
        self.newer = newer


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to be sent: what was typed, what had been seen, and what follows.

    ``form_key`` is the form's own key: the same form twice is one answer.
    ``despite_newer`` sends although something newer stands there. ``files`` are
    stored already and go out with the mail. ``cc`` and ``bcc`` are addresses. Marks
    are read where ``is_marked`` says that their writer knows of them. ``keeps_draft`` is for words
    of another form: what its writer has begun in the composer stays. ``ends_open`` ends only what
    has not ended: the outcome that somebody else has chosen meanwhile stays. ``sender_id`` is the
    sender its writer chose among those of the request; without one the team's own is taken.
    """

    ticket_id: int
    text: str
    form_key: str
    seen_article_id: int | None = None
    then: Status | None = None
    outcome: str = ""
    until: datetime | None = None
    despite_newer: bool = False
    undo_seconds: int = field(default=UNDO_SECONDS)
    files: tuple[InboundFile, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    is_marked: bool = False
    keeps_draft: bool = False
    ends_open: bool = False
    sender_id: int | None = None

    @property
    def wording(self) -> Wording:
        """Return the text as it is kept and shown."""
        return wording_of(self.text, is_marked=self.is_marked)


@transaction.atomic
def write_answer(*, answer: Answer, user: User) -> Article:
    """Write an answer to the citizen, and change the status in the same step.

    The mail leaves after the undo window; without an address that works, the answer
    appears on the status page instead, which carries no copies: with any, NoAddressError.
    Raises also TicketNotThereError, GoneError, EmptyTextError, NoSenderError, SenderNotThereError,
    StaleAnswerError, StatusNotAllowedError, InvalidAddressError and TooManyCopiesError; then
    nothing at all has changed.
    """
    ticket = lock_ticket(ticket_id=answer.ticket_id, user=user, verb="answer_ticket")
    key = sending_key(DraftKind.ANSWER, ticket.pk, user, answer.form_key)
    done = ticket.articles.filter(
        Q(outgoing__idempotency_key=key) | Q(request_key=key, kind=ArticleKind.ANSWER)
    ).first()
    if done:
        return done
    demand_there(ticket)
    if answer.ends_open:
        demand_open(ticket)
    if not own_words(bare(answer.text), greeting_of(ticket, user)):
        raise EmptyTextError
    if not answer.despite_newer:
        _refuse_stale(ticket, user, answer.seen_article_id)
    article = _mail_or_publish(ticket, user, answer, key)
    attach_files(article, answer.files)
    _change_ticket(ticket, user, answer, article)
    if not answer.keeps_draft:
        discard_draft(ticket_id=ticket.pk, user=user, kind=DraftKind.ANSWER)
    return article


def _refuse_stale(ticket: Ticket, user: User, seen_article_id: int | None) -> None:
    newer = (
        public_thread(ticket)
        .filter(id__gt=seen_article_id or 0)
        .exclude(kind=ArticleKind.ANSWER, author_user=user)
        .last()
    ) or _answer_in_undo_window(ticket, user, seen_article_id)
    if newer:
        raise StaleAnswerError(newer)


def _answer_in_undo_window(
    ticket: Ticket, user: User, seen_article_id: int | None
) -> Article | None:
    return (
        ticket.articles.filter(
            kind=ArticleKind.ANSWER, is_withdrawn=False, id__gt=seen_article_id or 0
        )
        .exclude(author_user=user)
        .last()
    )


def post_words(*, ticket: Ticket, user: User, answer: Answer) -> Article:
    """Send words on a locked ticket, and change nothing else: that is the caller's.

    Raises NoSenderError.
    """
    key = sending_key(DraftKind.ANSWER, ticket.pk, user, answer.form_key)
    return _mail_or_publish(ticket, user, answer, key)


def _mail_or_publish(ticket: Ticket, user: User, answer: Answer, key: str) -> Article:
    leaves_at = timezone.now() + timedelta(seconds=answer.undo_seconds)
    to = find_answer_address(ticket)
    if to is None:
        if answer.cc or answer.bcc:
            raise NoAddressError
        return _publish(ticket, user, answer, key, leaves_at)
    posting = Posting(
        recipients=(to, *copies(ticket, cc=answer.cc, bcc=answer.bcc)),
        idempotency_key=key,
        not_before=leaves_at,
        ends=answer.then in ENDED,
        files=answer.files,
        sender_id=answer.sender_id,
    )
    letter = answer_letter(ticket=ticket, user=user, wording=answer.wording, posting=posting)
    return _write(ticket, user, answer, queue_message(letter=letter))


def _publish(
    ticket: Ticket, user: User, answer: Answer, key: str, published_at: datetime
) -> Article:
    """Write an answer that nobody is sent: the citizen reads it on the status page."""
    return Article.objects.create(
        ticket=ticket,
        kind=ArticleKind.ANSWER,
        channel=Channel.WEB,
        author_user=user,
        from_name=user.name,
        subject=ticket.title,
        **answer.wording.columns(),
        language=letter_language(ticket),
        request_key=key,
        published_at=published_at,
        received_at=timezone.now(),
    )


def _write(ticket: Ticket, user: User, answer: Answer, outgoing: OutgoingMessage) -> Article:
    people = list(outgoing.recipients.exclude(state=Recipient.State.LEFT_OUT).order_by("id"))
    return Article.objects.create(
        ticket=ticket,
        kind=ArticleKind.ANSWER,
        channel=Channel.MAIL,
        author_user=user,
        from_name=outgoing.from_name or outgoing.sender.name,
        from_address=outgoing.sender.email,
        to=_people(people, Recipient.Field.TO),
        cc=_people(people, Recipient.Field.CC),
        subject=outgoing.subject,
        **answer.wording.columns(),
        full_text=outgoing.text,
        language=outgoing.language,
        message_id=outgoing.message_id,
        outgoing=outgoing,
        received_at=timezone.now(),
    )


def _people(recipients: list[Recipient], field: str) -> list[dict[str, str]]:
    """Return those of one field; who is in blind copy stands in the outbox alone."""
    return [
        {"name": each.name, "email": each.address} for each in recipients if each.field == field
    ]


def _change_ticket(ticket: Ticket, user: User, answer: Answer, article: Article) -> None:
    before, present = state_of(ticket), Status(ticket.status)
    then = answer.then or _status_after(present)
    ticket.last_article_id = ticket.last_public_id = article.pk
    ticket.active_at = article.created_at
    ticket.first_answer_at = ticket.first_answer_at or article.created_at
    # Who answers first takes the ticket, unless somebody has it; a program takes none.
    if user.kind == UserKind.STAFF and ticket.authority.takes_by_answer:
        ticket.owner_id = ticket.owner_id or user.pk
    ticket.version += 1
    ticket.save()
    stays = answer.then is None and then == present
    outcome = ticket.outcome if stays else answer.outcome
    until = ticket.waiting_until if stays else answer.until
    after = state_wanted(owner_id=ticket.owner_id, status=then, outcome=outcome, until=until)
    facts.record(
        ticket=ticket,
        kind=facts.ANSWERED,
        actor=facts.by_user(user),
        data={"article_id": article.pk, "before": before, "after": after},
        personal=words_of(ticket),
    )
    if not stays:
        actor = facts.by_user(user)
        set_status(ticket=ticket, actor=actor, to=then, outcome=outcome, until=until)


def _status_after(status: Status) -> Status:
    """An answered ticket is no longer new; anything else stays as it is."""
    return Status.OPEN if status == Status.NEW else status


@transaction.atomic
def withdraw_answer(*, article_id: int, user: User) -> str | None:
    """Take an answer back within its undo window and return its text, kept as a draft.

    Only its writer can; what they have begun in the composer since stands below it. None: the
    mail is on its way already and nothing changed.
    Status, owner and outcome become what they were before the answer, unless
    somebody has changed them since.
    """
    article = Article.objects.select_related("outgoing").filter(pk=article_id).first()
    if article is None or article.author_user_id != user.pk or article.kind not in TAKEN_BACK:
        raise TicketNotThereError
    ticket = lock_ticket(ticket_id=article.ticket_id, user=user, verb="answer_ticket")
    if article.is_withdrawn or not hold_back(article):
        return None
    article.is_withdrawn = True
    article.save(update_fields=["is_withdrawn"])
    _restore_ticket(ticket, article, user)
    save_draft(typed=above_draft(_typed_again(article), user), user=user)
    return typed_again(article)


def _typed_again(article: Article) -> Typed:
    """Return what stood in the form whose text was taken back, copies and files included."""
    people = list(article.outgoing.recipients.order_by("id")) if article.outgoing else []
    fields = {
        name: ", ".join(each.address for each in people if each.field == name)
        for name in Recipient.Field.values
    } | {"articles": _forwarded(article), SENDER_LINE: _sender_again(article)}
    return Typed(
        ticket_id=article.ticket_id,
        kind=TAKEN_BACK[ArticleKind(article.kind)],
        body=typed_again(article),
        fields=fields,
        files=tuple(inbound_of(each) for each in article.attachments.all()),
    )


def _sender_again(article: Article) -> str:
    """Return the sender its writer chose; nothing where it is the one that stands there anyway."""
    if article.kind != ArticleKind.ANSWER or article.outgoing is None:
        return ""
    try:
        at_first = sender_for(article.ticket).pk
    except NoSenderError:
        return ""
    chosen = article.outgoing.sender_id
    return "" if chosen == at_first else str(chosen)


def _forwarded(article: Article) -> list[str]:
    """Return which messages a forwarding had chosen; none of an answer."""
    data = facts.data_of(ticket=article.ticket, kind=facts.FORWARDED, article_id=article.pk)
    return [str(key) for key in data.get("articles", ())]


def _restore_ticket(ticket: Ticket, article: Article, user: User) -> None:
    was, is_now = WITHDRAWN[ArticleKind(article.kind)]
    restore_ticket(ticket=ticket, article=article, user=user, kind=was)
    facts.record(
        ticket=ticket,
        kind=is_now,
        actor=facts.by_user(user),
        data={"article_id": article.pk},
    )


@transaction.atomic
def write_note(
    *,
    ticket_id: int,
    user: User,
    text: str,
    files: tuple[InboundFile, ...] = (),
    form_key: str = "",
    is_marked: bool = False,
) -> Article:
    """Add an internal note, which only staff ever sees; raises EmptyTextError, GoneError.

    Whoever is named in it is told (see mention.py). The same form twice is one note.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="read_ticket")
    name = note_name(ticket_id, user, form_key)
    done = ticket.articles.filter(request_key=name).first() if name else None
    if done:
        return done
    article = add_note(
        ticket=ticket, user=user, text=text, files=files, name=name, is_marked=is_marked
    )
    discard_draft(ticket_id=ticket.pk, user=user, kind=DraftKind.NOTE)
    return article


def add_note(
    *,
    ticket: Ticket,
    user: User,
    text: str,
    files: tuple[InboundFile, ...] = (),
    name: str | None = None,
    is_marked: bool = False,
) -> Article:
    """Add an internal note to a locked ticket; what its writer has begun in the composer stays.

    Raises EmptyTextError and GoneError.
    """
    demand_there(ticket)
    if not text.strip():
        raise EmptyTextError
    article = Article.objects.create(
        ticket=ticket,
        kind=ArticleKind.NOTE,
        channel=Channel.DESK,
        author_user=user,
        from_name=user.name,
        **wording_of(text, is_marked=is_marked).columns(),
        request_key=name,
        received_at=timezone.now(),
    )
    attach_files(article, files)
    keep_mentions(article=article, ticket=ticket)
    ticket.last_article_id = article.pk
    ticket.active_at = article.created_at
    ticket.version += 1
    ticket.save()
    facts.record(
        ticket=ticket,
        kind=facts.NOTE_ADDED,
        actor=facts.by_user(user),
        data={"article_id": article.pk},
    )
    return article
