"""What every page of the desk shows around its content."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from helpdesk.agents.models import Team, User
from helpdesk.desk.agent import agent_of
from helpdesk.events.feed import head
from helpdesk.permissions.registry import can
from helpdesk.tickets.queries import Counts, counts_for
from helpdesk.tickets.rules import team_ids

COUNTS_SECONDS = 5
UNDO_KEY = "undo"


@dataclass(frozen=True, slots=True)
class Undo:
    """An answer that can still be taken back, for the toast on the next page."""

    url: str
    seconds: int
    ticket: str


def cached_counts(user: User) -> Counts:
    """Return the navigation's counts, at most five seconds old."""
    key = f"desk-counts:{user.pk}"
    found: Counts | None = cache.get(key)
    if found is None:
        found = counts_for(user)
        cache.set(key, found, COUNTS_SECONDS)
    return found


def forget_counts(user: User) -> None:
    """Make the next page of ``user`` count anew, because they have just changed something."""
    cache.delete(f"desk-counts:{user.pk}")


def readable_teams(user: User) -> list[Team]:
    """Return the teams whose tickets ``user`` may read, by name, read once per user object."""
    found: list[Team] | None = getattr(user, "_readable_teams", None)
    if found is None:
        ids = team_ids(user, "can_read")
        found = list(Team.objects.filter(pk__in=ids).order_by("name"))
        user._readable_teams = found  # type: ignore[attr-defined] # noqa: SLF001 - a per-request memo
    return found


def shell(request: HttpRequest, current: str = "") -> dict[str, Any]:
    """Return the context of the frame: navigation with counts, authority, live cursor, undo."""
    user = agent_of(request)
    return {
        "authority": user.authority,
        "nav": navigation(user, current),
        "live_seq": head(),
        "undo": request.session.pop(UNDO_KEY, None) if UNDO_KEY in request.session else None,
    }


def navigation(user: User, current: str) -> list[dict[str, Any]]:
    """Return the side navigation: views, teams, tools; only what is built and allowed."""
    counts = cached_counts(user)
    return [*_views(counts, current), *_teams(user, counts, current), *_tools(user, current)]


def _item(slug: str, label: str, icon: str, count: int | None, current: str) -> dict[str, Any]:
    return {
        "section": "",
        "slug": slug,
        "label": label,
        "icon": icon,
        "count": count,
        "url": reverse("desk:list", args=[slug]),
        "current": slug == current,
    }


def _views(counts: Counts, current: str) -> list[dict[str, Any]]:
    due = _item("due", gettext("Due today"), "clock", counts.due_today, current)
    due["hot"] = counts.due_today > 0
    return [
        _item("mine", gettext("My requests"), "person", counts.mine, current),
        _item("unassigned", gettext("Unassigned"), "inbox", counts.unassigned, current),
        due,
        _item("all", gettext("All open"), "list", counts.total, current),
        _item("done", gettext("Resolved"), "check", None, current),
    ]


def _teams(user: User, counts: Counts, current: str) -> list[dict[str, Any]]:
    section = gettext("Teams")
    items = []
    for team in readable_teams(user):
        slug = f"team-{team.slug}"
        item = _item(slug, team.name, "", counts.teams.get(team.pk, 0), current)
        items.append(item | {"section": section})
    return items


# verb → (name of the page, label, icon)
def _tools(user: User, current: str) -> list[dict[str, Any]]:
    tools = (
        ("operate", "desk:quarantine", gettext("Quarantine"), "warning"),
        ("operate", "desk:failed", gettext("Failed sendings"), "send"),
        ("operate", "desk:health", gettext("Health"), "pulse"),
        ("administer", "desk:settings", gettext("Settings"), "gear"),
    )
    section = gettext("Tools")
    return [
        {
            "section": section,
            "label": label,
            "icon": icon,
            "count": None,
            "url": reverse(page),
            "current": page == current,
        }
        for verb, page, label, icon in tools
        if can(user, verb)
    ]
