"""Which citizens somebody may know of, and what those have asked."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries.visibility import unfinished, visible_to
from helpdesk.tickets.rules import tickets_with


def citizens_visible_to(user: User, right: str = "can_read") -> QuerySet[Citizen]:
    """Return the citizens of tickets in which ``user`` holds ``right``, and whom they entered.

    Anybody else is as if they were not there.
    """
    asked = tickets_with(user, right).filter(citizen=OuterRef("pk"))
    entered = Q(created_by=user) & ~Exists(Ticket.objects.filter(citizen=OuterRef("pk")))
    return Citizen.objects.filter(Exists(asked) | entered, authority_id=user.authority_id)


def known_citizens(user: User) -> QuerySet[Citizen]:
    """Return the citizens ``user`` may know of: with a ticket they see, or taken in by them.

    That somebody is known to another team says something about them (docs/adr/0018).
    Whom they took in and who proved to be somebody they know stands there as that one.
    """
    seen = visible_to(user).filter(citizen=OuterRef("pk"))
    entered = Q(created_by=user) & ~Exists(Ticket.objects.filter(citizen=OuterRef("pk")))
    proved = visible_to(user).filter(citizen=OuterRef("same_as"))
    taken_in = Article.objects.filter(
        author_citizen=OuterRef("pk"), author_user=user, kind=ArticleKind.PHONE_NOTE
    )
    found = Citizen.objects.filter(authority_id=user.authority_id)
    return found.filter(Exists(seen) | ((Exists(taken_in) | entered) & ~Exists(proved)))


def open_tickets_of(user: User, citizen_ids: Iterable[int]) -> QuerySet[Ticket]:
    """Return the visible unfinished tickets of these citizens, the most active first."""
    return (
        unfinished(visible_to(user))
        .filter(citizen_id__in=list(citizen_ids))
        .order_by("-active_at", "-id")
    )
