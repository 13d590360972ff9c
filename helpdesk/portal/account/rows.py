"""The requests of an account as their list shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q
from django.urls import reverse

from helpdesk.accounts.models import AccountSession
from helpdesk.portal.timeline import state_word
from helpdesk.portal.views.own import own_token
from helpdesk.tickets.enums import ENDED, ArticleKind, Status
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_of


@dataclass(frozen=True, slots=True)
class Row:
    """One request: how far it is, and whether something came since the last sign-in."""

    url: str
    title: str
    reference: str
    state: str
    received_at: datetime
    last_at: datetime
    is_ended: bool
    is_question: bool
    is_new: bool


def rows_of(session: AccountSession, tickets: Sequence[Ticket]) -> list[Row]:
    """Return the rows of one page of requests, by one question for all of them."""
    found = {each["ticket_id"]: each for each in _latest(tickets)}
    return [_row(ticket, found.get(ticket.pk, {}), session.seen_before) for ticket in tickets]


def _latest(tickets: Sequence[Ticket]) -> list[dict[str, Any]]:
    """Return when the last message that the citizen may read came, and the last answer."""
    read = public_of(Article.objects.filter(ticket__in=[ticket.pk for ticket in tickets]))
    answer = Max("received_at", filter=Q(kind=ArticleKind.ANSWER))
    grouped = read.order_by().values("ticket_id")
    found = grouped.annotate(last=Max("received_at"), answer=answer)
    return [dict(each) for each in found]


def _row(ticket: Ticket, latest: dict[str, Any], seen_before: datetime) -> Row:
    answered = latest.get("answer")
    return Row(
        url=reverse("portal:status", args=[own_token(ticket)]),
        title=ticket.title,
        reference=ticket.reference,
        state=state_word(ticket),
        received_at=ticket.received_at,
        last_at=latest.get("last") or ticket.received_at,
        is_ended=ticket.status in ENDED,
        is_question=ticket.status == Status.WAITING_CITIZEN,
        is_new=bool(answered and answered > seen_before),
    )
