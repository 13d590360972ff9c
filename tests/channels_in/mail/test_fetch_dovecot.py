"""Fetching from a real Dovecot."""

import itertools
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from channels_in import queries
from channels_in.mail import lease
from channels_in.mail.check import check_mailbox, position_of, wait_for_test_mail
from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetchers import FetcherThreads, Timing, server_of
from channels_in.mail.mailbox import MailboxError, Server
from channels_in.models import Account, RawMessage, Sighting
from helpdesk.lib.secretbox import seal
from helpdesk.outbox.check import test_mail as mail_to_itself
from helpdesk.tickets.models import Article, Ticket
from tests.channels_in.mail.visits import one_pass
from tests.channels_in.making import mail, make_account
from tests.factories.house import House, make_house
from tests.servers.base import free_port, wait_until
from tests.servers.dovecot import PASSWORD, Dovecot

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db(transaction=True)]
TIMING = Timing(poll=300, lookout=0.2, first_pause=0.2, longest_pause=0.4)
_users = itertools.count(1)


@pytest.fixture
def house(transactional_db: None) -> House:
    del transactional_db
    return make_house()


@pytest.fixture
def account(house: House, dovecot_server: Dovecot) -> Account:
    return make_account(house, port=dovecot_server.port, username=f"fetch{next(_users)}")


@pytest.fixture
def fetchers() -> Iterator[FetcherThreads]:
    threads = FetcherThreads(TIMING)
    yield threads
    assert threads.stop(60)


def tickets() -> int:
    return Ticket.objects.count()


def has_tickets(count: int) -> bool:
    return tickets() == count


def test_pass_files_and_marks_as_read(account: Account, dovecot_server: Dovecot) -> None:
    for number in (1, 2, 3):
        dovecot_server.deliver(account.username, mail(number))

    counts = one_pass(account)

    assert (counts.new, counts.complaint, tickets()) == (3, "", 3)
    flags = [stored.flags for stored in dovecot_server.mails(account.username)]
    assert flags == [frozenset({"\\Seen"})] * 3
    raw = RawMessage.objects.order_by("id").first()
    assert raw is not None
    assert bytes(raw.body or b"") == mail(1)
    assert abs((raw.received_at - timezone.now()).total_seconds()) < 60


def test_pass_moves_what_is_filed(account: Account, dovecot_server: Dovecot) -> None:
    Account.objects.filter(pk=account.pk).update(
        after_filing=Account.AfterFiling.MOVE, move_to="Archive"
    )
    for number in (1, 2):
        dovecot_server.deliver(account.username, mail(number))

    assert one_pass(account).complaint == ""

    assert dovecot_server.mails(account.username) == []
    assert len(dovecot_server.mails(account.username, folder="Archive")) == 2
    assert tickets() == 2


def test_pass_deletes_what_is_filed(account: Account, dovecot_server: Dovecot) -> None:
    Account.objects.filter(pk=account.pk).update(after_filing=Account.AfterFiling.DELETE)
    dovecot_server.deliver(account.username, mail())

    one_pass(account)

    assert dovecot_server.mails(account.username) == []
    assert tickets() == 1


def test_pass_into_a_missing_folder_leaves_the_mail(
    account: Account, dovecot_server: Dovecot
) -> None:
    Account.objects.filter(pk=account.pk).update(
        after_filing=Account.AfterFiling.MOVE, move_to="Gibt/es/nicht"
    )
    dovecot_server.deliver(account.username, mail())

    complaints = [one_pass(account).complaint for _round in range(2)]

    assert all("doesn't exist" in complaint for complaint in complaints)
    assert len(dovecot_server.mails(account.username)) == 1
    assert tickets() == 1


def test_pass_after_a_folder_was_made_anew_doubles_nothing(
    account: Account, dovecot_server: Dovecot
) -> None:
    Account.objects.filter(pk=account.pk).update(folder="Größen & Maße")
    with dovecot_server.client(account.username) as client:
        for contents in ((mail(1), mail(2)), (mail(2), mail(3), mail(1))):
            if client.folder_exists("Größen & Maße"):
                client.delete_folder("Größen & Maße")
            client.create_folder("Größen & Maße")
            for content in contents:
                client.append("Größen & Maße", content)
            one_pass(account)

    assert tickets() == 3
    assert Sighting.objects.values("uidvalidity").distinct().count() == 2


