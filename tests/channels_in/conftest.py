"""A town with one mailbox, and a folder of files of its own for each test."""

from pathlib import Path

import pytest
from pytest_django import Settings

from channels_in.models import Account
from channels_in.senders import forget_rules
from tests.channels_in.making import make_account
from tests.factories.house import House, make_house


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def _no_rules_of_others() -> None:
    forget_rules()


@pytest.fixture
def house(db: None) -> House:
    del db
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house)
