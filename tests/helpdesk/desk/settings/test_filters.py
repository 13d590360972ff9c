"""Pages of filters: what is typed is kept, what is tried is not done, nothing foreign is there."""

import re
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from channels_in.models import Account, FurtherAddress, HeldMail, MailFilter, RawMessage
from channels_in.process import process_raw
from helpdesk.agents.models import Membership, Role
from helpdesk.events.models import Event
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets.models import Ticket
from tests.channels_in.filters.making import make_filter
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_administrator, make_house

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "Löcher",
    "matching": "all",
    "is_active": "on",
    "rows": "2",
    "c0-field": "subject",
    "c0-text_operator": "contains",
    "c0-text": "schlagloch",
    # What does not fit the field does not count, whatever it says.
    "c0-number_operator": "at_most",
    "c0-number": "17",
    "c1-field": "authentication",
    "c1-choice_operator": "is_not",
    "c1-result": "dmarc=fail",
}


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house)


@pytest.fixture
def client(house: House, settings: Settings) -> Client:
    settings.DEMO = True
    client = Client()
    client.force_login(make_administrator(house.authority))
    return client


def url(name: str, *keys: object) -> str:
    return reverse(f"desk:settings_{name}", args=keys)


def given(house: House, **values: str) -> dict[str, str]:
    return GIVEN | {"team": str(house.waste.pk)} | values


def text_of(response: "Response") -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def values_of(response: "Response") -> list[str]:
    return re.findall(r'name="c\d-text" value="([^"]*)"', text_of(response))


def test_filter_is_made_and_shown_with_what_it_looks_at(client: Client, house: House) -> None:
    made = client.post(url("filter_new"), given(house))

    assert made["Location"] == url("filters")
    stored = MailFilter.objects.get()
    rows = [(row.field, row.operator, row.value) for row in stored.conditions.all()]
    assert rows == [
        ("subject", "contains", "schlagloch"),
        ("authentication", "is_not", "dmarc=fail"),
    ]
    assert stored.team == house.waste
    page = text_of(client.get(url("filters")))
    assert "Betreff enthält „schlagloch“" in page
    assert "an Team Abfall" in page
    again = client.get(url("filter", stored.pk))
    assert values_of(again)[0] == "schlagloch"


def test_refused_filter_names_the_row_and_keeps_what_was_typed(
    client: Client, house: House
) -> None:
    response = client.post(url("filter_new"), given(house, **{"c0-text": " ", "name": "Neu"}))

    assert response.status_code == 422
    page = text_of(response)
    assert page.count("Bedingung 1: Geben Sie ein, womit verglichen wird.") == 2
    assert 'name="name" value="Neu"' in page
    assert f'<option value="{house.waste.pk}" selected>' in page
    assert '<option value="dmarc=fail" selected>' in page
    assert not MailFilter.objects.exists()


def test_rows_are_added_and_taken_out_without_a_script(client: Client, house: House) -> None:
    more = client.post(url("filter_new"), given(house, add="1"))
    fewer = client.post(url("filter_new"), given(house, remove="0", name="Halb"))

    assert 'name="rows" value="3"' in text_of(more)
    assert values_of(more)[0] == "schlagloch"
    assert 'name="rows" value="1"' in text_of(fewer)
    assert '<option value="authentication" selected>' in text_of(fewer)
    assert 'name="name" value="Halb"' in text_of(fewer)
    assert (more.status_code, fewer.status_code) == (200, 200)


@pytest.mark.parametrize("rows", ["", "-1", "²", "99999999999", "x"])
def test_a_foreign_count_of_rows_is_no_error(client: Client, house: House, rows: str) -> None:
    response = client.post(url("filter_new"), given(house, rows=rows))

    assert response.status_code == 422
    assert not MailFilter.objects.exists()


def test_filters_are_put_in_order_by_arrows_and_by_place(client: Client, house: House) -> None:
    first, second, third = (make_filter(house, name, priority=10) for name in "abc")

    def names() -> list[str]:
        return list(MailFilter.objects.values_list("name", flat=True))

    client.post(url("filter_move", second.pk), {"to": "up"})
    assert names() == ["b", "a", "c"]
    client.post(url("filter_move", second.pk), {"to": "down"})
    assert names() == ["a", "b", "c"]
    client.post(url("filter_move", third.pk), {"to": "0"})
    client.post(url("filter_move", first.pk), {"to": "weg"})
    assert names() == ["c", "a", "b"]


def test_filter_is_deleted(client: Client, house: House) -> None:
    made = make_filter(house, priority=10)

    client.post(url("filter_delete", made.pk))

    assert not MailFilter.objects.exists()


def filed(account: Account, raw: bytes) -> RawMessage:
    account.refresh_from_db()
    row = kept(account, raw)
    process_raw(row.pk)
    row.refresh_from_db()
    return row


def join_team(house: House, client: Client) -> None:
    user_id = client.session["_auth_user_id"]
    Membership.objects.create(user_id=user_id, team=house.roads)


def test_dry_run_counts_the_last_mails_and_changes_nothing(
    client: Client, house: House, account: Account
) -> None:
    join_team(house, client)
    filed(account, mail(1))
    filed(account, mail(2).replace(b"Subject: Schlagloch 2", b"Subject: Ampel"))
    before = Event.objects.count()

    response = client.post(url("filter_new"), given(house, **{"try": "1"}))

    page = text_of(response)
    assert response.status_code == 200
    assert "1 von 2 E-Mails wären betroffen" in page
    assert 'name="name" value="Löcher"' in page
    assert Event.objects.count() == before
    assert not MailFilter.objects.exists()


