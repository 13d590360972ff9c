"""Writing sections: a tree of three levels, in an order of its own."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.models import User
from helpdesk.lib.slugs import slug_of
from knowledgebase.models import Answer, Section

STEP = 10
LEVELS = 3
SUBJECT = "section"


@dataclass(frozen=True, slots=True)
class SectionDetails:
    """A section; without ``parent_id`` it stands on the first level."""

    name: str
    name_en: str = ""
    summary: str = ""
    parent_id: int | None = None
    needs_review: bool = False


@transaction.atomic
def create_section(*, authority_id: int, details: SectionDetails, user: User | None) -> Section:
    """Create a section as the last of its level; raises ValidationError by field.

    Its address is made of the name and stays when that changes.
    """
    level = Section.objects.filter(authority_id=authority_id, parent_id=details.parent_id)
    last = level.last()
    section = Section(
        authority_id=authority_id,
        position=(last.position if last else 0) + STEP,
        slug=_free_slug(authority_id, details.name),
    )
    return _save(section, details, user)


@transaction.atomic
def change_section(*, section_id: int, details: SectionDetails, user: User) -> Section:
    """Change a section; raises ValidationError by field."""
    return _save(Section.objects.select_for_update().get(pk=section_id), details, user)


@transaction.atomic
def delete_section(*, section_id: int, user: User) -> None:
    """Delete an empty section; raises ValidationError while something is in it."""
    section = Section.objects.select_for_update().get(pk=section_id)
    answers = Answer.objects.filter(Q(section=section) | Q(wanted_section=section))
    if answers.exists() or section.children.exists():
        raise ValidationError(_("This section is not empty. Move what is in it first."))
    record_setting(
        subject=(SUBJECT, section.pk),
        authority_id=section.authority_id,
        user=user,
        action="deleted",
    )
    section.delete()


@transaction.atomic
def move_section(*, section_id: int, up: bool, user: User) -> None:
    """Swap a section with its neighbour on the same level; at the end nothing happens."""
    section = Section.objects.get(pk=section_id)
    level = Section.objects.select_for_update().filter(
        authority_id=section.authority_id, parent_id=section.parent_id
    )
    order = [found.pk for found in level]
    at = order.index(section_id)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    for index, key in enumerate(order, start=1):
        Section.objects.filter(pk=key).update(position=index * STEP)
    record_setting(
        subject=(SUBJECT, section_id),
        authority_id=section.authority_id,
        user=user,
        action="changed",
        fields=("position",),
    )


def _save(section: Section, details: SectionDetails, user: User | None) -> Section:
    _check_place(section, details.parent_id)
    siblings = Section.objects.filter(
        authority_id=section.authority_id, parent_id=details.parent_id
    )
    demand_unused(siblings, instance=section, field="name", value=details.name)
    values = {
        "name": details.name,
        "name_en": details.name_en,
        "summary": details.summary,
        "parent_id": details.parent_id,
        "needs_review": details.needs_review,
    }
    return save_setting(instance=section, values=values, subject_kind=SUBJECT, user=user)


def _check_place(section: Section, parent_id: int | None) -> None:
    """Refuse a foreign parent, a circle and a fourth level."""
    if parent_id is None:
        return
    parents = {
        row.pk: row.parent_id for row in Section.objects.filter(authority_id=section.authority_id)
    }
    if parent_id not in parents:
        raise ValidationError({"parent": _("Choose one of your sections.")})
    above = _ancestors(parents, parent_id)
    if section.pk in above:
        raise ValidationError({"parent": _("A section can't lie within itself.")})
    if len(above) + _height(parents, section.pk) > LEVELS:
        raise ValidationError({"parent": _("Sections have three levels at most.")})


def _ancestors(parents: dict[int, int | None], key: int) -> list[int]:
    found = [key]
    while (key_above := parents[found[-1]]) is not None:
        found.append(key_above)
    return found


def _height(parents: dict[int, int | None], key: int | None) -> int:
    below = [child for child, parent in parents.items() if key is not None and parent == key]
    return 1 + max((_height(parents, child) for child in below), default=0)


def _free_slug(authority_id: int, name: str) -> str:
    stem = slug_of(name, limit=50) or SUBJECT
    taken = set(Section.objects.filter(authority_id=authority_id).values_list("slug", flat=True))
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug
