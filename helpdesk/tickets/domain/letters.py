"""An answer as the mail it becomes: to whom, from whom, in which thread."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import translation

from helpdesk.agents.models import Language, User
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.lib.languages import FURTHER
from helpdesk.outbox.models import Sender
from helpdesk.outbox.queue import Address, Enclosure, Letter
from helpdesk.outbox.subaddress import without_tag
from helpdesk.outbox.subjects import reply_subject
from helpdesk.textmodules.placeholders import substitute
from helpdesk.tickets.domain.answer_words import Words, write_words
from helpdesk.tickets.domain.wording import Wording
from helpdesk.tickets.enums import ArticleKind, Trust
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, MessageReference, Ticket
from helpdesk.tickets.originals import thread_headers
from helpdesk.tickets.queries import public_thread

ANSWER_KIND = "answer"
# What goes along with a mail; more would be refused by many servers, whose limit is 20 or 25 MB
# of base64, and lies behind the link of the status page instead.
MAX_ENCLOSED = 12_000_000
MAX_REFERENCES = 300
NAME_PLACEHOLDERS = ("mitarbeiter.name", "team.name", "behoerde.name")
DEFAULT_NAME = "{{mitarbeiter.name}}, {{team.name}}"


class NoAddressError(Exception):
    """The citizen has no mail address, or it is known to be undeliverable."""


class NoSenderError(Exception):
    """No sender is set up from which this team could write."""


class SenderNotThereError(Exception):
    """The sender that was chosen may not answer for this request, or is no more."""


def subject_tag(ticket: Ticket) -> str:
    """Return our full tag for subjects: [MU#2026-000123]."""
    return f"[{ticket.authority.reference_prefix}#{ticket.number}]"


def ticket_scope(ticket: Ticket) -> str:
    """Return what a Message-ID about this ticket proves."""
    return f"t{ticket.pk}"


def sender_for(ticket: Ticket) -> Sender:
    """Return the address the ticket came to, else its team's, else the authority's."""
    if ticket.sender is not None and ticket.sender.is_active:
        return ticket.sender
    senders = Sender.objects.filter(authority_id=ticket.authority_id, is_active=True)
    sender = (
        senders.filter(team_id=ticket.team_id).order_by("id").first()
        or senders.order_by("-is_default", "id").first()
    )
    if sender is None:
        raise NoSenderError
    return sender


def senders_of(ticket: Ticket) -> QuerySet[Sender]:
    """Return the senders an answer may be given by: its team's, and those of the whole house."""
    of_team = Q(team_id=ticket.team_id) | Q(team=None) | Q(pk=ticket.sender_id)
    return Sender.objects.filter(of_team, authority_id=ticket.authority_id, is_active=True)


def sender_chosen(ticket: Ticket, sender_id: int | None) -> Sender:
    """Return the sender somebody chose; :func:`sender_for` where nobody did.

    Raises NoSenderError, SenderNotThereError: another team's answers as one that never was.
    """
    if sender_id is None:
        return sender_for(ticket)
    sender = senders_of(ticket).filter(pk=sender_id).first()
    if sender is None:
        raise SenderNotThereError
    return sender


def letter_language(ticket: Ticket) -> str:
    """Return the product's language nearest to the citizen's."""
    return ticket.language if ticket.language in Language.values else ticket.authority.language


def notice_language(ticket: Ticket) -> str:
    """Return the language of a mail that no person writes: the citizen's, if it is offered."""
    if ticket.language not in FURTHER:
        # Nearly always: nothing has to be asked for what the authority offers.
        return letter_language(ticket)
    offered = ticket.authority.languages
    return ticket.language if ticket.language in offered else ticket.authority.language


ANSWERABLE = (Trust.PARTICIPANT, Trust.UNVERIFIED)


def last_message(ticket: Ticket) -> Article | None:
    """Return the message an answer replies to: a person's newest, else a machine's."""
    return (
        ticket.articles.filter(kind=ArticleKind.MESSAGE, trust__in=ANSWERABLE)
        .order_by("is_automatic", "-id")
        .first()
    )


def last_message_of(articles: Iterable[Article]) -> Article | None:
    """Return what :func:`last_message` does, from articles that have been read already."""
    found = (
        article
        for article in articles
        if article.kind == ArticleKind.MESSAGE and article.trust in ANSWERABLE
    )
    return max(found, key=lambda article: (not article.is_automatic, article.pk), default=None)


def answer_email(message: Article | None) -> str:
    """Return where the writer of ``message`` wants an answer, or nothing."""
    return (message.reply_address or message.from_address) if message else ""


def answer_address(ticket: Ticket) -> Address:
    """Return where an answer goes: the last message's answer address, else the contact point's.

    Raises NoAddressError if there is none, if it is one of our own, or if mail to it came back.
    """
    email = answer_email(last_message(ticket))
    if not email and ticket.citizen_id is not None:
        email = _contact_mail(ticket.citizen_id)
    if not email or _is_dead(ticket, email):
        raise NoAddressError
    senders = Sender.objects.filter(authority_id=ticket.authority_id)
    if senders.filter(email__iexact=without_tag(email)).exists():
        raise NoAddressError
    return address_of_citizen(ticket, email)


def address_of_citizen(ticket: Ticket, email: str) -> Address:
    """Return an address with the citizen's name, unless all we know for a name is the address."""
    return Address(address=email, name="" if "@" in ticket.citizen_name else ticket.citizen_name)


def find_answer_address(ticket: Ticket) -> Address | None:
    """Return where an answer can be mailed; None means that it goes to the status page."""
    try:
        return answer_address(ticket)
    except NoAddressError:
        return None


def _contact_mail(citizen_id: int) -> str:
    points = ContactPoint.objects.filter(citizen_id=citizen_id, kind=ContactKind.MAIL)
    return points.values_list("value", flat=True).first() or ""


def _is_dead(ticket: Ticket, email: str) -> bool:
    return ContactPoint.objects.filter(
        authority_id=ticket.authority_id,
        kind=ContactKind.MAIL,
        normalised=normalise(email),
        undeliverable_at__isnull=False,
    ).exists()


@dataclass(frozen=True, slots=True)
class Posting:
    """How an answer leaves: to whom, under which key, when, with what, whether it ends it, by whom.

    ``sender_id`` is the sender that was chosen, if one was.
    """

    recipients: tuple[Address, ...]
    idempotency_key: str
    not_before: datetime
    ends: bool = False
    files: tuple[InboundFile, ...] = ()
    sender_id: int | None = None


def answer_letter(*, ticket: Ticket, user: User, wording: Wording, posting: Posting) -> Letter:
    """Compose the answer as a letter of the outbox; notes never get into it."""
    sender = sender_chosen(ticket, posting.sender_id)
    message = last_message(ticket)
    language = letter_language(ticket)
    enclosed, too_large = part_files(posting.files)
    words = Words(
        ticket=ticket,
        user=user,
        wording=wording,
        quoted=message if sender.quotes_history else None,
        too_large=too_large,
        ends=posting.ends,
    )
    with translation.override(language):
        plain, html = write_words(words)
    return Letter(
        sender=sender,
        kind=ANSWER_KIND,
        idempotency_key=posting.idempotency_key,
        subject=reply_subject(message.subject if message else ticket.title, subject_tag(ticket)),
        text=plain,
        html=html,
        recipients=posting.recipients,
        scope=ticket_scope(ticket),
        language=language,
        in_reply_to=message.message_id if message else "",
        references=tuple(_references(ticket, message)),
        headers=thread_headers(message),
        files=enclosed,
        from_name=from_name(sender, ticket, user),
        not_before=posting.not_before,
        link_kind="ticket",
        link_id=ticket.pk,
    )


def part_files(
    files: Sequence[InboundFile],
) -> tuple[tuple[Enclosure, ...], tuple[InboundFile, ...]]:
    """Part what goes along, in order as long as there is room, from what only the link shows."""
    enclosed, too_large, room = [], [], MAX_ENCLOSED
    for file in files:
        if file.size > room:
            too_large.append(file)
        else:
            room -= file.size
            enclosed.append(Enclosure(file.file_id, file.name))
    return tuple(enclosed), tuple(too_large)


def from_name(sender: Sender, ticket: Ticket, user: User) -> str:
    """Return the name before our address, by the sender's template (mail.md 101)."""
    team = ticket.team.email_name or ticket.team.name
    values = dict(zip(NAME_PLACEHOLDERS, (user.name, team, ticket.authority.name), strict=True))
    return substitute(sender.name_template or DEFAULT_NAME, values).text


def _references(ticket: Ticket, message: Article | None) -> Iterable[str]:
    """Return the thread as the citizen's mail program knows it (RFC 5322 3.6.4), then ours."""
    theirs = MessageReference.objects.filter(article=message).order_by("id")
    ours = public_thread(ticket).exclude(message_id="")
    known = (*theirs.values_list("message_id", flat=True)[:MAX_REFERENCES],)
    return (*known, *ours.values_list("message_id", flat=True)[:MAX_REFERENCES])
