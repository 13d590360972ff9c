"""The bell of the desk, its page, and what the profile says of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from helpdesk.agents.models import Absence, Membership, User
from helpdesk.notifications.models import Notice, NoticeChoices
from helpdesk.tickets.domain.watch import watch_ticket
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_agent, make_house
from tests.helpdesk.desk.pages import signed_in
from tests.helpdesk.notifications.making import named_in_a_note, note, take_in

pytestmark = pytest.mark.django_db
PROFILE = "/a/konto/profil/"
CHOICES = {
    **dict.fromkeys(("mentioned", "assigned", "deadline", "replied", "watched"), "daily"),
    "quiet_from": "18:00",
    "quiet_until": "07:30",
    "quiet_weekends": "on",
    "daily_at": "06:45",
}


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def jana(house: House) -> User:
    return make_agent(house.authority, "Jana Weber", house.roads)


@pytest.fixture
def ticket(house: House, jana: User) -> Ticket:
    """Return a ticket in which Jana was named."""
    return named_in_a_note(house, jana)


def bell(browser: Client) -> int:
    found: dict[str, int] = browser.get("/a/counts/").json()
    return found["notices"]


def test_the_page_tells_by_request_what_has_happened(jana: User, ticket: Ticket) -> None:
    page = signed_in(jana).get("/a/mitteilungen/").content.decode()
    panel = signed_in(jana).get("/a/mitteilungen/neu/").content.decode()

    for html in (page, panel):
        assert html.count(f'href="/a/t/{ticket.number}/"') == 1
        assert "Anna Abend hat Sie in einer internen Notiz erwähnt." in html
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert " ".join(title.split()) == "(1) Mitteilungen – Anliegen"


def test_opening_a_request_answers_the_bell_of_its_reader_alone(
    house: House, jana: User, ticket: Ticket
) -> None:
    browser, another = signed_in(jana), signed_in(house.anna)
    before = bell(browser)

    another.get(f"/a/t/{ticket.number}/")
    by_another = bell(browser)
    page = browser.get(f"/a/t/{ticket.number}/").content.decode()

    assert (before, by_another, bell(browser)) == (1, 1, 0)
    assert 'class="bell-count is-none"' in page


def test_what_arrives_in_a_request_that_is_before_ones_eyes_rings_no_bell(
    jana: User, ticket: Ticket
) -> None:
    browser = signed_in(jana)
    thread = f"/a/t/{ticket.number}/articles/?after=0"

    browser.get(thread)
    in_background = bell(browser)
    browser.get(f"{thread}&shown=1")

    assert (in_background, bell(browser)) == (1, 0)


def test_all_can_be_marked_as_read_up_to_what_the_page_showed(
    house: House, jana: User, ticket: Ticket
) -> None:
    browser = signed_in(jana)
    upto = browser.get("/a/mitteilungen/").context["newest"]
    note(ticket, house.anna, "@Jana Weber, noch etwas")

    answer = browser.post("/a/mitteilungen/gelesen/", {"upto": upto})

    assert answer.headers["Location"] == "/a/mitteilungen/"
    assert Notice.objects.filter(user=jana, read_at=None).count() == 1
    browser.post("/a/mitteilungen/gelesen/", {"upto": "viele"})
    assert Notice.objects.filter(user=jana, read_at=None).count() == 1


def test_an_empty_page_says_what_will_stand_there(house: House) -> None:
    page = signed_in(house.bert).get("/a/mitteilungen/").content.decode()

    assert "Nichts Neues" in page
    assert "Alles als gelesen markieren" not in page


def test_the_profile_keeps_how_one_wants_to_be_told(jana: User) -> None:
    answer = signed_in(jana).post(f"{PROFILE}mitteilungen/", CHOICES)

    saved = NoticeChoices.objects.get(user=jana)
    assert answer.headers["Location"] == f"{PROFILE}#notices"
    assert (saved.watched, saved.quiet_weekends) == ("daily", True)
    assert (str(saved.quiet_from), str(saved.daily_at)) == ("18:00:00", "06:45:00")


@pytest.mark.parametrize("wrong", [{"daily_at": "25 Uhr"}, {"mentioned": "brieftaube"}])
def test_a_wrong_choice_is_named_and_what_was_typed_is_kept(
    jana: User, wrong: dict[str, str]
) -> None:
    answer = signed_in(jana).post(f"{PROFILE}mitteilungen/", CHOICES | wrong)

    assert answer.status_code == 422
    assert set(answer.context["wrong_form"].errors) == set(wrong)
    assert answer.context["notices_form"]["quiet_from"].value() == "18:00"
    assert not NoticeChoices.objects.exists()


def rows_of(browser: Client, slug: str) -> list[str]:
    return [row.number for row in browser.get(f"/a/v/{slug}/").context["rows"]]


def test_requests_that_name_one_or_that_one_follows_are_lists_of_their_own(
    house: House, jana: User, ticket: Ticket
) -> None:
    followed = take_in(house, message_id="<other@example.org>")
    watch_ticket(ticket_id=followed.pk, user=jana)
    browser = signed_in(jana)

    found = {slug: rows_of(browser, slug) for slug in ("erwaehnt", "beobachtet")}
    page = browser.get("/a/v/all/").content.decode()
    by_another = [rows_of(signed_in(house.anna), slug) for slug in found]

    assert found == {"erwaehnt": [ticket.number], "beobachtet": [followed.number]}
    assert by_another == [[], []]
    assert 'data-count="erwaehnt"' in page
    assert browser.get("/a/counts/").json()["erwaehnt"] == 1


def test_who_stands_in_finds_the_work_as_far_as_their_own_rights_reach(
    house: House, jana: User, ticket: Ticket
) -> None:
    browser = signed_in(jana)
    before = rows_of(browser, "vertretung")
    signed_in(house.anna).post(f"{PROFILE}abwesenheit/", days(0, 1, jana))

    during = rows_of(browser, "vertretung")
    page = browser.get("/a/v/mine/").content.decode()
    Membership.objects.filter(user=jana).update(can_read=False)

    assert (before, during) == ([], [ticket.number])
    assert "In Vertretung: Anna Abend" in page
    assert rows_of(browser, "vertretung") == []


def days(first: int, last: int, substitute: User | None = None) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "starts_on": (today + timedelta(days=first)).isoformat(),
        "ends_on": (today + timedelta(days=last)).isoformat(),
        "substitute": substitute.pk if substitute else "",
    }


def test_an_absence_is_saved_replaced_and_ended(house: House, jana: User) -> None:
    browser = signed_in(jana)

    browser.post(f"{PROFILE}abwesenheit/", days(0, 3, house.anna))
    browser.post(f"{PROFILE}abwesenheit/", days(1, 2, house.anna))
    page = browser.get(PROFILE).content.decode()
    kept = list(Absence.objects.values_list("user", "substitute"))
    browser.post(f"{PROFILE}abwesenheit/beenden/")

    assert kept == [(jana.pk, house.anna.pk)]
    assert "Anna Abend vertritt Sie." in page
    assert not Absence.objects.exists()


def test_who_stands_in_without_the_rights_is_named_with_what_they_will_not_see(
    house: House, jana: User
) -> None:
    page = signed_in(jana).post(f"{PROFILE}abwesenheit/", days(0, 1, house.bert), follow=True)

    warned = "Bert Berg darf die Anliegen dieser Teams nicht lesen: Tiefbau."
    assert warned in page.content.decode()


@pytest.mark.parametrize(
    "first, last, field", [(2, 1, "ends_on"), (-3, -1, "ends_on"), (0, 400, "ends_on")]
)
def test_an_absence_that_can_not_be_is_refused(
    jana: User, first: int, last: int, field: str
) -> None:
    answer = signed_in(jana).post(f"{PROFILE}abwesenheit/", days(first, last))

    assert answer.status_code == 422
    assert set(answer.context["wrong_form"].errors) == {field}
    assert not Absence.objects.exists()


def test_nobody_of_another_authority_and_not_oneself_can_stand_in(jana: User) -> None:
    answer = signed_in(jana).post(f"{PROFILE}abwesenheit/", days(0, 1, jana))

    assert answer.status_code == 422
    assert set(answer.context["wrong_form"].errors) == {"substitute"}
