"""Attack case 8: a file's name from the status page names no path and breaks no header."""

import pytest
from django.core.cache import cache
from pytest_django import Settings

from helpdesk.lib.filenames import clean_filename
from tests.attack.holder import file_address, opened, send_file
from tests.factories.house import make_house, make_ticket

pytestmark = pytest.mark.django_db
NAMES = (
    "\u200b.htaccess",
    "rechnung\u202efdp.exe",
    "..\\..\\windows\\win.ini",
    "../../etc/passwd",
    "CON.txt",
    "a" * 300 + ".pdf",
    "x.pht",
    'a";filename="b.exe',
)


@pytest.mark.parametrize("name", NAMES)
def test_a_wicked_name_is_cleaned_before_it_is_stored_and_sent(
    name: str, settings: Settings
) -> None:
    cache.clear()
    # About names alone: what kinds of files are refused, case 63 looks at.
    settings.DENIED_KINDS = frozenset()
    ticket = make_ticket(make_house())
    file = send_file(ticket, name, b"Inhalt", "application/octet-stream")

    response = opened(ticket).get(file_address(ticket, file.pk))
    response.close()

    assert file.name == clean_filename(file.name)
    assert not file.name.startswith(".")
    assert not set(file.name) & set('/\\"\u200b\u202e\r\n')
    assert len(file.name.encode()) <= 200
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Disposition"].count("filename") == 1
