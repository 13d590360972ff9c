"""What staff keep of a citizen beside name and contacts: ties, warnings, and the way back.

The caller has checked the right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from helpdesk.agents.models import User
from helpdesk.citizens.domain.contacts import CHANGED, SUBJECT
from helpdesk.citizens.domain.terms import renew_terms
from helpdesk.citizens.models import Caution, Citizen, ContactKind, ContactPoint, Organisation
from helpdesk.events.publish import Actor, Fact, publish

CAUTION_SET = "citizen.caution_set"
CAUTION_ENDED = "citizen.caution_ended"
ORGANISATION_CHANGED = "organisation.changed"
PLAIN = ("name", "language", "preferred_channel", "organisation_id")
POINT = ("kind", "value", "normalised", "is_claimed", "undeliverable_reason")
MOMENTS = ("verified_at", "undeliverable_at")


class ChangedSinceError(Exception):
    """Somebody has changed the same citizen since: there is nothing to undo."""


@dataclass(frozen=True, slots=True)
class Ties:
    """How somebody wishes to be reached, and the organisation they belong to, by its name."""

    preferred_channel: str = ""
    organisation: str = ""


def set_ties(
    *, citizen: Citizen, ties: Ties, known: QuerySet[Organisation], actor: Actor
) -> Citizen:
    """Write them to the locked row; an organisation that is not among the known ones is made.

    Whoever types a name learns neither that others know it nor its domain (docs/adr/0030).
    """
    name = " ".join(ties.organisation.split())[:160]
    organisation = _organisation(citizen, name, known)
    values = {
        "preferred_channel": ties.preferred_channel,
        "organisation_id": organisation.pk if organisation else None,
    }
    changed = [name for name, value in values.items() if getattr(citizen, name) != value]
    for name in changed:
        setattr(citizen, name, values[name])
    if changed:
        citizen.save(update_fields=[name.removesuffix("_id") for name in changed])
        _record(citizen, CHANGED, actor, [name.removesuffix("_id") for name in changed])
    return citizen


def _organisation(
    citizen: Citizen, name: str, known: QuerySet[Organisation]
) -> Organisation | None:
    if not name:
        return None
    present = citizen.organisation
    if present is not None and present.name.casefold() == name.casefold():
        # There may be others of that name: who changes something else moves nobody there.
        return present
    ours = known.filter(authority_id=citizen.authority_id)
    found = ours.filter(name__iexact=name).order_by("pk").first()
    return found or Organisation.objects.create(authority_id=citizen.authority_id, name=name)


def set_caution(*, citizen: Citizen, reason: str, until: date, by: User, actor: Actor) -> Caution:
    """Warn of somebody until a day; an earlier warning ends. The row is locked."""
    _end_cautions(citizen)
    caution = Caution.objects.create(
        citizen=citizen, reason=reason[:300], until=until, created_by=by
    )
    data = {"until": until.isoformat()}
    publish(
        fact=Fact(CAUTION_SET, SUBJECT, citizen.pk, citizen.authority_id, data=data), actor=actor
    )
    return caution


def end_caution(*, citizen: Citizen, actor: Actor) -> bool:
    """End the present warning; False where there is none. The row is locked."""
    ended = _end_cautions(citizen)
    if ended:
        _record(citizen, CAUTION_ENDED, actor, [])
    return ended


def _end_cautions(citizen: Citizen) -> bool:
    present = citizen.cautions.filter(ended_at=None, until__gte=timezone.localdate())
    return bool(present.update(ended_at=timezone.now()))


@transaction.atomic
def change_organisation(
    *, organisation: Organisation, name: str, domain: str, actor: Actor
) -> Organisation:
    """Change what an organisation is called, and its mail domain."""
    organisation.name, organisation.domain = name[:160], domain.lower().lstrip("@")[:120]
    organisation.save(update_fields=["name", "domain"])
    fact = Fact(
        ORGANISATION_CHANGED, "organisation", organisation.pk, organisation.authority_id, data={}
    )
    publish(fact=fact, actor=actor)
    return organisation


def snapshot(citizen: Citizen) -> dict[str, Any]:
    """Return, fit for JSON, all that staff may change of a citizen."""
    points = citizen.contact_points.order_by("pk")
    return {name: getattr(citizen, name) for name in PLAIN} | {
        "contacts": [point_values(point) for point in points]
    }


def point_values(point: ContactPoint) -> dict[str, Any]:
    """Return, fit for JSON, all that is known of a way to reach somebody."""
    return {name: getattr(point, name) for name in POINT} | {
        name: _written(getattr(point, name)) for name in MOMENTS
    }


def _written(moment: Any) -> str:  # noqa: ANN401 - a moment or none
    return moment.isoformat() if moment else ""


def restore(
    *, citizen: Citizen, before: Mapping[str, Any], after: Mapping[str, Any], actor: Actor
) -> None:
    """Make the locked citizen again what they were before a change that left them as ``after``.

    An address that was proved stays so, unless somebody else wrote from it meanwhile.
    Raises ChangedSinceError.
    """
    if snapshot(citizen) != after:
        raise ChangedSinceError
    changed = [name for name in PLAIN if before[name] != after[name]]
    for name in changed:
        setattr(citizen, name, before[name])
    citizen.save(update_fields=[name.removesuffix("_id") for name in PLAIN])
    if before["contacts"] != after["contacts"]:
        _restore_points(citizen, before["contacts"])
        changed.append("contacts")
    renew_terms(citizen=citizen)
    _record(citizen, CHANGED, actor, changed, undone=True)


def _restore_points(citizen: Citizen, wanted: list[dict[str, Any]]) -> None:
    known = {(one.kind, one.normalised): one for one in citizen.contact_points.all()}
    keys = {(one["kind"], one["normalised"]) for one in wanted}
    ContactPoint.objects.filter(
        pk__in=[p.pk for key, p in known.items() if key not in keys]
    ).delete()
    for one in wanted:
        if (one["kind"], one["normalised"]) in known:
            continue
        values = one | {name: parse_datetime(one[name]) if one[name] else None for name in MOMENTS}
        values["is_claimed"] = values["is_claimed"] or _is_owned(citizen, one)
        ContactPoint.objects.create(citizen=citizen, authority_id=citizen.authority_id, **values)


def _is_owned(citizen: Citizen, point: Mapping[str, Any]) -> bool:
    """Tell whether a mail address belongs to somebody by now."""
    owned = ContactPoint.objects.filter(
        authority_id=citizen.authority_id,
        kind=ContactKind.MAIL,
        normalised=point["normalised"],
        is_claimed=False,
    )
    return point["kind"] == ContactKind.MAIL and owned.exists()


def _record(
    citizen: Citizen, kind: str, actor: Actor, fields: list[str], *, undone: bool = False
) -> None:
    data: dict[str, Any] = {"fields": sorted(name.removesuffix("_id") for name in fields)}
    if undone:
        data["undo"] = True
    publish(fact=Fact(kind, SUBJECT, citizen.pk, citizen.authority_id, data=data), actor=actor)
