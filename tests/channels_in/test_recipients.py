"""For which account a mail is."""

import pytest
from pytest_django import Settings

from channels_in.filters.doors import add_address
from channels_in.models import Account
from channels_in.recipients import read_directory
from tests.channels_in.making import make_account
from tests.factories.house import House

pytestmark = pytest.mark.django_db
LISTENER = Account.Kind.LISTENER


def test_find_knows_an_address_in_any_case_and_with_a_tag(account: Account) -> None:
    directory = read_directory()

    assert directory.find("Tiefbau@MUSTERSTADT.example") == account
    assert directory.find("tiefbau+t17@musterstadt.example") == account
    assert directory.find("abfall@musterstadt.example") is None


def test_find_prefers_the_listener_of_an_address(account: Account, house: House) -> None:
    listener = make_account(house, kind=LISTENER)

    assert read_directory().find(account.address) == listener


def test_find_gives_everything_else_to_a_single_listener(account: Account, house: House) -> None:
    listener = make_account(house, kind=LISTENER, address="alle@musterstadt.example")

    assert read_directory().find("wer@auch.immer.example") == listener
    assert read_directory().find(account.address) == account


def test_find_knows_no_default_among_several_but_in_the_demo(
    house: House, settings: Settings
) -> None:
    first = make_account(house, kind=LISTENER, address="a@musterstadt.example")
    make_account(house, kind=LISTENER, address="b@musterstadt.example")

    assert read_directory().find("c@musterstadt.example") is None
    settings.DEMO = True
    assert read_directory().find("c@musterstadt.example") == first


def test_find_knows_the_further_addresses_of_an_account(account: Account, house: House) -> None:
    add_address(
        account_id=account.pk,
        address="bau@musterstadt.example",
        team_id=None,
        category_id=None,
        user=house.anna,
    )

    directory = read_directory()

    assert directory.find("Bau@musterstadt.example") == account
    assert directory.find("bau+t7.x@musterstadt.example") == account
    assert directory.find("abfall@musterstadt.example") is None


def test_find_does_not_know_an_account_that_is_switched_off(house: House) -> None:
    make_account(house, is_active=False)

    assert read_directory().find("tiefbau@musterstadt.example") is None
