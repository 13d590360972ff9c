"""Files that wait for something to speak of them, and go when nothing does."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from helpdesk.api.models import Upload
from helpdesk.api.uploads import forget_old
from helpdesk.files import store
from helpdesk.files.models import StoredFile, WaitingFile
from tests.attack.holder import address
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.api.client import program_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh(settings: Settings, tmp_path: Path) -> None:
    cache.clear()
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def house() -> House:
    return make_house()


def reply(house: House, text: str) -> int:
    file = SimpleUploadedFile("antrag.txt", b"Antrag")
    ticket = make_ticket(house)
    words = {"text": text, "key": "k", "uploads": [file]}
    if not text:
        words["uploads"] = [file, SimpleUploadedFile("leer.txt", b"")]
    return Client().post(address(ticket, "reply"), words).status_code


def a_day_later() -> None:
    WaitingFile.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    an_hour_ago = time.time() - 3600
    for stored in StoredFile.objects.all():
        os.utime(store.path_of(stored.sha256), (an_hour_ago, an_hour_ago))


def test_a_file_of_a_reply_that_was_never_sent_goes(house: House) -> None:
    code = reply(house, "")
    stored = StoredFile.objects.get()
    too_early = store.sweep_waiting()
    a_day_later()

    gone = store.sweep_waiting()

    assert (code, too_early, gone) == (422, 0, 1)
    assert not StoredFile.objects.exists()
    assert not store.path_of(stored.sha256).exists()


def test_a_file_of_a_reply_that_was_sent_stays(house: House) -> None:
    code = reply(house, "Hier ist der Antrag.")
    a_day_later()

    gone = store.sweep_waiting()

    assert (code, gone) == (302, 0)
    assert store.read_file(StoredFile.objects.get()) == b"Antrag"
    assert not WaitingFile.objects.exists()


def test_a_file_that_a_program_never_named_goes(house: House) -> None:
    program_of(house.anna).upload("antrag.txt", b"Antrag")
    Upload.objects.update(created_at=timezone.now() - timedelta(days=2))
    a_day_later()

    assert forget_old() == 1
    assert not StoredFile.objects.exists()
