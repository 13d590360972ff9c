"""Citizens: those of visible tickets, and whom the token's user has entered."""

from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.agents.models import User
from helpdesk.api import params
from helpdesk.api.base import Endpoint, user_of
from helpdesk.api.etags import demand_match, etag
from helpdesk.api.idempotency import run_once
from helpdesk.api.paging import BY_ID, page_response, paginate
from helpdesk.api.parsers import json_of
from helpdesk.api.problems import Problem
from helpdesk.api.refusals import refusals
from helpdesk.api.schema import operation
from helpdesk.api.serializers.base import read_body
from helpdesk.api.serializers.bodies import CitizenChangeBody, NewCitizenBody
from helpdesk.api.serializers.shapes import CitizenShape
from helpdesk.citizens.domain.contacts import Contact, PersonDetails
from helpdesk.citizens.models import Citizen, ContactKind
from helpdesk.events.publish import canonical
from helpdesk.lib.addresses import normalise
from helpdesk.lib.phones import normalise_phone
from helpdesk.tickets.domain.people import change_person, enter_person, lock_person
from helpdesk.tickets.queries import citizens_visible_to

LIST = (
    *params.PAGING,
    params.text("email", "A mail address, whatever the case of its letters.", longest=254),
    params.text("phone", "A telephone number, however it is written.", longest=40),
)


class Citizens(Endpoint):
    """All citizens the token may read."""

    scopes = {"GET": "citizens:read", "POST": "citizens:write"}

    @operation(
        "list_citizens",
        "List citizens",
        response=CitizenShape(many=True),
        params=LIST,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        """Return one page of citizens."""
        given = params.read_params(request, LIST)
        found = _readable(user_of(request))
        if "email" in given:
            found = _reached_by(found, ContactKind.MAIL, normalise(given["email"]))
        if "phone" in given:
            found = _reached_by(found, ContactKind.PHONE, normalise_phone(given["phone"]))
        page = paginate(request, found, given, BY_ID)
        return page_response(page, list(CitizenShape(page.rows, many=True).data))

    @operation(
        "create_citizen",
        "Enter a citizen",
        body=NewCitizenBody,
        response=CitizenShape,
        status=201,
        returns_etag=True,
    )
    def post(self, request: Request) -> HttpResponse:
        """Enter somebody who has not asked anything yet."""
        params.read_params(request, ())
        sent = json_of(request)
        body = read_body(NewCitizenBody, sent)
        user = user_of(request)

        def act() -> Response:
            with refusals():
                citizen = enter_person(user=user, details=_details(body, None))
            return _one_citizen(citizen.pk, status=201)

        return run_once(request, act, fingerprint=canonical(sent))


class OneCitizen(Endpoint):
    """One citizen."""

    scopes = {"GET": "citizens:read", "PATCH": "citizens:write"}

    @operation("get_citizen", "Read a citizen", response=CitizenShape, returns_etag=True)
    def get(self, request: Request, citizen_id: int) -> Response:
        """Return the citizen with an ETag."""
        params.read_params(request, ())
        _find(user_of(request), citizen_id)
        return _one_citizen(citizen_id)

    @operation(
        "change_citizen",
        "Change a citizen",
        body=CitizenChangeBody,
        response=CitizenShape,
        needs_match=True,
        returns_etag=True,
    )
    def patch(self, request: Request, citizen_id: int) -> HttpResponse:
        """Change what is named; `contacts` replaces the whole list."""
        params.read_params(request, ())
        user = user_of(request)
        _find(user, citizen_id)
        sent = json_of(request)
        body = read_body(CitizenChangeBody, sent)

        def act() -> Response:
            with refusals():
                citizen = lock_person(citizen_id=citizen_id, user=user)
                demand_match(request, version_of(citizen))
                change_person(citizen_id=citizen_id, user=user, details=_details(body, citizen))
            return _one_citizen(citizen_id)

        return run_once(request, act, fingerprint=canonical(sent))


def version_of(citizen: Citizen) -> str:
    """Return what changes with anything that is shown of a citizen."""
    shown = JSONRenderer().render(CitizenShape(citizen).data)
    return sha256(shown).hexdigest()[:32]


def _readable(user: User) -> QuerySet[Citizen]:
    return citizens_visible_to(user).prefetch_related("contact_points")


def _reached_by(citizens: QuerySet[Citizen], kind: str, value: str) -> QuerySet[Citizen]:
    return citizens.filter(contact_points__kind=kind, contact_points__normalised=value).distinct()


def _find(user: User, citizen_id: int) -> None:
    if not citizens_visible_to(user).filter(pk=citizen_id).exists():
        raise Problem("not_found")


def _one_citizen(citizen_id: int, *, status: int = 200) -> Response:
    citizen = Citizen.objects.get(pk=citizen_id)
    headers = {"ETag": etag(version_of(citizen))}
    if status == 201:
        headers["Location"] = f"/api/v1/citizens/{citizen_id}"
    return Response(CitizenShape(citizen).data, status=status, headers=headers)


def _details(body: dict[str, Any], known: Citizen | None) -> PersonDetails:
    """Return what is wanted: what the body names, else what is known."""
    contacts = (
        [Contact(point["kind"], point["value"].strip()) for point in body["contacts"]]
        if "contacts" in body
        else [Contact(point.kind, point.value) for point in _points(known)]
    )
    return PersonDetails(
        name=" ".join(body.get("name", known.name if known else "").split()),
        language=body.get("language", known.language if known else ""),
        contacts=tuple(contacts),
    )


def _points(citizen: Citizen | None) -> list[Any]:
    return list(citizen.contact_points.all()) if citizen else []
