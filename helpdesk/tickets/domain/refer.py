"""A request that is somebody else's business: sent to them by mail, told to the citizen, ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import withdraw_answer
from helpdesk.tickets.domain.forward import (
    Forward,
    files_to_forward,
    forward_messages,
    forwardable,
    is_between_us_and_citizen,
    make_copies,
)
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.domain.notices import UNDO_SECONDS, keep_notice_back, send_notice
from helpdesk.tickets.domain.offices import offices_of
from helpdesk.tickets.domain.state import StatusNotAllowedError, set_status
from helpdesk.tickets.domain.undo import restore_words, words_of
from helpdesk.tickets.enums import ENDED, Outcome, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible_to

KEPT = ("status", "outcome", "referred_to")
DATES = ("waiting_until", "resolved_at")


class TooLateError(Exception):
    """The mail is on its way, or somebody has changed the request since."""


@dataclass(frozen=True, slots=True)
class Referral:
    """To whom a request goes, with which words, and what its citizen reads; "" tells nothing."""

    ticket_id: int
    office_id: int
    text: str
    notice: str
    key: str


def refer_ticket(*, referral: Referral, user: User) -> Ticket:
    """Mail all public messages and files to an office, tell the citizen, and end the request.

    Both mails leave after half a minute. Raises TicketNotThereError, StatusNotAllowedError, and
    what forward_messages raises; then nothing has changed.
    """
    shown = visible_to(user).filter(pk=referral.ticket_id).first()
    if shown is not None:
        make_copies(forward=_all_public(shown, "", referral), user=user)
    return _refer(referral, user)


@transaction.atomic
def _refer(referral: Referral, user: User) -> Ticket:
    ticket = lock_ticket(ticket_id=referral.ticket_id, user=user, verb="change_ticket")
    office = offices_of(ticket.authority_id).filter(pk=referral.office_id).first()
    if office is None:
        raise TicketNotThereError
    if ticket.status in ENDED:
        # The same form twice at once: the first has done it all.
        raise StatusNotAllowedError("an ended request is nobody's business any more")
    before, words = _state(ticket), words_of(ticket)
    article = forward_messages(forward=_all_public(ticket, office.email, referral), user=user)
    ticket = lock_ticket(ticket_id=referral.ticket_id, user=user, verb="change_ticket")
    data: dict[str, Any] = {"office": office.pk, "article_id": article.pk, "before": before}
    if referral.notice.strip():
        told = send_notice(ticket=ticket, user=user, text=referral.notice, key=referral.key)
        data["notice"] = told.pk
    ticket.referred_to = office.name
    set_status(
        ticket=ticket,
        actor=facts.by_user(user),
        to=Status.RESOLVED,
        outcome=Outcome.NOT_RESPONSIBLE,
    )
    facts.record(
        ticket=ticket,
        kind=facts.REFERRED,
        actor=facts.by_user(user),
        data=data,
        personal=words,
    )
    return ticket


def _all_public(ticket: Ticket, address: str, referral: Referral) -> Forward:
    """Return what the office is sent: all between the citizen and us, with its files."""
    public = {
        article.pk for article in forwardable(ticket) if is_between_us_and_citizen(article, ticket)
    }
    files = (file.pk for file in files_to_forward(ticket) if file.article_id in public)
    return Forward(
        ticket.pk,
        (address,),
        referral.text,
        referral.key,
        article_ids=tuple(public),
        attachment_ids=tuple(files),
        undo_seconds=UNDO_SECONDS,
    )


@transaction.atomic
def take_referral_back(*, ticket_id: int, user: User) -> Ticket:
    """Keep both mails back and let the request be as it was; raises TooLateError."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    events = Event.objects.filter(
        subject_kind=facts.SUBJECT, subject_id=ticket.pk, kind=facts.REFERRED
    )
    event = events.order_by("-id").first()
    if event is None or event.actor_id != user.pk or ticket.outcome != Outcome.NOT_RESPONSIBLE:
        raise TooLateError
    if withdraw_answer(article_id=event.data["article_id"], user=user) is None:
        raise TooLateError
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    told = event.data.get("notice")
    if told and not keep_notice_back(ticket=ticket, user=user, article_id=told):
        raise TooLateError
    before, present = event.data["before"], ticket.status
    for name in KEPT:
        setattr(ticket, name, before[name])
    for name in DATES:
        setattr(ticket, name, before[name] and datetime.fromisoformat(before[name]))
    article_id = event.data["article_id"]
    restore_words(
        ticket, facts.personal_of(ticket=ticket, kind=facts.REFERRED, article_id=article_id)
    )
    ticket.version += 1
    ticket.save()
    data = {"from": present, "to": ticket.status, "outcome": ticket.outcome, "undo": True}
    facts.record(ticket=ticket, kind=facts.STATUS_CHANGED, actor=facts.by_user(user), data=data)
    return ticket


def _state(ticket: Ticket) -> dict[str, Any]:
    dates = {name: getattr(ticket, name) for name in DATES}
    return {name: getattr(ticket, name) for name in KEPT} | {
        name: moment and moment.isoformat() for name, moment in dates.items()
    }
