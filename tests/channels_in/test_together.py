"""Mails that are filed together: the same rows and facts as one by one, no harm to neighbours."""

import errno
import logging
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.db.models import Model

from bench.counting import statements
from bench.mails import citizens_mail
from channels_in import process
from channels_in.models import Account, RawMessage, Sighting
from channels_in.reading import Reading
from channels_in.reasons import Quarantine
from channels_in.store import Place, Seen, keep, keep_together
from helpdesk.citizens.models import Citizen, ContactPoint, SearchTerm
from helpdesk.events import chain
from helpdesk.events.models import Event, EventPayload, Unsealed
from helpdesk.events.sequencer import seal_batch
from helpdesk.files import store
from helpdesk.files.models import StoredFile
from helpdesk.lib import faults
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.inbound import Inbound, Receipt
from helpdesk.tickets.models import (
    Article,
    Attachment,
    MessageReference,
    NumberSeries,
    Participant,
    Ticket,
    TicketLink,
)
from tests.channels_in.filters.making import make_filter
from tests.channels_in.making import NOON, mail, make_account
from tests.factories.house import House
from tests.factories.written import Told, differences, tell

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
State = RawMessage.State
JPEG = b"\xff\xd8\xff\xe0"

TABLES: tuple[type[Model], ...] = (
    *(Citizen, ContactPoint, SearchTerm, StoredFile, RawMessage, Sighting),
    *(Ticket, Participant, Article, Attachment, MessageReference, TicketLink, NumberSeries),
    *(Event, EventPayload, Unsealed),
)


def nothing() -> None:
    """Whoever files may go on."""


def seen_in(raws: list[bytes]) -> list[Seen]:
    return [Seen(raw, NOON, Place("INBOX", 1, uid)) for uid, raw in enumerate(raws, start=1)]


def one_by_one(account: Account, raws: list[bytes]) -> None:
    for seen in seen_in(raws):
        row, _is_new = keep(
            account=account, raw=seen.raw, received_at=seen.received_at, place=seen.place
        )
        process.process_claimed(row)


def all_together(account: Account, raws: list[bytes]) -> None:
    rows = keep_together(account=account, seen=seen_in(raws))
    process.process_together(Reading(list(rows.values())), nothing)


def written(
    way: Callable[[Account, list[bytes]], None], account: Account, raws: list[bytes]
) -> Told:
    """Return everything that is written when ``raws`` are filed in this way, and undo it."""
    before = transaction.savepoint()
    way(account, raws)
    told = tell(TABLES)
    seal_batch()
    assert (chain.verify(), chain.strays()) == (None, 0)
    transaction.savepoint_rollback(before)
    return told


