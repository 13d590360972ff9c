"""What the composer shows when a ticket's page is drawn: drafts, recipients, ways to send."""

from collections.abc import Sequence
from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.utils.text import Truncator
from django.utils.translation import gettext

from helpdesk.agents.domain.habits import send_then_of
from helpdesk.agents.models import SendThen, User
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.desk.composing import EMPTY, pane_of
from helpdesk.desk.dossier import Dossier
from helpdesk.desk.enclosures import limits
from helpdesk.desk.later import moments
from helpdesk.desk.sending import AGAIN
from helpdesk.files.locks import lock_of
from helpdesk.lib.addresses import normalise
from helpdesk.lib.statements import filled
from helpdesk.lib.tokens import new_nonce
from helpdesk.outbox.subaddress import without_tag
from helpdesk.tickets.domain.answer_words import signature_of
from helpdesk.tickets.domain.drafts import drafts_of
from helpdesk.tickets.domain.forward import PUBLIC, is_between_us_and_citizen
from helpdesk.tickets.domain.greeting import greeting_of, outside_greeting_of
from helpdesk.tickets.domain.letters import (
    NoSenderError,
    address_of_citizen,
    answer_email,
    last_message_of,
    letter_language,
    sender_for,
)
from helpdesk.tickets.models import Article, Attachment, DraftKind, Ticket
from helpdesk.tickets.queries import can_read_page

# So much of a signature is seen while it is folded.
SHORT_SIGNATURE = 60


def composer_context(
    dossier: Dossier, user: User, articles: Sequence[Article], contacts: list[ContactPoint]
) -> dict[str, Any]:
    """Return drafts, recipient and sender, or the sentence that says why no answer can go."""
    message = last_message_of(articles)
    ticket = dossier.ticket
    mine, others = drafts_of(ticket, user) if dossier.has_drafts else ({}, [])
    panes = {
        kind: pane_of(mine[kind], user) if kind in mine else EMPTY for kind in DraftKind.values
    }
    return {
        "form_key": new_nonce(),
        "seen": ticket.last_article_id or "",
        "panes": panes,
        "greeting": greeting_of(ticket, user),
        "outside": outside_greeting_of(ticket, user),
        "house_language": ticket.authority.language,
        **_signed(signature_of(ticket, user)),
        "letter_language": letter_language(ticket),
        "mode": _mode(mine),
        "other_drafts": others,
        "send_ways": _ways(user, ticket),
        "send_again": moments(AGAIN),
        **{f"files_{name}": value for name, value in limits().items()},
        "forwardable": [article for article in articles if article.kind in PUBLIC],
        "forwarded_first": {
            article.pk for article in articles if is_between_us_and_citizen(article, ticket)
        },
        "forwardable_files": _files(articles),
        "others": _others(ticket, message),
        "phone": next((each.value for each in contacts if each.kind == ContactKind.PHONE), ""),
        **_outlet(ticket, message, contacts),
    }


def _signed(signature: str) -> dict[str, str]:
    """Return the signature as it stands folded, and whole in its lines."""
    return {
        "signature_short": Truncator(signature).chars(SHORT_SIGNATURE),
        "signature_lines": linebreaksbr(signature),
    }


def _files(articles: Sequence[Article]) -> list[Attachment]:
    """Return the files that may be forwarded: of public articles, and not held back."""
    return [
        file
        for article in articles
        if article.kind in PUBLIC
        for file in filled(article, "attachments")
        if not lock_of(file.name, file.content_type, file.scan_state).is_shut
    ]


def _others(ticket: Ticket, message: Article | None) -> str:
    """Return who else got the citizen's last message, for an answer to all of them."""
    if message is None:
        return ""
    ours = {normalise(ticket.sender.email)} if ticket.sender else set()
    known = ours | {normalise(answer_email(message))}
    found: dict[str, str] = {}
    for person in (*message.to, *message.cc):
        email = person.get("email", "")
        bare = normalise(without_tag(email)) if email else ""
        if bare and bare not in known:
            found.setdefault(bare, email)
    return ", ".join(found.values())


def _mode(mine: dict[str, Any]) -> str:
    """Return the tab that is open at first: where something is being written."""
    return next((kind for kind in DraftKind.values if kind in mine), DraftKind.ANSWER.value)


def _ways(user: User, ticket: Ticket) -> list[tuple[str, str]]:
    """Return the plain ways to send, the one at hand first."""
    first = send_then_of(user, ticket.team)
    ways = [(value, str(label)) for value, label in SendThen.choices]
    return sorted(ways, key=lambda way: way[0] != first)


def _outlet(
    ticket: Ticket, message: Article | None, contacts: list[ContactPoint]
) -> dict[str, Any]:
    """Return how an answer reaches the citizen: by mail, else by the status page."""
    email = answer_email(message) or next(
        (point.value for point in contacts if point.kind == ContactKind.MAIL), ""
    )
    if not email or _is_dead(email, contacts):
        return {"publishes": True, "is_reader_missing": not can_read_page(ticket)}
    try:
        sender = sender_for(ticket)
    except NoSenderError:
        sentence = gettext(
            "No sender is set up for this team. An administrator can add one in the settings."
        )
        return {"no_answer": sentence}
    return {"recipient": address_of_citizen(ticket, email), "sender": sender}


def _is_dead(email: str, contacts: list[ContactPoint]) -> bool:
    normalised = normalise(email)
    return any(
        point.normalised == normalised and point.undeliverable_at
        for point in contacts
        if point.kind == ContactKind.MAIL
    )
