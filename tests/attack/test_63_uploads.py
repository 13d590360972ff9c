"""Attack case 63: limits of uploads are told before, and a flood of files fills no disk."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from helpdesk.files.models import StoredFile
from helpdesk.portal.report import quota
from tests.attack.holder import address, opened
from tests.factories.house import make_house, make_ticket

pytestmark = pytest.mark.django_db


def files(count: int, size: int = 10) -> list[SimpleUploadedFile]:
    return [
        SimpleUploadedFile(f"{number}.bin", b"%06d" % number + b"x" * size)
        for number in range(count)
    ]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def test_the_limits_stand_beside_the_field_before_anything_is_uploaded() -> None:
    ticket = make_ticket(make_house())

    page = opened(ticket).get(address(ticket)).content.decode()

    assert "Bis zu 5 Dateien, jede bis 10 MB." in page


def test_twenty_files_at_once_store_five_and_a_thousand_none() -> None:
    ticket = make_ticket(make_house())

    Client().post(address(ticket, "reply"), {"text": "x", "key": "k", "uploads": files(20)})
    kept = StoredFile.objects.count()
    flood = Client().post(address(ticket, "reply"), {"text": "x", "uploads": files(1_000)})

    assert kept == 5
    assert flood.status_code == 400
    assert StoredFile.objects.count() == kept


def test_a_network_that_has_used_up_its_share_is_told_so_and_keeps_its_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quota, "UPLOADS_PER_HOUR", quota.LEAST_UPLOAD)
    ticket = make_ticket(make_house())

    page = Client().post(
        address(ticket, "reply"), {"text": "Meine Worte", "key": "k", "uploads": files(3, 1_000)}
    )

    assert page.status_code == 422
    assert "Meine Worte" in page.content.decode()
    assert StoredFile.objects.count() == 1
