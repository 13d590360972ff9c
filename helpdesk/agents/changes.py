"""How a setting is written: lock, compare, save, remember the fact with its author."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Authority, User
from helpdesk.events.publish import SYSTEM, Actor, Fact, publish

SETTINGS_CHANGED = "settings.changed"

M = TypeVar("M", bound=models.Model)


def record_setting(
    *,
    subject: tuple[str, int],
    authority_id: int,
    user: User | None,
    action: str,
    fields: Iterable[str] = (),
) -> None:
    """Publish that ``user`` (None: the system itself) did ``action`` to a setting.

    Only names of fields are kept, never values: some are secret, some personal.
    Must run inside atomic().
    """
    kind, key = subject
    actor = Actor("user", user.pk) if user else SYSTEM
    data = {"action": action, "fields": sorted(fields)}
    publish(
        fact=Fact(SETTINGS_CHANGED, kind, key, authority_id, data=data),
        actor=actor,
    )


def apply_values(instance: models.Model, values: Mapping[str, object]) -> list[str]:
    """Set the attributes and return the names of those that differ from before."""
    differing = [name for name, value in values.items() if getattr(instance, name) != value]
    for name in differing:
        setattr(instance, name, values[name])
    return differing


def save_setting(
    *, instance: M, values: Mapping[str, object], subject_kind: str, user: User | None
) -> M:
    """Write ``values`` to a row and record what changed; when nothing did, write nothing.

    Raises ValidationError for values that the columns refuse. Must run inside
    atomic(), with the row locked by its caller when it exists.
    """
    is_new = instance.pk is None
    fields = apply_values(instance, values)
    if not is_new and not fields:
        return instance
    unchanged = {field.name for field in instance._meta.fields} - set(fields)  # noqa: SLF001 - Django's public name for it
    instance.clean_fields(exclude=unchanged)
    instance.save(update_fields=None if is_new else fields)
    authority_id = (
        instance.pk if isinstance(instance, Authority) else vars(instance)["authority_id"]
    )
    record_setting(
        subject=(subject_kind, instance.pk),
        authority_id=authority_id,
        user=user,
        action="created" if is_new else "changed",
        fields=fields,
    )
    return instance


def demand_unused(rows: models.QuerySet[M], *, instance: M, field: str, value: str) -> None:
    """Refuse a value that another of ``rows`` has, whatever the case of its letters.

    The unique constraint of the table stays the guarantee; this is its readable form.
    """
    # Compared here: SQLite folds the case of ASCII letters only.
    others = rows.exclude(pk=instance.pk).values_list(field, flat=True)
    if value.casefold() in {other.casefold() for other in others}:
        raise ValidationError({field: _("This is already in use.")})
