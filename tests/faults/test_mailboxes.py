"""Mailboxes under load and strain (F2, F14 to F16, F18, F20), on a real Dovecot or a fake one.

``FAULT_MAILS`` sets the number of mails; the full ones are 1,000 (F2, F14), 5,000
(F16), 20,000 (a real Dovecot) and 50,000 (F18). ``FAULT_ROUNDS`` sets how often several
fetchers at once are tried; in full it is twenty times.
"""

import itertools
import os
import random
import resource
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from channels_in.mail.fetch import Memory, Visit, fetch_pass
from channels_in.mail.fetchers import FetcherThreads, Timing
from channels_in.mail.mailbox import MailboxError
from channels_in.models import Account, FolderState, RawMessage, Sighting
from channels_in.store import read_raw
from helpdesk.tickets.models import Article, Ticket
from tests.channels_in.mail.visits import one_pass, visiting
from tests.channels_in.making import mail, make_account
from tests.factories.house import House, make_house
from tests.fakes.imap import FakeImap, FakeMail
from tests.servers.base import wait_until
from tests.servers.dovecot import Dovecot

COUNT = int(os.environ.get("FAULT_MAILS", "200"))
ROUNDS = range(1, 1 + int(os.environ.get("FAULT_ROUNDS", "1")))
MEGABYTE = 1024
TIMING = Timing(poll=1, lookout=0.1, first_pause=0.05, longest_pause=0.1)
COMMANDS = ("GREETING", "CAPABILITY", "LOGIN", "SELECT", "SEARCH", "FETCH", "BODY", "STORE")
REFUSALS = ("NO [UNAVAILABLE] later", "BAD what", "* BYE going down")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600 + COUNT),
]
_users = itertools.count(1)


@pytest.fixture
def house(transactional_db: None, settings: Settings, tmp_path: Path) -> House:
    del transactional_db
    settings.FILES_ROOT = tmp_path / "files"
    return make_house()


@pytest.fixture(autouse=True)
def _figures(record_property: Callable[[str, object], None]) -> None:
    record_property("mails", COUNT)


@pytest.fixture
def account(house: House, imap_server: FakeImap) -> Account:
    return make_account(house, host=imap_server.host, port=imap_server.port)


def fill(server: FakeImap, count: int = COUNT) -> None:
    for number in range(count):
        server.add(mail(number))


def passes(account: Account, *, most: int) -> int:
    """Make passes until one goes through; return how many it took."""
    memory = Memory()
    for number in range(1, most + 1):
        try:
            one_pass(account, memory=memory)
        except MailboxError:
            continue
        return number
    pytest.fail("no pass went through")


def assert_each_once(count: int) -> None:
    assert (Ticket.objects.count(), Article.objects.count()) == (count, count)
    assert RawMessage.objects.count() == count


# -- F2: a server that cuts, refuses and lies -------------------------------------------------


@pytest.mark.proves("F2")
@pytest.mark.parametrize("command", COMMANDS)
def test_cuts_after_each_command_lose_and_double_nothing(
    account: Account, imap_server: FakeImap, command: str
) -> None:
    fill(imap_server)
    imap_server.script(command, close=True, times=5)

    passes(account, most=9)
    # A mail over which the line broke three times is left to the next full pass.
    one_pass(account)

    assert_each_once(COUNT)


@pytest.mark.proves("F2")
@pytest.mark.parametrize("reply", REFUSALS)
@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH", "STORE"])
def test_refusals_of_each_command_lose_and_double_nothing(
    account: Account, imap_server: FakeImap, command: str, reply: str
) -> None:
    fill(imap_server)
    imap_server.script(command, reply, times=3, close=reply.startswith("* BYE"))

    passes(account, most=9)
    one_pass(account)

    assert_each_once(COUNT)


