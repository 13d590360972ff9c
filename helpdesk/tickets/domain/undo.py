"""What an answer changes on its ticket, and how that is brought back when it is taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Min, Q

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.enums import ENDED, WAITING, ArticleKind, Status, Trust
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_thread

DATES = ("waiting_until", "resolved_at")
PLAIN = ("status", "outcome", "reopened")
# What people wrote: it can be erased, so it stands beside the fact and not in it.
PERSONAL = ("waiting_note", "callback_phone")


def state_of(ticket: Ticket) -> dict[str, Any]:
    """Return, fit for a fact, what an answer may change."""
    dates = {name: getattr(ticket, name) for name in DATES}
    return {
        "owner": ticket.owner_id,
        **{name: getattr(ticket, name) for name in PLAIN},
        **{name: moment and moment.isoformat() for name, moment in dates.items()},
    }


def words_of(ticket: Ticket) -> dict[str, str] | None:
    """Return what an answer may change of what people wrote, for the personal part of its fact."""
    return {name: value for name in PERSONAL if (value := getattr(ticket, name))} or None


def state_wanted(
    *, owner_id: int | None, status: Status, outcome: str, until: datetime | None
) -> dict[str, Any]:
    """Return what an answer is about to leave behind; an undo finds out by it who came after."""
    return {
        "owner": owner_id,
        "status": status,
        "outcome": outcome if status in ENDED else "",
        "waiting_until": until.isoformat() if until and status in WAITING else None,
    }


def restore_ticket(*, ticket: Ticket, article: Article, user: User, kind: str) -> None:
    """Bring a locked ticket back to before its withdrawn ``article``, save it.

    ``kind`` is the fact that remembers what the article changed.
    """
    restore_state(ticket=ticket, article=article, user=user, kind=kind)
    newest = ticket.articles.filter(is_withdrawn=False).order_by("-id").first()
    public = public_thread(ticket).last()
    ticket.last_article_id = newest.pk if newest else None
    ticket.last_public_id = public.pk if public else None
    ticket.version += 1
    ticket.save()


def restore_state(
    *, ticket: Ticket, article: Article, user: User, kind: str = facts.ANSWERED
) -> None:
    """Bring back what ``article`` changed on a locked ticket; the caller saves.

    What somebody else has changed since stays, and so does the status that a
    message of the citizen has met meanwhile.
    """
    data = facts.data_of(ticket=ticket, kind=kind, article_id=article.pk)
    before, after = data.get("before"), data.get("after")
    if before and after:
        if ticket.owner_id == after["owner"]:
            ticket.owner_id = before["owner"]
        if _is_untouched(ticket, article, after):
            words = facts.personal_of(ticket=ticket, kind=kind, article_id=article.pk)
            restore_words(ticket, before | words)
            _restore_status(ticket, before, user)
    if ticket.first_answer_at == article.created_at:
        left = ticket.articles.filter(_is_answer(ticket), is_withdrawn=False)
        ticket.first_answer_at = left.aggregate(first=Min("created_at"))["first"]


def _is_answer(ticket: Ticket) -> Q:
    """Tell answers apart: what was written, and calls that answered."""
    told = Event.objects.filter(
        subject_kind=facts.SUBJECT, subject_id=ticket.pk, kind=facts.ANSWERED
    )
    spoken = [event.data.get("article_id") for event in told]
    # What only tells what we did is an answer in its form alone.
    notices = Event.objects.filter(
        subject_kind=facts.SUBJECT, subject_id=ticket.pk, kind=facts.NOTICE_SENT
    )
    only_told = [event.data.get("article_id") for event in notices]
    written = Q(kind=ArticleKind.ANSWER) & ~Q(pk__in=only_told)
    return written | Q(kind=ArticleKind.PHONE_NOTE, pk__in=spoken)


def _is_untouched(ticket: Ticket, article: Article, after: dict[str, Any]) -> bool:
    now = state_of(ticket)
    if any(now[name] != after[name] for name in ("status", "outcome", "waiting_until")):
        return False
    return not ticket.articles.filter(
        pk__gt=article.pk,
        kind=ArticleKind.MESSAGE,
        trust=Trust.PARTICIPANT,
        is_automatic=False,
    ).exists()


def restore_words(ticket: Ticket, words: Mapping[str, Any]) -> None:
    """Bring back what people had written; the caller saves."""
    for name in PERSONAL:
        setattr(ticket, name, words.get(name, ""))


def _restore_status(ticket: Ticket, before: dict[str, Any], user: User) -> None:
    previous, present = Status(before["status"]), Status(ticket.status)
    for name in PLAIN:
        setattr(ticket, name, before[name])
    for name in DATES:
        setattr(ticket, name, before[name] and datetime.fromisoformat(before[name]))
    if previous != present:
        facts.record(
            ticket=ticket,
            kind=facts.STATUS_CHANGED,
            actor=facts.by_user(user),
            data={"from": present, "to": previous, "outcome": ticket.outcome, "undo": True},
        )
