"""What the pages of a citizen and of an organisation show, as far as their reader may know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language_info, gettext, gettext_lazy

from helpdesk.agents.models import Membership, User
from helpdesk.citizens.domain.contacts import CHANGED, ENTERED, SUBJECT
from helpdesk.citizens.domain.register import CAUTION_ENDED, CAUTION_SET
from helpdesk.citizens.domain.unite import COMBINED, PARTED
from helpdesk.citizens.models import Caution, Citizen, ContactKind, ContactPoint, Organisation
from helpdesk.events.models import Event
from helpdesk.privacy.domain.handing_out import HANDED_OUT
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import (
    citizens_visible_to,
    known_citizens,
    unfinished,
    visible_to,
    with_list_facts,
)
from helpdesk.tickets.rules import team_ids

ALIKE = 5
HISTORY = 30
PEOPLE = 100
# What citizens of a German town write in most often; whatever else was recognised is offered too.
LANGUAGES = (
    *("de", "en", "tr", "uk", "ru", "ar", "fa", "pl", "ro", "bg", "hr", "sr", "sq", "el"),
    *("it", "es", "pt", "fr", "nl", "vi"),
)
FIELDS = {
    "name": gettext_lazy("name"),
    "language": gettext_lazy("language"),
    "contacts": gettext_lazy("ways to reach them"),
    "preferred_channel": gettext_lazy("preferred way"),
    "organisation": gettext_lazy("organisation"),
}
HAPPENED = {
    ENTERED: gettext_lazy("entered"),
    CHANGED: gettext_lazy("changed"),
    HANDED_OUT: gettext_lazy("handed out what is kept"),
    CAUTION_SET: gettext_lazy("warned"),
    CAUTION_ENDED: gettext_lazy("ended the warning"),
    COMBINED: gettext_lazy("combined with another entry of the same person"),
    PARTED: gettext_lazy("made two entries of it again"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what staff did to a citizen's entry; never what it said before."""

    moment: datetime
    who: str
    what: str
    fields: str


def find_known(user: User, citizen_id: int) -> Citizen | None:
    """Return a citizen ``user`` may know of with their organisation, else None."""
    found = known_citizens(user).select_related("organisation").filter(pk=citizen_id)
    return found.prefetch_related("contact_points").first()


def may_change(user: User, citizen: Citizen) -> bool:
    """Tell whether ``user`` may change what is kept of this citizen."""
    return citizens_visible_to(user, "can_change").filter(pk=citizen.pk).exists()


def tickets_of(user: User, citizen_ids: Iterable[int]) -> QuerySet[Ticket]:
    """Return their visible requests, the most active first."""
    found = visible_to(user).filter(citizen_id__in=list(citizen_ids))
    return with_list_facts(found, user).order_by("-active_at", "-id")


def count_open(user: User, citizen: Citizen) -> int:
    """Return how many of their visible requests somebody has to work on."""
    return unfinished(visible_to(user)).filter(citizen=citizen).count()


def articles_of(user: User, citizen: Citizen) -> QuerySet[Article]:
    """Return what was written in their visible requests, the newest first."""
    shown = visible_to(user).filter(citizen=citizen)
    return (
        Article.objects.filter(ticket__in=shown, is_withdrawn=False)
        .select_related("ticket", "author_user")
        .defer("html", "full_text")
        .order_by("-received_at", "-id")
    )


def caution_of(citizen: Citizen) -> Caution | None:
    """Return the warning that holds today."""
    present = citizen.cautions.filter(ended_at=None, until__gte=timezone.localdate())
    return present.select_related("created_by").order_by("-pk").first()


def alike(user: User, citizen: Citizen) -> list[Citizen]:
    """Return known citizens who share a name, an address or a number: perhaps the same person."""
    points = [point for point in citizen.contact_points.all() if point.normalised]
    same = Q(pk__in=())
    for kind in (ContactKind.MAIL, ContactKind.PHONE):
        values = [point.normalised for point in points if point.kind == kind]
        if values:
            holders = ContactPoint.objects.filter(
                authority_id=citizen.authority_id, kind=kind, normalised__in=values
            )
            same |= Q(pk__in=holders.values("citizen_id"))
    if citizen.name:
        same |= Q(name=citizen.name)
    found = known_citizens(user).filter(same).exclude(pk=citizen.pk)
    return list(found.prefetch_related("contact_points").order_by("pk")[:ALIKE])


def history_of(citizen: Citizen, user: User) -> list[Happening]:
    """Return what staff did to the entry, the last first; names of fields and no values.

    Whom of other teams it was says which team knows the person, and is told to nobody.
    """
    events = Event.objects.filter(
        subject_kind=SUBJECT, subject_id=citizen.pk, kind__in=HAPPENED
    ).order_by("-id")[:HISTORY]
    who = {event.actor_id or 0 for event in events if event.actor_kind == "user"}
    near = Membership.objects.filter(team__in=team_ids(user, "can_read"))
    shown = User.objects.filter(Q(pk__in=near.values("user_id")) | Q(pk=user.pk), pk__in=who)
    names = dict(shown.values_list("pk", "name"))
    return [_happening(event, names) for event in events]


def _happening(event: Event, names: dict[int, str]) -> Happening:
    fields = [str(FIELDS[name]) for name in event.data.get("fields", ()) if name in FIELDS]
    verb = gettext("undid a change of") if event.data.get("undo") else str(HAPPENED[event.kind])
    return Happening(
        event.created_at,
        _who(event, names),
        verb,
        ", ".join(fields) if event.kind == CHANGED else "",
    )


def _who(event: Event, names: dict[int, str]) -> str:
    if event.actor_kind != "user":
        return gettext("the system")
    return names.get(event.actor_id or 0) or gettext("somebody of the administration")


def language_name(code: str) -> str:
    """Return a language in the reader's words, or its code."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def find_organisation(user: User, organisation_id: int) -> Organisation | None:
    """Return an organisation with somebody in it whom ``user`` may know of, else None."""
    people = known_citizens(user).filter(organisation_id=organisation_id)
    found = Organisation.objects.filter(pk=organisation_id, authority_id=user.authority_id)
    return found.first() if people.exists() else None


def people_of(user: User, organisation: Organisation) -> list[Citizen]:
    """Return whom of it ``user`` may know of, each with how many requests they see as ``asked``."""
    mine = Q(tickets__in=visible_to(user))
    people = known_citizens(user).filter(organisation=organisation)
    counted = people.annotate(asked=Count("tickets", filter=mine))
    return list(counted.prefetch_related("contact_points").order_by("name", "pk")[:PEOPLE])


def known_organisations(user: User) -> list[str]:
    """Return the names that may be offered: of organisations whose people ``user`` knows."""
    ids = known_citizens(user).exclude(organisation=None).values("organisation_id")
    return list(
        Organisation.objects.filter(pk__in=ids)
        .order_by("name")
        .values_list("name", flat=True)[:PEOPLE]
    )
