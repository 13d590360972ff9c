"""The view of held mail: who sees it, what lets it through, and spam from a ticket."""

import pytest
from django.test import Client
from django.urls import reverse

from channels_in.models import Account, HeldMail, RawMessage
from channels_in.process import drain, process_raw
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.models import Ticket
from tests.channels_in.making import NOON, kept, mail, make_account
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import page_of, signed_in

pytestmark = pytest.mark.django_db
LIST = "/a/spam/"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house, spam_marks="all", rules_mark=new_nonce())


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def held(account: Account, number: int = 1, body: str = "Ein Gewinn.") -> RawMessage:
    row = kept(account, mail(number, headers="X-Spam-Flag: YES\r\n", body=body))
    process_raw(row.pk)
    row.refresh_from_db()
    return row


def test_held_mail_is_listed_and_shown_as_text(account: Account, anna: Client) -> None:
    row = held(account, body="<script>alert(1)</script> Gewinn")

    listed = anna.get(LIST).content.decode()
    shown = anna.get(reverse("desk:spam_mail", args=[row.pk])).content.decode()

    assert "Schlagloch 1" in listed
    assert "Clara Citizen" in listed
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Gewinn" in shown
    assert anna.get(reverse("desk:spam_raw", args=[row.pk])).content == bytes(row.body or b"")


def test_chosen_mails_become_requests_as_of_the_time_they_came(
    account: Account, anna: Client
) -> None:
    rows = [held(account, number) for number in (1, 2, 3)]

    response = anna.post(reverse("desk:not_spam"), {"ids": [rows[0].pk, rows[1].pk]})
    drain()

    assert response["Location"] == LIST
    assert [ticket.received_at for ticket in Ticket.objects.all()] == [NOON, NOON]
    assert HeldMail.objects.get().raw_message_id == rows[2].pk


@pytest.mark.parametrize("ids", [[], ["x"], ["²"]])
def test_nothing_chosen_says_so(anna: Client, ids: list[str]) -> None:
    page = anna.post(reverse("desk:not_spam"), {"ids": ids}, follow=True).content.decode()

    assert "Wählen Sie mindestens eine E-Mail." in page


def test_of_chosen_mails_only_ones_own_are_let_through(
    account: Account, house: House, anna: Client
) -> None:
    own, foreign = held(account, 1), held(account, 2)
    HeldMail.objects.filter(raw_message=foreign).update(team=house.waste)

    data = {"ids": [own.pk, foreign.pk]}
    page = anna.post(reverse("desk:not_spam"), data, follow=True).content.decode()

    assert "1 E-Mail wird ein Anliegen" in page
    assert "gehören nicht zu Ihren Teams" in page
    assert HeldMail.objects.get().raw_message_id == foreign.pk


def test_another_team_finds_nothing(account: Account, house: House) -> None:
    row = held(account)
    bert = signed_in(house.bert)

    codes = [
        bert.get(reverse("desk:spam_mail", args=[row.pk])).status_code,
        bert.get(reverse("desk:spam_raw", args=[row.pk])).status_code,
        bert.post(reverse("desk:not_spam"), {"ids": [row.pk]}).status_code,
    ]

    assert codes == [404, 404, 404]
    assert "Schlagloch" not in bert.get(LIST).content.decode()
    assert HeldMail.objects.exists()


def test_ticket_ended_as_spam_leaves_the_lists_and_stands_under_spam(
    house: House, anna: Client
) -> None:
    ticket = make_ticket(house, subject="Gewinnen Sie jetzt")

    anna.post(f"{page_of(ticket)}change/spam/", {"view": "all"})

    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.SPAM)
    assert "Gewinnen Sie jetzt" in anna.get(LIST).content.decode()
    for slug in ("all", "done"):
        assert "Gewinnen Sie jetzt" not in anna.get(f"/a/v/{slug}/").content.decode()


def test_spam_page_asks_as_often_for_many_mails_as_for_one(
    account: Account, anna: Client, django_assert_max_num_queries: object
) -> None:
    held(account)
    anna.get(LIST)
    with django_assert_max_num_queries(16):  # type: ignore[operator]  # pytest-django's fixture
        anna.get(LIST)
    for number in range(2, 12):
        held(account, number)
    with django_assert_max_num_queries(16):  # type: ignore[operator]  # the same
        anna.get(LIST)
