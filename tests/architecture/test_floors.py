"""Relations between tables obey the floors too; import-linter can't see them."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model

from tests.architecture.contracts import floors, room_of


def _relations(model: type[Model]) -> Iterator[tuple[str, type[Model]]]:
    """Yield the fields of ``model`` itself that point to another table, and their targets."""
    for field in model._meta.get_fields(include_hidden=True):
        target: Any = field.related_model
        if target is not None and not field.auto_created and isinstance(target, type):
            yield f"{model._meta.label}.{field.name}", target


def _breaches() -> Iterator[str]:
    height = floors()
    for model in apps.get_models(include_auto_created=True):
        room = room_of(model.__module__)
        for name, target in _relations(model) if room else ():
            other = room_of(target.__module__)
            acting_user = target._meta.label == settings.AUTH_USER_MODEL
            if room is None or other is None or other == room or acting_user:
                continue
            if height[other] <= height[room]:
                yield f"{name} -> {target._meta.label}"


def test_relations_point_down_to_lower_floors() -> None:
    assert list(_breaches()) == []


def test_every_table_of_ours_stands_in_a_room() -> None:
    homeless = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.split(".")[0] in {"helpdesk", "channels_in", "knowledgebase"}
        and room_of(model.__module__) is None
    ]

    assert homeless == []
