"""Writing topics: a tree of two levels, in an order of its own."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.models import Authority, Team, User
from helpdesk.forms.models import Form
from helpdesk.tickets.enums import Priority
from helpdesk.tickets.models import Category, PlaceNeed, Purpose, Ticket
from helpdesk.tickets.models.ticket import UNFINISHED

STEP = 10
# What a topic is called that the portal needs and nobody has set up: German, English.
OWN_NAMES = {Purpose.BARRIER: ("Barriere", "Barrier")}


@dataclass(frozen=True, slots=True)
class CategoryDetails:
    """A topic; without ``parent_id`` it stands on the first level."""

    name: str
    parent_id: int | None = None
    team_id: int | None = None
    priority: int = Priority.NORMAL
    is_active: bool = True
    description: str = ""
    keywords: str = ""
    place: str = PlaceNeed.OPTIONAL
    asks_photos: bool = True
    allows_anonymous: bool = True
    in_portal: bool = True
    shows_nearby: bool = False
    name_en: str = ""
    description_en: str = ""


_NEEDED = gettext_lazy(
    "Reports of barriers are filed here, which the law demands. This topic stays; you can rename it"
    " and choose its team."
)
# What is written as it is given; parent and name are checked first.
PLAIN = (
    *("team_id", "priority", "is_active", "description", "keywords"),
    *("place", "asks_photos", "allows_anonymous", "in_portal", "shows_nearby"),
    *("name_en", "description_en"),
)


@transaction.atomic
def create_category(*, authority_id: int, details: CategoryDetails, user: User | None) -> Category:
    """Create a topic as the last of its level; raises ValidationError by field."""
    last = Category.objects.filter(authority_id=authority_id, parent_id=details.parent_id).last()
    position = (last.position if last else 0) + STEP
    return _save(Category(authority_id=authority_id, position=position), details, user)


@transaction.atomic
def change_category(*, category_id: int, details: CategoryDetails, user: User) -> Category:
    """Change a topic; tickets keep it, also when it is switched off."""
    return _save(Category.objects.select_for_update().get(pk=category_id), details, user)


@transaction.atomic
def topic_for(*, authority_id: int, purpose: Purpose) -> Category:
    """Return the topic of what the portal files by itself, made now if there is none.

    A topic of the first level with its name is taken. It is not offered in the form.
    """
    Authority.objects.select_for_update().get(pk=authority_id)
    own = Category.objects.filter(authority_id=authority_id)
    found = own.filter(purpose=purpose).first()
    if found is not None:
        return found
    name, name_en = OWN_NAMES[purpose]
    found = own.filter(parent=None, name=name).first()
    if found is None:
        details = CategoryDetails(name=name, name_en=name_en, in_portal=False)
        found = create_category(authority_id=authority_id, details=details, user=None)
    values = {"purpose": purpose, "is_active": True}
    return save_setting(instance=found, values=values, subject_kind="category", user=None)


@transaction.atomic
def delete_category(*, category_id: int, user: User) -> None:
    """Delete a topic that nothing uses; raises ValidationError with what does."""
    category = Category.objects.select_for_update().get(pk=category_id)
    reasons = uses_of_category(category_id)
    if category.purpose:
        raise ValidationError(_NEEDED)
    if reasons:
        raise ValidationError(
            _("This topic is in use: %(reasons)s. You can switch it off instead.")
            % {"reasons": ", ".join(reasons)}
        )
    record_setting(
        subject=("category", category.pk),
        authority_id=category.authority_id,
        user=user,
        action="deleted",
    )
    try:
        with transaction.atomic():
            category.delete()
    except ProtectedError as used:
        # By rooms above, such as the filters of mail.
        raise ValidationError(
            _("Rules for mail lead to this topic. You can switch it off instead.")
        ) from used


@transaction.atomic
def move_category(*, category_id: int, up: bool, user: User) -> None:
    """Swap a topic with its neighbour on the same level; at the end nothing happens."""
    category = Category.objects.get(pk=category_id)
    level = Category.objects.select_for_update().filter(
        authority_id=category.authority_id, parent_id=category.parent_id
    )
    order = [found.pk for found in level]
    at = order.index(category_id)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    for index, key in enumerate(order, start=1):
        Category.objects.filter(pk=key).update(position=index * STEP)
    record_setting(
        subject=("category", category_id),
        authority_id=category.authority_id,
        user=user,
        action="changed",
        fields=("position",),
    )


@transaction.atomic
def form_of_category(*, category_id: int) -> Form:
    """Return the question set of a topic, made now if it has none yet."""
    category = Category.objects.select_for_update().get(pk=category_id)
    if category.form is None:
        category.form = Form.objects.create(
            authority_id=category.authority_id, key=f"topic-{category.pk}", name=category.name
        )
        category.save(update_fields=["form"])
    return category.form


def uses_of_category(category_id: int) -> list[str]:
    """Say what uses a topic: requests and subtopics."""
    tickets = Ticket.objects.filter(category_id=category_id).count()
    children = Category.objects.filter(parent_id=category_id).count()
    phrases = (
        (tickets, ngettext("%(count)d request", "%(count)d requests", tickets)),
        (children, ngettext("%(count)d subtopic", "%(count)d subtopics", children)),
    )
    return [phrase % {"count": count} for count, phrase in phrases if count]


def open_tickets_of_team(team_id: int) -> str:
    """Say how many unfinished requests a team owns, "" for none."""
    count = Ticket.objects.filter(team_id=team_id, status__in=UNFINISHED).count()
    if not count:
        return ""
    return ngettext("%(count)d open request", "%(count)d open requests", count) % {"count": count}


def topics_of_team(team_id: int) -> str:
    """Say how many active topics lead to a team, "" for none."""
    count = Category.objects.filter(team_id=team_id, is_active=True).count()
    if not count:
        return ""
    return ngettext("%(count)d topic", "%(count)d topics", count) % {"count": count}


def _save(category: Category, details: CategoryDetails, user: User | None) -> Category:
    _check_parent(category, details.parent_id)
    if category.purpose and not details.is_active:
        raise ValidationError({"is_active": _NEEDED})
    siblings = Category.objects.filter(
        authority_id=category.authority_id, parent_id=details.parent_id
    )
    demand_unused(siblings, instance=category, field="name", value=details.name)
    if details.team_id is not None:
        own = Team.objects.filter(pk=details.team_id, authority_id=category.authority_id)
        if not own.exists():
            raise ValidationError({"team": _("This team does not exist.")})
    values = {
        "name": details.name,
        "parent_id": details.parent_id,
        **{name: getattr(details, name) for name in PLAIN},
    }
    return save_setting(instance=category, values=values, subject_kind="category", user=user)


def _check_parent(category: Category, parent_id: int | None) -> None:
    if parent_id is None:
        return
    parents = Category.objects.filter(authority_id=category.authority_id, parent=None)
    if parent_id == category.pk or not parents.filter(pk=parent_id).exists():
        raise ValidationError({"parent": _("Choose a topic of the first level.")})
    if category.pk and Category.objects.filter(parent_id=category.pk).exists():
        raise ValidationError({"parent": _("A topic with subtopics stays on the first level.")})
