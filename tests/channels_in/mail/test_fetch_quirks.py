"""Quirks of servers (mail.md 19), and several folders of one account."""

import logging

import pytest

from channels_in.models import Account, FolderState, Sighting
from helpdesk.tickets.models import Ticket
from tests.channels_in.mail.visits import one_pass
from tests.channels_in.making import mail, make_account
from tests.factories.house import House
from tests.fakes.imap import FakeImap

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(house: House, imap_server: FakeImap) -> Account:
    for number in (1, 2, 3):
        imap_server.add(mail(number))
    return make_account(house, host=imap_server.host, port=imap_server.port)


def after_filing(account: Account, way: str, folder: str = "") -> None:
    Account.objects.filter(pk=account.pk).update(after_filing=way, move_to=folder)


@pytest.mark.parametrize(
    "form",
    # A literal8 (RFC 3516) answers to BINARY alone, which is never asked for.
    ["NIL", '"not closed', "(what (is", "~{{{size}}}\r\n@"],
    ids=["nil", "string without end", "list without end", "literal8"],
)
def test_a_mail_whose_answer_can_not_be_read_is_listed_by_its_place_and_the_others_are_filed(
    account: Account, imap_server: FakeImap, form: str
) -> None:
    imap_server.forms[2] = form

    counts = one_pass(account)

    assert (counts.new, counts.unfetchable) == (2, 1)
    assert Ticket.objects.count() == 2
    assert Sighting.objects.get(raw_message__isnull=True).uid == 2


def test_no_answer_is_written_out_for_a_log_that_nobody_keeps(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mail would be: twice, as Python writes bytes, whatever its size."""
    said: list[logging.LogRecord] = []

    def listen(record: logging.LogRecord) -> bool:
        said.append(record)
        return False

    protocol = logging.getLogger("imapclient.imaplib")
    monkeypatch.setattr(protocol, "filters", [listen])
    monkeypatch.setattr(protocol, "level", logging.DEBUG)

    assert one_pass(account).new == 3

    assert said == []


def test_a_server_without_uidplus_flags_alone_and_expunges_nothing(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.capabilities = "IMAP4rev1"
    after_filing(account, Account.AfterFiling.DELETE)

    one_pass(account)

    assert [each.flags for each in imap_server.mails] == [{"\\Deleted"}] * 3
    assert [line for line in imap_server.commands if "EXPUNGE" in line] == []


def test_a_server_without_move_copies_flags_and_expunges_these_alone(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.capabilities = "IMAP4rev1 UIDPLUS"
    after_filing(account, Account.AfterFiling.MOVE, "Archiv")

    one_pass(account)

    assert imap_server.copies == [(1, "Archiv"), (2, "Archiv"), (3, "Archiv")]
    assert imap_server.mails == []
    assert [line for line in imap_server.commands if "EXPUNGE" in line] == ["UID EXPUNGE 1,2,3"]


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 MOVE", "IMAP4rev1 UIDPLUS"])
def test_a_full_target_leaves_the_mails_and_is_told_without_copying_again(
    account: Account, imap_server: FakeImap, capabilities: str
) -> None:
    imap_server.capabilities = capabilities
    after_filing(account, Account.AfterFiling.MOVE, "Archiv")
    for command in ("MOVE", "COPY"):
        imap_server.script(command, "NO [OVERQUOTA] Quota exceeded", times=99)

    complaints = [one_pass(account).complaint for _round in range(3)]

    assert all("Quota exceeded" in complaint for complaint in complaints)
    assert (len(imap_server.mails), imap_server.copies) == (3, [])
    # Once after the batch, then once in each pass.
    tries = [
        line
        for line in imap_server.commands
        if line.split()[1:2] and line.split()[1] in {"MOVE", "COPY"}
    ]
    assert len(tries) <= 4
    assert Ticket.objects.count() == 3


def test_folder_names_travel_in_modified_utf_7(account: Account, imap_server: FakeImap) -> None:
    Account.objects.filter(pk=account.pk).update(further_folders=["Größen & Maße"])

    one_pass(account)

    assert 'SELECT "Gr&APYA3w-en &- Ma&AN8-e"' in imap_server.commands


def test_a_further_folder_that_is_missing_holds_up_no_other(
    account: Account, imap_server: FakeImap
) -> None:
    Account.objects.filter(pk=account.pk).update(further_folders=["Weg"])

    counts = one_pass(account)

    assert counts.new == 3
    assert counts.complaint.startswith("Weg: folder:")
    assert list(FolderState.objects.values_list("name", flat=True)) == ["INBOX"]
    assert imap_server.commands[-1] == "LOGOUT"
