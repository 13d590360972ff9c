"""Two at once: what one is about to commit, the other waits for and then goes by."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from helpdesk.accounts.domain.identities import sign_in_by_identity
from helpdesk.accounts.domain.links import (
    AddressTakenError,
    LinkGoneError,
    Wish,
    add_address,
    make_link,
    open_account,
    press_again,
    sign_in_by_link,
)
from helpdesk.accounts.domain.sessions import UNUSED, delete_account, enter, leave, sweep
from helpdesk.accounts.models import AccountAddress, AccountLink, Identity, PortalAccount
from helpdesk.accounts.oidc import Person
from helpdesk.agents.models import Authority
from helpdesk.notifications.portal_mails import HOURLY_LIMIT, Asker
from helpdesk.outbox.models import Recipient
from helpdesk.portal.account.mails import Asked, mail_link
from tests.factories.accounts import make_house_with_accounts, with_accounts
from tests.factories.house import make_authority
from tests.servers.base import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]
CLARA, DORA = "clara@example.org", "dora@example.org"
BY_PROVIDER = Person("https://provider.example", "4711", CLARA, "Clara", "")
WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@dataclass
class Second:
    """Somebody who begins while the first has not committed."""

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def begins(self, work: Callable[[], Any]) -> Future[Any]:
        """Begin and return at once."""

        def run() -> object:
            try:
                return work()
            finally:
                connection.close()

        return self.pool.submit(run)

    def waits(self, work: Callable[[], Any]) -> Future[Any]:
        """Begin and return as soon as a lock holds it up; SQLite lets nobody begin before."""
        begun = self.begins(work)
        assert connection.vendor == "sqlite" or wait_until(lambda: begun.done() or _is_waiting())
        return begun


def _is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


@pytest.fixture
def authority() -> Authority:
    return with_accounts(make_authority())


@pytest.fixture
def second() -> Second:
    return Second()


def link_to(authority: Authority, email: str, account: PortalAccount | None = None) -> int:
    make_link(wish=Wish(authority.pk, email, account=account))
    return AccountLink.objects.latest("id").pk


def opened(authority: Authority, email: str) -> PortalAccount:
    return open_account(authority_id=authority.pk, email=email, language="de")


def test_an_address_that_is_proved_in_two_ways_at_once_has_one_account(
    authority: Authority, second: Second
) -> None:
    link = link_to(authority, CLARA)

    with transaction.atomic():
        first = sign_in_by_identity(authority_id=authority.pk, person=BY_PROVIDER, language="de")
        pressed = second.waits(lambda: sign_in_by_link(link_id=link, language="de"))

    assert pressed.result(30).account == first.account
    assert PortalAccount.objects.count() == AccountAddress.objects.count() == 1
    assert first.account.sessions.count() == 2


def test_a_button_that_is_pressed_again_while_its_session_ends_lets_nobody_in(
    authority: Authority, second: Second
) -> None:
    token = make_link(wish=Wish(authority.pk, CLARA))
    link = AccountLink.objects.latest("id").pk
    entered = sign_in_by_link(link_id=link, language="de", browser="hers")

    with transaction.atomic():
        leave(session_id=entered.session_id)
        again = second.waits(
            lambda: press_again(authority_id=authority.pk, token=token, browser="hers")
        )

    with pytest.raises(LinkGoneError):
        again.result(30)


def test_an_address_whose_owner_signs_in_meanwhile_is_taken(
    authority: Authority, second: Second
) -> None:
    dora = opened(authority, DORA)
    further = link_to(authority, CLARA, account=dora)

    with transaction.atomic():
        clara = opened(authority, CLARA)
        adding = second.waits(lambda: add_address(link_id=further, account=dora))

    with pytest.raises(AddressTakenError):
        adding.result(30)
    assert clara.addresses.count() == dora.addresses.count() == 1


def test_an_account_is_not_swept_away_under_somebody_who_comes_back(
    authority: Authority, second: Second
) -> None:
    account = opened(authority, CLARA)
    account.signed_in_at = timezone.now() - UNUSED - timedelta(days=1)
    account.save()

    with transaction.atomic():
        enter(account=account)
        swept = second.waits(sweep)

    swept.result(30)
    assert account.sessions.count() == account.addresses.count() == 1


def test_who_signs_in_while_the_account_is_being_deleted_gets_a_new_one(
    authority: Authority, second: Second
) -> None:
    account = opened(authority, CLARA)
    Identity.objects.create(account=account, issuer=BY_PROVIDER.issuer, subject=BY_PROVIDER.subject)

    with transaction.atomic():
        delete_account(account=account)
        entering = second.waits(
            lambda: sign_in_by_identity(
                authority_id=authority.pk, person=BY_PROVIDER, language="de"
            )
        )

    entered = entering.result(30)
    assert entered.account != account
    assert list(PortalAccount.objects.all()) == [entered.account]


def test_signing_in_at_a_provider_holds_up_no_new_row_of_the_authority(
    authority: Authority, second: Second
) -> None:
    if connection.vendor == "sqlite":
        # Whoever writes there has all of it.
        return

    with transaction.atomic():
        sign_in_by_identity(authority_id=authority.pk, person=BY_PROVIDER, language="de")
        made = second.begins(lambda: link_to(authority, DORA))

        assert made.result(30)


def test_who_asks_for_the_same_address_at_once_finds_no_more_room_than_one_alone(
    second: Second,
) -> None:
    town = make_house_with_accounts().authority
    asked = Asked(town, Wish(town.pk, CLARA), "de", Asker(""))
    for _ in range(HOURLY_LIMIT - 1):
        mail_link(asked=asked)

    with transaction.atomic():
        assert mail_link(asked=asked)
        other = second.waits(lambda: mail_link(asked=asked))

    assert not other.result()
    assert Recipient.objects.filter(address=CLARA).count() == HOURLY_LIMIT
