"""What one page shows of a ticket, read in few queries.

A page of its own kind: it touches a dozen tables, and each query of its own would
cost more than the page. What is one row per ticket is joined; lists are read once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from helpdesk.agents.models import Team, User
from helpdesk.citizens.models import Caution, ContactKind, ContactPoint
from helpdesk.events.models import Seal
from helpdesk.lib.addresses import normalise
from helpdesk.lib.statements import ask, slot
from helpdesk.notifications.queries import is_told
from helpdesk.outbox.models import Sender
from helpdesk.sla.models import Clock
from helpdesk.tickets.enums import LinkKind
from helpdesk.tickets.models import ArticleDraft, Category, Ticket, TicketLink
from helpdesk.tickets.rules import Scope, readers_of, scope_of, tickets_in, workers_of

OTHERS_SHOWN = 5
RELATED_READ = 20
# What is read of each clock beside the ticket's own row.
CLOCK_FIELDS = ("agreement_id", "due_at", "stopped_at", "missed_at", "target_minutes")


@dataclass(frozen=True, slots=True)
class Dossier:
    """A ticket with what stands in rows of its own about it and its reader."""

    ticket: Ticket
    clocks: tuple[Clock, ...]
    seen_article_id: int
    live_seq: int
    has_drafts: bool = False
    is_told: bool = False
    caution: str = ""


def _joins(user: Value) -> dict[str, FilteredRelation]:
    clocks = {
        f"clock_{kind}": FilteredRelation("clocks", condition=Q(clocks__kind=kind))
        for kind in Clock.Kind.values
    }
    return {
        **clocks,
        "seen_row": FilteredRelation("seen_by", condition=Q(seen_by__user=user)),
    }


def _columns() -> dict[str, F]:
    wanted = [f"clock_{kind}__{name}" for kind in Clock.Kind.values for name in CLOCK_FIELDS]
    return {f"x_{name.replace('__', '_')}": F(name) for name in wanted}


def read_dossier(user: User, number: str) -> Dossier | None:
    """Return the visible ticket of this number with clocks and reading state, or None."""
    today = timezone.localdate().isoformat()
    found = ask(_dossier, scope_of(user), number=number, user=user.pk, today=today)
    if not found:
        return None
    ticket = found[0]
    # The same row, as the scope has seen to.
    ticket.authority = user.authority
    read = vars(ticket)
    return Dossier(
        ticket=ticket,
        clocks=tuple(_clocks(ticket.pk, read)),
        seen_article_id=read["x_seen"],
        live_seq=read["x_head"],
        has_drafts=bool(read["x_drafted"]),
        is_told=bool(read["x_told"]),
        caution=read["x_caution"] or "",
    )


def _dossier(scope: Scope) -> QuerySet[Ticket]:
    drafts = ArticleDraft.objects.filter(ticket=OuterRef("pk"))
    cautions = Caution.objects.filter(
        citizen=OuterRef("citizen"), ended_at=None, until__gte=slot("today")
    )
    newest_seal = Seal.objects.order_by("-seq").values("seq")[:1]
    return (
        tickets_in(scope)
        .select_related("team", "owner", "category__parent", "citizen", "sender")
        .filter(number=slot("number"))
        .annotate(**_joins(slot("user")))
        .annotate(
            **_columns(),
            x_drafted=Exists(drafts),
            x_seen=Coalesce(F("seen_row__article_id"), Value(0)),
            x_head=Coalesce(Subquery(newest_seal), Value(0), output_field=BigIntegerField()),
            x_told=is_told(slot("user")),
            x_caution=Subquery(cautions.order_by("-pk").values("reason")[:1]),
        )
    )


def _clocks(ticket_id: int, found: dict[str, Any]) -> Sequence[Clock]:
    return [
        Clock(
            ticket_id=ticket_id,
            kind=kind,
            **{name: found[f"x_clock_{kind}_{name}"] for name in CLOCK_FIELDS},
        )
        for kind in Clock.Kind.values
        if found[f"x_clock_{kind}_target_minutes"] is not None
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select, or one name for the history."""

    pk: int
    label: str
    group: str = ""


def read_choices(ticket: Ticket) -> dict[str, list[Choice]]:
    """Return teams, topics, workers and senders that may be chosen, and who watches; all sorted."""
    rows = ask(_all_choices, authority=ticket.authority_id, team=ticket.team_id, ticket=ticket.pk)
    kinds = ("team", "category", "worker", "watcher", "sender")
    found: dict[str, list[Choice]] = {kind: [] for kind in kinds}
    # A topic of the first level stands before those below it, as the settings order them.
    for kind, pk, name, parent, _ in sorted(
        rows, key=lambda row: (row[4], row[3] or row[2], row[3], row[2])
    ):
        found[kind].append(Choice(pk, name, parent))
    return found


