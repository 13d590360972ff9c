"""Fault F17: mails nobody would write are read within bounds; each is filed or put aside, whole.

A few hundred in the ordinary suite, 10,000 under ``-m faults`` (``FAULT_FUZZED``) in blocks of a
thousand, so that what is done is known while the rest runs. A failure names seed and number.
"""

import json
import os
from collections.abc import Callable, Iterator

import pytest

from channels_in.mail.jsonview import as_json
from channels_in.mail.parser_process import ParserProcess
from channels_in.models import Account, RawMessage
from channels_in.process import process_raw
from channels_in.quarantine import retry
from channels_in.store import keep, read_raw
from tests.channels_in.bombs import BOMBS
from tests.channels_in.fuzz import fuzzed
from tests.channels_in.making import NOON, kept

pytestmark = pytest.mark.proves("F17")
SEED = int(os.environ.get("FAULT_SEED", "17"))
FUZZED, BLOCK = int(os.environ.get("FAULT_FUZZED", "10000")), 1000
LONG = (pytest.mark.faults, pytest.mark.timeout(1800))
BLOCKS = [
    pytest.param(range(start, start + BLOCK), marks=LONG, id=f"{start} to {start + BLOCK}")
    for start in range(0, FUZZED, BLOCK)
]
READ = [pytest.param(range(300), id="300"), *BLOCKS]
FILED = [pytest.param(range(60), id="60"), *BLOCKS]
OUTCOMES = {"filed", "ignored", "quarantined"}


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    """The child as in service: 10 s of processor and 256 MB, held by the kernel."""
    process = ParserProcess()
    yield process
    process.close()


@pytest.mark.parametrize("numbers", READ)
def test_fuzzed_mails_are_read_within_the_bounds_of_the_child(
    parser: ParserProcess, numbers: range, record_property: Callable[[str, object], None]
) -> None:
    broken = {}
    for name, raw in fuzzed(SEED, numbers):
        mail = parser.parse(raw)
        # What can be written as JSON in UTF-8 can be stored: no lone surrogate, no NUL.
        shown = json.dumps(as_json(mail), ensure_ascii=False).encode()
        if mail.error is not None or b"\\u0000" in shown:
            broken[name] = mail.error

    record_property("mails", len(numbers))
    record_property("lost", len(broken))
    assert broken == {}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_the_child_no_further_than_its_bounds(
    parser: ParserProcess, name: str
) -> None:
    mail = parser.parse(BOMBS[name])

    assert mail.error is None
    assert parser.parse(b"Subject: danach\n\nText").text == "Text"


@pytest.mark.django_db
@pytest.mark.parametrize("numbers", FILED)
def test_each_fuzzed_mail_is_filed_or_put_aside_and_its_bytes_stay(
    account: Account, numbers: range, record_property: Callable[[str, object], None]
) -> None:
    lost = {}
    for name, raw in fuzzed(SEED + 1, numbers):
        row, is_new = keep(account=account, raw=raw, received_at=NOON)
        if not is_new:  # only its trace headers differ from those of a mail before it
            continue
        state = process_raw(row.pk) or RawMessage.objects.get(pk=row.pk).state
        if state == "quarantined":
            retry(raw_id=row.pk)
            state = process_raw(row.pk) or RawMessage.objects.get(pk=row.pk).state
        row.refresh_from_db()
        if state not in OUTCOMES or read_raw(row) != raw:
            lost[name] = (state, row.error[-300:])

    record_property("mails", len(numbers))
    record_property("lost", len(lost))
    assert lost == {}
    # Nothing our own code could not take: what is put aside is there for its content alone.
    assert not RawMessage.objects.filter(reason="not_filed").exists()


@pytest.mark.django_db
def test_a_mail_that_breaks_the_bounds_is_put_aside_and_can_be_tried_again(
    account: Account,
) -> None:
    bomb = kept(account, BOMBS["parts-100000"])
    plain = kept(account, b"From: a@example.org\nSubject: danach\n\nText")

    states = [process_raw(bomb.pk), process_raw(plain.pk)]

    assert states[1] == "filed"
    assert states[0] in OUTCOMES
    assert read_raw(bomb) == BOMBS["parts-100000"]
