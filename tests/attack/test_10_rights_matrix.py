"""Attack case 10: every route × object × persona; a foreign object is as if it were not there."""

import re
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from helpdesk.events.publish import canonical
from helpdesk.reactions.tasks import drain
from helpdesk.worklists.models import SavedView
from tests.attack.town import CANARY, World, make_world

pytestmark = pytest.mark.django_db

MATRIX: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "rights.yaml").read_text()
)
VERBS = ("administer", "operate", "edit_texts", "edit_knowledge")
OK = {200, 204, 302, 303, 400, 409, 415, 422}
ABSENT = {
    "ticket": 999_999,
    "number": "2026-999999",
    "answer": 999_999,
    "call": 999_999,
    "message": 999_999,
    "attachment": 999_999,
    "mail_file": 999_999,
    "team": 999_999,
    "agent": 999_999,
    "topic": 999_999,
    "question": "nothing",
    "barrier": 999999,
    "notice": 999999,
    "module": 999_999,
    "account": 999_999,
    "sender_rule": 999_999,
    "office": 999_999,
    "filter": 999_999,
    "held": 999_999,
    "job": 999_999,
    "view": 999_999,
    "deleted_view": 999_999,
    "address": 999_999,
    "quarantined": 999_999,
    "sending": 999_999,
    "stuck_event": 999_999,
    "stuck_place": 999_999,
    "citizen": 999_999,
    "organisation": 999_999,
    "push_browser": 999_999,
    "push_key": "AAAA",
    "push_auth": "AAAA",
    "token": 999_999,
    "service_token": 999_999,
    "roads": 999_999,
    "hidden_answer": 999_999,
    "hidden_file": 999_999,
    "page": 999_999,
    "page_file": 999_999,
    "version": 999_999,
    "section": 999_999,
    "draft": 999_999,
    "account_address": 999_999,
    "miss": 999_999,
    "search_use": 999_999,
    "synonym": 999_999,
    "snippet": 999_999,
}


