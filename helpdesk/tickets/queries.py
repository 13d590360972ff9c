"""Reads of tickets; every one goes through :func:`visible_to`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import OrderBy
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen
from helpdesk.events.models import Seal
from helpdesk.lib.statements import ask, fill, slot
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.tickets import facts
from helpdesk.tickets.enums import ACTIVE, ENDED, ArticleKind, Channel, Outcome, Status, Trust
from helpdesk.tickets.models import (
    Article,
    Attachment,
    DraftKind,
    NumberSeries,
    Ticket,
    TicketSeen,
)
from helpdesk.tickets.models.article import SHOWN_IN_THREAD
from helpdesk.tickets.models.ticket import FINISHED, UNFINISHED
from helpdesk.tickets.references import read_number, read_reference
from helpdesk.tickets.rules import Scope, scope_of, team_ids, tickets_in, tickets_with

PAGE = 50
BY_DEADLINE = ("due_sort", "id")


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
        wanted |= Q(number__in=[number] if number[0] != "-" else _in_each_year(user, number))
    reference = read_reference(text, prefix=user.authority.reference_prefix)
    if reference:
        wanted |= Q(reference=reference)
    return visible_to(user).filter(wanted).order_by("-id")


def _in_each_year(user: User, ending: str) -> list[str]:
    """Return the whole numbers with this ending: an index finds those, not what ends like it."""
    series = NumberSeries.objects.filter(authority_id=user.authority_id)
    return [f"{year}{ending}" for year in series.values_list("year", flat=True)]


def unfinished(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Keep the tickets somebody still has to work on."""
    return tickets.filter(_has_status(UNFINISHED))


