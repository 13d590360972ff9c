"""What the accessibility statement is made of, and what it may not say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from helpdesk.pages.domain.statement import remove_barrier, save_barrier, write_statement
from helpdesk.pages.enforcement import BODIES, FEDERAL, body_of
from helpdesk.pages.enums import Conformance
from helpdesk.pages.models import Barrier, Statement
from helpdesk.pages.queries import barriers_of, statement_of
from tests.factories.house import House, make_authority, make_house
from tests.helpdesk.pages.making import BARRIER, STATEMENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def state(house: House, **values: object) -> Statement:
    details = replace(STATEMENT, **values)  # type: ignore[arg-type]  # values of its own fields
    return write_statement(authority_id=house.authority.pk, details=details, user=None)


def list_one(house: House) -> Barrier:
    return save_barrier(
        authority_id=house.authority.pk, barrier_id=None, details=BARRIER, user=None
    )


def test_saving_a_statement_again_says_that_it_was_checked_today(house: House) -> None:
    state(house)
    long_ago = timezone.localdate() - timedelta(days=400)
    Statement.objects.update(created_on=long_ago, checked_on=long_ago)

    state(house)

    found = statement_of(house.authority.pk)
    assert found is not None
    assert (found.created_on, found.checked_on) == (long_ago, timezone.localdate())


def test_a_portal_with_known_barriers_is_not_fully_accessible(house: House) -> None:
    list_one(house)

    with pytest.raises(ValidationError) as refused:
        state(house, conformance=Conformance.FULL)

    assert list(refused.value.message_dict) == ["conformance"]
    assert statement_of(house.authority.pk) is None


def test_no_barrier_is_listed_beside_the_claim_that_there_is_none(house: House) -> None:
    state(house, conformance=Conformance.FULL)

    with pytest.raises(ValidationError):
        list_one(house)

    assert barriers_of(house.authority.pk) == []


def test_an_assessment_is_not_yet_to_come(house: House) -> None:
    with pytest.raises(ValidationError) as refused:
        state(house, assessed_on=timezone.localdate() + timedelta(days=1))

    assert list(refused.value.message_dict) == ["assessed_on"]


def test_nobody_changes_the_barriers_of_another_town(house: House) -> None:
    barrier, elsewhere = list_one(house), make_authority("Stadt Anderswo", "AW")

    for attempt in (
        lambda: save_barrier(
            authority_id=elsewhere.pk, barrier_id=barrier.pk, details=BARRIER, user=None
        ),
        lambda: remove_barrier(authority_id=elsewhere.pk, barrier_id=barrier.pk, user=house.anna),
    ):
        with pytest.raises(Barrier.DoesNotExist):
            attempt()

    assert barriers_of(house.authority.pk) == [barrier]


def test_every_land_has_a_body_to_begin_with() -> None:
    assert len(BODIES) == 16
    assert body_of("BY").startswith("Durchsetzungs- und Überwachungsstelle")
    assert body_of("") == FEDERAL
