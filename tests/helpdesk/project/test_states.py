"""Pages for what is not there, what broke, and who is signed out: nothing typed is lost."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from helpdesk.project.errors import broken
from tests.factories.house import House, make_house
from tests.helpdesk.desk.pages import make_tickets, signed_in

pytestmark = pytest.mark.django_db
FETCH = {"hx-request": "true", "x-by-itself": "1"}
TYPED = "Guten Tag, der Bauhof kommt morgen <b>früh</b>."


@pytest.fixture
def house() -> House:
    return make_house()


def test_not_there_offers_the_search_to_staff_at_the_desk_and_to_nobody_else(house: House) -> None:
    staff = signed_in(house.anna).get("/a/gibt-es-nicht/")
    at_the_portal = signed_in(house.anna).get("/gibt-es-nicht/")
    stranger = Client().get("/a/gibt-es-nicht/")

    action = f'action="{reverse("desk:search")}"'.encode()
    assert [action in each.content for each in (staff, at_the_portal, stranger)] == [
        True,
        False,
        False,
    ]


def failed(path: str, **data: str) -> str:
    return broken(RequestFactory().post(path, data)).content.decode()


def test_a_failure_gives_back_what_was_typed_and_its_number(house: House) -> None:
    del house
    page = failed("/a/t/2026-000001/answer/", body=TYPED, csrfmiddlewaretoken="x" * 64)

    assert "Guten Tag, der Bauhof kommt morgen &lt;b&gt;früh&lt;/b&gt;." in page
    assert "x" * 64 not in page


def test_a_failure_below_the_account_gives_nothing_back(house: House) -> None:
    del house
    assert "richtig-pferd-batterie-klammer" not in failed(
        "/a/konto/passwort/", password1="richtig-pferd-batterie-klammer"
    )


def test_a_form_sent_signed_out_leads_back_to_its_page(house: House) -> None:
    (ticket,) = make_tickets(house, 1)
    page = reverse("desk:ticket", args=[ticket.number])
    sent = Client().post(
        reverse("desk:note", args=[ticket.number]),
        {"body": TYPED},
        headers={"referer": f"http://testserver{page}"},
    )
    foreign = Client().post(
        reverse("desk:note", args=[ticket.number]), headers={"referer": "http://evil.example/a/x/"}
    )

    assert sent["Location"].endswith(f"?next={page}")
    assert foreign["Location"].endswith("?next=/a/")


def test_scripts_are_told_who_is_signed_in_and_that_nobody_is(house: House) -> None:
    client = signed_in(house.anna)

    found = client.get(reverse("desk:session"), headers=FETCH)

    assert found.json()["user"] == house.anna.pk
    assert len(found.json()["csrf"]) == 64
    assert "X-Version" in found.headers
    assert Client().get(reverse("desk:session"), headers=FETCH).status_code == 401
