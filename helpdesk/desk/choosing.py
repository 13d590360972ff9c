"""Requests chosen in a list, and what can be done with them: buttons for each question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from helpdesk.agents.models import User
from helpdesk.desk.filter_bar import values_of
from helpdesk.desk.listing import Listing
from helpdesk.desk.numbers import read_id
from helpdesk.tickets.domain.bulk import MAX_ITEMS
from helpdesk.tickets.enums import Outcome, Priority
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible_to
from helpdesk.tickets.rules import readable_teams
from helpdesk.worklists.filters import ME, NOBODY

# Rows that are loaded and ticked; whoever wants more takes the whole view.
MOST_TICKED = 500
MOST_MERGED = 50
# What several requests can end with at once; spam has a button of its own.
OUTCOMES = (
    *(Outcome.ANSWERED, Outcome.FIXED, Outcome.DECLINED, Outcome.DUPLICATE),
    *(Outcome.NOT_RESPONSIBLE, Outcome.NO_REPLY),
)
DAYS = (1, 3, 7, 14, 30)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The requests that a form names: those ticked, or all of the view."""

    ids: Sequence[int]
    is_all: bool

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Option:
    """One button: what it does as it stands in the form, its word, and a note beside it."""

    do: str
    word: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Buttons that belong together, under a heading where there are several groups."""

    label: str
    options: Sequence[Option]


def read_chosen(request: HttpRequest, listing: Listing) -> Chosen:
    """Return what was chosen in a list; what is no id is not there."""
    if "all" in request.POST:
        keys = listing.tickets().order_by().values_list("pk", flat=True)
        return Chosen(list(keys[:MAX_ITEMS]), is_all=True)
    wanted = map(read_id, request.POST.getlist("ids")[:MOST_TICKED])
    ticked = dict.fromkeys(ticket_id for ticket_id in wanted if ticket_id is not None)
    return Chosen(list(ticked), is_all=False)


def _people_and_teams(user: User, _chosen: Chosen) -> list[Group]:
    people = values_of(user, "owner")
    others = {key: name for key, name in people.items() if key not in {ME, NOBODY, str(user.pk)}}
    first = [Option("mine:", gettext("Me"), user.name), Option("owner:", gettext("Nobody"))]
    return [
        Group("", first),
        Group(gettext("People"), [Option(f"owner:{key}", name) for key, name in others.items()]),
        Group(
            gettext("Teams"),
            [Option(f"team:{team.pk}", team.name) for team in readable_teams(user)],
        ),
    ]


def _states(_user: User, _chosen: Chosen) -> list[Group]:
    days = [timezone.localdate() + timedelta(days=count) for count in DAYS]
    until = [
        Option(
            f"later:{day.isoformat()}",
            formats.date_format(day, "D j. M"),
            gettext("in %(count)s days") % {"count": count} if count > 1 else gettext("tomorrow"),
        )
        for day, count in zip(days, DAYS, strict=True)
    ]
    return [
        Group(
            "",
            [
                Option("reopen:", gettext("Open")),
                Option("wait:citizen", gettext("Waiting for the citizen")),
                Option("wait:third", gettext("Waiting for a third party")),
            ],
        ),
        Group(gettext("Wait until, 8:00"), until),
    ]


def _outcomes(_user: User, _chosen: Chosen) -> list[Group]:
    return [Group("", [Option(f"resolve:{one.value}", str(one.label)) for one in OUTCOMES])]


def _topics(user: User, _chosen: Chosen) -> list[Group]:
    topics = {key: word for key, word in values_of(user, "topic").items() if key != NOBODY}
    options = [Option(f"topic:{key}", word) for key, word in topics.items()]
    return [Group("", [*options, Option("topic:", gettext("No topic"))])]


def _priorities(_user: User, _chosen: Chosen) -> list[Group]:
    return [Group("", [Option(f"priority:{value}", str(word)) for value, word in Priority.choices])]


def _tags(user: User, _chosen: Chosen) -> list[Group]:
    return [Group("", [Option(f"tag:{key}", word) for key, word in values_of(user, "tag").items()])]


def _targets(user: User, chosen: Chosen) -> list[Group]:
    """Return the chosen ones, the oldest first: one of them takes in the others."""
    tickets = visible_to(user).filter(pk__in=chosen.ids[:MOST_MERGED]).order_by("id")
    return [Group("", [_target(ticket) for ticket in tickets])]


def _target(ticket: Ticket) -> Option:
    number, who = ticket.number[5:], ticket.citizen_name or "–"
    return Option(f"merge:{ticket.pk}", f"{number} {ticket.title}", who)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about the chosen requests: its word in the bar, its key, its buttons."""

    word: StrOrPromise
    title: StrOrPromise
    key: str
    groups: Callable[[User, Chosen], list[Group]]
    hint: StrOrPromise = ""
    takes_day: bool = False


QUESTIONS: dict[str, Question] = {
    "assign": Question(_("Assign"), _("Assign to"), "a", _people_and_teams),
    "status": Question(_("Status"), _("Change status"), "s", _states, takes_day=True),
    "resolve": Question(_("Resolve"), _("Resolve as"), "e", _outcomes),
    "topic": Question(_("Topic"), _("Change topic"), "v", _topics),
    "priority": Question(_("Priority"), _("Change priority"), "p", _priorities),
    "tag": Question(
        _("Tag"),
        _("Add a tag"),
        "l",
        _tags,
        _("These tags are in use. A new one is put on a request's own page first."),
    ),
    "merge": Question(
        _("Merge"),
        _("Merge: which one stays?"),
        "m",
        _targets,
        _("Only requests of the same person can be merged; the others are listed as not changed."),
    ),
}


def bulk_questions() -> list[tuple[str, StrOrPromise, str]]:
    """Return what the bar asks: its name, its word and its key."""
    return [(name, question.word, question.key) for name, question in QUESTIONS.items()]
