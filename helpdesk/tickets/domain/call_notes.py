"""Notes of calls, visits and letters: who asked, what was said, and what becomes of it at once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import EmptyTextError
from helpdesk.tickets.domain.drafts import discard_draft
from helpdesk.tickets.domain.identity import recognise
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.domain.state import StatusNotAllowedError, set_status
from helpdesk.tickets.domain.undo import restore_ticket, state_of, state_wanted, words_of
from helpdesk.tickets.domain.wording import wording_of
from helpdesk.tickets.enums import SPOKEN, Outcome, Result, Status
from helpdesk.tickets.inbound import Inbound, Receipt
from helpdesk.tickets.models import Article, DraftKind, Ticket
from helpdesk.tickets.queries import known_citizens
from helpdesk.tickets.rules import RIGHTS, team_ids

# The toast counts down ten seconds; whoever saves without scripts needs a moment more.
TAKE_BACK_WITHIN = timedelta(minutes=2)


class NotYourTeamError(Exception):
    """The user may not take in requests, or not end one in that team."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the request: ended with an outcome, open, or a call at a date."""

    result: Result
    outcome: str = ""
    until: datetime | None = None
    phone: str = ""


@transaction.atomic
def take_note(
    *, inbound: Inbound, decision: Decision, user: User, is_marked: bool = False
) -> Receipt:
    """File what an agent has noted and bring its request into the state that follows.

    Everything or nothing. The same ``request_key`` again changes nothing. With ``is_marked`` its
    marks are read (docs/adr/0065). Raises
    EmptyTextError, NotYourTeamError, StatusNotAllowedError, and TicketNotThereError
    for a ticket or citizen that ``user`` may not know of.
    """
    _check(inbound, decision, user)
    wording = wording_of(inbound.text, is_marked=is_marked)
    plain = replace(inbound, text=wording.text) if wording.source else inbound
    receipt = accept(recognise(inbound=plain, user=user))
    if receipt.is_duplicate:
        return receipt
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=receipt.ticket_id)
    article = Article.objects.get(pk=receipt.article_id)
    if wording.source:
        article.html, article.source = wording.html, wording.source
        article.save(update_fields=["html", "source"])
    _follow(ticket, article, decision, user)
    if inbound.ticket_id is not None:
        discard_draft(ticket_id=ticket.pk, user=user, kind=DraftKind.CALL)
    return receipt


def _check(inbound: Inbound, decision: Decision, user: User) -> None:
    if not inbound.text.strip():
        raise EmptyTextError
    if inbound.authority_id != user.authority_id:
        raise TicketNotThereError
    if decision.result is Result.CALLBACK and not decision.phone.strip():
        raise StatusNotAllowedError("a call back needs a number")
    if inbound.ticket_id is not None:
        may_change = decision.result is not Result.KEEP
        verb = "change_ticket" if may_change else "read_ticket"
        lock_ticket(ticket_id=inbound.ticket_id, user=user, verb=verb)
    else:
        _check_team(inbound, decision, user)
    if inbound.citizen_id is not None and not _knows(user, inbound.citizen_id, inbound.ticket_id):
        raise TicketNotThereError


def _check_team(inbound: Inbound, decision: Decision, user: User) -> None:
    """Whoever takes in requests may hand one to any team, but ends it only in their own."""
    mine = team_ids(user, RIGHTS["create_ticket"])
    if not mine or (decision.result is not Result.OPEN and inbound.team_id not in mine):
        raise NotYourTeamError


def _knows(user: User, citizen_id: int, ticket_id: int | None) -> bool:
    """Tell whether the citizen is known to the user, be it by the ticket that is joined."""
    if ticket_id and Ticket.objects.filter(pk=ticket_id, citizen_id=citizen_id).exists():
        return True
    return known_citizens(user).filter(pk=citizen_id).exists()