def routes(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    found = set(routes(get_resolver().url_patterns))

    assert found == {row.partition(" ")[0] for row in MATRIX}


@pytest.fixture(scope="module")
def built(
    django_db_setup: None,  # noqa: ARG001 - the database has to be there
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[World]:
    """Build the world once for all tests here; each undoes what it changes, the last all."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World) -> World:
    """A world that no test before has changed, also not in memory.

    What can be taken back for a moment only was deleted just now.
    """
    SavedView.objects.exclude(deleted_at=None).update(deleted_at=timezone.now())
    return deepcopy(built)


def ask(world: World, persona: str, route: str, objects: dict[str, Any]) -> HttpResponse:
    row = MATRIX[route]
    client = Client()
    url = reverse(route.partition(" ")[0], kwargs=_filled(row.get("kwargs", {}), objects))
    if row["class"].startswith("token"):
        return _ask_with_token(client, world.secrets[persona], route, url, objects)
    user = world.personas[persona]
    if user is not None:
        client.force_login(user)
    send = client.post if row.get("method") == "POST" else client.get
    response: Any = send(url, _filled(row.get("data", {}), objects))
    if response.streaming:
        # Read to its end the client closes it, and leaves the database alone.
        b"".join(response.streaming_content)
    answer: HttpResponse = response
    return answer


def _filled(values: dict[str, Any], objects: dict[str, Any]) -> dict[str, Any]:
    return {
        name: objects[value[1:]] if str(value).startswith("$") else value
        for name, value in values.items()
    }


def _ask_with_token(
    client: Client, secret: str, route: str, url: str, objects: dict[str, Any]
) -> HttpResponse:
    row, method = MATRIX[route], route.partition(" ")[2] or "GET"
    headers = {"Authorization": f"Bearer {secret}"} | row.get("headers", {})
    body = canonical(_filled(row["body"], objects)) if "body" in row else b""
    response: Any = client.generic(
        method, url, body, content_type="application/json", headers=headers
    )
    if response.streaming:
        content = b"".join(response.streaming_content)
        response = HttpResponse(content, status=response.status_code)
    answer: HttpResponse = response
    return answer


def plain(response: HttpResponse, objects: dict[str, Any]) -> str:
    """Return the body without what belongs to the request itself: its address and token."""
    text = response.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    for value in objects.values():
        text = text.replace(f"/{value}/", "/ID/")
    return text


def expected(row: dict[str, Any], persona: str) -> str:
    kind = row["class"]
    if kind == "public":
        return "same"
    if kind == "account":
        return "account"
    if kind.startswith("token") and persona in {"X", "C"}:
        return "no token"
    if persona == "X":
        return "sign-in"
    allowed = {
        "staff": {"A", "B", "ADM", "ADM2"},
        "ticket": {"A"},
        "token": {"A", "B", "ADM", "ADM2"},
        "token_ticket": {"A"},
        **{verb: {"ADM"} for verb in VERBS},
    }[kind]
    if kind in VERBS and persona == "ADM2" and "kwargs" not in row:
        return "ok"
    return "ok" if persona in allowed else "absent"


@pytest.mark.parametrize("route", sorted(MATRIX))
@override_settings(DEMO=True)
def test_each_persona_reaches_what_the_matrix_says(world: World, route: str) -> None:
    row = MATRIX[route]
    # Whoever may act comes last: what they do would change what the others find.
    order = sorted(world.personas, key=lambda name: expected(row, name) == "ok")

    problems = [
        f"{persona}: {problem}"
        for persona in order
        for problem in judge(world, persona, route, expected(row, persona))
    ]

    assert problems == []


def judge(world: World, persona: str, route: str, wanted: str) -> Iterator[str]:
    response = ask(world, persona, route, world.objects)
    if response.status_code >= 500:
        yield f"status {response.status_code}"
    if wanted == "ok" and response.status_code not in OK | set(MATRIX[route].get("ok", ())):
        yield f"status {response.status_code} although allowed"
    if wanted == "sign-in" and not _asks_to_sign_in(response):
        yield f"status {response.status_code} instead of the sign-in page"
    if wanted == "account" and not _is_led_to_accounts(response):
        yield f"status {response.status_code} instead of the portal's sign-in page"
    if wanted == "no token" and response.status_code != 401:
        yield f"status {response.status_code} without a token of staff"
    if wanted == "absent":
        yield from _unlike_nothing(response, ask(world, persona, route, ABSENT), world)
    if wanted != "ok" and CANARY in response.content.decode():
        yield "sees the canary"


def _unlike_nothing(response: HttpResponse, missing: HttpResponse, world: World) -> Iterator[str]:
    if (response.status_code, missing.status_code) != (404, 404):
        yield f"status {response.status_code}, and {missing.status_code} for nothing"
    elif plain(response, world.objects) != plain(missing, ABSENT):
        yield "differs from what is not there"


def _asks_to_sign_in(response: HttpResponse) -> bool:
    location = response.headers.get("Location", "")
    return response.status_code == 302 and location.startswith(reverse("account_login"))


def _is_led_to_accounts(response: HttpResponse) -> bool:
    location = response.headers.get("Location", "")
    return response.status_code == 302 and location.startswith(reverse("portal:sign_in"))


@pytest.mark.parametrize("persona", ["X", "C", "B", "ADM", "ADM2"])
@override_settings(DEMO=False)
def test_no_page_shows_a_canary_of_a_foreign_ticket(world: World, persona: str) -> None:
    """Walk all pages that need no object, as somebody who must not know the ticket."""
    words = [
        f"{CANARY} {what}" for what in ("Betreff", "Text", "Notiz", "Antwort", "Clara", "Wissen")
    ]
    client = Client()
    user = world.personas[persona]
    if user is not None:
        client.force_login(user)
    leaks = []

    for route, row in MATRIX.items():
        if "kwargs" in row or row.get("method") == "POST" or " " in route:
            continue
        body = client.get(reverse(route)).content.decode()
        leaks += [(route, word) for word in words if word in body]
    for slug in ("all", "unassigned", "mine", "due", "done", "team-abfall"):
        body = client.get(reverse("desk:list", args=[slug])).content.decode()
        leaks += [(slug, word) for word in words if word in body]

    assert leaks == []


@pytest.mark.parametrize("persona", ["B", "ADM", "ADM2"])
def test_no_token_reads_a_canary_of_a_foreign_ticket(world: World, persona: str) -> None:
    """Ask every list of the interface for as much as it gives."""
    words = [f"{CANARY} {what}" for what in ("Betreff", "Text", "Notiz", "Antwort", "Clara")]
    drain(until=time.monotonic() + 60)
    lists = [
        *("tickets?expand=citizen&limit=200", "citizens", "events?limit=200", "teams"),
        *("text_modules", "categories", "me", f"tickets?number={world.objects['number']}"),
        *("citizens?email=kanarie@example.org", f"events?ticket={world.objects['ticket']}"),
    ]

    leaks = []
    for path in lists:
        headers = {"Authorization": f"Bearer {world.secrets[persona]}"}
        response: Any = Client().get(f"/api/v1/{path}", headers=headers)
        assert response.status_code == 200, path
        leaks += [(path, word) for word in words if word in response.content.decode()]

    assert leaks == []


def test_the_owner_of_the_canary_does_read_it(world: World) -> None:
    """The walk above looks where there is something to be found."""
    drain(until=time.monotonic() + 60)
    headers = {"Authorization": f"Bearer {world.secrets['A']}"}

    tickets: Any = Client().get("/api/v1/tickets?expand=citizen", headers=headers)
    events: Any = Client().get("/api/v1/events", headers=headers)

    assert f"{CANARY} Betreff" in tickets.content.decode()
    assert world.objects["ticket"] in {row["ticket"] for row in events.json()["results"]}
