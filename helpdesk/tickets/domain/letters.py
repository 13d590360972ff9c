"""An answer as the mail it becomes: to whom, from whom, in which thread, in which words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone, translation
from django.utils.translation import gettext

from helpdesk.agents.models import Language, User
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.lib.html import text_to_html
from helpdesk.outbox.models import Sender
from helpdesk.outbox.queue import Address, Letter
from helpdesk.outbox.subaddress import without_tag
from helpdesk.outbox.subjects import reply_subject
from helpdesk.tickets.enums import ArticleKind, Channel, Trust
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_thread

ANSWER_KIND = "answer"
MAX_QUOTED_LINES = 60
MAX_REFERENCES = 21


class NoAddressError(Exception):
    """The citizen has no mail address, or it is known to be undeliverable."""


class NoSenderError(Exception):
    """No sender is set up from which this team could write."""


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


def letter_language(ticket: Ticket) -> str:
    """Return the product's language nearest to the citizen's."""
    return ticket.language if ticket.language in Language.values else ticket.authority.language


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
    """How an answer leaves: to whom, under which key, when, and whether it ends the request."""

    to: Address
    idempotency_key: str
    not_before: datetime
    ends: bool = False


def answer_letter(*, ticket: Ticket, user: User, text: str, posting: Posting) -> Letter:
    """Compose the answer as a letter of the outbox; notes never get into it."""
    sender = sender_for(ticket)
    message = last_message(ticket)
    language = letter_language(ticket)
    with translation.override(language):
        body = _body(ticket, user, text, ends=posting.ends)
        quote = _quote(message)
    return Letter(
        sender=sender,
        kind=ANSWER_KIND,
        idempotency_key=posting.idempotency_key,
        subject=reply_subject(message.subject if message else ticket.title, subject_tag(ticket)),
        text=f"{body}\n\n{quote}".rstrip() + "\n",
        html=text_to_html(body)
        + (f"<blockquote>{text_to_html(quote)}</blockquote>" if quote else ""),
        recipients=(posting.to,),
        scope=ticket_scope(ticket),
        language=language,
        in_reply_to=message.message_id if message else "",
        references=tuple(_references(ticket)),
        from_name=f"{user.name}, {ticket.team.email_name or ticket.team.name}",
        not_before=posting.not_before,
        link_kind="ticket",
        link_id=ticket.pk,
    )


def _body(ticket: Ticket, user: User, text: str, *, ends: bool) -> str:
    signature = user.signature or ticket.team.signature or ticket.authority.name
    lines = [gettext("Your reference: %(reference)s") % {"reference": ticket.reference}]
    if ends:
        lines.append(gettext("Was your matter resolved? You can tell us here, or open it again:"))
        lines.append(status_url(ticket))
    else:
        lines.append(gettext("Follow your request: %(url)s") % {"url": status_url(ticket)})
    return "\n".join([text.strip(), "", "-- ", signature, *lines])


def _quote(message: Article | None) -> str:
    """Return the citizen's last message, quoted; only what they wrote themselves."""
    if message is None or message.channel != Channel.MAIL or not message.text.strip():
        return ""
    when = formats.date_format(timezone.localtime(message.received_at), "DATETIME_FORMAT")
    lines = message.text.strip().splitlines()
    shown = lines[:MAX_QUOTED_LINES] + (["…"] if len(lines) > MAX_QUOTED_LINES else [])
    intro = gettext("On %(when)s you wrote:") % {"when": when}
    return "\n".join([intro, *(f"> {line}" for line in shown)])


def _references(ticket: Ticket) -> Iterable[str]:
    ids = public_thread(ticket).exclude(message_id="").values_list("message_id", flat=True)
    return list(ids)[-MAX_REFERENCES:]
