"""Reads of saved views: which of them somebody finds, and how much waits in each."""

from django.db.models import F, Q, QuerySet, Value

from helpdesk.agents.models import User, UserKind
from helpdesk.lib.statements import ask, slot
from helpdesk.tickets.models import Category
from helpdesk.tickets.rules import team_ids
from helpdesk.worklists.models import Audience, ListSettings, SavedView

# More than anybody reads in a navigation; the rest stands on the page of all views.
MOST_SHOWN = 40
# A town has fewer people in the teams of one, and fewer topics.
MOST_CHOICES = 500
Key = int | Value
_GROUPS = (Audience.OWN, Audience.TEAM, Audience.ALL)


def views_of(user: User) -> QuerySet[SavedView]:
    """Return the views that ``user`` finds: their own, those of their teams, those for all."""
    return _found_by(user.pk, user.authority_id, tuple(team_ids(user, "can_read")))


def _found_by(user: Key, authority: Key, teams: tuple[int, ...]) -> QuerySet[SavedView]:
    shared = Q(audience=Audience.TEAM, team_id__in=teams)
    own = Q(audience=Audience.OWN, owner_id=user)
    return SavedView.objects.filter(
        own | shared | Q(audience=Audience.ALL), authority_id=authority, deleted_at=None
    )


def views_in_order(user: User) -> list[SavedView]:
    """Return them as the navigation does: own ones, then by team, then those for all."""
    teams = tuple(sorted(team_ids(user, "can_read")))
    found: list[SavedView] = ask(_views, teams, user=user.pk, authority=user.authority_id)
    return sorted(found, key=_place)


def _views(teams: tuple[int, ...]) -> QuerySet[SavedView]:
    found = _found_by(slot("user"), slot("authority"), teams)
    return found.select_related("team", "owner").order_by("position", "id")


def _place(view: SavedView) -> tuple[int, str]:
    return _GROUPS.index(Audience(view.audience)), view.team.name if view.team else ""


def settings_of(user: User) -> ListSettings:
    """Return how ``user`` wants lists to look."""
    return next(iter(ask(_settings, user=user.pk)), None) or ListSettings(user=user)


def _settings() -> QuerySet[ListSettings]:
    return ListSettings.objects.filter(user_id=slot("user"))


def colleagues(user: User) -> list[tuple[int, str]]:
    """Return key and name of everybody who may work in a team that ``user`` reads, by name."""
    working = Q(memberships__team_id__in=team_ids(user, "can_read"), memberships__can_read=True)
    found = User.objects.filter(working, is_active=True, kind=UserKind.STAFF).distinct()
    return list(found.order_by("name", "id").values_list("pk", "name")[:MOST_CHOICES])


def topics_of(user: User) -> QuerySet[Category]:
    """Return the topics in use, each with the one above it, in their order."""
    topics = Category.objects.filter(authority_id=user.authority_id, is_active=True)
    in_order = (F("parent__position").asc(nulls_first=True), "parent__name", "position", "name")
    return topics.select_related("parent").order_by(*in_order)[:MOST_CHOICES]
