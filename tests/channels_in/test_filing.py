"""From a parsed mail to what the tickets take: files within limits, times of our own."""

from datetime import UTC, datetime

import pytest

from channels_in.limits import MAX_FILES
from channels_in.models import Account
from channels_in.process import process_raw
from channels_in.reasons import describe_warning
from channels_in.store import read_raw
from helpdesk.tickets.models import Article
from tests.channels_in.making import NOON, kept, mail

pytestmark = pytest.mark.django_db
PART = "--b\r\nContent-Type: text/plain; name=datei-{0}.txt\r\n\r\nInhalt {0}\r\n"


def _with_files(count: int) -> bytes:
    parts = "".join(PART.format(number) for number in range(count))
    return (
        "From: a@example.org\r\nSubject: Dateien\r\n"
        f"Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n"
    ).encode()


def test_a_mail_with_very_many_files_keeps_the_first_fifty_apart_and_says_so(
    account: Account,
) -> None:
    raw = _with_files(MAX_FILES + 10)
    row = kept(account, raw)

    process_raw(row.pk)

    article = Article.objects.get()
    names = [file.name for file in article.attachments.all()]
    assert names == [f"datei-{number}.txt" for number in range(MAX_FILES)]
    assert article.warnings == ["too_many_files"]
    assert "original" in describe_warning("too_many_files").lower()
    assert read_raw(row) == raw


def test_a_mail_with_fifty_files_keeps_them_all_without_a_word(account: Account) -> None:
    process_raw(kept(account, _with_files(MAX_FILES)).pk)

    article = Article.objects.get()
    assert article.attachments.count() == MAX_FILES
    assert article.warnings == []


@pytest.mark.parametrize(
    "date", ["Tue, 1 Jan 1970 00:00:00 +0000", "Fri, 1 Jan 2050 00:00:00 +0000", "gestern"]
)
def test_the_time_of_a_message_is_ours_whatever_its_date_says(account: Account, date: str) -> None:
    raw = mail().replace(b"Wed, 18 Nov 2026 12:00:00 +0000", date.encode())

    process_raw(kept(account, raw).pk)

    assert Article.objects.get().received_at == NOON == datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
