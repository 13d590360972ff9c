"""Writing text modules."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.models import Language, Team, User
from helpdesk.textmodules.models import TextModule, TextModuleText, TextModuleUse


@dataclass(frozen=True, slots=True)
class ModuleDetails:
    """A text module; ``bodies`` is language → wording, an empty one means none."""

    title: str
    bodies: Mapping[str, str]
    keywords: str = ""
    team_id: int | None = None
    is_active: bool = True


@transaction.atomic
def create_text_module(
    *, authority_id: int, details: ModuleDetails, user: User | None
) -> TextModule:
    """Create a text module; raises ValidationError by field."""
    return _save(TextModule(authority_id=authority_id), details, user)


@transaction.atomic
def change_text_module(*, module_id: int, details: ModuleDetails, user: User) -> TextModule:
    """Change a text module; raises ValidationError by field."""
    return _save(TextModule.objects.select_for_update().get(pk=module_id), details, user)


@transaction.atomic
def delete_text_module(*, module_id: int, user: User) -> None:
    """Delete a text module; answers already written keep their words."""
    module = TextModule.objects.select_for_update().get(pk=module_id)
    record_setting(
        subject=("text_module", module.pk),
        authority_id=module.authority_id,
        user=user,
        action="deleted",
    )
    module.delete()


@transaction.atomic
def record_use(*, module: TextModule, user: User, topic_id: int | None) -> None:
    """Remember that ``user`` put a module into a text about a topic; no fact, only a habit."""
    TextModuleUse.objects.update_or_create(
        module=module, user=user, topic_id=topic_id or 0, defaults={"used_at": timezone.now()}
    )


def _save(module: TextModule, details: ModuleDetails, user: User | None) -> TextModule:
    _check(module, details)
    values = {
        "title": details.title,
        "keywords": details.keywords,
        "team_id": details.team_id,
        "is_active": details.is_active,
    }
    save_setting(instance=module, values=values, subject_kind="text_module", user=user)
    changed = [
        language for language, body in details.bodies.items() if _write(module, language, body)
    ]
    if changed:
        module.updated_at = timezone.now()
        module.save(update_fields=["updated_at"])
        record_setting(
            subject=("text_module", module.pk),
            authority_id=module.authority_id,
            user=user,
            action="changed",
            fields=[f"body_{language}" for language in changed],
        )
    return module


def _check(module: TextModule, details: ModuleDetails) -> None:
    if not any(body.strip() for body in details.bodies.values()):
        raise ValidationError(
            {f"body_{Language.GERMAN}": _("Write the text in one language at least.")}
        )
    others = TextModule.objects.filter(authority_id=module.authority_id)
    demand_unused(others, instance=module, field="title", value=details.title)
    if details.team_id is None:
        return
    if not Team.objects.filter(pk=details.team_id, authority_id=module.authority_id).exists():
        raise ValidationError({"team": _("This team does not exist.")})


def _write(module: TextModule, language: str, body: str) -> bool:
    texts = TextModuleText.objects.filter(module=module, language=language)
    if not body.strip():
        return texts.delete()[0] > 0
    if texts.filter(body=body).exists():
        return False
    TextModuleText.objects.update_or_create(
        module=module, language=language, defaults={"body": body}
    )
    return True
