"""Tokens: hashed, narrow, ending, dead at once; the history says who it was."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from helpdesk.agents.domain.membership import deactivate_agent, reactivate_agent
from helpdesk.agents.domain.teams import Rights, set_team_rights
from helpdesk.agents.domain.tokens import (
    TokenDetails,
    make_personal_token,
    make_service_token,
    revoke_token,
)
from helpdesk.agents.models import ApiToken, User
from helpdesk.agents.scopes import SCOPES
from helpdesk.desk.history import Names, history_lines
from helpdesk.events.models import Event
from helpdesk.tickets.domain.assign import CannotWorkOnItError, assign
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_administrator, make_house, make_ticket
from tests.helpdesk.api.client import Program, program_of, token_for

pytestmark = pytest.mark.django_db
ALL = tuple(SCOPES)


@pytest.fixture
def house() -> House:
    return make_house()


def service_of(house: House, *scopes: str) -> tuple[ApiToken, Program]:
    token, secret = make_service_token(
        authority_id=house.authority.pk,
        details=TokenDetails("Bauhof", scopes or ALL, 30),
        rights={house.roads.pk: Rights()},
        user=None,
    )
    return token, Program(secret)


def test_the_secret_is_nowhere_in_the_row(house: House) -> None:
    secret = token_for(house.anna)

    row = ApiToken.objects.values().get()
    assert secret.rpartition("_")[2] not in str(row)
    assert len(row["digest"]) == 64


def test_a_token_is_dead_with_the_next_request_after_its_end(house: House) -> None:
    program = program_of(house.anna)
    before = program.get("/me").status_code

    revoke_token(token_id=ApiToken.objects.get().pk, user=house.anna)

    assert (before, program.get("/me").status_code) == (200, 401)


def test_a_token_ends_by_itself(house: House) -> None:
    program = program_of(house.anna)

    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert program.get("/me").status_code == 401


def test_who_is_locked_out_takes_their_tokens_along_for_good(house: House) -> None:
    administrator = make_administrator(house.authority)
    program = program_of(house.anna)

    deactivate_agent(user_id=house.anna.pk, user=administrator)
    locked_out = program.get("/me").status_code
    reactivate_agent(user_id=house.anna.pk, user=administrator)

    assert (locked_out, program.get("/me").status_code) == (401, 401)


def test_rights_that_are_taken_away_are_gone_for_the_token_too(house: House) -> None:
    ticket = make_ticket(house)
    program = program_of(house.anna)
    before = program.get(f"/tickets/{ticket.pk}").status_code

    none = Rights(can_read=False)
    set_team_rights(team_id=house.roads.pk, rights={house.anna.pk: none}, user=None)

    assert (before, program.get(f"/tickets/{ticket.pk}").status_code) == (200, 404)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_no_token_lives_for_ever(house: House, days: int) -> None:
    with pytest.raises(ValidationError):
        make_personal_token(user=house.anna, details=TokenDetails("x", ALL, days))


def test_unknown_scopes_are_refused(house: House) -> None:
    details = TokenDetails("x", ("tickets:read", "everything"), 30)

    with pytest.raises(ValidationError):
        make_personal_token(user=house.anna, details=details)


def test_the_last_use_is_written_at_most_once_a_minute(house: House) -> None:
    program = program_of(house.anna)
    program.get("/me")
    first = ApiToken.objects.get().last_used_at

    program.get("/me")

    assert first is not None
    assert ApiToken.objects.get().last_used_at == first


def test_making_and_ending_a_token_are_part_of_the_history(house: House) -> None:
    token_for(house.anna)
    revoke_token(token_id=ApiToken.objects.get().pk, user=house.anna)

    facts = Event.objects.filter(subject_kind="api_token").order_by("id")

    assert [fact.data["action"] for fact in facts] == ["created", "revoked"]
    assert {fact.actor_id for fact in facts} == {house.anna.pk}


def test_a_service_works_in_its_teams_only_and_by_its_own_name(house: House) -> None:
    token, program = service_of(house)
    own = make_ticket(house)
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<2@example.org>")

    program.patch(f"/tickets/{own.pk}", {"title": "Vom Programm"}, If_Match="*")

    ticket = Ticket.objects.get(pk=own.pk)
    event = Event.objects.get(kind="ticket.renamed")
    assert ticket.title == "Vom Programm"
    assert (event.actor_kind, event.actor_id) == ("service", token.pk)
    assert [line.who for line in history_lines(ticket, Names())] == ["Bauhof"]
    assert program.get(f"/tickets/{foreign.pk}").status_code == 404


def test_the_history_names_the_person_and_the_key(house: House) -> None:
    ticket = make_ticket(house)

    program_of(house.anna).patch(f"/tickets/{ticket.pk}", {"title": "Neu"}, If_Match="*")

    assert [line.who for line in history_lines(ticket, Names())] == ["Anna Abend (Skript)"]


def test_a_service_is_responsible_for_nothing_and_signs_in_nowhere(house: House) -> None:
    token, program = service_of(house)
    ticket = make_ticket(house)

    etag = program.get(f"/tickets/{ticket.pk}")["ETag"]
    body = {"kind": "answer", "text": "Automatisch."}
    answered = program.post(f"/tickets/{ticket.pk}/articles", body, If_Match=etag)

    ticket.refresh_from_db()
    assert answered.status_code == 201
    assert answered.json()["author"]["kind"] == "service"
    assert ticket.owner is None
    assert not token.user.has_usable_password()
    assert not token.user.is_staff_kind
    with pytest.raises(CannotWorkOnItError):
        assign(ticket_id=ticket.pk, user=house.anna, owner_id=token.user.pk)


def test_a_service_ends_with_its_token(house: House) -> None:
    token, program = service_of(house)

    revoke_token(token_id=token.pk, user=house.anna)

    assert program.get("/me").status_code == 401
    assert not User.objects.get(pk=token.user.pk).is_active


def test_a_citizens_token_opens_nothing(house: House) -> None:
    citizen = User.objects.create(
        authority=house.authority, kind="citizen", name="Clara", email="clara@example.org"
    )

    assert program_of(citizen).get("/me").status_code == 401
