"""Signing in at a real Dovecot by tokens of a token service."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetchers import FetcherThreads, Timing, server_of
from channels_in.mail.mailbox import MailboxError
from channels_in.models import Account
from helpdesk.outbox import bearer
from helpdesk.outbox.models import Grant
from helpdesk.tickets.models import Ticket
from tests.channels_in.mail.visits import one_pass
from tests.channels_in.making import mail, make_account
from tests.factories.house import make_house
from tests.fakes.imap import FakeImap
from tests.fakes.tokens import FakeTokens
from tests.helpdesk.outbox.test_oauth import make_grant
from tests.servers.base import wait_until
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account(transactional_db: None, dovecot_server: Dovecot, token_server: FakeTokens) -> Account:
    del transactional_db
    house = make_house()
    token_server.mint = lambda: dovecot_server.access_token("bearer")
    return make_account(
        house,
        port=dovecot_server.port,
        username="bearer",
        password="",
        grant=make_grant(house.authority.pk, token_server.url),
    )


@pytest.mark.parametrize("way", bearer.WAYS, ids=lambda way: way.name)
def test_pass_signs_in_by_token(
    account: Account,
    dovecot_server: Dovecot,
    token_server: FakeTokens,
    way: bearer.Way,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bearer, "WAYS", (way,))
    # Each way has a mailbox of its own.
    Account.objects.update(username=way.name.lower())
    token_server.mint = lambda: dovecot_server.access_token(way.name.lower())
    dovecot_server.deliver(way.name.lower(), mail())

    one_pass(account)

    assert Ticket.objects.count() == 1


@pytest.mark.usefixtures("account")
def test_fetchers_replace_a_token_that_the_server_refuses(
    dovecot_server: Dovecot, token_server: FakeTokens
) -> None:
    expired = iter((dovecot_server.access_token("bearer", seconds=-10),))
    token_server.mint = lambda: next(expired, dovecot_server.access_token("bearer"))
    dovecot_server.deliver("bearer", mail(2))
    fetchers = FetcherThreads(Timing(lookout=0.1, first_pause=0.1, longest_pause=0.2))

    fetchers.start()
    try:
        assert wait_until(Ticket.objects.exists, seconds=60)
    finally:
        assert fetchers.stop(60)

    assert len(token_server.asked) == 2


def test_fetchers_show_that_nobody_has_signed_in(
    account: Account, token_server: FakeTokens
) -> None:
    Grant.objects.update(refresh_token="", access_token="")

    with pytest.raises(MailboxError, match="nobody has signed in") as caught:
        server_of(account)

    assert caught.value.step == "login"
    assert token_server.asked == []


def test_an_expired_token_is_never_shown_to_the_server(
    account: Account, token_server: FakeTokens
) -> None:
    server_of(account)
    Grant.objects.update(access_until=timezone.now() - timedelta(seconds=1))

    server_of(account)

    assert len(token_server.asked) == 2


def test_neither_token_nor_password_reaches_a_log_even_at_its_loudest(
    account: Account, imap_server: FakeImap, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = "a-token-nobody-may-read"
    imap_server.capabilities = "IMAP4rev1 AUTH=XOAUTH2"
    imap_server.script("AUTHENTICATE", f"NO {token} is not welcome", times=2)
    server = server_of(account)
    seeded = type(server)(imap_server.host, imap_server.port, "none", "bearer", "", token=token)

    with pytest.raises(MailboxError) as caught:
        open_mailbox(seeded)

    assert token not in str(caught.value)
    assert token not in repr(seeded)
    assert [each for each in caplog.messages if token in each] == []
