"""Fetching from a server that misbehaves: nothing lost, nothing twice, the others go on."""

import pytest

from channels_in import limits
from channels_in.mail.fetch import Memory
from channels_in.mail.mailbox import LostConnectionError, MailboxError
from channels_in.models import Account, RawMessage, Sighting
from helpdesk.tickets.models import Ticket
from tests.channels_in.mail.visits import impatient_at, one_pass
from tests.channels_in.making import mail, make_account
from tests.factories.house import House
from tests.fakes.imap import FakeImap

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(house: House, imap_server: FakeImap) -> Account:
    return make_account(house, host=imap_server.host, port=imap_server.port)


def test_pass_files_what_is_there_and_marks_it_read(
    account: Account, imap_server: FakeImap
) -> None:
    for number in (1, 2, 3):
        imap_server.add(mail(number))

    counts = one_pass(account)

    assert (counts.new, counts.known, counts.unfetchable, counts.complaint) == (3, 0, 0, "")
    assert [each.flags for each in imap_server.mails] == [{"\\Seen"}] * 3
    assert Ticket.objects.count() == 3
    assert Sighting.objects.filter(settled_at__isnull=False).count() == 3


def test_pass_fetches_what_another_program_has_already_read(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.add(mail())
    imap_server.mails[0].flags.add("\\Seen")

    assert one_pass(account).new == 1


def test_pass_never_fetches_the_same_place_twice(account: Account, imap_server: FakeImap) -> None:
    imap_server.add(mail(1))
    one_pass(account)
    imap_server.add(mail(2))
    imap_server.commands.clear()

    counts = one_pass(account)

    assert counts.new == 1
    fetched = [line for line in imap_server.commands if "BODY" in line]
    assert fetched == ["UID FETCH 2 (BODY.PEEK[])"]


def test_pass_after_a_new_uidvalidity_reads_again_and_doubles_nothing(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.add(mail(1))
    one_pass(account)
    imap_server.uidvalidity = 2
    imap_server.add(mail(2))

    counts = one_pass(account)

    assert (counts.new, counts.known) == (1, 1)
    assert Ticket.objects.count() == 2
    places = Sighting.objects.order_by("uidvalidity", "uid").values_list("uidvalidity", "uid")
    assert list(places) == [(1, 1), (2, 1), (2, 2)]


def test_pass_on_another_server_with_the_same_uidvalidity_misses_nothing(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.add(mail(1))
    one_pass(account)
    imap_server.mails.clear()
    imap_server.uidnext = 1
    imap_server.add(mail(2))
    # What the settings do when host, user or folder change.
    account.folder_states.all().delete()

    assert one_pass(account).new == 1
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "middle", "last"])
def test_pass_sets_one_poisoned_mail_aside_and_files_the_others(
    account: Account, imap_server: FakeImap, place: int
) -> None:
    for number in (1, 2, 3):
        imap_server.add(mail(number))
    imap_server.poison[place + 1] = False

    counts = one_pass(account)

    assert (counts.new, counts.unfetchable) == (2, 1)
    assert Ticket.objects.count() == 2
    poisoned = Sighting.objects.get(raw_message__isnull=True)
    assert (poisoned.uid, poisoned.error) == (
        place + 1,
        "command: fetch failed: poison",
    )


def test_pass_leaves_a_mail_that_breaks_the_line_each_time_and_files_the_others(
    account: Account, imap_server: FakeImap
) -> None:
    for number in (1, 2, 3):
        imap_server.add(mail(number))
    imap_server.poison[2] = True
    memory = Memory()

    for _try in range(9):
        try:
            counts = one_pass(account, memory=memory)
            break
        except LostConnectionError:
            continue

    assert Ticket.objects.count() == 2
    assert counts.unfetchable == 1
    assert "broke each time" in Sighting.objects.get(raw_message__isnull=True).error


@pytest.mark.parametrize(
    "command", ["GREETING", "CAPABILITY", "LOGIN", "SELECT", "SEARCH", "FETCH", "STORE"]
)
def test_pass_cut_after_any_command_is_made_good_by_the_next(
    account: Account, imap_server: FakeImap, command: str
) -> None:
    for number in (1, 2, 3):
        imap_server.add(mail(number))
    imap_server.script(command, close=True)

    with pytest.raises(MailboxError):
        one_pass(account)
    one_pass(account)

    assert Ticket.objects.count() == 3
    assert RawMessage.objects.count() == 3
    assert [each.flags for each in imap_server.mails] == [{"\\Seen"}] * 3


def test_pass_cut_inside_a_literal_keeps_nothing_of_it(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.add(mail())
    # Size first, then the bytes: the second FETCH is cut.
    imap_server.script("BODY", "* 1 FETCH (UID 1 BODY[] {9999}\r\nFrom: half", close=True)

    with pytest.raises(LostConnectionError):
        one_pass(account)
    assert RawMessage.objects.count() == 0

    assert one_pass(account).new == 1


@pytest.mark.parametrize("reply", ["NO [UNAVAILABLE] later", "BAD what"])
def test_pass_reports_a_refusal_to_mark_and_marks_later(
    account: Account, imap_server: FakeImap, reply: str
) -> None:
    imap_server.add(mail())
    # Refused after the batch and again at the end of the pass.
    imap_server.script("STORE", reply, times=2)

    counts = one_pass(account)

    assert counts.new == 1
    assert counts.complaint != ""
    assert Sighting.objects.get().settled_at is None
    assert one_pass(account).complaint == ""
    assert imap_server.mails[0].flags == {"\\Seen"}


def test_pass_reads_only_the_beginning_of_an_oversize_mail(
    account: Account, imap_server: FakeImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels_in.mail.fetch.MAX_MAIL_BYTES", 1000)
    monkeypatch.setattr("channels_in.mail.fetch.OVERSIZE_HEAD_BYTES", 600)
    imap_server.add(mail(1, body="Ein Loch. " + "x" * 2000))
    imap_server.add(mail(2))
    Account.objects.filter(pk=account.pk).update(after_filing=Account.AfterFiling.DELETE)

    counts = one_pass(account)

    assert counts.new == 2
    big = RawMessage.objects.get(reason="oversize")
    assert len(bytes(big.body or b"")) == 600
    assert big.size == len(imap_server.mails[0].content)
    # The small one is gone; of the big one only the beginning is ours.
    assert [(each.uid, each.flags) for each in imap_server.mails] == [(1, {"\\Seen"})]


def test_pass_leaves_an_oversize_mail_on_the_server_whatever_became_of_it(
    account: Account, imap_server: FakeImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels_in.mail.fetch.MAX_MAIL_BYTES", 1000)
    monkeypatch.setattr("channels_in.mail.fetch.OVERSIZE_HEAD_BYTES", 600)
    flag = "X-Spam-Flag: YES\r\n"
    imap_server.add(mail(1, headers=flag, body="Ein Loch. " + "x" * 2000))
    imap_server.add(mail(2, headers=flag))
    Account.objects.filter(pk=account.pk).update(
        after_filing=Account.AfterFiling.DELETE, spam_marks="all", rules_mark="1"
    )

    one_pass(account)

    assert set(RawMessage.objects.values_list("state", flat=True)) == {RawMessage.State.SPAM}
    assert [(each.uid, each.flags) for each in imap_server.mails] == [(1, {"\\Seen"})]


def test_pass_stops_before_the_disk_is_full_and_leaves_the_mail(
    account: Account, imap_server: FakeImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap_server.add(mail())
    with monkeypatch.context() as patch:
        patch.setattr("helpdesk.files.store.free_bytes", lambda: limits.MIN_FREE_BYTES - 1)
        with pytest.raises(Exception, match="MB free"):
            one_pass(account)

    assert imap_server.mails[0].flags == set()
    assert one_pass(account).new == 1


def test_pass_deletes_by_uid_and_never_what_others_flagged(
    account: Account, imap_server: FakeImap
) -> None:
    Account.objects.filter(pk=account.pk).update(after_filing=Account.AfterFiling.DELETE)
    imap_server.add(mail(1))
    imap_server.add(mail(2))

    one_pass(account)

    assert imap_server.mails == []
    expunges = [line for line in imap_server.commands if "EXPUNGE" in line]
    assert expunges == ["UID EXPUNGE 1,2"]


def test_pass_without_move_copies_once_and_never_again(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.capabilities = "IMAP4rev1 UIDPLUS"
    Account.objects.filter(pk=account.pk).update(
        after_filing=Account.AfterFiling.MOVE, move_to="Archiv"
    )
    imap_server.add(mail())
    imap_server.script("STORE", "NO [ALERT] read-only", times=9)

    complaints = [one_pass(account).complaint for _round in range(3)]

    assert imap_server.copies == [(1, "Archiv")]
    assert complaints[1:] == ["", ""]
    assert "copied, not removed" in Sighting.objects.get().error


def test_pass_takes_in_what_lies_in_a_folder_that_may_be_read_alone(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.capabilities = "IMAP4rev1 UIDPLUS"
    Account.objects.filter(pk=account.pk).update(
        after_filing=Account.AfterFiling.MOVE, move_to="Archiv"
    )
    imap_server.add(mail())
    imap_server.is_readonly = True
    counts = one_pass(account)

    assert (counts.new, Ticket.objects.count(), imap_server.copies) == (1, 1, [])
    assert "read-only" in counts.complaint

    imap_server.is_readonly = False

    assert (one_pass(account).complaint, imap_server.copies) == ("", [(1, "Archiv")])


def test_pass_leaves_mails_when_the_folder_is_missing(
    account: Account, imap_server: FakeImap
) -> None:
    Account.objects.filter(pk=account.pk).update(
        after_filing=Account.AfterFiling.MOVE, move_to="Archiv"
    )
    for number in (1, 2):
        imap_server.add(mail(number))
    imap_server.script("MOVE", "NO [TRYCREATE] no such folder", times=9)

    assert "no such folder" in one_pass(account).complaint
    assert "no such folder" in one_pass(account).complaint

    assert len(imap_server.mails) == 2
    assert Ticket.objects.count() == 2


def test_pass_finds_every_mail_of_a_huge_mailbox_by_windows(
    account: Account, imap_server: FakeImap
) -> None:
    for number, uid in enumerate((1, 50_000, 50_001, 120_001)):
        imap_server.uidnext = uid
        imap_server.add(mail(number))

    counts = one_pass(account)

    assert counts.new == 4
    searches = [line for line in imap_server.commands if "SEARCH" in line]
    assert searches == [
        "UID SEARCH UID 1:50000",
        "UID SEARCH UID 50001:100000",
        "UID SEARCH UID 100001:150000",
        "UID SEARCH UID 120002:*",
    ]


def test_pass_leaves_out_a_mail_that_went_away_meanwhile(
    account: Account, imap_server: FakeImap
) -> None:
    imap_server.add(mail(1))
    imap_server.script("BODY", "OK nothing there any more")

    counts = one_pass(account)

    assert (counts.new, counts.unfetchable) == (0, 0)
    assert Sighting.objects.count() == 0


def test_pass_does_not_wait_for_a_server_that_hangs(
    account: Account, imap_server: FakeImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient_at(monkeypatch, "select_folder")
    imap_server.add(mail())
    hangs = imap_server.hold("SELECT")

    with pytest.raises(LostConnectionError, match="timed out"):
        one_pass(account)

    hangs.let_go()


def test_connect_without_starttls_on_offer_sends_no_password(
    account: Account, imap_server: FakeImap
) -> None:
    Account.objects.filter(pk=account.pk).update(security="starttls")

    with pytest.raises(MailboxError) as caught:
        one_pass(account)

    assert caught.value.step == "tls"
    assert [line for line in imap_server.commands if "LOGIN" in line] == []


def test_pass_that_must_stop_frees_also_what_it_had_kept_ahead(
    account: Account, imap_server: FakeImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels_in.mail.fetch.KEPT_TOGETHER", 2)
    for number in range(1, 7):
        imap_server.add(mail(number))
    asked: list[None] = []

    def stop_in_the_second_group() -> None:
        asked.append(None)
        if RawMessage.objects.filter(state=RawMessage.State.FILED).exists():
            raise InterruptedError

    with pytest.raises(InterruptedError):
        one_pass(account, check=stop_in_the_second_group)

    kept = RawMessage.objects.order_by("id")
    assert [row.state for row in kept] == ["filed"] * 2 + ["stored"] * 4
    assert not kept.filter(state="stored", lease_until__isnull=False).exists()
    assert one_pass(account).known == 0
    assert Ticket.objects.count() == 6
