"""The pages that the law demands: what is kept of them, and what is still missing."""

import pytest
from django.core.exceptions import ValidationError

from helpdesk.agents.changes import SETTINGS_CHANGED
from helpdesk.events.models import Event
from helpdesk.pages.domain.texts import MAX_BODY, write_legal_text
from helpdesk.pages.enums import TextKind
from helpdesk.pages.queries import Shown, bodies_of, legal_text, missing_texts
from tests.factories.house import House, make_administrator, make_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def write(house: House, kind: TextKind = TextKind.IMPRINT, **bodies: str) -> None:
    write_legal_text(authority_id=house.authority.pk, kind=kind, bodies=bodies, user=None)


def test_write_keeps_what_passes_the_sanitiser_and_no_picture(house: House) -> None:
    write(
        house,
        de='<h1 onclick="x()">Anbieter</h1><script>x()</script><p>Stadt '
        '<img src="//evil.example/x"><img data-cid="7"><a href="javascript:x()">hier</a> '
        '<a href="https://a.example/">da</a></p>',
    )

    assert bodies_of(house.authority.pk, TextKind.IMPRINT) == {
        "de": '<h2>Anbieter</h2><p>Stadt hier <a href="https://a.example/">da</a></p>'
    }


def test_a_page_is_shown_in_the_readers_language_else_in_german(house: House) -> None:
    write(house, de="<p>Deutsch</p>", en="<p>English</p>")
    write(house, TextKind.PRIVACY, de="<p>Nur deutsch</p>")
    key = house.authority.pk

    assert legal_text(key, TextKind.IMPRINT, "en") == Shown("<p>English</p>", "en")
    assert legal_text(key, TextKind.PRIVACY, "en") == Shown("<p>Nur deutsch</p>", "de")
    assert legal_text(key, TextKind.CONTACT, "en") is None


def test_an_emptied_page_is_missing_again(house: House) -> None:
    write(house, de="<p>Da</p>")
    before = missing_texts(house.authority.pk)

    write(house, de="<p> <br></p>")

    assert before == [TextKind.PRIVACY, TextKind.CONTACT]
    assert missing_texts(house.authority.pk) == list(TextKind)


def test_write_records_names_of_what_changed_and_nothing_for_no_change(house: House) -> None:
    user = make_administrator(house.authority)
    bodies = {"de": "<p>Da</p>"}
    for _ in range(2):
        write_legal_text(
            authority_id=house.authority.pk, kind=TextKind.CONTACT, bodies=bodies, user=user
        )

    events = Event.objects.filter(kind=SETTINGS_CHANGED)
    assert [event.data for event in events] == [{"action": "changed", "fields": ["contact_de"]}]


def test_write_refuses_a_text_that_is_too_long_and_keeps_the_old_one(house: House) -> None:
    write(house, de="<p>Alt</p>")

    with pytest.raises(ValidationError) as refused:
        write(house, de=f"<p>{'x' * MAX_BODY}</p>")

    assert list(refused.value.message_dict) == ["body_de"]
    assert bodies_of(house.authority.pk, TextKind.IMPRINT) == {"de": "<p>Alt</p>"}
