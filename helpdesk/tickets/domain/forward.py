"""Forwarding a request's messages by mail to somebody outside, who has no part in it so far.

What goes out is chosen: messages and answers, never an internal note or the note of a call,
and none of the citizen's secret links. A reply comes back into the ticket as that of a third
person, for the staff's eyes only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import PurePath

from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import formats, timezone, translation
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.files.locks import lock_of
from helpdesk.files.models import StoredFile
from helpdesk.files.store import FileMissingError
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.queue import Enclosure, Letter, NoRecipientError, queue_message
from helpdesk.tickets import facts
from helpdesk.tickets.domain.addressees import recipients
from helpdesk.tickets.domain.answer_words import signature_of
from helpdesk.tickets.domain.attachments import attach_files, inbound_of
from helpdesk.tickets.domain.drafts import discard_draft
from helpdesk.tickets.domain.greeting import outside_greeting_of, own_words
from helpdesk.tickets.domain.letters import (
    MAX_ENCLOSED,
    from_name,
    part_files,
    sender_for,
    subject_tag,
    ticket_scope,
)
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.domain.public_files import NotForOutsideError, public_version
from helpdesk.tickets.domain.wording import Wording, shown_html, wording_of
from helpdesk.tickets.domain.writing import (
    UNDO_SECONDS,
    EmptyTextError,
    demand_there,
    sending_key,
)
from helpdesk.tickets.enums import ArticleKind, Channel, Trust
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.links import without_secrets
from helpdesk.tickets.models import Article, Attachment, DraftKind, Ticket
from helpdesk.tickets.queries import visible_to

__all__ = (
    "Forward",
    "HiddenDataError",
    "NoRecipientError",
    "TooLargeError",
    "forward_messages",
    "forwardable",
)
# What may leave the house: what the citizen said and what was said to them.
PUBLIC = (ArticleKind.MESSAGE, ArticleKind.ANSWER)


class HiddenDataError(ValueError):
    """A picture can't be freed of what it may tell of its place and camera; it says its name."""


class TooLargeError(ValueError):
    """The files together are more than a mail can carry."""


@dataclass(frozen=True, slots=True)
class Forward:
    """What is forwarded: to whom, with which words, messages and files.

    ``article_ids`` and ``attachment_ids`` are what was chosen of the ticket; whatever of it may
    not leave the house is left out by the door. ``files`` were added by the writer.
    """

    ticket_id: int
    to: tuple[str, ...]
    text: str
    form_key: str
    article_ids: tuple[int, ...] = ()
    attachment_ids: tuple[int, ...] = ()
    files: tuple[InboundFile, ...] = ()
    undo_seconds: int = UNDO_SECONDS
    is_marked: bool = False

    @property
    def wording(self) -> Wording:
        """Return the text as it is kept and shown."""
        return wording_of(self.text, is_marked=self.is_marked)


def forwardable(ticket: Ticket) -> QuerySet[Article]:
    """Return what of a ticket may be forwarded, oldest first."""
    return ticket.articles.filter(kind__in=PUBLIC, is_withdrawn=False).order_by("id")


def is_between_us_and_citizen(article: Article, ticket: Ticket) -> bool:
    """Tell whether an article was said by whoever asks, or to them.

    What a third person or an unproven colleague wrote is for the staff, and so is what was said
    with somebody who no longer asks: it goes along only where somebody chooses it.
    """
    return (
        (article.kind == ArticleKind.ANSWER and article.trust == Trust.PARTICIPANT)
        or article.author_citizen_id == ticket.citizen_id
        or (article.trust == Trust.PARTICIPANT and not article.is_automatic)
    )


def files_to_forward(ticket: Ticket) -> list[Attachment]:
    """Return the files of those articles that nobody holds back."""
    found = (
        Attachment.objects.filter(article__in=forwardable(ticket))
        .select_related("file", "public_file")
        .order_by("article_id", "position", "id")
    )
    return [file for file in found if not _is_shut(file)]


def _is_shut(file: Attachment) -> bool:
    return lock_of(file.name, file.content_type, file.file.scan_state).is_shut


def forward_messages(*, forward: Forward, user: User) -> Article:
    """Send chosen messages and files to somebody outside, and keep that as an article.

    The mail leaves after the undo window. The same form twice is one mail. Pictures go as copies
    without hidden data, which are made before anything is locked. Raises TicketNotThereError,
    GoneError, EmptyTextError, NoRecipientError, NoSenderError, TooLargeError, HiddenDataError,
    TooManyCopiesError and InvalidAddressError; then nothing has changed.
    """
    make_copies(forward=forward, user=user)
    return _forward(forward, user)


def make_copies(*, forward: Forward, user: User) -> None:
    """Let every chosen picture have its copy; raises HiddenDataError.

    For whoever forwards in a transaction of their own: it takes a while, and locks nothing.
    """
    ticket = visible_to(user).filter(pk=forward.ticket_id).first()
    wanted = set(forward.attachment_ids)
    for file in files_to_forward(ticket) if ticket and wanted else ():
        if file.pk in wanted:
            _clean_version(file)


def _clean_version(file: Attachment) -> StoredFile:
    try:
        return public_version(file)
    except (NotForOutsideError, FileMissingError) as error:
        raise HiddenDataError(file.name) from error