def test_pass_takes_what_came_after_the_start_date_and_what_is_new_by_uid(
    account: Account, dovecot_server: Dovecot
) -> None:
    with dovecot_server.client(account.username) as client:
        old = timezone.now() - timedelta(days=9)
        client.append("INBOX", mail(1), msg_time=old)
        Account.objects.filter(pk=account.pk).update(import_since=timezone.now())
        one_pass(account)
        assert tickets() == 0
        # Dragged here from another folder: old by its date, new by its UID.
        client.append("INBOX", mail(2), msg_time=old)

    one_pass(account)

    assert list(Ticket.objects.values_list("title", flat=True)) == ["Schlagloch 2"]


def test_two_passes_at_once_file_each_mail_once(account: Account, dovecot_server: Dovecot) -> None:
    for number in range(20):
        dovecot_server.deliver(account.username, mail(number))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            one_pass(Account.objects.get(pk=account.pk))
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    one_pass(account)
    assert (tickets(), Article.objects.count(), RawMessage.objects.count()) == (20, 20, 20)


def test_pass_takes_thirty_megabytes(account: Account, dovecot_server: Dovecot) -> None:
    raw = mail(body="\r\n".join(["Zeile " + "x" * 70] * 410_000))
    dovecot_server.deliver(account.username, raw)
    dovecot_server.deliver(account.username, mail(2))

    one_pass(account)

    assert len(raw) > 30 * 2**20
    big = RawMessage.objects.get(message_id="<1@example.org>")
    assert (big.size, big.state) == (len(raw), RawMessage.State.FILED)
    assert RawMessage.objects.get(message_id="<2@example.org>").state == RawMessage.State.FILED


def test_fetchers_wake_by_idle_and_stop_at_once(
    account: Account, dovecot_server: Dovecot, fetchers: FetcherThreads
) -> None:
    fetchers.start()
    assert wait_until(lambda: Account.objects.get(pk=account.pk).last_success_at)

    for number in (1, 2):
        dovecot_server.deliver(account.username, mail(number))
        assert wait_until(partial(has_tickets, number), seconds=60)

    assert fetchers.stop(60)
    assert Account.objects.get(pk=account.pk).lease_owner == ""


def test_fetchers_notice_an_account_that_is_added_switched_off_or_changed(
    account: Account, dovecot_server: Dovecot, fetchers: FetcherThreads, house: House
) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False)
    fetchers.start()
    other = make_account(
        house, address="abfall@x.example", port=dovecot_server.port, username="fetch-other"
    )
    dovecot_server.deliver(account.username, mail(1))
    dovecot_server.deliver(other.username, mail(2))
    assert wait_until(lambda: tickets() == 1, seconds=60)

    Account.objects.filter(pk=account.pk).update(is_active=True)
    assert wait_until(lambda: tickets() == 2, seconds=60)

    Account.objects.filter(pk=other.pk).update(username="fetch-moved")
    other.folder_states.all().delete()
    dovecot_server.deliver("fetch-moved", mail(3))
    assert wait_until(lambda: tickets() == 3, seconds=60)


def test_fetchers_read_a_folder_that_is_added_while_they_wait(
    account: Account, dovecot_server: Dovecot, fetchers: FetcherThreads
) -> None:
    with dovecot_server.client(account.username) as client:
        if not client.folder_exists("Meldungen"):
            client.create_folder("Meldungen")
    dovecot_server.deliver(account.username, mail(1))
    fetchers.start()
    assert wait_until(lambda: tickets() == 1, seconds=60)
    dovecot_server.deliver(account.username, mail(2), folder="Meldungen")

    Account.objects.filter(pk=account.pk).update(further_folders=["Meldungen"])

    assert wait_until(lambda: tickets() == 2, seconds=60)


