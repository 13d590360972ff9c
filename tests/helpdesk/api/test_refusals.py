"""Whatever is wrong with a request, the answer is a problem that says what, and never a 500."""

import json

import pytest
from pytest_django.fixtures import Settings

from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.api.client import Program, Response, program_of, token_for

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Program:
    return program_of(house.anna)


def problem(response: Response) -> tuple[int, str]:
    assert response["Content-Type"] == PROBLEM
    assert response["Cache-Control"] == "no-store"
    shown = response.json()
    assert shown["status"] == response.status_code
    assert shown["type"] == f"urn:anliegen:problem:{shown['code']}"
    return response.status_code, shown["code"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"title": NaN}',
        b'{"title": Infinity}',
        b'{"team": 1e999999}',
        b'{"team": ' + b"9" * 5000 + b"}",
        b'{"title": "a", "title": "b"}',
        b'{"title": "a\\u0000b"}',
        b'{"title": "\\ud800"}',
        b"[" * 100_000,
        b'{"answers": ' + b'{"a": ' * 50 + b"1" + b"}" * 51,
    ],
)
def test_bodies_that_are_no_acceptable_json_say_so(anna: Program, raw: bytes) -> None:
    response = anna.ask("POST", "/tickets", raw=raw)

    assert problem(response) == (400, "malformed_json")


@pytest.mark.parametrize(
    "body", [None, [], "text", 5, {"team": "1"}, {"team": True}, {"team": 1.0}]
)
def test_values_of_a_wrong_type_name_their_field(anna: Program, body: object) -> None:
    response = anna.ask("POST", "/tickets", raw=json.dumps(body).encode())

    assert problem(response) == (422, "invalid")
    assert response.json()["errors"]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "text/plain; a=json"])
def test_other_types_of_content_are_refused(anna: Program, content_type: str) -> None:
    response = anna.ask("POST", "/tickets", raw=b"{}", content_type=content_type)

    assert problem(response) == (415, "unsupported_media_type")


def test_a_body_beyond_the_limit_is_refused(anna: Program) -> None:
    response = anna.ask("POST", "/tickets", {"title": "x" * 3_000_000})

    assert problem(response) == (413, "too_large")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_methods_that_are_not_offered_say_which_are(anna: Program, method: str) -> None:
    response = anna.ask(method, "/tickets")

    assert problem(response) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/nothing", "/tickets/", "/tickets/x", "/tickets/" + "9" * 30])
def test_addresses_that_do_not_exist_answer_like_foreign_ones(
    house: House, anna: Program, path: str
) -> None:
    foreign = make_ticket(house, team_id=house.waste.pk)

    missing, hidden = anna.get(path), anna.get(f"/tickets/{foreign.pk}")

    assert problem(missing) == problem(hidden) == (404, "not_found")
    assert missing.content == hidden.content


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=1e9", "limit=x", "owner=x", "status=open,nonsense", "state=",
     "fields=*", "fields=owner__password", "expand=owner", "order=owner__password", "team__id=1",
     "number=%00", "limit=1&limit=2", "access_token=abc", "cursor=x", "cursor=e30.x",
     "team=99999999999999999999", "order=due_at"],
)  # fmt: skip
def test_parameters_off_the_list_are_refused(anna: Program, query: str) -> None:
    response = anna.get(f"/tickets?{query}")

    assert problem(response)[0] == 400


def test_an_unknown_parameter_is_answered_with_those_that_are_known(anna: Program) -> None:
    response = anna.get("/teams?ordering=name")

    assert response.json()["allowed"] == ["cursor", "limit"]


def test_a_cursor_of_another_query_is_refused(house: House, anna: Program) -> None:
    make_ticket(house)
    make_ticket(house, message_id="<2@example.org>")
    following = anna.get("/tickets?limit=1").json()["next"]

    response = anna.get(following.partition("/api/v1")[2] + "&state=finished")

    assert problem(response) == (400, "invalid_cursor")


def test_who_has_no_token_is_asked_for_one() -> None:
    response = Program("").get("/tickets")

    assert problem(response) == (401, "unauthenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_scope_that_is_missing_is_named(house: House) -> None:
    program = Program(token_for(house.anna, "tickets:read"))
    ticket = make_ticket(house)

    refused = program.patch(f"/tickets/{ticket.pk}", {"title": "x"}, If_Match="*")
    expanded = program.get("/tickets?expand=citizen")

    assert problem(refused) == problem(expanded) == (403, "missing_scope")
    assert refused.json()["required_scope"] == "tickets:write"
    assert expanded.json()["required_scope"] == "citizens:read"


def test_too_many_requests_are_told_when_to_come_back(settings: Settings, anna: Program) -> None:
    settings.API_RATES = {"read": 2, "write": 1}

    answers = [anna.get("/me") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem(answers[2]) == (429, "rate_limited")
    assert 1 <= int(answers[2]["Retry-After"]) <= 120


def test_a_failure_of_ours_is_a_problem_with_a_number_and_nothing_of_the_inside(
    anna: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("helpdesk.api.views.house._teams", broken)

    response = anna.get("/teams")

    assert problem(response) == (500, "server_error")
    assert response.json()["incident"] in caplog.text
    assert "secret" not in response.content.decode()
