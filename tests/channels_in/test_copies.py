"""Copies of a mail that came to another mailbox, where these are left out."""

import pytest

from channels_in import process
from channels_in.filing import prepare
from channels_in.mail.parse import parse
from channels_in.models import Account, RawMessage
from channels_in.reasons import Ignored
from helpdesk.lib.together import together
from helpdesk.tickets.domain.ahead import ask_ahead
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket, TicketLink
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House

pytestmark = pytest.mark.django_db
State = RawMessage.State


def processed(account: Account, raw: bytes) -> RawMessage:
    row = kept(account, raw)
    process.process_raw(row.pk)
    row.refresh_from_db()
    return row


def test_process_leaves_a_copy_out_where_the_first_mailbox_is_to_be_enough(
    account: Account, house: House
) -> None:
    other = make_account(
        house, address="abfall@musterstadt.example", team=house.waste, leaves_out_copies=True
    )
    first = processed(account, mail())

    copy = processed(other, mail())
    again = processed(other, mail(body="Andere Worte unter derselben Nummer."))

    assert (copy.state, copy.reason, copy.ticket_id) == (
        State.IGNORED,
        Ignored.COPY,
        first.ticket_id,
    )
    assert bytes(copy.body or b"") == mail()
    assert again.state == State.FILED
    assert sorted(Ticket.objects.values_list("team__name", flat=True)) == ["Abfall", "Tiefbau"]


def test_process_files_a_copy_of_what_lies_in_the_bin(account: Account, house: House) -> None:
    other = make_account(
        house, address="abfall@musterstadt.example", team=house.waste, leaves_out_copies=True
    )
    processed(account, mail())
    Ticket.objects.update(status=Status.DELETED)

    copy = processed(other, mail())

    assert copy.state == State.FILED
    assert Ticket.objects.exclude(status=Status.DELETED).get().pk == copy.ticket_id


@pytest.mark.both_engines
def test_process_files_a_copy_of_what_goes_into_the_bin_at_this_moment(
    account: Account, house: House
) -> None:
    other = make_account(
        house, address="abfall@musterstadt.example", team=house.waste, leaves_out_copies=True
    )
    processed(account, mail())
    row = kept(other, mail())
    inbound = prepare(row, parse(mail()))

    with together(1):
        ask_ahead([inbound])
        # An agent was quicker than the lock, and has seen one of the two mails.
        Ticket.objects.update(status=Status.DELETED)
        receipt = accept(inbound)

    assert receipt.is_new_ticket
    assert not TicketLink.objects.exists()