def test_trial_says_row_by_row_what_a_stored_mail_meets(
    client: Client, house: House, account: Account
) -> None:
    join_team(house, client)
    row = filed(account, mail(1))
    make_filter(house, "Löcher", team_id=house.waste.pk)

    response = client.post(url("filter_trial"), {"mail": str(row.pk), "account": str(account.pk)})

    page = text_of(response)
    assert "Sie würde ein Anliegen." in page
    assert 'Betreff enthält „schlagloch“<span class="vh">: erfüllt' in page
    assert "an Team Abfall" in page
    assert Ticket.objects.get().team == house.roads


@pytest.mark.parametrize("way", ["file", "source"])
def test_trial_takes_a_mail_that_is_handed_in(
    client: Client, house: House, account: Account, way: str
) -> None:
    make_filter(house, "Werbung", verdict="drop")
    value: object = mail().decode()
    if way == "file":
        value = SimpleUploadedFile("a.eml", mail())

    response = client.post(url("filter_trial"), {way: value, "account": str(account.pk)})

    assert "Sie würde kein Anliegen: Filter „Werbung“" in text_of(response)
    assert not RawMessage.objects.exists()


@pytest.mark.parametrize("junk", [b"", b"\0\xff" * 500, b"kein Kopf", b"From: a@b.example\n\n"])
def test_trial_of_junk_is_no_error(client: Client, account: Account, junk: bytes) -> None:
    given = {"file": SimpleUploadedFile("a.eml", junk), "account": str(account.pk)}

    assert client.post(url("filter_trial"), given).status_code == 200


def test_trial_asks_for_a_mail(client: Client, account: Account) -> None:
    response = client.post(url("filter_trial"), {"account": str(account.pk)})

    assert response.status_code == 422
    assert "fügen Sie einen Quelltext ein" in text_of(response)


def test_trial_and_dry_run_show_no_mail_of_a_team_that_one_may_not_read(
    client: Client, house: House, account: Account
) -> None:
    row = filed(account, mail(1).replace(b"Subject: Schlagloch 1", b"Subject: Kanarienvogel"))
    Account.objects.update(spam_marks="all", rules_mark=new_nonce())
    held = filed(account, mail(2, headers="X-Spam-Flag: YES\r\n", body="Kanarienvogel"))
    assert HeldMail.objects.get().raw_message == held

    listed = client.get(url("filter_trial"))
    tried = client.post(url("filter_trial"), {"mail": str(row.pk), "account": str(account.pk)})
    spam = client.post(url("filter_trial"), {"mail": str(held.pk), "account": str(account.pk)})
    run = client.post(url("filter_new"), given(house, **{"try": "1", "c0-text": "vogel"}))

    assert "Kanarienvogel" not in text_of(listed)
    assert (tried.status_code, spam.status_code) == (422, 422)
    assert "Kanarienvogel" not in text_of(tried) + text_of(spam)
    assert "0 von 0 E-Mails" in text_of(run)


def test_address_and_spam_of_a_mailbox_are_set(
    client: Client, house: House, account: Account
) -> None:
    page = url("mailbox_rules", account.pk)

    added = client.post(
        url("address_new", account.pk),
        {"address": "Bau@Musterstadt.example", "team": str(house.waste.pk)},
    )
    saved = client.post(
        page, {"marks": "above", "hop": "MX.Musterstadt.example.", "limit": "", "keep_days": "14"}
    )

    assert (added["Location"], saved["Location"]) == (page, page)
    address = FurtherAddress.objects.get()
    assert (address.address, address.team) == ("bau@musterstadt.example", house.waste)
    account.refresh_from_db()
    assert (account.spam_marks, account.spam_hop) == ("above", "mx.musterstadt.example")
    assert (account.spam_limit, account.spam_keep_days) == (None, 14)
    client.post(url("address_remove", account.pk, address.pk))
    assert not FurtherAddress.objects.exists()


def test_refused_address_and_spam_say_why_and_keep_what_was_typed(
    client: Client, account: Account
) -> None:
    page = url("mailbox_rules", account.pk)

    address = client.post(url("address_new", account.pk), {"address": "kein"})
    spam = client.post(page, {"marks": "above", "hop": "", "keep_days": "3"})
    hop = client.post(page, {"marks": "above", "hop": " ", "keep_days": "9"})

    assert (address.status_code, spam.status_code, hop.status_code) == (422, 422, 422)
    assert 'name="address" value="kein"' in text_of(address)
    assert 'name="keep_days" value="3"' in text_of(spam)
    assert "Nennen Sie den Server, dessen Kennzeichen gelten." in text_of(hop)


def test_agents_without_the_right_find_no_filters(house: House, account: Account) -> None:
    agent = Client()
    agent.force_login(house.anna)
    house.anna.roles.add(
        Role.objects.create(authority=house.authority, name="Redaktion", verbs=["edit_texts"])
    )

    pages = (url("filters"), url("filter_new"), url("filter_trial"))
    codes = [agent.get(page).status_code for page in (*pages, url("mailbox_rules", account.pk))]

    assert codes == [404] * 4
