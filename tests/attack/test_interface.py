"""Attack cases against the interface: 9, 11–14, 46, 48, 50, 52, 61, 62 of the list of attacks."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.agents.models import ApiToken
from helpdesk.tickets.models import Article, Ticket
from tests.attack.town import CANARY, World, make_world
from tests.helpdesk.api.client import Program, Response

pytestmark = pytest.mark.django_db
FORM = "multipart/form-data; boundary=b"
INJECTIONS = (
    "' OR 1=1 --",
    "1; DROP TABLE tickets_ticket",
    '"><img src=x>',
    "& ! ( '",
    "%00",
    "9" * 400,
    "1e999999",
)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def anna(world: World) -> Program:
    return Program(world.secrets["A"])


@pytest.fixture
def bert(world: World) -> Program:
    return Program(world.secrets["B"])


def new_ticket(team_id: int, **values: Any) -> dict[str, Any]:
    return {"title": "T", "text": "T", "team": team_id} | values


@pytest.mark.parametrize(
    "declared", ["text/html", "text/html; x=y", "image/svg+xml", "a/b\tc", "x" * 300]
)
def test_09_no_type_that_a_sender_names_is_served(
    world: World, anna: Program, declared: str
) -> None:
    content = b"<script>alert(1)</script>"
    upload = anna.upload("böse.html", content, declared).json()["upload"]
    body = new_ticket(world.house.roads.pk, uploads=[upload])
    created = anna.post("/tickets", body).json()
    articles = anna.get(f"/tickets/{created['id']}/articles").json()["results"]

    served = anna.get(f"/attachments/{articles[0]['attachments'][0]['id']}")

    assert served["Content-Type"] == "application/octet-stream"
    assert served["Content-Disposition"].startswith("attachment")
    assert "sandbox" in served["Content-Security-Policy"]
    assert served["X-Content-Type-Options"] == "nosniff"
    served.close()


def test_11_foreign_ids_in_bodies_answer_like_missing_ones(world: World, bert: Program) -> None:
    """B works in waste: whatever of roads B names does not exist."""
    waste = world.house.waste.pk
    tries = {"citizen": world.objects["citizen"], "team": world.house.roads.pk}

    for name, foreign in tries.items():
        hidden = bert.post("/tickets", new_ticket(waste, **{name: foreign}))
        missing = bert.post("/tickets", new_ticket(waste, **{name: 999_999}))
        assert hidden.status_code == 422, name
        assert hidden.content == missing.content, name


def test_11_an_owner_who_is_foreign_answers_like_one_who_is_missing(
    world: World, anna: Program
) -> None:
    path = f"/tickets/{world.objects['ticket']}"
    hidden = anna.patch(path, {"owner": world.house.bert.pk}, If_Match="*")
    missing = anna.patch(path, {"owner": 999_999}, If_Match="*")

    assert hidden.status_code == 422
    assert hidden.content == missing.content


def test_11_the_upload_of_another_token_is_not_there(
    world: World, anna: Program, bert: Program
) -> None:
    upload = anna.upload("geheim.txt", b"geheim").json()["upload"]

    hidden = bert.post("/tickets", new_ticket(world.house.waste.pk, uploads=[upload]))
    missing = bert.post("/tickets", new_ticket(world.house.waste.pk, uploads=["upl_x"]))

    assert hidden.content == missing.content
    assert hidden.status_code == 422


@pytest.mark.parametrize(
    "extra",
    ["id", "pk", "number", "version", "created_at", "is_staff", "authority", "channel", "trust"],
)
def test_12_nothing_is_set_that_is_not_offered(world: World, anna: Program, extra: str) -> None:
    before = Ticket.objects.count()

    created = anna.post("/tickets", new_ticket(world.house.roads.pk, **{extra: 1}))
    changed = anna.patch(f"/tickets/{world.objects['ticket']}", {extra: 1}, If_Match="*")

    assert created.json()["errors"][0]["pointer"] == f"/{extra}"
    assert changed.json()["errors"][0]["pointer"] == f"/{extra}"
    assert (created.status_code, changed.status_code) == (422, 422)
    assert Ticket.objects.count() == before


def test_13_a_foreign_ticket_is_found_by_nothing(world: World, bert: Program) -> None:
    ticket = Ticket.objects.get(pk=world.objects["ticket"])
    queries = [
        f"number={ticket.number}",
        f"reference={ticket.reference}",
        f"citizen={ticket.citizen_id}",
        f"team={ticket.team_id}",
        "status=open,new",
    ]

    found = [bert.get(f"/tickets?{query}").json()["results"] for query in queries]

    assert found == [[]] * len(queries)
    assert bert.get("/citizens?email=kanarie@example.org").json()["results"] == []


@pytest.mark.parametrize(
    "query",
    ["order=owner__password", "order=?", "fields=*", "fields=owner__password", "expand=owner",
     "owner__password__startswith=p", "team__authority__id=1", "_connector=OR", "id__in=1"],
)  # fmt: skip
def test_14_only_listed_names_are_asked_for(anna: Program, query: str) -> None:
    response = anna.get(f"/tickets?{query}")

    assert response.status_code == 400
    assert response.json()["code"] == "invalid_parameter"


def test_46_no_answer_and_no_log_holds_a_secret(
    world: World, anna: Program, caplog: pytest.LogCaptureFixture
) -> None:
    secret = world.secrets["A"].rpartition("_")[2]
    bodies = [
        anna.get(path).content.decode()
        for path in ("/me", "/teams", "/tickets", "/nothing", f"/tickets?x={secret}")
    ]

    assert not any(secret in body for body in bodies)
    assert secret not in caplog.text.replace(f"/tickets?x={secret}", "")
    assert not any(secret in str(row) for row in ApiToken.objects.values())


@pytest.mark.parametrize("name", ["access_token", "token", "Authorization", "api_key"])
def test_46_a_token_in_an_address_opens_nothing(world: World, name: str) -> None:
    response: Any = Client().get(f"/api/v1/me?{name}={world.secrets['A']}")

    assert response.status_code == 401


def sign_in(world: World) -> Client:
    client = Client(enforce_csrf_checks=True)
    user = world.personas["A"]
    assert user is not None
    client.force_login(user)
    return client


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data"])
def test_48_a_session_of_the_desk_writes_nothing_here(world: World, content_type: str) -> None:
    before = (Ticket.objects.count(), Article.objects.count())
    note = b'{"kind": "note", "text": "x"}'
    url = f"/api/v1/tickets/{world.objects['ticket']}/articles"

    response: Any = sign_in(world).generic(
        "POST", url, note, content_type=content_type, headers={"Origin": "https://evil.example"}
    )

    assert response.status_code == 401
    assert (Ticket.objects.count(), Article.objects.count()) == before


def test_48_reading_changes_nothing(world: World, anna: Program) -> None:
    def state() -> list[tuple[Any, ...]]:
        return list(Ticket.objects.order_by("pk").values_list())

    before = state()
    for path in ("/tickets", f"/tickets/{world.objects['ticket']}", "/citizens", "/events"):
        anna.get(path)

    assert state() == before


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_50_no_other_origin_is_let_in(world: World, origin: str, method: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    response: Any = sign_in(world).generic(method, "/api/v1/tickets", headers=headers)

    assert response.status_code == 401
    assert [name for name in response.headers if name.startswith("Access-Control")] == []


@pytest.mark.parametrize("text", INJECTIONS)
def test_52_what_looks_like_a_statement_is_text(world: World, anna: Program, text: str) -> None:
    def asked(path: str) -> Response:
        return anna.get(path)

    lists = ("tickets?number=", "tickets?team=", "tickets?order=", "events?ticket=", "teams?x=")
    statuses = {asked(f"/{path}{text}").status_code for path in lists}
    created = anna.post("/tickets", new_ticket(world.house.roads.pk, title=text[:250]))

    assert statuses <= {200, 400}
    assert created.status_code == 201
    assert created.json()["title"] == " ".join(text[:250].split())
    assert Ticket.objects.filter(title__contains=CANARY).exists()


def test_61_forms_of_too_many_parts_are_refused(anna: Program) -> None:
    part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n'
    field = '--b\r\nContent-Disposition: form-data; name="f{}"\r\n\r\nx\r\n'
    many_files = (part * 101 + "--b--\r\n").encode()
    many_fields = ("".join(field.format(n) for n in range(1001)) + "--b--\r\n").encode()

    for raw in (many_files, many_fields):
        response = anna.ask("POST", "/uploads", raw=raw, content_type=FORM)
        assert response.status_code in {400, 413}
        assert response["Content-Type"] == "application/problem+json"


def test_62_nothing_is_asked_without_a_bound(
    world: World, anna: Program, settings: Settings
) -> None:
    del world
    settings.API_RATES = {"read": 5, "write": 1}
    costly = ["limit=1000000000", "limit=1e999999", "limit=-1", "limit=201"]

    statuses = [anna.get(f"/tickets?{query}").status_code for query in costly]
    flood = [anna.get("/tickets").status_code for _ in range(5)]

    assert statuses == [400] * 4
    assert flood[-1] == 429