@transaction.atomic
def _forward(forward: Forward, user: User) -> Article:
    ticket = lock_ticket(ticket_id=forward.ticket_id, user=user, verb="answer_ticket")
    key = sending_key(DraftKind.FORWARD, ticket.pk, user, forward.form_key)
    done = ticket.articles.filter(outgoing__idempotency_key=key).first()
    if done:
        return done
    demand_there(ticket)
    articles = list(
        forwardable(ticket).filter(pk__in=forward.article_ids).select_related("author_user")
    )
    files = (*forward.files, *_chosen(ticket, forward.attachment_ids))
    said = own_words(forward.text, outside_greeting_of(ticket, user))
    if not (said or articles or files):
        raise EmptyTextError
    letter = _letter(ticket, user, forward, articles, files, key)
    article = _write(ticket, user, forward, queue_message(letter=letter))
    attach_files(article, files)
    _touch(ticket, user, article, articles)
    discard_draft(ticket_id=ticket.pk, user=user, kind=DraftKind.FORWARD)
    return article


def _chosen(ticket: Ticket, attachment_ids: Iterable[int]) -> Sequence[InboundFile]:
    wanted = set(attachment_ids)
    return [_outbound(file) for file in files_to_forward(ticket) if file.pk in wanted]


def _outbound(file: Attachment) -> InboundFile:
    """Return a file as it may leave: of a picture the copy, under a name that fits it."""
    clean, given = _clean_version(file), inbound_of(file)
    if clean.pk == file.file_id:
        return given
    name = f"{PurePath(file.name).stem or file.name}.jpg"
    return replace(
        given, file_id=clean.pk, name=name, content_type=clean.content_type, size=clean.size
    )


def _letter(
    ticket: Ticket,
    user: User,
    forward: Forward,
    articles: list[Article],
    files: tuple[InboundFile, ...],
    key: str,
) -> Letter:
    enclosed, too_large = part_files(files)
    if too_large:
        raise TooLargeError(f"more than {MAX_ENCLOSED} bytes")
    if not forward.to:
        raise NoRecipientError("nobody to forward to")
    sender, language = sender_for(ticket), ticket.authority.language
    with translation.override(language):
        plain, html = _words(ticket, user, forward.wording, articles)
        subject = f"{gettext('Fwd:')} {ticket.title} {subject_tag(ticket)}"
    return Letter(
        sender=sender,
        kind=DraftKind.FORWARD,
        idempotency_key=key,
        subject=subject,
        text=plain,
        html=html,
        recipients=recipients(ticket, ((each, "to") for each in forward.to)),
        scope=ticket_scope(ticket),
        language=language,
        files=tuple(Enclosure(each.file_id, each.name) for each in enclosed),
        from_name=from_name(sender, ticket, user),
        not_before=timezone.now() + timedelta(seconds=forward.undo_seconds),
        link_kind="ticket",
        link_id=ticket.pk,
    )


def _words(
    ticket: Ticket, user: User, wording: Wording, articles: list[Article]
) -> tuple[str, str]:
    """Return text and HTML in the language that is active.

    Of the citizen it says the name and no address: whoever needs that is told by the writer.
    """
    values = {
        # Words of a person are values in these templates and never templates themselves.
        "text": wording.text,
        "text_html": wording.shown,
        "signature": signature_of(ticket, user),
        "parts": [_part(ticket, article) for article in articles],
        "title": ticket.title,
        "number": ticket.number,
    }
    plain = render_to_string("mail/forward/body.txt", values)
    html = render_to_string("mail/forward/body.html", values)
    return plain.strip() + "\n", html.strip()


def _part(ticket: Ticket, article: Article) -> dict[str, str]:
    """Return a message as it may leave: a citizen's reply, or our answer, may hold their link."""
    received = timezone.localtime(article.received_at)
    writer = article.author_user.name if article.author_user else article.from_name
    removed = gettext("[link removed]")
    text = without_secrets(ticket, article.text.strip(), removed)
    html = shown_html(article)
    return {
        "who": writer or gettext("unknown sender"),
        "when": formats.date_format(received, "DATETIME_FORMAT"),
        "text": text,
        "html": html if without_secrets(ticket, html, "") == html else Wording(text).shown,
    }


def _write(ticket: Ticket, user: User, forward: Forward, outgoing: OutgoingMessage) -> Article:
    return Article.objects.create(
        ticket=ticket,
        kind=ArticleKind.FORWARD,
        channel=Channel.MAIL,
        author_user=user,
        from_name=outgoing.from_name or outgoing.sender.name,
        from_address=outgoing.sender.email,
        to=[{"name": "", "email": each.address} for each in outgoing.recipients.order_by("id")],
        subject=outgoing.subject,
        **forward.wording.columns(),
        full_text=outgoing.text,
        language=outgoing.language,
        message_id=outgoing.message_id,
        outgoing=outgoing,
        received_at=timezone.now(),
    )


def _touch(ticket: Ticket, user: User, article: Article, articles: list[Article]) -> None:
    """Let the ticket know; nothing was said to the citizen, so no clock is answered."""
    ticket.last_article_id = article.pk
    ticket.active_at = article.created_at
    ticket.version += 1
    ticket.save(update_fields=["last_article_id", "active_at", "version"])
    facts.record(
        ticket=ticket,
        kind=facts.FORWARDED,
        actor=facts.by_user(user),
        data={"article_id": article.pk, "articles": [each.pk for each in articles]},
    )
