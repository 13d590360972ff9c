"""Two entries of the register become one, and two again; what hangs on requests is not known here.

The caller has checked the right, locked both rows, and moved the requests.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from helpdesk.citizens.domain.contacts import SUBJECT
from helpdesk.citizens.domain.register import MOMENTS, ChangedSinceError, point_values
from helpdesk.citizens.domain.terms import renew_terms
from helpdesk.citizens.models import Caution, Citizen, Consent, ContactKind, ContactPoint
from helpdesk.events.publish import Actor, Fact, publish

COMBINED = "citizen.combined"
PARTED = "citizen.parted"
# What the entry that stays takes over where it has nothing itself.
FILLED = ("name", "language", "preferred_channel", "organisation_id", "user_id")
OWN = (*FILLED, "note", "created_by_id", "same_as_id")


@dataclass(frozen=True, slots=True)
class Two:
    """Two entries of one person: the one that stays, and the one that goes into it."""

    stays: Citizen
    goes: Citizen


def unite(*, two: Two, is_known_elsewhere: bool, actor: Actor) -> dict[str, Any]:
    """Put what is kept of two entries into one; return, fit for JSON, what brings them back.

    The one that goes is deleted. Where others know it, it stays for them under its name,
    with its addresses as claims: they are owned by the one that stays from now on. Warnings
    and consents are then told of both.
    """
    kept: dict[str, Any] = {
        "goes": two.goes.pk,
        "was": {name: getattr(two.goes, name) for name in OWN},
        "created_at": two.goes.created_at.isoformat(),
        "stays": {name: getattr(two.stays, name) for name in OWN},
        "is_deleted": not is_known_elsewhere,
        **_move_points(two, leaves_claims=is_known_elsewhere),
    }
    if two.stays.same_as_id == two.goes.pk:
        two.stays.same_as_id = None
    if is_known_elsewhere:
        # Whoever signs in is the one that stays, as who proved the addresses is.
        Citizen.objects.filter(pk=two.goes.pk).update(same_as=two.stays, user=None)
        renew_terms(citizen=two.goes)
        kept["copied"] = _copy_rest(two)
        _fill(two, kept["was"])
    else:
        kept |= _move_rest(two)
        two.goes.delete()
        _fill(two, kept["was"])
    kept["after"] = {name: getattr(two.stays, name) for name in OWN}
    renew_terms(citizen=two.stays)
    _record(two.stays, COMBINED, actor, {"from": kept["goes"]})
    return kept


def part(*, stays: Citizen, kept: Mapping[str, Any], actor: Actor) -> Citizen:
    """Make two entries of one again; return the other. Raises ChangedSinceError."""
    if {name: getattr(stays, name) for name in OWN} != kept["after"]:
        raise ChangedSinceError
    for name in OWN:
        setattr(stays, name, kept["stays"][name])
    stays.save()
    goes = _bring_back(stays, kept) if kept["is_deleted"] else _let_go(stays, kept)
    _part_points(stays, goes, kept)
    for citizen in (stays, goes):
        renew_terms(citizen=citizen)
    _record(stays, PARTED, actor, {"from": goes.pk})
    return goes


def _move_points(two: Two, *, leaves_claims: bool) -> dict[str, Any]:
    """Move ways to reach somebody; of two that are alike the proved one stays."""
    here = {(point.kind, point.normalised): point for point in two.stays.contact_points.all()}
    theirs = list(two.goes.contact_points.order_by("pk"))
    moved, dropped = [], []
    for point in theirs:
        same = here.get((point.kind, point.normalised))
        loser = point if same and not (same.is_claimed and not point.is_claimed) else same
        if loser is not None:
            dropped.append(point_values(loser) | {"citizen": loser.citizen_id})
            loser.delete()
        if loser is not point:
            moved.append(point.pk)
    ContactPoint.objects.filter(pk__in=moved).update(citizen=two.stays)
    copies = _claims(two.goes, theirs) if leaves_claims else []
    return {"moved": moved, "dropped": dropped, "copies": copies}


def _claims(goes: Citizen, points: Iterable[ContactPoint]) -> list[int]:
    copied = []
    for point in points:
        values = {name: getattr(point, name) for name in ("kind", "value", "normalised")}
        copy = ContactPoint.objects.create(
            citizen=goes,
            authority_id=goes.authority_id,
            is_claimed=point.kind == ContactKind.MAIL,
            **values,
        )
        copied.append(copy.pk)
    return copied


def _copy_rest(two: Two) -> dict[str, list[int]]:
    """Tell whoever meets the one that stays of warnings and consents, too; return their rows."""
    copied: dict[str, list[int]] = {}
    for name, rows in (
        ("cautions", Caution.objects.filter(citizen=two.goes)),
        ("consents", Consent.objects.filter(citizen=two.goes)),
    ):
        copied[name] = []
        for row in rows.order_by("pk"):
            row.pk, row.citizen = None, two.stays
            row.save(force_insert=True)
            copied[name].append(row.pk)
    return copied


def _move_rest(two: Two) -> dict[str, Any]:
    """Move warnings, consents, and those who proved to be the one that goes."""
    kept: dict[str, Any] = {}
    for name, rows in (
        ("cautions", Caution.objects.filter(citizen=two.goes)),
        ("consents", Consent.objects.filter(citizen=two.goes)),
    ):
        kept[name] = list(rows.values_list("pk", flat=True))
        rows.update(citizen=two.stays)
    named = Citizen.objects.filter(same_as=two.goes)
    kept["named"] = list(named.values_list("pk", flat=True))
    named.exclude(pk=two.stays.pk).update(same_as=two.stays)
    return kept


def _fill(two: Two, was: Mapping[str, Any]) -> None:
    for name in FILLED:
        setattr(two.stays, name, getattr(two.stays, name) or was[name])
    notes = filter(None, (two.stays.note, was["note"]))
    two.stays.note = "\n\n".join(dict.fromkeys(notes))
    two.stays.save()


def _bring_back(stays: Citizen, kept: Mapping[str, Any]) -> Citizen:
    """Write the entry that went anew under its own number, and take its part out of the other."""
    if Citizen.objects.filter(pk=kept["goes"]).exists():
        raise ChangedSinceError
    goes = Citizen(
        pk=kept["goes"],
        authority_id=stays.authority_id,
        created_at=datetime.fromisoformat(kept["created_at"]),
        **kept["was"],
    )
    goes.save(force_insert=True)
    Caution.objects.filter(pk__in=kept["cautions"], citizen=stays).update(citizen=goes)
    Consent.objects.filter(pk__in=kept["consents"], citizen=stays).update(citizen=goes)
    Citizen.objects.filter(pk__in=kept["named"], same_as=stays).update(same_as=goes)
    return goes


def _let_go(stays: Citizen, kept: Mapping[str, Any]) -> Citizen:
    """Part the entry that stayed for others, and take what was copied of it away."""
    rows = Citizen.objects.select_for_update(no_key=True)
    goes = rows.filter(pk=kept["goes"], same_as=stays).first()
    if goes is None:
        raise ChangedSinceError
    goes.same_as_id, goes.user_id = kept["was"]["same_as_id"], kept["was"]["user_id"]
    goes.save(update_fields=["same_as", "user"])
    Caution.objects.filter(pk__in=kept["copied"]["cautions"], citizen=stays).delete()
    Consent.objects.filter(pk__in=kept["copied"]["consents"], citizen=stays).delete()
    return goes


def _part_points(stays: Citizen, goes: Citizen, kept: Mapping[str, Any]) -> None:
    ContactPoint.objects.filter(pk__in=kept["copies"], citizen=goes).delete()
    ContactPoint.objects.filter(pk__in=kept["moved"], citizen=stays).update(citizen=goes)
    for point in kept["dropped"]:
        holder = stays if point["citizen"] == stays.pk else goes
        values = {name: value for name, value in point.items() if name != "citizen"}
        values |= {name: parse_datetime(values[name] or "") for name in MOMENTS}
        ContactPoint.objects.create(citizen=holder, authority_id=stays.authority_id, **values)


def _record(citizen: Citizen, kind: str, actor: Actor, data: Mapping[str, Any]) -> None:
    publish(fact=Fact(kind, SUBJECT, citizen.pk, citizen.authority_id, data=data), actor=actor)