def ended(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Keep the tickets nobody has to work on any more."""
    return tickets.filter(_has_status(FINISHED))


def spamless(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Leave out what was ended as spam: it stands in a list of its own."""
    return tickets.exclude(outcome=Outcome.SPAM)


def spam_tickets(user: User) -> QuerySet[Ticket]:
    """Return the visible tickets that somebody ended as spam, the last first."""
    return ended(visible_to(user)).filter(outcome=Outcome.SPAM).order_by("-active_at", "-id")


def by_deadline(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Sort by deadline, then by the longest wait."""
    return tickets.order_by(*BY_DEADLINE)


def is_unseen_by(user_id: Any) -> Any:  # noqa: ANN401 - a key or a slot, and Django's expression
    """Return the condition that a user has not seen the newest article of a ticket."""
    seen = TicketSeen.objects.filter(
        ticket=OuterRef("pk"), user_id=user_id, article_id__gte=OuterRef("last_article_id")
    )
    return ~Exists(seen)


def next_to_take(user: User, *, without: str = "") -> Ticket | None:
    """Return what ``user`` should take next: theirs or nobody's, not waiting, nearest deadline."""
    found = unfinished(visible_to(user)).filter(
        Q(owner_id=user.pk) | Q(owner=None), status__in=ACTIVE
    )
    return by_deadline(found.exclude(number=without)).only("number", "owner_id").first()


# What a row shows, where the tickets themselves are wanted.
ROW_COLUMNS = (
    *("number", "version", "status", "title", "snippet", "citizen_name", "active_at"),
    *("received_at", "due_at", "clock_paused", "team__name", "owner__name", "category__name"),
    *("channel", "callback_phone"),
)


def with_list_facts(tickets: QuerySet[Ticket], user: User) -> QuerySet[Ticket]:
    """Join what a row shows, and say as ``is_unread`` whether the user has seen the newest."""
    rows = tickets.select_related("team", "owner", "category").only(*ROW_COLUMNS)
    return rows.annotate(is_unread=is_unseen_by(user.pk))


class Row(NamedTuple):
    """What one line of a list shows of a ticket."""

    pk: int
    number: str
    version: int
    status: str
    title: str
    snippet: str
    citizen_name: str
    active_at: datetime
    received_at: datetime
    due_at: datetime | None
    clock_paused: bool
    team_name: str
    owner_id: int | None
    owner_name: str | None
    category_name: str | None
    channel: str
    callback_phone: str
    tag_line: str
    priority: int
    waiting_until: datetime | None
    place: str
    is_unread: bool


# The columns of a row in its order; the last one is annotated.
_ROW_COLUMNS = (
    *("pk", "number", "version", "status", "title", "snippet", "citizen_name", "active_at"),
    *("received_at", "due_at", "clock_paused", "team__name", "owner_id", "owner__name"),
    *("category__name", "channel", "callback_phone", "tag_line", "priority", "waiting_until"),
    *("place", "x_unread"),
)
Sorting = str | OrderBy
# What a list leaves of the tickets of a scope; ``value`` gives what depends on the reader.
Narrow = Callable[[QuerySet[Ticket], Callable[[str], Any]], QuerySet[Ticket]]


def read_rows(
    user: User,
    narrow: Narrow,
    order: tuple[Sorting, ...],
    *,
    offset: int,
    limit: int,
    **values: Any,
) -> list[Row]:
    """Return some lines of a list of visible tickets."""
    found = ask(
        _rows, scope_of(user), narrow, order, offset, offset + limit, **values, reader=user.pk
    )
    return [Row._make(row) for row in found]


def _rows(
    scope: Scope, narrow: Narrow, order: tuple[Sorting, ...], start: int, stop: int
) -> QuerySet[Any]:
    tickets = narrow(tickets_in(scope), slot).annotate(x_unread=is_unseen_by(slot("reader")))
    return tickets.order_by(*order).values_list(*_ROW_COLUMNS)[start:stop]


def rows_of(user: User, tickets: QuerySet[Ticket]) -> list[Row]:
    """Return visible tickets as lines of a list, in their order."""
    shown = tickets.annotate(x_unread=is_unseen_by(user.pk))
    return [Row._make(row) for row in shown.values_list(*_ROW_COLUMNS)]


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
    return counts_with(user, ())[0]


def counts_with(user: User, conditions: Sequence[Q]) -> tuple[Counts, list[int]]:
    """Count them, and with the same query those that meet each of some conditions."""
    tomorrow = (timezone.localtime() + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    scope = scope_of(user)
    if conditions:
        rows = list(_counted(scope, user.pk, tomorrow, conditions))
    else:
        rows = ask(_counts, scope, user=user.pk, tomorrow=tomorrow)
    totals = {team_id: total for team_id, total, *_ in rows}
    _, _, mine, unassigned, due, *others = (
        map(sum, zip(*rows, strict=True)) if rows else [0] * (5 + len(conditions))
    )
    teams = {team_id: totals.get(team_id, 0) for team_id in team_ids(user, "can_read")}
    return Counts(mine=mine, unassigned=unassigned, due_today=due, teams=teams), others


def _counts(scope: Scope) -> QuerySet[Any]:
    return _counted(scope, slot("user"), slot("tomorrow"), ())


def _counted(
    scope: Scope, user: int | Value, tomorrow: datetime | Value, conditions: Sequence[Q]
) -> QuerySet[Any]:
    others = {f"x_{place}": Count("id", filter=met) for place, met in enumerate(conditions)}
    return (
        unfinished(tickets_in(scope))
        .order_by()
        .values("team_id")
        .annotate(
            total=Count("id"),
            mine=Count("id", filter=Q(owner_id=user)),
            unassigned=Count("id", filter=Q(owner__isnull=True)),
            due=Count("id", filter=Q(due_sort__lt=tomorrow)),
            **others,
        )
        .values_list("team_id", "total", "mine", "unassigned", "due", *others)
    )


def thread(ticket: Ticket, *, after: int = 0) -> list[Article]:
    """Return a ticket's articles after an id as the staff sees them, oldest first.

    Each has its author, its message with ``recipients``, its ``attachments`` and ``has_html``.
    """
    articles: list[Article] = ask(_thread, ticket=ticket.pk, after=after)
    files = defaultdict[int, list[Attachment]](list)
    people = defaultdict[int, list[Recipient]](list)
    for article_id, state, _position, key, name, size, said, kind, file_id, inline in (
        ask(_parts, ticket=ticket.pk, after=after) if articles else ()
    ):
        if state:
            people[article_id].append(Recipient(pk=key, address=name, state=state, reply=said))
        else:
            file = Attachment(pk=key, name=name, size=size, content_type=kind)
            file.scan_state, file.file_id, file.is_inline = said, file_id, bool(inline)
            files[article_id].append(file)
    for article in articles:
        # Of a mail it may be large, and is shown on a page of its own alone.
        article.html = vars(article)["x_html"]
        fill(article, "attachments", files[article.pk])
        if article.outgoing:
            fill(article.outgoing, "recipients", people[article.pk])
    return articles


def _thread() -> QuerySet[Article]:
    return (
        Article.objects.filter(ticket_id=slot("ticket"), is_withdrawn=False, pk__gt=slot("after"))
        .select_related("author_user", "author_citizen", "outgoing")
        .annotate(
            has_html=ExpressionWrapper(~Q(html=""), output_field=BooleanField()),
            x_html=Case(
                When(source="", then=Value("")),
                default=F("html"),
                output_field=TextField(),
            ),
        )
        .only(*SHOWN_IN_THREAD)
        .order_by("id")
    )


def _parts() -> QuerySet[Any]:
    """Return files and recipients of a ticket's articles: two tables, one question."""
    of_ticket = {"ticket_id": slot("ticket"), "is_withdrawn": False, "pk__gt": slot("after")}
    files = Attachment.objects.filter(**{f"article__{k}": v for k, v in of_ticket.items()})
    people = Recipient.objects.filter(**{f"message__article__{k}": v for k, v in of_ticket.items()})
    listed = files.order_by().annotate(x_state=Value(""), x_scan=F("file__scan_state"))
    sent_to = people.order_by().annotate(
        x_article=F("message__article__id"),
        x_position=Value(0),
        x_size=Value(0),
        x_type=Value(""),
        x_file=Value(0),
        x_inline=Value(False),
    )
    of_files = ("article_id", "x_state", "position", "pk", "name", "size")
    of_people = ("x_article", "state", "x_position", "pk", "address", "x_size")
    return (
        listed.values_list(*of_files, "x_scan", "content_type", "file_id", "is_inline")
        .union(sent_to.values_list(*of_people, "reply", "x_type", "x_file", "x_inline"), all=True)
        .order_by("position", "pk")
    )


def articles_of(ticket: Ticket) -> QuerySet[Article]:
    """Return all that is kept of a ticket's articles for the staff, to be cut into pages."""
    return (
        ticket.articles.filter(is_withdrawn=False)
        .select_related("author_user", "author_citizen", "outgoing")
        .prefetch_related("attachments")
        .order_by("id")
    )


def public_of(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Return of these what their citizens may read: own messages and sent answers, never a note.

    A third person's or an unverified mail is for the staff's eyes only (mail.md 64); so is
    what was said with somebody who no longer asks (docs/adr/0078).
    """
    own = Q(kind=ArticleKind.MESSAGE, trust=Trust.PARTICIPANT)
    now = timezone.now()
    answered = (
        Q(kind=ArticleKind.ANSWER, is_withdrawn=False, trust=Trust.PARTICIPANT)
        & ~Q(outgoing__state="queued", outgoing__not_before__gt=now)
        & (Q(published_at__isnull=True) | Q(published_at__lte=now))
    )
    return articles.filter(own | answered).exclude(is_automatic=True)


def public_thread(ticket: Ticket) -> QuerySet[Article]:
    """Return what the citizen may read of a request, in order."""
    return (
        public_of(ticket.articles.all())
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
    # What was forwarded went to somebody else, and without the link.
    return mails.exclude(kind=DraftKind.FORWARD).exists()


def is_ended(ticket: Ticket) -> bool:
    """Tell whether nobody has to work on a ticket any more."""
    return Status(ticket.status) in ENDED


def citizens_visible_to(user: User, right: str = "can_read") -> QuerySet[Citizen]:
    """Return the citizens of tickets in which ``user`` holds ``right``, and whom they entered.

    Anybody else is as if they were not there.
    """
    asked = tickets_with(user, right).filter(citizen=OuterRef("pk"))
    entered = Q(created_by=user) & ~Exists(Ticket.objects.filter(citizen=OuterRef("pk")))
    return Citizen.objects.filter(Exists(asked) | entered, authority_id=user.authority_id)


def attachments_visible_to(user: User) -> QuerySet[Attachment]:
    """Return the files of visible tickets; those of a withdrawn article are not there."""
    return Attachment.objects.filter(
        article__ticket__in=visible_to(user), article__is_withdrawn=False
    ).select_related("file")


def facts_between(after: int, upto: int) -> QuerySet[Any, Any]:
    """Return number, kind and id of the subject of all facts behind ``after`` up to ``upto``.

    Nothing else is asked, so that both engines walk the numbers and no more than those.
    """
    seals = Seal.objects.filter(seq__gt=after, seq__lte=upto).order_by("seq")
    return seals.values_list("seq", "event__subject_kind", "event__subject_id")


def events_visible_to(
    user: User, *, after: int, upto: int, limit: int, ticket_id: int | None = None
) -> list[Seal]:
    """Return the first facts about visible tickets behind ``after`` and up to ``upto``."""
    rows = [
        (seq, subject)
        for seq, kind, subject in facts_between(after, upto)
        if kind == facts.SUBJECT and ticket_id in {None, subject}
    ]
    asked = {subject for _, subject in rows}
    visible = set(visible_to(user).filter(pk__in=asked).values_list("pk", flat=True))
    wanted = [seq for seq, subject in rows if subject in visible][:limit]
    seals = Seal.objects.filter(seq__in=wanted).select_related("event__payload")
    return list(seals.order_by("seq"))


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


def noted_since(user: User, moment: datetime, citizen_ids: Iterable[int]) -> QuerySet[Article]:
    """Return the notes of calls by these citizens since ``moment`` in tickets ``user`` sees."""
    return (
        Article.objects.filter(
            ticket__in=visible_to(user).filter(citizen_id__in=list(citizen_ids)),
            kind=ArticleKind.PHONE_NOTE,
            is_withdrawn=False,
            created_at__gte=moment,
        )
        .select_related("ticket", "author_user")
        .order_by("-id")
    )


def next_due(user: User) -> tuple[str, datetime | None] | None:
    """Return number and deadline of the visible ticket that is due first, if any is."""
    promised = unfinished(visible_to(user)).filter(due_at__isnull=False, clock_paused=False)
    return by_deadline(promised).values_list("number", "due_at").first()
