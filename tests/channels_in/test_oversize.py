"""A mail that is too large is a request from its beginning; who wrote may be told so."""

import pytest

from channels_in import process
from channels_in.models import Account, RawMessage
from channels_in.outcome import put_aside
from channels_in.quarantine import make_ticket, retry
from channels_in.reasons import Quarantine
from channels_in.store import Place
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.models import Article
from tests.channels_in.making import mail
from tests.channels_in.test_alarm import received_now
from tests.factories.house import House

pytestmark = pytest.mark.django_db
VOUCHED = "Authentication-Results: mx.stadt.example; dmarc=pass header.from=example.org\r\n"
TRUE_SIZE = 40 * 2**20


@pytest.fixture
def account(account: Account) -> Account:
    account.authserv_id, account.tells_oversize = "mx.stadt.example", True
    account.save()
    return account


def filed(account: Account, headers: str = VOUCHED, *, number: int = 1) -> Article:
    place = Place("INBOX", 1, number, oversize=TRUE_SIZE)
    row = received_now(account, mail(number, headers=headers), place)
    process.process_claimed(row)
    return Article.objects.get(raw_message_id=row.pk)


def notices() -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(kind="oversize"))


def test_a_mail_that_is_too_large_is_a_request_with_a_note(account: Account) -> None:
    article = filed(account)

    assert "Ein tiefes Loch." in article.text
    assert article.text.startswith("[Diese E-Mail ist zu groß (40,0")
    assert article.warnings == ["oversize"]
    assert RawMessage.objects.get().size == TRUE_SIZE


def test_a_sender_for_whom_the_checking_server_vouches_is_told_politely(account: Account) -> None:
    filed(account)

    notice = notices()[0]
    assert [each.address for each in notice.recipients.all()] == ["clara@example.org"]
    assert notice.is_automatic
    assert "40,0" in notice.text
    assert "35,0" in notice.text
    assert notice.headers["In-Reply-To"] == "<1@example.org>"


def test_a_sender_is_told_once_a_day(account: Account) -> None:
    for number in (1, 2, 3):
        filed(account, number=number)

    assert len(notices()) == 1
    assert Article.objects.count() == 3


@pytest.mark.parametrize(
    "headers",
    [
        "",
        VOUCHED.replace("pass", "fail"),
        VOUCHED.replace("mx.stadt.example", "mx.evil.example"),
        f"{VOUCHED}Auto-Submitted: auto-replied\r\n",
        f"{VOUCHED}Precedence: bulk\r\n",
        f"{VOUCHED}List-Id: <list.example.org>\r\n",
        f"{VOUCHED}Reply-To: victim@example.net\r\n",
    ],
    ids=["unchecked", "forged", "vouched by nobody", "automatic", "bulk", "list", "elsewhere"],
)
def test_no_machine_and_no_forged_address_is_told(account: Account, headers: str) -> None:
    filed(account, headers)

    assert notices() == []


def test_nobody_is_told_unless_it_is_set(house: House, account: Account) -> None:
    Account.objects.update(tells_oversize=False)
    account.refresh_from_db()

    filed(account)

    assert (notices(), house.authority.pk) == ([], account.authority_id)


def test_a_request_made_of_a_cut_mail_that_nobody_could_read_says_so(account: Account) -> None:
    place = Place("INBOX", 1, 1, oversize=TRUE_SIZE)
    row = received_now(account, mail(), place)
    put_aside(row.pk, Quarantine.UNREADABLE, "")

    receipt = make_ticket(raw_id=row.pk)

    assert receipt is not None
    article = Article.objects.get(pk=receipt.article_id)
    assert article.text.startswith("[Diese E-Mail ist zu groß (40,0")
    assert article.warnings == ["oversize"]


def test_a_cut_mail_that_is_tried_again_is_still_known_as_cut(account: Account) -> None:
    row = received_now(account, mail(), Place("INBOX", 1, 1, oversize=TRUE_SIZE))
    put_aside(row.pk, Quarantine.NOT_FILED, "")

    retry(raw_id=row.pk)
    process.drain()

    assert Article.objects.get(raw_message_id=row.pk).warnings == ["oversize"]
