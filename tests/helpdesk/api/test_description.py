"""The description is valid OpenAPI 3.1, says what the routes do, and what it says holds."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from drf_spectacular.validation import validate_schema
from pytest_django.fixtures import Settings
from schemathesis import GenerationMode

from helpdesk.agents.scopes import SCOPES
from helpdesk.api import urls
from helpdesk.api.base import Endpoint, NotThere
from helpdesk.api.problems import CODES
from helpdesk.api.views.document import METHODS, description
from tests.attack.payloads import Page
from tests.factories.house import make_house, make_ticket
from tests.helpdesk.api.client import token_for
from tests.helpdesk.api.fuzzing import operations, send_cases

CASES = 6
# In `make faults`.
MANY = 60


def endpoints() -> dict[str, type[Endpoint]]:
    """Return the endpoints by the path that the description would give them."""
    found = {}
    for pattern in urls.urlpatterns:
        view = getattr(pattern.callback, "cls", None)
        if view is not None and view is not NotThere:
            path = "/" + str(pattern.pattern).replace("<row:", "{").replace(">", "}")
            found[path] = view
    return found


def test_the_description_is_openapi_3_1() -> None:
    found = description()

    validate_schema(found)
    assert found["openapi"].startswith("3.1")


def test_the_description_has_every_route_and_method_and_nothing_else() -> None:
    described = {
        (path, method)
        for path, methods in description()["paths"].items()
        for method in methods
        if method in METHODS
    }

    offered = {
        (path, method)
        for path, view in endpoints().items()
        for method in METHODS
        if hasattr(view, method)
    }

    assert described == offered


def test_every_operation_names_the_scope_that_it_demands() -> None:
    named = {
        (path, method): one.get("x-required-scope")
        for path, methods in description()["paths"].items()
        for method, one in methods.items()
    }

    demanded = {
        (path, method): endpoints()[path].scopes.get(method.upper()) for path, method in named
    }

    assert named == demanded
    assert {scope for scope in demanded.values() if scope} == set(SCOPES)


def test_every_operation_tells_of_its_errors_and_headers() -> None:
    for path, methods in description()["paths"].items():
        for method, one in methods.items():
            answers = one["responses"]
            assert {"400", "401", "403", "404", "405", "429", "500"} <= set(answers), path
            assert "Retry-After" in answers["429"]["headers"], path
            if method in {"post", "patch"}:
                assert {"409", "413", "415", "422"} <= set(answers), path
                names = {parameter["name"] for parameter in one["parameters"]}
                assert "Idempotency-Key" in names, path
            if method == "patch":
                assert {"412", "428"} <= set(answers), path


def test_bodies_and_codes_are_closed_lists() -> None:
    schemas = description()["components"]["schemas"]

    bodies = [name for name in schemas if name.endswith("Body")]
    codes = schemas["CodeEnum"]["enum"]

    assert [name for name in bodies if schemas[name].get("additionalProperties") is not False] == []
    assert set(codes) == set(CODES)


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["openapi_json", "openapi_yaml", "browse"])
def test_the_description_is_open_to_everybody_and_asks_nothing_of_third_parties(page: str) -> None:
    response = Client().get(reverse(f"api:{page}"))

    text = response.content.decode()
    assert response.status_code == 200
    assert "create_ticket" in text or "Open a ticket" in text
    assert Page(text, response.headers.get("Content-Security-Policy", "")).found == []
    assert "https://" not in text


@pytest.fixture
def _kept_connection() -> Iterator[None]:
    """Let requests by WSGI stay within the test's transaction, as those of Django's client do."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("_kept_connection")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("cases", [CASES, pytest.param(MANY, marks=pytest.mark.faults)])
def test_cases_made_from_the_description_meet_no_failure_and_no_surprise(
    settings: Settings, cases: int
) -> None:
    settings.API_RATES = {"read": 10**6, "write": 10**6}
    house = make_house()
    ticket = make_ticket(house)
    ids: dict[str, Any] = {"ticket_id": ticket.pk, "citizen_id": ticket.citizen_id}
    token = token_for(house.anna)

    sent = [
        send_cases(operation, mode, token=token, count=cases, ids=ids)
        for operation in operations()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        if mode is GenerationMode.POSITIVE or operation.body or operation.query
    ]

    assert sum(sent) > 100
