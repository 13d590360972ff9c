"""Work beside the caller's: in order, one at a time, and no error is lost."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from channels_in.mail.beside import Beside
from channels_in.models import Account, RawMessage, Sighting
from helpdesk.tickets.models import Ticket
from tests.channels_in.mail.visits import one_pass
from tests.channels_in.making import mail, make_account
from tests.factories.house import House
from tests.fakes.imap import FakeImap
from tests.servers.base import wait_until


@pytest.mark.parametrize("apart", [False, True])
def test_works_are_done_in_order_one_at_a_time(*, apart: bool) -> None:
    done: list[int] = []

    with Beside(apart=apart) as beside:
        for number in range(5):
            beside.begin(lambda number=number: done.append(number))  # type: ignore[misc]  # a default is the value of now
        beside.finish()

    assert done == [0, 1, 2, 3, 4]


def test_a_work_apart_lets_the_caller_go_on() -> None:
    caller_went_on = threading.Event()

    with Beside(apart=True) as beside:
        beside.begin(lambda: assert_set(caller_went_on))
        caller_went_on.set()
        beside.finish()


def _do(beside: Beside, work: Callable[[], None]) -> None:
    with beside:
        beside.begin(work)
        beside.finish()


def assert_set(event: threading.Event) -> None:
    assert event.wait(20)


@pytest.mark.parametrize("apart", [False, True])
def test_the_error_of_a_work_reaches_the_caller(*, apart: bool) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        _do(Beside(apart=apart), fail)


def test_leaving_waits_for_what_has_begun_even_when_the_caller_fails() -> None:
    may_end, done = threading.Event(), threading.Event()

    def work() -> None:
        assert_set(may_end)
        done.set()

    def fail_meanwhile() -> None:
        with Beside(apart=True) as beside:
            beside.begin(work)
            may_end.set()
            raise KeyError

    with pytest.raises(KeyError):
        fail_meanwhile()

    assert done.is_set()


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_connection_that_another_mailbox_may_need() -> None:
    callers, found = connections["default"], list[object]()

    def work() -> None:
        found.append(connection.connection)
        wait_until(lambda: callers.connection is None, seconds=20)
        found.append(callers.connection)
        connection.ensure_connection()

    callers.ensure_connection()
    with Beside(apart=True) as beside:
        beside.begin(work)
        beside.begin(work)
        beside.finish()

    assert found == [None] * 4


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_pass_that_files_apart_takes_in_every_mail_once_and_in_order(
    house: House, imap_server: FakeImap
) -> None:
    account: Account = make_account(house, host=imap_server.host, port=imap_server.port)
    for number in range(60):
        imap_server.add(mail(number))

    counts = one_pass(account, apart=connection.vendor == "postgresql")

    assert (counts.new, counts.known) == (60, 0)
    assert set(RawMessage.objects.values_list("state", flat=True)) == {RawMessage.State.FILED}
    assert Sighting.objects.filter(settled_at__isnull=False).count() == 60
    titles = Ticket.objects.order_by("pk").values_list("title", flat=True)
    assert list(titles) == [f"Schlagloch {number}" for number in range(60)]


class Watched(list[str]):
    """The commands a server was given, and during which of them the caller held the database."""

    def __init__(self, callers: BaseDatabaseWrapper) -> None:
        super().__init__()
        self.callers = callers
        self.held: list[str] = []

    def append(self, line: str) -> None:
        super().append(line)
        if self.callers.connection is not None:
            self.held.append(line)


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_pass_holds_no_connection_to_the_database_while_a_server_answers(
    house: House, imap_server: FakeImap
) -> None:
    account: Account = make_account(house, host=imap_server.host, port=imap_server.port)
    for number in range(3):
        imap_server.add(mail(number))
    watched = Watched(connections["default"])
    imap_server.commands = watched

    counts = one_pass(account)

    assert (counts.new, len(imap_server.mails[0].flags)) == (3, 1)
    assert any("BODY.PEEK" in line for line in watched)
    # A connection of SQLite is the thread's own, and held up nobody else.
    assert watched.held == ([] if connection.vendor == "postgresql" else list(watched))