def _all_choices() -> QuerySet[Any]:
    teams = Team.objects.filter(authority_id=slot("authority"), is_active=True)
    topics = Category.objects.filter(authority_id=slot("authority"), is_active=True)
    position = Coalesce(F("parent__position"), F("position"))
    return _choices("team", teams).union(
        _choices("category", topics, parent=F("parent__name"), position=position),
        _choices("worker", workers_of(slot("team"))),
        # Who may no longer read it hears nothing of it either.
        _choices("watcher", readers_of(slot("team")).filter(watched__ticket_id=slot("ticket"))),
        _choices("sender", _senders(), name="email"),
        all=True,
    )


def _senders() -> QuerySet[Sender]:
    """Return who may send an answer, as ``senders_of`` in tickets does."""
    came_to = Ticket.objects.filter(pk=slot("ticket")).values("sender_id")
    of_team = Q(team_id=slot("team")) | Q(team=None) | Q(pk__in=came_to)
    return Sender.objects.filter(of_team, authority_id=slot("authority"), is_active=True)


def _choices(
    kind: str,
    rows: QuerySet[Any],
    *,
    name: str = "name",
    parent: F | None = None,
    position: Coalesce | None = None,
) -> QuerySet[Any]:
    labelled: QuerySet[Any] = (
        rows.order_by()
        .annotate(
            x_kind=Value(kind),
            x_parent=Coalesce(parent, Value("")) if parent else Value(""),
            x_position=position or Value(0),
        )
        .values_list("x_kind", "pk", name, "x_parent", "x_position")
    )
    return labelled


@dataclass(frozen=True, slots=True)
class Related:
    """The citizen's other tickets and the linked ones, as far as the reader may know of them."""

    others: Sequence[Ticket]
    linked: Sequence[tuple[str, Ticket, str]]


def read_related(ticket: Ticket, user: User) -> Related:
    """Return what else there is: by the same citizen, and by links in either direction."""
    has_citizen = ticket.citizen_id is not None
    values = {"ticket": ticket.pk} | ({"citizen": ticket.citizen_id} if has_citizen else {})
    found = ask(_related, scope_of(user), has_citizen, **values)
    words = dict(LinkKind.choices)
    linked = [(row, vars(row)["x_link"], vars(row)["x_reason"] or "") for row in found]
    return Related(
        others=[row for row in found if row.citizen_id and row.citizen_id == ticket.citizen_id][
            :OTHERS_SHOWN
        ],
        linked=[(str(words.get(kind, kind)), row, why) for row, kind, why in linked if kind],
    )


def _related(scope: Scope, has_citizen: bool) -> QuerySet[Ticket]:  # noqa: FBT001 - the shape of a statement
    out = TicketLink.objects.filter(source_id=slot("ticket"))
    back = TicketLink.objects.filter(target_id=slot("ticket"))
    ids = out.values("target_id").union(back.values("source_id"))
    if has_citizen:
        same = Ticket.objects.filter(citizen_id=slot("citizen")).order_by().values("pk")
        ids = ids.union(same)

    def of_link(name: str) -> Coalesce:
        return Coalesce(
            Subquery(out.filter(target=OuterRef("pk")).values(name)[:1]),
            Subquery(back.filter(source=OuterRef("pk")).values(name)[:1]),
        )

    rows = tickets_in(scope).filter(pk__in=ids).exclude(pk=slot("ticket"))
    rows = rows.annotate(x_link=of_link("kind"), x_reason=of_link("reason"))
    return rows.only("number", "title", "status", "citizen_id").order_by("-active_at")[
        :RELATED_READ
    ]


def read_contacts(ticket: Ticket, email: str) -> list[ContactPoint]:
    """Return the citizen's contact points, and whatever is known of ``email``."""
    known = {"citizen": ticket.citizen_id, "email": normalise(email) if email else None}
    values = {name: value for name, value in known.items() if value}
    if not values:
        return []
    return ask(_contacts, tuple(values), authority=ticket.authority_id, **values)


def _contacts(known: tuple[str, ...]) -> QuerySet[ContactPoint]:
    wanted = Q(citizen_id=slot("citizen")) if "citizen" in known else Q()
    if "email" in known:
        wanted |= Q(authority_id=slot("authority"), kind=ContactKind.MAIL, normalised=slot("email"))
    return ContactPoint.objects.filter(wanted).order_by("id")
