"""Who may read and edit: predicate and queryset agree for everybody and every answer."""

import pytest
from django.contrib.auth.models import AnonymousUser

from helpdesk.agents.models import User, UserKind
from helpdesk.permissions.registry import can
from knowledgebase.domain.publish import archive_answer
from knowledgebase.models import Answer
from knowledgebase.rules import (
    editable_by,
    is_wider,
    open_to_readers_of,
    portal_answers,
    public_answers,
    readable_by,
)
from tests.factories.house import House, make_administrator, make_authority, make_house
from tests.factories.knowledge import make_answer, make_draft, make_editor, make_section

pytestmark = pytest.mark.django_db


def make_answers(house: House) -> dict[str, Answer]:
    """Return an answer of each visibility and state."""
    section = make_section(house.authority)
    answers = {
        "public": make_answer(section),
        "signed in": make_answer(section, visibility="account"),
        "staff": make_answer(section, visibility="staff"),
        "team": make_answer(section, visibility="team", team_id=house.roads.pk),
        "draft": make_draft(section),
        "team draft": make_draft(section, visibility="team", team_id=house.roads.pk),
        "archived": make_answer(section),
        "foreign": make_answer(make_section(make_authority("Stadt Anderswo", "AW"))),
    }
    archive_answer(answer_id=answers["archived"].pk, user=house.anna)
    answers["archived"].refresh_from_db()
    return answers


def people(house: House) -> dict[str, User]:
    citizen = User.objects.create(
        authority=house.authority, kind=UserKind.CITIZEN, name="Clara", email="c@example.org"
    )
    return {
        "member": house.anna,
        "other": make_editor(house.authority, house.bert),
        "administrator": make_administrator(house.authority),
        "citizen": citizen,
    }


EVERYTHING_OPEN = {"public", "signed in", "staff", "draft", "archived"}


@pytest.mark.parametrize(
    "person,read,edit",
    [
        ("member", {"public", "signed in", "staff", "team"}, set()),
        ("other", {"public", "signed in", "staff"}, EVERYTHING_OPEN),
        ("administrator", {"public", "signed in", "staff"}, EVERYTHING_OPEN),
        ("citizen", set(), set()),
    ],
)
def test_predicate_and_queryset_agree(person: str, read: set[str], edit: set[str]) -> None:
    house = make_house()
    answers = make_answers(house)
    user = people(house)[person]

    for verb, rows, wanted in (
        ("read_answer", readable_by(user), read),
        ("edit_answer", editable_by(user), edit),
    ):
        keys = set(rows.values_list("pk", flat=True))
        assert {name for name, answer in answers.items() if answer.pk in keys} == wanted
        assert {name for name, answer in answers.items() if can(user, verb, answer)} == wanted


def test_a_member_of_the_team_who_edits_edits_its_answers_too() -> None:
    house = make_house()
    answers = make_answers(house)
    user = make_editor(house.authority, house.anna)

    keys = set(editable_by(user).values_list("pk", flat=True))

    assert {name for name, answer in answers.items() if answer.pk in keys} == {
        *EVERYTHING_OPEN,
        "team",
        "team draft",
    }


def test_everybody_reads_what_is_public_and_published_and_nothing_else() -> None:
    house = make_house()
    answers = make_answers(house)

    assert list(public_answers(house.authority.pk)) == [answers["public"]]
    assert list(portal_answers(house.authority.pk, signed_in=False)) == [answers["public"]]
    assert not can(AnonymousUser(), "read_answer", answers["public"])


def test_citizens_who_are_signed_in_read_what_is_for_them_as_well() -> None:
    house = make_house()
    answers = make_answers(house)

    read = set(portal_answers(house.authority.pk, signed_in=True))

    assert read == {answers["public"], answers["signed in"]}


def test_each_step_from_a_team_to_everybody_has_more_readers_and_may_link_to_less() -> None:
    steps = ["team", "staff", "account", "public"]

    for at, less in enumerate(steps):
        assert list(open_to_readers_of(less)) == steps[at:]
        for more in steps[at + 1 :]:
            assert is_wider((less, None), (more, None))
            assert not is_wider((more, None), (less, None))
