"""Facts about a ticket as the one grey line that stands between its articles."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext

from helpdesk.agents.models import Team, User
from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.enums import Outcome, Priority, Status
from helpdesk.tickets.models import Category, Ticket

Names = Mapping[int, str]


def _label(choices: Mapping[Any, Any], value: object) -> str:
    return str(choices.get(value, value or "–"))


def _status(event: Event, _names: Names) -> str:
    to = _label(dict(Status.choices), event.data.get("to"))
    outcome = event.data.get("outcome")
    if outcome:
        return gettext("status: %(to)s (%(outcome)s)") % {
            "to": to,
            "outcome": _label(dict(Outcome.choices), outcome),
        }
    return gettext("status: %(to)s") % {"to": to}


def _assigned(event: Event, names: Names) -> str:
    to = event.data.get("to")
    if to is None:
        return gettext("nobody is responsible any more")
    return gettext("responsible: %(name)s") % {"name": names.get(int(to), "–")}


def _moved(event: Event, _names: Names) -> str:
    team = Team.objects.filter(pk=event.data.get("to")).first()
    return gettext("moved to team %(team)s") % {"team": team or "–"}


def _priority(event: Event, _names: Names) -> str:
    return gettext("priority: %(to)s") % {
        "to": _label(dict(Priority.choices), event.data.get("to"))
    }


def _category(event: Event, _names: Names) -> str:
    category = Category.objects.filter(pk=event.data.get("to")).first()
    return gettext("topic: %(topic)s") % {"topic": category or "–"}


def _linked(_event: Event, _names: Names) -> str:
    return gettext("linked with another request")


SENTENCES: Mapping[str, Callable[[Event, Names], str]] = {
    facts.CREATED: lambda _e, _n: gettext("request received"),
    facts.STATUS_CHANGED: _status,
    facts.ASSIGNED: _assigned,
    facts.MOVED: _moved,
    facts.PRIORITY_CHANGED: _priority,
    facts.CATEGORY_CHANGED: _category,
    facts.RENAMED: lambda _e, _n: gettext("title changed"),
    facts.LINKED: _linked,
    facts.LINK_REVOKED: lambda _e, _n: gettext("status link made void"),
    facts.ANSWER_WITHDRAWN: lambda _e, _n: gettext("answer taken back before it was sent"),
    facts.DEADLINE_NEAR: lambda _e, _n: gettext("deadline near"),
    facts.DEADLINE_MISSED: lambda _e, _n: gettext("deadline missed"),
}


def history_lines(ticket: Ticket) -> list[dict[str, Any]]:
    """Return what happened besides the articles, oldest first, in words."""
    events = [
        event
        for event in Event.objects.filter(
            subject_kind=facts.SUBJECT, subject_id=ticket.pk, kind__in=list(SENTENCES)
        ).order_by("id")
        if event.kind != facts.CREATED
    ]
    ids = {event.actor_id for event in events if event.actor_kind == "user" and event.actor_id}
    ids |= {e.data["to"] for e in events if e.kind == facts.ASSIGNED and e.data.get("to")}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    return [
        {
            "id": event.pk,
            "at": event.created_at,
            "who": _actor(event, names),
            "what": SENTENCES[event.kind](event, names),
        }
        for event in events
    ]


def _actor(event: Event, names: Names) -> str:
    if event.actor_kind == "user" and event.actor_id:
        return names.get(event.actor_id, gettext("a former colleague"))
    if event.actor_kind == "citizen":
        return gettext("Citizen")
    return gettext("Automatic")
