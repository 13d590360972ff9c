"""Words that tell a citizen what we did with their request: no answer, so no promise is kept."""

from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.permissions.registry import can
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import Answer, post_words
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.writing import hold_back
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_thread

UNDO_SECONDS = 30


def send_notice(*, ticket: Ticket, user: User, text: str, key: str) -> Article:
    """Send words to the citizen of a locked ticket, by mail or on the status page; saves it.

    They leave after half a minute, so that an undo of what they tell of keeps them back.
    Neither status nor owner nor clocks change. Raises TicketNotThereError, NoSenderError.
    """
    if not can(user, "answer_ticket", ticket):
        raise TicketNotThereError
    words = Answer(ticket.pk, text, key, despite_newer=True, undo_seconds=UNDO_SECONDS)
    article = post_words(ticket=ticket, user=user, answer=words)
    ticket.last_article_id = ticket.last_public_id = article.pk
    ticket.active_at = article.created_at
    ticket.version += 1
    ticket.save()
    facts.record(
        ticket=ticket,
        kind=facts.NOTICE_SENT,
        actor=facts.by_user(user),
        data={"article_id": article.pk},
    )
    return article


def withdraw_notice(*, ticket: Ticket, user: User, article_id: int) -> bool:
    """Keep a notice of a locked ticket from going out; False if it is on its way already."""
    article = ticket.articles.filter(pk=article_id, is_withdrawn=False).first()
    if article is None or not hold_back(article):
        return False
    article.is_withdrawn = True
    article.save(update_fields=["is_withdrawn"])
    newest = ticket.articles.filter(is_withdrawn=False).order_by("-id").first()
    public = public_thread(ticket).last()
    ticket.last_article_id = newest.pk if newest else None
    ticket.last_public_id = public.pk if public else None
    ticket.active_at = max(ticket.active_at, timezone.now())
    ticket.version += 1
    ticket.save()
    facts.record(
        ticket=ticket,
        kind=facts.ANSWER_WITHDRAWN,
        actor=facts.by_user(user),
        data={"article_id": article.pk},
    )
    return True


def keep_notice_back(*, ticket: Ticket, user: User, article_id: int) -> bool:
    """Let a notice of a locked ticket never leave; False where the citizen has been told already.

    One that was taken back before is no hindrance.
    """
    is_there = ticket.articles.filter(pk=article_id, is_withdrawn=False).exists()
    return not is_there or withdraw_notice(ticket=ticket, user=user, article_id=article_id)
