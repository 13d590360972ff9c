"""Pages that are the same for everybody are remembered while nothing has happened."""

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

from helpdesk.agents.domain.authority import AuthorityDetails, change_authority
from helpdesk.agents.models import Authority
from helpdesk.events.models import Event, Unsealed
from helpdesk.events.sequencer import seal_batch
from helpdesk.portal import keeping
from helpdesk.portal.caching import SECONDS
from helpdesk.portal.keeping import forget_pages
from tests.factories.house import House, make_house
from tests.factories.knowledge import make_answer, make_section
from tests.fakes.clock import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Iterator[House]:
    forget_pages()
    with override_settings(KEPT_PAGES=3):
        yield make_house()
    forget_pages()


def committed(event_id: int) -> None:
    event = Event.objects.create(
        pk=event_id,
        kind="authority.changed",
        actor_kind="system",
        subject_kind="authority",
        subject_id=1,
    )
    Unsealed.objects.create(event=event)


def shown(address: str = "/", **headers: str) -> str:
    return Client(headers=headers).get(address).content.decode()


def test_a_page_is_made_once_and_shown_the_same_with_its_policy(house: House) -> None:
    del house
    first = Client().get("/")
    made = dict(keeping._pages)

    second = Client().get("/")

    assert (len(made), dict(keeping._pages)) == (1, made)
    assert second.content == first.content
    for name in ("Content-Security-Policy", "Cache-Control", "ETag", "Content-Type"):
        assert second.headers[name] == first.headers[name]


def test_what_a_door_has_written_is_shown_at_once(house: House) -> None:
    before = shown("/wissen/")
    make_answer(make_section(house.authority, "Ausweise"))

    after = shown("/wissen/")

    assert ("Ausweise" in before, "Ausweise" in after) == (False, True)


def test_a_changed_authority_is_shown_at_once(house: House) -> None:
    shown()
    authority = house.authority
    details = AuthorityDetails(
        name="Stadt Neustadt",
        short_name="Neustadt",
        language=authority.language,
        time_zone=authority.time_zone,
        color_light=authority.color_light,
        color_dark=authority.color_dark,
    )

    change_authority(authority_id=authority.pk, details=details, user=house.anna)

    assert "Stadt Neustadt" in shown()


@pytest.mark.both_engines
def test_a_change_is_shown_at_once_though_a_later_event_was_committed_before_it(
    house: House,
) -> None:
    """PostgreSQL draws ids before the commit, so that a lower one may appear last."""
    del house
    committed(10_001)
    before = shown()
    committed(10_000)
    Authority.objects.update(name="Stadt Neustadt")

    after = shown()

    assert ("Stadt Neustadt" in before, "Stadt Neustadt" in after) == (False, True)


@pytest.mark.both_engines
def test_giving_events_their_numbers_makes_no_page_anew(house: House) -> None:
    del house
    shown()
    made = dict(keeping._pages)

    seal_batch()
    shown()

    assert dict(keeping._pages) == made


def test_each_language_and_save_data_has_a_page_of_its_own(house: House) -> None:
    del house

    german, english, again = shown(), shown(**{"Accept-Language": "en"}), shown()
    saving = shown(**{"Save-Data": "on"})

    assert ('lang="de"' in german, 'lang="en"' in english, again == german) == (True, True, True)
    assert ("woff2" in german, "woff2" in saving) == (True, False)


def test_who_has_a_cookie_or_a_question_gets_a_page_of_their_own(house: House) -> None:
    known = Client()
    known.force_login(house.anna)

    known.get("/")
    Client().get("/", {"x": "1"})

    assert dict(keeping._pages) == {}


def test_a_minute_is_the_longest_and_the_oldest_page_goes_first(house: House, clock: Clock) -> None:
    del house
    shown()
    first = next(iter(keeping._pages))

    clock.advance(seconds=SECONDS)
    for address in ("/", "/impressum/", "/hilfe/"):
        shown(address)

    assert (len(keeping._pages), first in keeping._pages) == (3, False)
