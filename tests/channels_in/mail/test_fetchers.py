"""The threads that watch mailboxes, where a server breaks the line over one of the mails."""

import threading

import pytest
from django.db import connection

from channels_in import outcome
from channels_in.mail.fetchers import Fetcher, FetcherThreads, Timing, _wanted
from channels_in.mail.lease import acquire, note_success
from channels_in.models import Account, Sighting
from channels_in.store import Place, keep
from helpdesk.tickets.models import Ticket
from tests.channels_in.mail.visits import one_pass
from tests.channels_in.making import NOON, mail, make_account
from tests.factories.house import make_house
from tests.fakes.imap import FakeImap
from tests.servers.base import free_port, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_fetchers_file_the_others_when_a_mail_breaks_each_connection(imap_server: FakeImap) -> None:
    make_account(make_house(), host=imap_server.host, port=imap_server.port)
    for number in (1, 2, 3):
        imap_server.add(mail(number))
    imap_server.poison[2] = True
    threads = FetcherThreads(Timing(lookout=0.1, first_pause=0.05, longest_pause=0.1))

    threads.start()
    try:
        wait_until(Sighting.objects.filter(raw_message=None).exists, seconds=60)
        wait_until(lambda: Ticket.objects.count() == 2, seconds=60)
    finally:
        assert threads.stop(60)

    assert Ticket.objects.count() == 2
    assert "broke each time" in Sighting.objects.get(raw_message=None).error


@pytest.mark.parametrize("setting", ["leaves_out_automatic", "leaves_out_copies", "cc_watch"])
def test_a_setting_that_is_changed_reaches_the_thread_that_watches_the_mailbox(
    imap_server: FakeImap, setting: str
) -> None:
    account = make_account(make_house(), host=imap_server.host, port=imap_server.port)
    before = _wanted()
    note_success(account.pk, has_mail=True, complaint="")
    noted = _wanted()

    Account.objects.update(**{setting: True})

    assert before == noted
    assert _wanted() != noted


def test_a_pass_tells_that_a_mail_is_still_being_filed_by_another(imap_server: FakeImap) -> None:
    account = make_account(make_house(), host=imap_server.host, port=imap_server.port)
    one_pass(account)
    imap_server.add(mail(1))
    place = Place(account.folder, imap_server.uidvalidity, imap_server.mails[0].uid)
    row, _is_new = keep(account=account, raw=mail(1), received_at=NOON, place=place)

    meanwhile = one_pass(account)
    outcome.give_back([row.pk])
    afterwards = one_pass(account)

    assert (meanwhile.is_awaited, afterwards.is_awaited) == (True, False)
    assert Sighting.objects.get().settled_at is not None


class Waited(threading.Event):
    """Notes whether its waiter holds a connection to the database, and lets nobody wait."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[bool] = []

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        self.held.append(connection.connection is not None)
        return True


def test_fetchers_of_a_server_that_is_away_hold_no_connection_to_the_database() -> None:
    account = make_account(make_house(), host="127.0.0.1", port=free_port())
    waited = Waited()
    fetcher = Fetcher(account.pk, "one", Timing(), stopped=waited)

    fetcher._try()
    acquire(account.pk, "another")
    fetcher._try()

    assert waited.held == [False, False]
    assert Account.objects.get().failing_since is not None


def test_the_look_after_such_a_pass_comes_soon() -> None:
    assert Timing().soon <= 10 < Timing().poll
