"""A message that is about something else gets a request of its own (mail.md 70)."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.lib.tokens import new_nonce
from helpdesk.outbox.subjects import strip_prefixes
from helpdesk.permissions.registry import can
from helpdesk.tickets import facts
from helpdesk.tickets.domain.assign import active_team, is_topic
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.domain.numbering import new_reference, next_number
from helpdesk.tickets.enums import ArticleKind, LinkKind, Trust
from helpdesk.tickets.models import Article, Participant, Ticket, TicketLink
from helpdesk.tickets.queries import public_thread

SNIPPET_LENGTH = 160


class CannotSplitError(Exception):
    """Only a message can be split off, and something has to stay."""


@dataclass(frozen=True, slots=True)
class SplitDetails:
    """What the new request is to be; what is left empty is as in the old one."""

    title: str = ""
    team_id: int | None = None
    category_id: int | None = None


@transaction.atomic
def split_message(*, article_id: int, user: User, details: SplitDetails = SplitDetails()) -> Ticket:
    """Move one message to a new ticket of its writer, linked to where it came from.

    Replies to it follow by its Message-ID. Nobody is sent anything. To undo it, merge
    the new ticket into the old one. Raises TicketNotThereError, CannotSplitError, and
    CannotWorkOnItError for a team that is not in use.
    """
    places = Article.objects.filter(pk=article_id).values_list("ticket_id", flat=True)
    place = places.first()
    if place is None:
        raise TicketNotThereError
    ticket = lock_ticket(ticket_id=place, user=user, verb="change_ticket")
    if not can(user, "create_ticket", ticket):
        raise TicketNotThereError
    # Read under the lock: another may have split or merged a moment ago.
    article = ticket.articles.filter(pk=article_id, kind=ArticleKind.MESSAGE).first()
    others = ticket.articles.exclude(pk=article_id).exclude(kind=ArticleKind.NOTE)
    if article is None or not others.exists():
        raise CannotSplitError
    new = _open(ticket, article, details)
    article.ticket = new
    if article.trust == Trust.THIRD_PERSON:
        # Who wrote it asks here.
        article.trust = Trust.PARTICIPANT
    article.save(update_fields=["ticket", "trust"])
    _settle(new)
    _give_away(ticket)
    TicketLink.objects.create(source=new, target=ticket, kind=LinkKind.SPLIT)
    _record(ticket, new, article, user)
    return new


def proposed_title(article: Article, ticket: Ticket) -> str:
    """Return what the request of a message would be called: by its subject, else as the old one."""
    return (strip_prefixes(article.subject) or ticket.title)[:250]


def _open(ticket: Ticket, article: Article, details: SplitDetails) -> Ticket:
    citizen = article.author_citizen or ticket.citizen
    title = " ".join(details.title.replace("\0", "").split())[:250]
    team = active_team(ticket, details.team_id) if details.team_id else ticket.team
    if details.category_id and not is_topic(ticket, details.category_id):
        raise TicketNotThereError
    new = Ticket.objects.create(
        authority=ticket.authority,
        number=next_number(ticket.authority, timezone.now()),
        reference=new_reference(ticket.authority),
        title=title or proposed_title(article, ticket),
        snippet=" ".join(article.text[: SNIPPET_LENGTH * 4].split())[:SNIPPET_LENGTH],
        team=team,
        category_id=details.category_id,
        citizen=citizen,
        citizen_name=(article.from_name or ticket.citizen_name)[:160],
        channel=article.channel,
        sender=ticket.sender,
        language=article.language or ticket.language,
        received_at=article.received_at,
        active_at=article.received_at,
        link_nonce=new_nonce(),
    )
    if citizen is not None:
        Participant.objects.create(ticket=new, citizen=citizen)
    return new


def _settle(new: Ticket) -> None:
    first = new.articles.get()
    new.last_article_id = new.last_public_id = first.pk
    new.save(update_fields=["last_article_id", "last_public_id"])


def _give_away(ticket: Ticket) -> None:
    newest = ticket.articles.filter(is_withdrawn=False).order_by("-id").first()
    public = public_thread(ticket).last()
    ticket.last_article_id = newest.pk if newest else None
    ticket.last_public_id = public.pk if public else None
    ticket.has_given_away = True
    ticket.version += 1
    ticket.save(update_fields=["last_article_id", "last_public_id", "has_given_away", "version"])


def _record(ticket: Ticket, new: Ticket, article: Article, user: User) -> None:
    actor = facts.by_user(user)
    data = {
        "article_id": article.pk,
        "channel": article.channel,
        "is_automatic": article.is_automatic,
        "trust": article.trust,
        "wakes": False,
        "may_reply": False,
        "number": new.number,
    }
    facts.record(ticket=new, kind=facts.CREATED, actor=actor, data=data)
    facts.record(ticket=new, kind=facts.SPLIT_FROM, actor=actor, data={"from": ticket.pk})
    moved = {"to": new.pk, "article_id": article.pk}
    facts.record(ticket=ticket, kind=facts.SPLIT_OFF, actor=actor, data=moved)