@pytest.mark.proves("F2")
def test_changes_of_uidvalidity_and_mails_that_go_away_lose_and_double_nothing(
    account: Account, imap_server: FakeImap
) -> None:
    fill(imap_server)
    chance = random.Random(3)  # noqa: S311 - repeatable, no secret
    for generation in (2, 3, 4):
        imap_server.script("BODY", close=True)
        passes(account, most=9)
        imap_server.uidvalidity = generation
        for uid, each in enumerate(imap_server.mails, start=generation * 10):
            each.uid = uid
        imap_server.uidnext = generation * 10 + len(imap_server.mails)
    gone = chance.sample(imap_server.mails, 5)
    imap_server.mails = [each for each in imap_server.mails if each not in gone]

    one_pass(account)

    assert_each_once(COUNT)


@pytest.mark.proves("F2")
@pytest.mark.parametrize("way", ["broken_off", "silent_inside"])
def test_literals_that_end_before_their_length_lose_and_double_nothing(
    account: Account, imap_server: FakeImap, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("channels_in.mail.connect.READ_SECONDS", 1)
    fill(imap_server)
    short = random.Random(5).sample(range(1, COUNT + 1), 10)  # noqa: S311 - repeatable, no secret
    getattr(imap_server, way).update(dict.fromkeys(short, 1))

    passes(account, most=12)
    one_pass(account)

    assert_each_once(COUNT)
    kept = {read_raw(raw) for raw in RawMessage.objects.all()}
    assert kept == {each.content for each in imap_server.mails}


@pytest.mark.proves("F2")
def test_mails_that_go_away_between_search_and_fetch_hold_up_no_other(
    account: Account, imap_server: FakeImap
) -> None:
    fill(imap_server)
    imap_server.vanishing = set(range(3, COUNT, COUNT // 20))

    counts = one_pass(account)

    left = COUNT - len(imap_server.vanishing)
    assert (counts.new, counts.unfetchable) == (left, 0)
    assert_each_once(left)


# -- F14: several fetchers at once ------------------------------------------------------------


@pytest.mark.proves("F14")
@pytest.mark.dovecot
@pytest.mark.parametrize("hosts", [2, 8])
@pytest.mark.parametrize("turn", ROUNDS)
def test_several_fetchers_on_one_mailbox_file_each_mail_once(
    house: House, dovecot_server: Dovecot, turn: int, hosts: int
) -> None:
    del turn
    account = make_account(house, port=dovecot_server.port, username=f"many{next(_users)}")
    for number in range(COUNT):
        dovecot_server.deliver(account.username, mail(number))
    fetchers = [FetcherThreads(TIMING) for _each in range(hosts)]

    for each in fetchers:
        each.start()
    try:
        assert wait_until(lambda: Ticket.objects.count() >= COUNT, seconds=120 + COUNT)
    finally:
        stopped = [each.stop(20) for each in fetchers]

    one_pass(account)
    assert all(stopped)
    assert_each_once(COUNT)


@pytest.mark.proves("F14")
@pytest.mark.dovecot
@pytest.mark.parametrize("turn", ROUNDS)
def test_passes_without_a_lease_file_each_mail_once(
    house: House, dovecot_server: Dovecot, turn: int
) -> None:
    del turn
    account = make_account(house, port=dovecot_server.port, username=f"many{next(_users)}")
    for number in range(COUNT):
        dovecot_server.deliver(account.username, mail(number))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            one_pass(Account.objects.get(pk=account.pk))
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    one_pass(account)
    assert failures == []
    assert_each_once(COUNT)


# -- F15: the same mail by several ways -------------------------------------------------------


@pytest.mark.proves("F15")
def test_one_mail_in_two_mailboxes_twice_and_with_other_words(
    house: House, account: Account, imap_server: FakeImap
) -> None:
    other = make_account(
        house,
        address="abfall@musterstadt.example",
        host=imap_server.host,
        port=imap_server.port,
        team=house.waste,
    )
    for number in range(COUNT):
        imap_server.add(mail(number))
        imap_server.add(mail(number))
        imap_server.add(mail(number, body="Andere Worte unter derselben Nummer."))

    for each in (account, other):
        one_pass(each)

    # Per mailbox two different mails of each number, the exact copy being known.
    assert RawMessage.objects.count() == 4 * COUNT
    assert set(RawMessage.objects.values_list("state", flat=True)) <= {"filed", "ignored"}
    assert Sighting.objects.filter(settled_at__isnull=True).count() == 0
    assert Ticket.objects.count() >= 2 * COUNT


# -- F16: poison ------------------------------------------------------------------------------


@pytest.mark.proves("F16")
def test_one_of_a_hundred_that_can_not_be_fetched_holds_up_no_other(
    account: Account, imap_server: FakeImap
) -> None:
    fill(imap_server)
    sick = {1, COUNT // 2, COUNT, *range(7, COUNT, 100)}
    imap_server.poison = dict.fromkeys(sick, False)

    counts = one_pass(account)

    assert (counts.new, counts.unfetchable) == (COUNT - len(sick), len(sick))
    assert Ticket.objects.count() == COUNT - len(sick)
    listed = Sighting.objects.filter(raw_message__isnull=True).exclude(error="")
    assert set(listed.values_list("uid", flat=True)) == sick


# -- F18: the first connect -------------------------------------------------------------------


def resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE


@pytest.mark.proves("F18")
def test_first_connect_from_now_on_takes_none_of_a_hundred_thousand_with_flat_memory(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.mails = [FakeMail(uid, b"", is_old=True) for uid in range(1, 100_001)]
    imap_server.uidnext = 100_001
    Account.objects.update(import_since=timezone.now())
    imap_server.steps.clear()
    before = resident()

    first = one_pass(account, full=False)
    grown = resident() - before
    for number in range(10):
        imap_server.add(mail(number))
    second = one_pass(account, full=False)

    assert (first.new, second.new) == (0, 10)
    assert FolderState.objects.get().first_uid == 100_001
    assert grown < 128


@pytest.mark.proves("F18")
def test_first_import_that_is_cut_again_and_again_goes_on_where_it_was(
    account: Account, imap_server: FakeImap
) -> None:
    fill(imap_server)
    before = resident()
    taken = itertools.count(1)

    class CutError(Exception):
        """The process is stopped."""

    def cut() -> None:
        if next(taken) % (COUNT // 4) == 0:
            raise CutError

    rounds = 0
    while Ticket.objects.count() < COUNT and rounds < 50:
        rounds += 1
        account.refresh_from_db()
        try:
            with visiting(account) as mailbox:
                fetch_pass(Visit(account, mailbox, cut, Memory()))
        except CutError:
            continue

    assert rounds > 2
    assert_each_once(COUNT)
    fetched = [line for line in imap_server.commands if "BODY" in line]
    assert len(fetched) < COUNT // 10 + 10 * rounds
    assert resident() - before < 256


# -- F20: clocks ------------------------------------------------------------------------------


@pytest.mark.proves("F20")
@pytest.mark.parametrize("date", ["1 Jan 1970 00:00:00 +0000", "1 Jan 2050 00:00:00 +0000", "x"])
def test_order_is_that_of_receipt_whatever_a_mail_says_of_its_date(
    account: Account, imap_server: FakeImap, date: str
) -> None:
    for number in range(10):
        raw = mail(number).replace(
            b"Date: Wed, 18 Nov 2026 12:00:00 +0000", f"Date: {date}".encode()
        )
        imap_server.add(raw)

    one_pass(account)

    received = list(Article.objects.order_by("pk").values_list("received_at", flat=True))
    assert received == sorted(received)
    assert all(abs(timezone.now() - each) < timedelta(minutes=5) for each in received)


# -- a real Dovecot, large --------------------------------------------------------------------


@pytest.mark.proves("F14")
@pytest.mark.dovecot
def test_a_large_mailbox_of_a_real_server_is_taken_in_and_moved(
    house: House, dovecot_server: Dovecot
) -> None:
    account = make_account(
        house,
        port=dovecot_server.port,
        username=f"large{next(_users)}",
        after_filing=Account.AfterFiling.MOVE,
        move_to="Archive",
    )
    for number in range(COUNT):
        dovecot_server.deliver(account.username, mail(number))

    counts = one_pass(account)

    assert (counts.new, counts.complaint) == (COUNT, "")
    assert dovecot_server.mails(account.username) == []
    assert len(dovecot_server.mails(account.username, folder="Archive")) == COUNT
    assert_each_once(COUNT)
