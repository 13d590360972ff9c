"""Reads of tickets; every one goes through :func:`visible_to`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets import facts
from helpdesk.tickets.enums import ENDED, ArticleKind, Channel, Status, Trust
from helpdesk.tickets.models import Article, Ticket, TicketSeen
from helpdesk.tickets.models.ticket import FINISHED, UNFINISHED
from helpdesk.tickets.references import read_number, read_reference
from helpdesk.tickets.rules import team_ids, tickets_with

PAGE = 50
# What a row shows, of the sixty columns of four tables.
ROW_COLUMNS = (
    *("number", "version", "status", "title", "snippet", "citizen_name", "active_at"),
    *("received_at", "due_at", "clock_paused", "team__name", "owner__name", "category__name"),
)


def _has_status(statuses: Iterable[str]) -> Func:
    """Return the condition of a partial index, word for word.

    Only then SQLite uses that index: it can't tell that bound values mean the same.
    """
    listed = ", ".join(f"'{status}'" for status in statuses)
    return Func(F("status"), template=f"%(expressions)s IN ({listed})", output_field=BooleanField())


def visible_to(user: User) -> QuerySet[Ticket]:
    """Return every ticket ``user`` may know of; a foreign one is as if it were not there."""
    return tickets_with(user, "can_read")


def answerable_by(user: User) -> QuerySet[Ticket]:
    """Return the tickets ``user`` may answer."""
    return tickets_with(user, "can_answer")


def with_relations(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Join what a ticket's page names."""
    return tickets.select_related(
        "authority", "team", "owner", "category__parent", "citizen", "sender"
    )


def ticket_by_number(user: User, number: str) -> Ticket | None:
    """Return the visible ticket of this number with what its page shows, or None."""
    return with_relations(visible_to(user)).filter(number=number).first()


def by_number_or_reference(user: User, text: str) -> QuerySet[Ticket]:
    """Return the visible tickets that a typed number or reference names, the newest first.

    Both are read as people write them; a number without its year may name one of each year.
    """
    number = read_number(text)
    wanted = Q(pk__in=())
    if number:
        named = {"number": number} if number[0] != "-" else {"number__endswith": number}
        wanted |= Q(**named)
    reference = read_reference(text, prefix=user.authority.reference_prefix)
    if reference:
        wanted |= Q(reference=reference)
    return visible_to(user).filter(wanted).order_by("-id")


def unfinished(user: User) -> QuerySet[Ticket]:
    """Return the visible tickets somebody still has to work on."""
    return visible_to(user).filter(_has_status(UNFINISHED))


def ended(user: User) -> QuerySet[Ticket]:
    """Return the visible tickets nobody has to work on any more."""
    return visible_to(user).filter(_has_status(FINISHED))


def by_deadline(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Sort by deadline, then by the longest wait."""
    return tickets.order_by("due_sort", "id")


def with_list_facts(tickets: QuerySet[Ticket], user: User) -> QuerySet[Ticket]:
    """Join what a row shows, and say as ``is_unread`` whether the user has seen the newest."""
    seen = TicketSeen.objects.filter(
        ticket=OuterRef("pk"), user=user, article_id__gte=OuterRef("last_article_id")
    )
    rows = tickets.select_related("team", "owner", "category").only(*ROW_COLUMNS)
    return rows.annotate(is_unread=~Exists(seen))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets wait in each view of the navigation."""

    mine: int
    unassigned: int
    due_today: int
    teams: dict[int, int]

    @property
    def total(self) -> int:
        """Return all unfinished tickets of the user's teams."""
        return sum(self.teams.values())


def counts_for(user: User) -> Counts:
    """Count the unfinished tickets of the navigation's views in one query."""
    tomorrow = (timezone.localtime() + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    rows = (
        unfinished(user)
        .order_by()
        .values("team_id")
        .annotate(
            total=Count("id"),
            mine=Count("id", filter=Q(owner=user)),
            unassigned=Count("id", filter=Q(owner__isnull=True)),
            due=Count("id", filter=Q(due_sort__lt=tomorrow)),
        )
    )
    by_team = {row["team_id"]: row for row in rows}
    return Counts(
        mine=sum(row["mine"] for row in by_team.values()),
        unassigned=sum(row["unassigned"] for row in by_team.values()),
        due_today=sum(row["due"] for row in by_team.values()),
        teams={
            team_id: by_team[team_id]["total"] if team_id in by_team else 0
            for team_id in team_ids(user, "can_read")
        },
    )


def thread(ticket: Ticket) -> QuerySet[Article]:
    """Return the articles of a ticket as the staff sees them, oldest first."""
    return (
        ticket.articles.filter(is_withdrawn=False)
        .select_related("author_user", "author_citizen", "outgoing")
        .prefetch_related("attachments", "outgoing__recipients")
        .order_by("id")
    )


def public_thread(ticket: Ticket) -> QuerySet[Article]:
    """Return what the citizen may read: their own messages and sent answers, never a note.

    A third person's or an unverified mail is for the staff's eyes only (mail.md 64).
    """
    own = Q(kind=ArticleKind.MESSAGE, trust=Trust.PARTICIPANT)
    now = timezone.now()
    answered = (
        Q(kind=ArticleKind.ANSWER, is_withdrawn=False)
        & ~Q(outgoing__state="queued", outgoing__not_before__gt=now)
        & (Q(published_at__isnull=True) | Q(published_at__lte=now))
    )
    return (
        ticket.articles.filter(own | answered)
        .exclude(is_automatic=True)
        .select_related("author_user", "outgoing")
        .prefetch_related("attachments")
        .order_by("id")
    )


def first_public_answer_at(ticket: Ticket) -> datetime | None:
    """Return when the citizen could first read an answer."""
    answers = public_thread(ticket).filter(kind=ArticleKind.ANSWER)
    return answers.values_list("received_at", flat=True).first()


def can_read_page(ticket: Ticket) -> bool:
    """Tell whether the citizen ever got a link or a code for the status page.

    Forms show both at their end; else a mail must have carried the link, or an agent
    have read out the code.
    """
    if ticket.channel == Channel.WEB or facts.has_happened(ticket=ticket, kind=facts.CODE_ISSUED):
        return True
    mails = OutgoingMessage.objects.filter(link_kind="ticket", link_id=ticket.pk, state="sent")
    return mails.exists()


def is_ended(ticket: Ticket) -> bool:
    """Tell whether nobody has to work on a ticket any more."""
    return Status(ticket.status) in ENDED
