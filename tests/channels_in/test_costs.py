"""How many statements one mail takes, exactly: what is saved here must not creep back."""

import pytest
from django.db import connection

from bench.counting import statements
from channels_in import process
from channels_in.models import Account
from channels_in.store import Place, Seen, keep, keep_together
from helpdesk.outbox.identity import new_message_id
from helpdesk.tickets.models import Article, Ticket
from tests.channels_in.making import NOON, mail, make_account
from tests.factories.house import House, make_house

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]

# Is it known, its row, its place.
TO_KEEP = 3
# Of several at once: which are known, their rows, their places. SQLite, where a statement
# costs no journey, is asked for each whether it is known.
TO_KEEP_ANY_NUMBER = 3
# Our addresses 1; filed already, our sender, an agent, the citizen 4; authority, reference taken,
# number 3; ticket, participant, article and its IDs 4; fact and its place in the queue 2; the
# same mail elsewhere 1; the mail's own outcome 1.
TO_FILE_A_NEW_MAIL = 16
# The citizen, their address, and the words by which they are found.
TO_TAKE_SOMEBODY_IN = 3
# Our addresses 1; filed already, our sender, an agent, the citizen 4; ticket, takes part, ticket
# locked, twin 4; article, references, ticket 3; two facts 4; the mail's own outcome 1.
TO_FILE_A_REPLY_THAT_WAKES = 17


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house)


def taken(account: Account, raw: bytes, uid: int) -> None:
    row, is_new = keep(account=account, raw=raw, received_at=NOON, place=Place("INBOX", 1, uid))
    assert is_new
    assert process.process_claimed(row) == "filed"


def test_a_mail_of_somebody_new_takes_so_many_statements(account: Account) -> None:
    taken(account, mail(1), 1)

    with statements() as sent:
        taken(account, mail(2).replace(b"clara@", b"carl@"), 2)

    assert sent.total() == TO_KEEP + TO_FILE_A_NEW_MAIL + TO_TAKE_SOMEBODY_IN


def test_a_mail_of_somebody_known_takes_three_less(account: Account) -> None:
    taken(account, mail(1), 1)

    with statements() as sent:
        taken(account, mail(2), 2)

    assert sent.total() == TO_KEEP + TO_FILE_A_NEW_MAIL


def test_a_reply_that_wakes_its_ticket_takes_so_many_statements(account: Account) -> None:
    taken(account, mail(1), 1)
    ticket = Ticket.objects.get()
    Ticket.objects.update(status="resolved", outcome="done")
    ours = new_message_id(scope=f"t{ticket.pk}", address=account.address)

    with statements() as sent:
        taken(account, mail(2, headers=f"In-Reply-To: {ours}\r\n"), 2)

    assert Article.objects.filter(ticket=ticket).count() == 2
    assert sent.total() == TO_KEEP + TO_FILE_A_REPLY_THAT_WAKES


@pytest.mark.parametrize("count", [2, 7])
def test_several_mails_are_kept_by_the_statements_of_one(account: Account, count: int) -> None:
    seen = [Seen(mail(number), NOON, Place("INBOX", 1, number)) for number in range(count)]

    with statements() as sent:
        rows = keep_together(account=account, seen=seen)

    assert len(rows) == count
    looks = 1 if connection.vendor == "postgresql" else count
    assert sent.total() == TO_KEEP_ANY_NUMBER - 1 + looks
