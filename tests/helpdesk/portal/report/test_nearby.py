"""“Already reported?”: what is known nearby is offered, tells of nobody, and is no wall."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from helpdesk.forms.models import Draft
from helpdesk.notifications.models import Follower
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.portal import throttle
from helpdesk.project.logs import without_secrets
from helpdesk.tickets.enums import Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Category, PlaceNeed, Ticket
from helpdesk.tickets.nearby import Spot, open_nearby
from tests.factories.house import House, make_authority, make_house, make_ticket
from tests.helpdesk.portal.report.walking import TEXT, Walk, make_topic

pytestmark = pytest.mark.django_db
SECRET = "Kanarienvogel"
NEARBY, PHOTOS = "/melden/schon-gemeldet/", "/melden/fotos/"
SQUARE = ("51.483000", "11.969000")


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


@pytest.fixture
def lamps(house: House) -> Category:
    return make_topic(house, "Laternen", place=PlaceNeed.REQUIRED, shows_nearby=True)


def report(house: House, topic: Category, place: str = "Lindenstraße 3", **values: Any) -> Ticket:
    """Return what another citizen has reported."""
    ticket = make_ticket(
        house,
        person=Person(f"{SECRET} Clara", f"{SECRET}@example.org".lower()),
        subject=f"{SECRET} Betreff",
        text=f"{SECRET} Text",
        place=place,
        category_id=topic.pk,
        received_at=timezone.now(),
        message_id=f"<{Ticket.objects.count()}@example.org>",
    )
    Ticket.objects.filter(pk=ticket.pk).update(**values)
    return Ticket.objects.get(pk=ticket.pk)


def walk_to_place(topic: Category, place: str = "Lindenstr. 40", **point: str) -> Walk:
    walk = Walk().open(f"/melden/thema/{topic.pk}/").send({"text": TEXT})
    return walk.send({"place": place, **point})


def handles(walk: Walk) -> list[str]:
    return re.findall(r'name="known"\s+value="([a-z2-7]{16})"', walk.html)


def test_a_request_of_the_same_street_is_offered_without_a_word_of_its_citizen(
    house: House, lamps: Category
) -> None:
    other = report(house, lamps, f"Lindenstraße 3, bei {SECRET}")

    walk = walk_to_place(lamps)

    assert walk.path == NEARBY
    assert "in derselben Straße" in walk.html
    assert "Eingegangen" in walk.html
    assert len(handles(walk)) == 1
    for secret in (SECRET, other.number, other.reference):
        assert secret not in walk.html


def test_who_answers_nothing_goes_on_and_is_not_asked_again(house: House, lamps: Category) -> None:
    report(house, lamps)
    walk = walk_to_place(lamps)

    walk.send({"known": "other"})

    assert walk.path == PHOTOS
    assert walk.open("/melden/kontakt/").path == PHOTOS
    assert walk.open(NEARBY).path == NEARBY


def test_another_place_is_looked_around_anew(house: House, lamps: Category) -> None:
    report(house, lamps, "Ahornweg 1")
    walk = walk_to_place(lamps)
    first = walk.path

    walk.open("/melden/ort/").send({"place": "Ahornweg 7"})

    assert (first, walk.path) == (PHOTOS, NEARBY)


@pytest.mark.parametrize(
    "case", ["the topic does not show it", "it has ended", "another topic", "another street"]
)
def test_nothing_is_offered_where_nothing_may_be(house: House, lamps: Category, case: str) -> None:
    elsewhere = make_topic(house, "Bänke", shows_nearby=True)
    topic = elsewhere if case == "another topic" else lamps
    place = "Ahornweg 3" if case == "another street" else "Lindenstraße 3"
    status = Status.RESOLVED if case == "it has ended" else Status.NEW
    report(house, topic, place, status=status)
    Category.objects.filter(pk=lamps.pk).update(shows_nearby=case != "the topic does not show it")

    assert walk_to_place(lamps).path == PHOTOS


def test_a_request_of_another_town_is_not_offered(house: House, lamps: Category) -> None:
    report(house, lamps, authority=make_authority("Stadt Anderswo", "AW"))

    assert open_nearby(lamps, Spot("Lindenstraße 3")) == []


def test_a_point_is_told_no_more_exactly_than_its_square(house: House, lamps: Category) -> None:
    corners = [("51.482501", "11.968501"), ("51.483499", "11.969499"), SQUARE]
    # All around the place, from where it is seen and from where it is not.
    spots = [
        Spot("", Decimal(SQUARE[0]) + north * Decimal("0.0002"), Decimal(SQUARE[1]))
        for north in range(-12, 13)
    ]
    seen = set()
    for latitude, longitude in corners:
        Ticket.objects.all().delete()
        report(house, lamps, "", latitude=latitude, longitude=longitude)
        seen.add(tuple(bool(open_nearby(lamps, spot)) for spot in spots))

    assert len(seen) == 1
    assert set(*seen) == {True, False}


def test_who_looks_very_often_is_not_shown_any_more_and_goes_on(
    house: House, lamps: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(house, lamps)
    monkeypatch.setitem(throttle.HOURLY, "nearby", 2)

    paths = [walk_to_place(lamps).path for _ in range(4)]

    assert paths == [NEARBY, NEARBY, PHOTOS, PHOTOS]


def test_it_is_mine_too_leads_to_a_mail_a_button_and_following(
    house: House, lamps: Category
) -> None:
    known = report(house, lamps)
    walk = walk_to_place(lamps)
    walk.send({"known": handles(walk)[0]})
    walk.send({"email": "Aylin@Example.org"})
    sent = walk.html
    letter = OutgoingMessage.objects.get(kind="follow_link")
    link = re.search(r"/mit/\S+", letter.text)
    assert link is not None

    before = Walk().open(link[0])
    looked_at = Follower.objects.get().confirmed_at
    after = Walk().open(link[0]).send()

    assert "Es fehlt nur noch ein Schritt" in sent
    assert letter.recipients.get().address == "aylin@example.org"
    assert "Ja, sagen Sie mir Bescheid" in before.html
    assert looked_at is None
    assert Follower.objects.get().confirmed_at is not None
    assert Follower.objects.get().ticket == known
    assert "Eingegangen" in after.html
    assert Ticket.objects.count() == 1
    for page in (letter.text, letter.html, sent, before.html, after.html):
        assert SECRET not in page
        assert known.reference not in page
    assert link[0].split("/")[2] not in without_secrets(f'"GET {link[0]} 200')


def test_own_words_are_kept_and_can_still_be_sent(house: House, lamps: Category) -> None:
    report(house, lamps)
    walk = walk_to_place(lamps)
    walk.send({"known": handles(walk)[0]}).send({"email": "aylin@example.org"})

    walk.open(NEARBY).send({"known": "other"})

    assert walk.path == PHOTOS
    assert TEXT in walk.open("/melden/").html


def test_a_wrong_address_is_said_at_its_field_and_kept(house: House, lamps: Category) -> None:
    report(house, lamps)
    walk = walk_to_place(lamps)
    walk.send({"known": handles(walk)[0]}).send({"email": "aylin@"})

    assert walk.page.status_code == 422
    assert len(walk.errors) == 1
    assert 'value="aylin@"' in walk.html
    assert not Follower.objects.exists()


def test_what_is_done_meanwhile_is_no_dead_end(house: House, lamps: Category) -> None:
    known = report(house, lamps)
    walk = walk_to_place(lamps)
    chosen = handles(walk)[0]
    Ticket.objects.filter(pk=known.pk).update(status=Status.RESOLVED)

    walk.send({"known": chosen})

    assert walk.path == PHOTOS
    assert "Was Sie gewählt haben, ist nicht mehr offen." in walk.html
    assert walk.open(f"{NEARBY}{chosen}/").path == PHOTOS
    assert "Was Sie gewählt haben, ist nicht mehr offen." in walk.html


def test_who_chose_what_is_done_meanwhile_is_asked_again_while_others_are_open(
    house: House, lamps: Category
) -> None:
    known = report(house, lamps)
    walk = walk_to_place(lamps)
    chosen = handles(walk)[0]
    Ticket.objects.filter(pk=known.pk).update(status=Status.RESOLVED)
    report(house, lamps)

    walk.send({"known": chosen})

    assert (walk.path, len(handles(walk))) == (NEARBY, 1)
    assert walk.errors == ["Was Sie gewählt haben, ist nicht mehr offen. Bitte wählen Sie neu."]


def test_what_is_done_meanwhile_is_said_and_looking_at_the_page_keeps_nothing(
    house: House, lamps: Category
) -> None:
    known = report(house, lamps)
    walk = walk_to_place(lamps)
    Ticket.objects.filter(pk=known.pk).update(status=Status.RESOLVED)
    before = Draft.objects.values_list("data", "updated_at").get()

    walk.open(NEARBY)

    assert (walk.path, handles(walk)) == (NEARBY, [])
    assert "ist nicht mehr offen" in walk.html
    assert Draft.objects.values_list("data", "updated_at").get() == before
    assert walk.send().path == PHOTOS


def test_who_comes_back_by_the_address_of_another_topic_is_shown_what_is_known_of_it(
    house: House, lamps: Category
) -> None:
    benches = make_topic(house, "Bänke", place=PlaceNeed.REQUIRED, shows_nearby=True)
    report(house, benches)
    walk = walk_to_place(lamps)
    first = walk.path

    walk.open(f"/melden/thema/{benches.pk}/").send({"text": TEXT})

    assert (first, walk.path, len(handles(walk))) == (PHOTOS, NEARBY, 1)


def test_a_name_of_one_draft_opens_nothing_in_another(house: House, lamps: Category) -> None:
    report(house, lamps)
    mine, theirs = walk_to_place(lamps), walk_to_place(lamps)

    names = [handles(each)[0] for each in (mine, theirs)]

    assert names[0] != names[1]
    assert theirs.open(f"{NEARBY}{names[0]}/").path == NEARBY


def test_how_many_follow_is_told_and_nobody_of_them(house: House, lamps: Category) -> None:
    known = report(house, lamps)
    for number in range(3):
        Follower.objects.create(
            ticket=known,
            email=f"follower{number}@example.org",
            language="de",
            nonce=str(number),
            confirmed_at=timezone.now() if number else None,
        )

    walk = walk_to_place(lamps)

    assert "2 Personen verfolgen es" in " ".join(walk.html.split())
    assert "follower" not in walk.html
