"""The same key is one deed, however often, at once or after a crash (quality.md F27)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from helpdesk.api import tasks
from helpdesk.api.models import KeptAnswer, Upload
from helpdesk.api.views import tickets
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.api.client import Program, Response, program_of, token_for

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
AT_ONCE = 60


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Program:
    return program_of(house.anna)


def new_ticket(house: House, **values: Any) -> dict[str, Any]:
    return {"title": "Laterne", "text": "Dunkel.", "team": house.roads.pk} | values


def create(program: Program, house: House, key: str, **values: Any) -> Response:
    return program.post("/tickets", new_ticket(house, **values), Idempotency_Key=key)


def test_the_first_answer_is_replayed_byte_for_byte(house: House, anna: Program) -> None:
    first = create(anna, house, "k1")
    Ticket.objects.update(title="Inzwischen anders", version=7)

    second = create(anna, house, "k1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second["ETag"] == first["ETag"]
    assert second["Location"] == first["Location"]
    assert second["Idempotency-Replayed"] == "true"
    assert Ticket.objects.count() == 1


def test_the_same_key_for_something_else_is_refused(house: House, anna: Program) -> None:
    create(anna, house, "k1")

    other = create(anna, house, "k1", title="Anderes")

    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert Ticket.objects.count() == 1


def test_a_key_belongs_to_its_token(house: House, anna: Program) -> None:
    create(anna, house, "k1")
    create(Program(token_for(house.anna, name="Zweites")), house, "k1")

    assert Ticket.objects.count() == 2


def test_what_did_not_pass_the_checks_leaves_its_key_free(house: House, anna: Program) -> None:
    refused = create(anna, house, "k1", title="")

    accepted = create(anna, house, "k1")

    assert (refused.status_code, accepted.status_code) == (422, 201)


def test_a_refusal_of_a_door_is_replayed_as_well(house: House, anna: Program) -> None:
    ticket = make_ticket(house)
    path = f"/tickets/{ticket.pk}/articles"
    body = {"kind": "answer", "text": "Alt."}

    first = anna.post(path, body, If_Match='"99"', Idempotency_Key="k1")
    second = anna.post(path, body, If_Match=f'"{ticket.version}"', Idempotency_Key="k1")

    assert (first.status_code, second.status_code) == (412, 412)
    assert second.content == first.content
    assert not Article.objects.filter(kind="answer").exists()


def test_a_failure_of_ours_is_replayed_and_has_changed_nothing(
    house: House, anna: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("helpdesk.api.views.tickets.one_ticket", broken)
        first = create(anna, house, "k1")
    second = create(anna, house, "k1")

    assert (first.status_code, second.status_code) == (500, 500)
    assert second.content == first.content
    assert not Ticket.objects.exists()


def test_what_is_in_flight_is_told_so(house: House, anna: Program) -> None:
    create(anna, house, "k1")
    KeptAnswer.objects.update(status=0, body="", claimed_at=timezone.now())

    second = create(anna, house, "k1")

    assert (second.status_code, second.json()["code"]) == (409, "in_flight")
    assert second["Retry-After"] == "1"


def test_the_key_of_a_killed_process_is_taken_over(house: House, anna: Program) -> None:
    create(anna, house, "k1")
    Ticket.objects.all().delete()
    KeptAnswer.objects.update(status=0, claimed_at=timezone.now() - timedelta(seconds=61))

    second = create(anna, house, "k1")

    assert second.status_code == 201
    assert Ticket.objects.count() == 1


def test_who_lost_the_claim_meanwhile_has_done_nothing(
    house: House, anna: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tickets.one_ticket

    def slow(*args: Any, **kwargs: Any) -> object:
        KeptAnswer.objects.update(claim="somebody-else")
        return real(*args, **kwargs)

    monkeypatch.setattr(tickets, "one_ticket", slow)

    response = create(anna, house, "k1")

    assert response.status_code == 409
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_keys_have_a_form(house: House, anna: Program, key: str) -> None:
    response = create(anna, house, key)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_key")


def test_a_key_is_kept_for_a_day_and_then_forgotten(house: House, anna: Program) -> None:
    create(anna, house, "k1")
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    kept = tasks.tidy()
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, minutes=1))

    assert (kept, tasks.tidy()) == (0, 1)
    assert create(anna, house, "k1").status_code == 201
    assert Ticket.objects.count() == 2


def test_files_are_sent_once_and_used_once(house: House, anna: Program) -> None:
    sent = anna.upload("foto.txt", b"Inhalt").json()

    first = anna.post("/tickets", new_ticket(house, uploads=[sent["upload"]]))
    second = anna.post("/tickets", new_ticket(house, uploads=[sent["upload"]]))

    assert first.status_code == 201
    assert second.json()["errors"][0]["pointer"] == "/uploads/0"
    assert Article.objects.get().attachments.get().name == "foto.txt"
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_with_one_key_make_one_ticket(settings: Settings) -> None:
    settings.API_RATES = {"read": 10**6, "write": 10**6}
    house = make_house()
    secret = program_of(house.anna).secret

    def once(_number: int) -> int:
        try:
            return int(create(Program(secret), house, "k1").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(once, range(AT_ONCE)))

    assert Ticket.objects.count() == 1
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