def test_mails_filed_together_are_written_as_one_by_one(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    raws = [citizens_mail(number, run="x") for number in (*range(12), 36)]
    # What answers others comes last in any case.
    raws += [mail(1), mail(2), citizens_mail(45, run="x")]
    raws.append(mail(3, headers="In-Reply-To: <2@example.org>\r\n"))

    alone, together = (written(way, account, raws) for way in (one_by_one, all_together))

    assert differences(alone, together) == []
    assert caplog.messages == []
    assert (len(alone["Ticket"]), len(alone["Article"])) == (15, 17)


def test_a_mail_and_its_twin_that_are_filed_together_are_linked_as_one_by_one(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    raws = [mail(1), mail(1, headers="X-Weg: anders\r\n"), mail(1, body="Andere Worte."), mail(2)]

    alone, together = (written(way, account, raws) for way in (one_by_one, all_together))

    assert differences(alone, together) == []
    assert caplog.messages == []
    assert len(alone["TicketLink"]) == 1


def test_somebody_who_writes_to_two_teams_is_filed_together_as_one_by_one(
    account: Account, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    other = make_account(house, address="abfall@musterstadt.example", team=house.waste)
    rows = [
        keep(account=each, raw=mail(number), received_at=NOON)[0]
        for number, each in enumerate((account, other, account))
    ]

    process.process_together(Reading(rows), nothing)

    assert caplog.messages == []
    assert Citizen.objects.count() == ContactPoint.objects.count() == 1
    teams = Ticket.objects.order_by("pk").values_list("team__name", flat=True)
    assert list(teams) == ["Tiefbau", "Abfall", "Tiefbau"]


def test_tags_of_filters_are_put_on_those_filed_together_as_on_any(
    account: Account, house: House
) -> None:
    make_filter(house, "Löcher", tags="Winter, Loch")
    account.refresh_from_db()

    all_together(account, [mail(1), mail(2).replace(b"Schlagloch", b"Ampel"), mail(3)])

    lines = Ticket.objects.order_by("title").values_list("title", "tag_line")
    assert list(lines) == [
        ("Ampel 2", ""),
        ("Schlagloch 1", "Loch,Winter"),
        ("Schlagloch 3", "Loch,Winter"),
    ]
    assert Ticket.objects.filter(tags__tag__name="Winter").count() == 2


def test_one_bad_mail_among_those_filed_together_harms_no_other(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_one(inbound: Inbound) -> Receipt:
        receipt = accept(inbound)
        if inbound.subject == "Schlagloch 2":
            raise ValueError("no room for this")
        return receipt

    monkeypatch.setattr(process, "accept", refuse_one)

    all_together(account, [mail(number) for number in range(5)])

    states = RawMessage.objects.order_by("id").values_list("state", "reason")
    bad = (State.QUARANTINED, Quarantine.NOT_FILED)
    assert list(states) == [(State.FILED, ""), (State.FILED, ""), bad, *[(State.FILED, "")] * 2]
    assert sorted(Ticket.objects.values_list("title", flat=True)) == [
        f"Schlagloch {number}" for number in (0, 1, 3, 4)
    ]
    numbers = list(Ticket.objects.order_by("id").values_list("number", flat=True))
    assert numbers == [f"2026-{number:06d}" for number in (1, 2, 3, 4)]


def test_a_mail_that_another_has_filed_meanwhile_is_left_alone_and_its_neighbours_are_filed(
    account: Account,
) -> None:
    rows = list(keep_together(account=account, seen=seen_in([mail(1), mail(2), mail(3)])).values())
    RawMessage.objects.filter(pk=rows[1].pk).update(state=State.DISCARDED)

    process.process_together(Reading(rows), nothing)

    states = RawMessage.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [State.FILED, State.DISCARDED, State.FILED]
    assert Ticket.objects.count() == Article.objects.count() == 2


def test_process_together_frees_what_was_not_begun_when_it_must_stop(account: Account) -> None:
    rows = list(keep_together(account=account, seen=seen_in([mail(1), mail(2), mail(3)])).values())
    begun: list[int] = []

    def stop_at_the_second() -> None:
        begun.append(len(begun))
        if len(begun) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        process.process_together(Reading(rows), stop_at_the_second)

    waiting = RawMessage.objects.filter(state=State.STORED, lease_until=None)
    assert waiting.count() == 3


def test_one_file_in_several_mails_filed_together_is_stored_once(account: Account) -> None:
    raws = [citizens_mail(5, run=run).replace(b"x0.", run.encode()) for run in ("x0.", "x1.")]
    twice = raws[0].replace(b"Message-ID: <", b"Message-ID: <again.")
    assert b"Foto.jpg" in twice

    all_together(account, [*raws, twice])

    assert Attachment.objects.count() == 3
    assert Attachment.objects.values("file").distinct().count() == 2
    assert {store.read_file(each.file)[:4] for each in Attachment.objects.all()} == {JPEG}


def test_a_mail_whose_file_can_not_be_stored_waits_and_its_neighbours_are_filed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = store.place

    def refuse_pictures(content: bytes, content_type: str) -> store.Placed:
        if content_type == "image/jpeg":
            raise OSError(errno.ENOSPC, "No space left on device")
        return place(content, content_type)

    monkeypatch.setattr(store, "place", refuse_pictures)

    all_together(account, [mail(1), citizens_mail(5, run="x"), mail(2)])

    states = RawMessage.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [State.FILED, State.STORED, State.FILED]
    assert Ticket.objects.count() == 2


def test_a_mail_whose_files_can_not_be_begun_waits_and_its_neighbours_are_filed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = "process.before_files"
    monkeypatch.setattr(faults, "_ARMED", (point, faults._passed[point] + 2, "raise"))

    all_together(account, [mail(1), mail(2), mail(3)])

    states = RawMessage.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [State.FILED, State.STORED, State.FILED]


@pytest.mark.parametrize("count", [3, 11])
@pytest.mark.parametrize("writers", [100, 1])
def test_mails_filed_together_take_so_many_statements_however_many_they_are(
    house: House, account: Account, count: int, writers: int
) -> None:
    del house
    is_counted = connection.vendor == "postgresql"
    all_together(account, [mail(0)])
    raws = [mail(n).replace(b"clara@", b"carl%d@" % (n % writers)) for n in range(1, count + 1)]
    rows = list(
        keep_together(
            account=account,
            seen=[Seen(raw, NOON, Place("INBOX", 1, 10 + n)) for n, raw in enumerate(raws)],
        ).values()
    )

    with statements() as sent:
        process.process_together(Reading(rows), nothing)

    assert Ticket.objects.count() == 1 + count
    # On SQLite, where a statement costs no journey, each is sent at once.
    assert sent.total() == TO_FILE_ANY_NUMBER or not is_counted


# Our addresses 1; asked ahead 6: filed already, authority, our senders, agents, citizens, the
# same mail elsewhere. Drawn 8: a number, references, keys of six tables. Written 10: citizens,
# addresses, words, tickets, participants, articles, facts, their places in the queue, the last
# number, the mails' outcomes.
TO_FILE_ANY_NUMBER = 25
