"""What the figures say about answers: what is missing, is passed over, does not help, is unread.

Everything is narrowed to what its reader may know of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible_to
from knowledgebase.domain.misses import SHOWN_FROM
from knowledgebase.enums import State, Visibility
from knowledgebase.models import Answer, AnswerUse, SearchMiss, SearchUse
from knowledgebase.queries import titles_for_readers
from knowledgebase.rules import FOR_CITIZENS, known_to, open_to_readers_of

SHOWN = 20
PERIOD = timedelta(days=90)
# Fewer have said something: then a share says nothing.
ENOUGH_SAID = 5
# Of so many requests at most it is told how they were answered.
MOST_REQUESTS = 5000
# An answer this young is not unused, only new.
YOUNG = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Row:
    """An answer in a report with its figures."""

    key: int
    title: str
    number: int
    of: int = 0

    @property
    def percent(self) -> int:
        """Return the share of ``number`` in ``of``."""
        return round(100 * self.number / self.of) if self.of else 0


def missed_searches(user: User) -> list[SearchMiss]:
    """Return what several visitors searched for in vain, the most often first."""
    rows = SearchMiss.objects.filter(
        authority_id=user.authority_id, visitors__gte=SHOWN_FROM, is_ignored=False
    )
    return list(rows.order_by("-searches", "query")[:SHOWN])


def find_miss(user: User, miss_id: int) -> SearchMiss | None:
    """Return a search in vain if it may be shown, else None."""
    rows = SearchMiss.objects.filter(authority_id=user.authority_id, visitors__gte=SHOWN_FROM)
    return rows.filter(pk=miss_id).first()


def unopened_searches(user: User) -> list[SearchUse]:
    """Return what was found and, in most cases, not opened; the most often first."""
    rows = SearchUse.objects.filter(
        authority_id=user.authority_id, visitors__gte=SHOWN_FROM, is_ignored=False
    )
    seldom = rows.annotate(left=F("searches") - F("opened")).filter(left__gt=F("opened"))
    return list(seldom.order_by("-left", "query")[:SHOWN])


def find_use(user: User, use_id: int) -> SearchUse | None:
    """Return a search that found something if it may be shown, else None."""
    rows = SearchUse.objects.filter(authority_id=user.authority_id, visitors__gte=SHOWN_FROM)
    return rows.filter(pk=use_id).first()


def unhelpful(user: User) -> list[Row]:
    """Return the answers that helped the fewest of those who said so in the last 90 days."""
    recent = Q(feedback__created_at__gte=timezone.now() - PERIOD)
    rows = (
        _published(user)
        .annotate(
            said=Count("feedback", filter=recent),
            no=Count("feedback", filter=recent & Q(feedback__is_helpful=False)),
        )
        .filter(said__gte=ENOUGH_SAID, no__gt=0)
    )
    found = sorted(rows, key=lambda one: (-vars(one)["no"] / vars(one)["said"], one.pk))[:SHOWN]
    return _rows(found, "no", "said")


def led_to_requests(user: User) -> list[Row]:
    """Return the answers at whose end most requests were begun in the last 90 days."""
    since = Q(days__day__gte=timezone.localdate() - PERIOD)
    rows = (
        _published(user)
        .annotate(asked=Sum("days__requests", filter=since), read=Sum("days__views", filter=since))
        .filter(asked__gt=0)
        .order_by("-asked", "pk")
    )
    return _rows(list(rows[:SHOWN]), "asked", "read")


@dataclass(frozen=True, slots=True)
class Helped:
    """How many answered requests were answered with an answer of the knowledge base.

    ``topics`` are those in which most were answered without, with their numbers.
    """

    answered: int
    helped: int
    topics: Sequence[Row]

    @property
    def percent(self) -> int:
        """Return the share of those that were."""
        return round(100 * self.helped / self.answered) if self.answered else 0


def answered_with(user: User) -> Helped:
    """Return the figures of the last 90 days, of the newest requests that ``user`` may see."""
    newest = visible_to(user).order_by("-pk").values("pk")[:MOST_REQUESTS]
    recent = Ticket.objects.filter(
        pk__in=list(newest.values_list("pk", flat=True)),
        received_at__gte=timezone.now() - PERIOD,
        first_answer_at__isnull=False,
    )
    used = AnswerUse.objects.filter(ticket=OuterRef("pk"))
    rows = (
        recent.annotate(x_used=Exists(used))
        .order_by()
        .values_list("category_id", "category__name")
        .annotate(number=Count("pk"), helped=Count("pk", filter=Q(x_used=True)))
    )
    found = list(rows)
    without = [
        Row(key or 0, name or "", number - helped, number)
        for key, name, number, helped in found
        if number > helped
    ]
    without.sort(key=lambda row: (-row.number, row.title))
    return Helped(
        answered=sum(number for *_, number, _helped in found),
        helped=sum(helped for *_, helped in found),
        topics=without[:SHOWN],
    )


def unused(user: User) -> list[Row]:
    """Return answers for citizens that nobody has read in the last 90 days, the oldest first."""
    since = Q(days__day__gte=timezone.localdate() - PERIOD)
    rows = (
        _published(user)
        .filter(visibility__in=FOR_CITIZENS, published_at__lt=timezone.now() - YOUNG)
        .annotate(read=Coalesce(Sum("days__views", filter=since), 0))
        .filter(read=0)
        .order_by("published_at", "pk")
    )
    return _rows(list(rows[:SHOWN]), "read", "read")


def with_dead_links(user: User) -> list[Row]:
    """Return published answers that link to answers their readers find no longer."""
    linking = _published(user).exclude(live_version__links=[])
    rows = linking.values_list("pk", "visibility", "live_version__links")
    linked = {(key, Visibility(visibility)): set(links) - {key} for key, visibility, links in rows}
    alive = Answer.objects.filter(authority_id=user.authority_id, state=State.PUBLISHED)
    found = dict(alive.filter(pk__in=set().union(*linked.values())).values_list("pk", "visibility"))
    dead: dict[int, int] = {}
    for (key, visibility), keys in linked.items():
        # What is for staff alone is nothing to a citizen.
        shown = open_to_readers_of(visibility) if visibility in FOR_CITIZENS else Visibility
        gone = [one for one in keys if one not in found or found[one] not in shown]
        if gone:
            dead[key] = len(gone)
    answers = list(_published(user).filter(pk__in=dead).order_by("pk")[:SHOWN])
    titles = titles_for_readers(answers)
    return [Row(one.pk, titles[one.pk], dead[one.pk]) for one in answers]


def overall(user: User) -> Mapping[str, int]:
    """Return how often public answers were read and liked in the last 90 days."""
    day = timezone.localdate() - PERIOD
    answers = _published(user)
    read = answers.aggregate(number=Sum("days__views", filter=Q(days__day__gte=day)))["number"]
    said = answers.filter(feedback__created_at__gte=timezone.now() - PERIOD).aggregate(
        said=Count("feedback"), yes=Count("feedback", filter=Q(feedback__is_helpful=True))
    )
    share = round(100 * said["yes"] / said["said"]) if said["said"] else 0
    return {"read": read or 0, "said": said["said"], "percent": share}


def _published(user: User) -> QuerySet[Answer]:
    return known_to(user).filter(state=State.PUBLISHED)


def _rows(answers: Sequence[Answer], number: str, of: str) -> list[Row]:
    titles = titles_for_readers(answers) if answers else {}
    return [
        Row(one.pk, titles[one.pk], vars(one)[number] or 0, vars(one)[of] or 0) for one in answers
    ]