def _follow(ticket: Ticket, article: Article, decision: Decision, user: User) -> None:
    before, words = state_of(ticket), words_of(ticket)
    status, outcome, until = _wanted(Status(ticket.status), decision, ticket)
    spoke = article.channel in SPOKEN
    if decision.result in {Result.DONE, Result.CALLBACK}:
        ticket.owner_id = ticket.owner_id or user.pk
    # A call that is noted is the call that was promised.
    ticket.callback_phone = decision.phone[:40] if decision.result is Result.CALLBACK else ""
    answers = decision.result is Result.DONE and spoke
    if answers:
        ticket.first_answer_at = ticket.first_answer_at or article.created_at
    ticket.save()
    after = state_wanted(owner_id=ticket.owner_id, status=status, outcome=outcome, until=until)
    data = {"article_id": article.pk, "channel": article.channel, "result": decision.result}
    facts.record(
        ticket=ticket,
        kind=facts.CALL_NOTED,
        actor=facts.by_user(user),
        data=data | {"before": before, "after": after},
        personal=words,
    )
    if answers:
        facts.record(
            ticket=ticket,
            kind=facts.ANSWERED,
            actor=facts.by_user(user),
            data={"article_id": article.pk},
        )
    set_status(ticket=ticket, actor=facts.by_user(user), to=status, outcome=outcome, until=until)


def _wanted(
    present: Status, decision: Decision, ticket: Ticket
) -> tuple[Status, str, datetime | None]:
    if decision.result is Result.DONE:
        return Status.RESOLVED, decision.outcome or Outcome.ANSWERED, None
    if decision.result is Result.CALLBACK:
        return Status.WAITING_DATE, "", decision.until
    if decision.result is Result.OPEN and present is not Status.NEW:
        return Status.OPEN, "", None
    return present, ticket.outcome, ticket.waiting_until


@transaction.atomic
def take_back_note(*, article_id: int, user: User) -> Article | None:
    """Take a note back right after it was saved; only its writer can.

    A request that began with it ends as taken back, one that was there before becomes
    what it was. None: too late, or somebody has worked on it since; nothing changed.
    """
    article = Article.objects.filter(pk=article_id, kind="phone_note").first()
    if article is None or article.author_user_id != user.pk:
        raise TicketNotThereError
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=article.ticket_id)
    article.refresh_from_db()
    if article.is_withdrawn or not _is_fresh(ticket, article):
        return None
    article.is_withdrawn = True
    article.save(update_fields=["is_withdrawn"])
    noted = facts.data_of(ticket=ticket, kind=facts.CALL_NOTED, article_id=article.pk)
    words = facts.personal_of(ticket=ticket, kind=facts.CALL_NOTED, article_id=article.pk)
    ticket.callback_phone = words.get("callback_phone", "")
    restore_ticket(ticket=ticket, article=article, user=user, kind=facts.CALL_NOTED)
    _record_taken_back(ticket, article, noted, user)
    if facts.data_of(ticket=ticket, kind=facts.CREATED, article_id=article.pk):
        actor = facts.by_user(user)
        set_status(ticket=ticket, actor=actor, to=Status.CLOSED, outcome=Outcome.TAKEN_BACK)
    return article


def _is_fresh(ticket: Ticket, article: Article) -> bool:
    if timezone.now() - article.created_at > TAKE_BACK_WITHIN:
        return False
    return not ticket.articles.filter(pk__gt=article.pk, is_withdrawn=False).exists()


def _record_taken_back(
    ticket: Ticket, article: Article, noted: dict[str, object], user: User
) -> None:
    actor = facts.by_user(user)
    data = {"article_id": article.pk}
    facts.record(ticket=ticket, kind=facts.CALL_TAKEN_BACK, actor=actor, data=data)
    if noted.get("result") == Result.DONE and article.channel in SPOKEN:
        facts.record(ticket=ticket, kind=facts.ANSWER_WITHDRAWN, actor=actor, data=data)
