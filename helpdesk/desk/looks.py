"""How a reader wants their lists to look, kept for a moment like the navigation's counts."""

from typing import Any

from django.core.cache import cache

from helpdesk.agents.models import User
from helpdesk.desk.columns import COLUMNS, USUAL, chosen_columns
from helpdesk.desk.listing import ListView
from helpdesk.worklists.models import Density
from helpdesk.worklists.queries import settings_of

KEPT_SECONDS = 60


def _key(user: User) -> str:
    return f"desk-looks:{user.pk}"


def looks_of(user: User) -> dict[str, Any]:
    """Return density and the columns chosen for lists; what others show is not touched by it."""
    kept: dict[str, Any] | None = cache.get(_key(user))
    if kept is None:
        settings = settings_of(user)
        kept = {"density": settings.density, "columns": settings.columns}
        cache.set(_key(user), kept, KEPT_SECONDS)
    return kept


def forget_looks(user: User) -> None:
    """Read them anew, because ``user`` has just changed them."""
    cache.delete(_key(user))


def wanted_columns(user: User, view: ListView) -> tuple[str, ...]:
    """Return the columns that ``user`` chose for a list, () for those it begins with."""
    chosen = looks_of(user)["columns"].get(view.slug)
    return tuple(chosen or view.columns)


def columns_of(user: User, view: ListView) -> tuple[str, ...]:
    """Return the columns of a list for ``user``."""
    return chosen_columns(wanted_columns(user, view) or USUAL)


def looks_context(user: User, view: ListView) -> dict[str, Any]:
    """Return what the menus of density and columns show."""
    columns = columns_of(user, view)
    return {
        "columns": columns,
        "has_own_columns": bool(wanted_columns(user, view)),
        "all_columns": [
            (name, column.label, name in columns)
            for name, column in COLUMNS.items()
            if name != "title"
        ],
        "density": looks_of(user)["density"],
        "densities": Density.choices,
    }
