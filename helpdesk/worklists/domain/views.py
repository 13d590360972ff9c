"""Saving, sharing, ordering, renaming and deleting views."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting, save_setting
from helpdesk.agents.models import User
from helpdesk.permissions.registry import can
from helpdesk.tickets.rules import readable_teams
from helpdesk.worklists.models import NAME_LENGTH, Audience, SavedView
from helpdesk.worklists.queries import views_of

SUBJECT = "saved_view"
MOST_OWN = 50
UNDO_WITHIN = timedelta(seconds=40)
# Deleted views are forgotten when the next one is deleted, a day later at the earliest.
KEPT = timedelta(days=1)


class ViewNotThereError(Exception):
    """The view does not exist, or this user may not do this to it: the two look the same."""


@dataclass(frozen=True, slots=True)
class Audible:
    """Who finds a view: a kind of audience, and the team where it is one."""

    audience: str = Audience.OWN
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a view shows: the list it stands upon, filters by field, order, columns."""

    base: str
    filters: Mapping[str, list[str]] = field(default_factory=dict)
    sort: str = ""
    columns: tuple[str, ...] = ()


@transaction.atomic
def save_view(*, user: User, name: str, audible: Audible, conditions: Conditions) -> SavedView:
    """Save a list under a name; raises ValidationError by field."""
    view = SavedView(authority_id=user.authority_id, owner=user)
    if _group(view, audible).filter(owner=user).count() >= MOST_OWN:
        raise ValidationError({"name": _("You have many views already. Delete one first.")})
    last = _group(view, audible).aggregate(last=Max("position"))["last"]
    values = {
        **_named(name),
        **_audience(user, audible),
        **_kept(conditions),
        "position": (last or 0) + 1,
    }
    return save_setting(instance=view, values=values, subject_kind=SUBJECT, user=user)


@transaction.atomic
def rename_view(*, view_id: int, user: User, name: str, audible: Audible) -> SavedView:
    """Change a view's name and who finds it; raises ValidationError, ViewNotThereError."""
    view = _locked(view_id, user)
    values = {**_named(name), **_audience(user, audible)}
    return save_setting(instance=view, values=values, subject_kind=SUBJECT, user=user)


@transaction.atomic
def change_view(*, view_id: int, user: User, conditions: Conditions) -> SavedView:
    """Let a view show something else from now on; raises ViewNotThereError."""
    view = _locked(view_id, user)
    values = _kept(conditions)
    return save_setting(instance=view, values=values, subject_kind=SUBJECT, user=user)


@transaction.atomic
def move_view(*, view_id: int, user: User, up: bool) -> None:
    """Swap a view with its neighbour in its part of the navigation; at an end nothing happens."""
    view = _locked(view_id, user)
    group = _group(view, Audible(view.audience, view.team_id)).select_for_update()
    order = [found.pk for found in group.order_by("position", "id")]
    at = order.index(view_id)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    for position, key in enumerate(order, start=1):
        SavedView.objects.filter(pk=key).update(position=position)
    _record(view, user, "changed", "position")


@transaction.atomic
def delete_view(*, view_id: int, user: User) -> SavedView:
    """Delete a view; it can be restored for a while. Raises ViewNotThereError."""
    view = _locked(view_id, user)
    view.deleted_at = timezone.now()
    view.save(update_fields=["deleted_at"])
    _record(view, user, "deleted")
    SavedView.objects.filter(deleted_at__lt=timezone.now() - KEPT).delete()
    return view


@transaction.atomic
def restore_view(*, view_id: int, user: User) -> SavedView:
    """Bring a deleted view back, shortly after it was deleted; raises ViewNotThereError."""
    since = timezone.now() - UNDO_WITHIN
    deleted = SavedView.objects.select_for_update(of=("self",)).filter(
        pk=view_id, deleted_at__gte=since
    )
    view = deleted.select_related("team").first()
    if view is None or not can(user, "change_view", view):
        raise ViewNotThereError
    view.deleted_at = None
    view.save(update_fields=["deleted_at"])
    _record(view, user, "restored")
    return view


def _locked(view_id: int, user: User) -> SavedView:
    found = views_of(user).filter(pk=view_id).select_for_update(of=("self",))
    view = found.select_related("team").first()
    if view is None or not can(user, "change_view", view):
        raise ViewNotThereError
    return view


def _group(view: SavedView, audible: Audible) -> QuerySet[SavedView]:
    """Return the views that stand together in the navigation."""
    group = SavedView.objects.filter(
        authority_id=view.authority_id,
        audience=audible.audience,
        deleted_at=None,
    )
    if audible.team_id is not None:
        return group.filter(team_id=audible.team_id)
    return group.filter(owner_id=view.owner_id) if audible.audience == Audience.OWN else group


def _named(name: str) -> dict[str, str]:
    clean = " ".join(name.replace("\0", "").split())
    if not clean:
        raise ValidationError({"name": _("Give the view a name.")})
    if len(clean) > NAME_LENGTH:
        raise ValidationError({"name": _("The name has at most 60 characters.")})
    return {"name": clean}


def _audience(user: User, audible: Audible) -> dict[str, object]:
    if audible.audience not in Audience.values:
        raise ValidationError({"audience": _("Choose who finds the view.")})
    if audible.audience == Audience.OWN:
        return {"audience": Audience.OWN, "team_id": None}
    if audible.audience == Audience.ALL:
        if not can(user, "share_view"):
            raise ValidationError({"audience": _("Only administrators share with everybody.")})
        return {"audience": Audience.ALL, "team_id": None}
    # A team one can't read is as if it were not there.
    team = next((one for one in readable_teams(user) if one.pk == audible.team_id), None)
    if team is None or not can(user, "share_view", team):
        raise ValidationError({"audience": _("Choose a team in which you may change requests.")})
    return {"audience": Audience.TEAM, "team_id": team.pk}


def _kept(conditions: Conditions) -> dict[str, object]:
    return {
        "base": conditions.base,
        "filters": dict(conditions.filters),
        "sort": conditions.sort,
        "columns": list(conditions.columns),
    }


def _record(view: SavedView, user: User, action: str, *fields: str) -> None:
    record_setting(
        subject=(SUBJECT, view.pk),
        authority_id=view.authority_id,
        user=user,
        action=action,
        fields=fields,
    )
