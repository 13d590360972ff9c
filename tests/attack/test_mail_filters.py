"""Attacks on filters and marks of spam, by those who write filters, by senders, by the curious."""

import pytest
from django.urls import reverse
from pytest_django import Settings

from channels_in.filters.doors import Condition
from channels_in.models import Account, HeldMail, RawMessage
from channels_in.process import process_raw
from helpdesk.agents.models import Membership
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets.models import Ticket
from tests.channels_in.filters.making import make_filter
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_administrator, make_house
from tests.helpdesk.desk.pages import signed_in

pytestmark = pytest.mark.django_db
EVIL = "{% load x %}{{ 7|add:7 }}<img src=x onerror=alert(1)>"
OURS = "Received: from x by mx.musterstadt.example with ESMTPS\r\n"


@pytest.fixture
def house(settings: Settings) -> House:
    settings.DEMO = True
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(
        house, spam_marks="above", spam_hop="mx.musterstadt.example", rules_mark=new_nonce()
    )


def filed(account: Account, raw: bytes) -> RawMessage:
    account.refresh_from_db()
    row = kept(account, raw)
    process_raw(row.pk)
    row.refresh_from_db()
    return row


def test_what_a_filter_is_called_and_compares_with_is_never_run(
    house: House, account: Account
) -> None:
    rows = [Condition("subject", "matches", "*(a+)+$*"), Condition("body", "contains_not", EVIL)]
    made = make_filter(house, EVIL[:50], conditions=rows, matching="any", team_id=house.roads.pk)
    row = filed(account, mail())
    administrator = make_administrator(house.authority)
    Membership.objects.create(user=administrator, team=house.roads)
    client = signed_in(administrator)
    ticket = Ticket.objects.get()

    pages = [
        client.get(reverse("desk:settings_filters")),
        client.get(reverse("desk:settings_filter", args=[made.pk])),
        client.post(reverse("desk:settings_filter_trial"), {"mail": row.pk, "account": account.pk}),
        client.get(reverse("desk:ticket", args=[ticket.number])),
    ]

    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "{{ 7|add:7 }}&lt;img src=x" in text
        assert "<img src=x" not in text


@pytest.mark.parametrize(
    "head",
    [
        f"{OURS}X-Spam-Flag: YES\r\n",
        f"{OURS}X-Spam-Flag: YES\r\nReceived: from y by mx.musterstadt.example with SMTP\r\n",
        "X-Spam-Flag: YES\r\nReceived: from y by mx.evil.example with SMTP\r\n",
        "X-Spam-Flag: YES\r\n",
    ],
)
def test_a_mark_that_a_sender_wrote_holds_nothing(account: Account, head: str) -> None:
    assert filed(account, mail(headers=head)).state == RawMessage.State.FILED
    assert not HeldMail.objects.exists()


def test_a_good_mark_that_a_sender_wrote_frees_nothing(account: Account) -> None:
    head = f"X-Spam-Flag: YES\r\n{OURS}X-Spam-Flag: NO\r\n"

    assert filed(account, mail(headers=head)).state == RawMessage.State.SPAM


def test_an_administrator_reads_in_the_trial_no_mail_of_a_team_that_is_not_theirs(
    house: House, account: Account
) -> None:
    row = filed(account, mail(body="Kanarienvogel"))
    client = signed_in(make_administrator(house.authority))
    trial = reverse("desk:settings_filter_trial")

    foreign = client.post(trial, {"mail": row.pk, "account": account.pk})
    missing = client.post(trial, {"mail": 999_999, "account": account.pk})

    assert (foreign.status_code, missing.status_code) == (422, 422)
    assert "Schlagloch" not in foreign.content.decode()