def test_fetchers_show_a_wrong_password_and_recover(
    account: Account, dovecot_server: Dovecot, fetchers: FetcherThreads
) -> None:
    dovecot_server.deliver(account.username, mail())
    Account.objects.filter(pk=account.pk).update(password=seal("wrong"))
    fetchers.start()
    assert wait_until(lambda: Account.objects.get(pk=account.pk).failing_since)
    assert Account.objects.get(pk=account.pk).last_error.startswith("login:")

    Account.objects.filter(pk=account.pk).update(password=seal(PASSWORD))

    assert wait_until(lambda: tickets() == 1, seconds=60)
    assert wait_until(lambda: not Account.objects.get(pk=account.pk).failing_since)
    assert Account.objects.get(pk=account.pk).last_error == ""


def test_lease_keeps_a_second_fetcher_away_until_it_is_given_back(account: Account) -> None:
    assert lease.acquire(account.pk, "one")
    assert not lease.acquire(account.pk, "two")
    with pytest.raises(lease.LeaseLostError):
        lease.renew(account.pk, "two")

    lease.release(account.pk, "one")

    assert lease.acquire(account.pk, "two")


def server(dovecot: Dovecot, **changes: object) -> Server:
    values = {
        "host": "localhost",
        "port": dovecot.tls_port,
        "security": "tls",
        "username": "checked",
        "password": PASSWORD,
    }
    return Server(**(values | changes))  # type: ignore[arg-type] # a table of cases


def verdicts(found: Server, folder: str = "INBOX") -> list[bool | None]:
    return [step.is_ok for step in check_mailbox(found, folder=folder).steps]


def failing_at(step: int) -> list[bool | None]:
    return [*[True] * step, False, *[None] * (5 - step)]


def test_check_tells_each_step_apart(
    dovecot_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdicts(server(dovecot_server)) == failing_at(2)
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot_server.certificate.certificate))

    assert verdicts(server(dovecot_server)) == [True] * 6
    assert verdicts(server(dovecot_server, host="127.0.0.1.invalid")) == failing_at(0)
    assert verdicts(server(dovecot_server, port=free_port())) == failing_at(1)
    assert verdicts(server(dovecot_server, port=dovecot_server.port)) == failing_at(2)
    assert verdicts(server(dovecot_server, password="wrong")) == failing_at(3)
    assert verdicts(server(dovecot_server), "Keiner") == failing_at(4)
    starttls = server(dovecot_server, port=dovecot_server.port, security="starttls")
    assert verdicts(starttls) == [True] * 6


def test_check_counts_what_would_be_imported(dovecot_server: Dovecot) -> None:
    plain = server(dovecot_server, security="none", port=dovecot_server.port, username="counted")
    for number in (1, 2):
        dovecot_server.deliver("counted", mail(number))

    assert check_mailbox(plain, folder="INBOX").count == 2
    assert dovecot_server.mails("counted")[0].flags == frozenset()


def test_password_is_not_in_what_is_printed_of_a_server(account: Account) -> None:
    assert PASSWORD not in repr(server_of(account))
    with pytest.raises(MailboxError) as caught:
        open_mailbox(Server("localhost", free_port(), "none", "x", PASSWORD))
    assert PASSWORD not in str(caught.value)


def test_wait_for_test_mail_knows_it_by_its_signed_id(
    account: Account, dovecot_server: Dovecot
) -> None:
    reached = server_of(account)
    first = position_of(reached, "INBOX").uidnext
    dovecot_server.deliver(account.username, mail())
    missing, _head = wait_for_test_mail(reached, folder="INBOX", first=first, seconds=0.2)

    content = mail_to_itself(account.address, account.authority_id, timezone.now())
    dovecot_server.deliver(account.username, content)
    arrived, _head = wait_for_test_mail(reached, folder="INBOX", first=first, seconds=60)

    assert (missing.is_ok, arrived.is_ok) == (False, True)
    one_pass(account)
    assert list(Ticket.objects.values_list("title", flat=True)) == ["Schlagloch 1"]
    assert list(queries.left_out(account.authority_id).values_list("reason", flat=True)) == [
        "own_mail"
    ]


def test_idle_ends_at_once_for_a_mail_that_was_told_of_before_it_began(
    account: Account, dovecot_server: Dovecot
) -> None:
    mailbox = open_mailbox(server_of(account))
    mailbox.select(account.folder)
    dovecot_server.deliver(account.username, mail(1))
    mailbox.ping()

    began = time.monotonic()
    has_news = mailbox.idle(30, lambda: False)

    mailbox.close()
    assert has_news
    assert time.monotonic() - began < 20
