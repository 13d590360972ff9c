"""Quarantine and failed sendings: what operators see and what their buttons do."""

from datetime import timedelta
from pathlib import Path
from shutil import rmtree

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from channels_in import outcome, process
from channels_in.mail.parsed import Mailbox
from channels_in.models import Account, RawMessage, Sighting
from channels_in.reasons import Ignored, Quarantine
from helpdesk.agents.models import Membership, Team
from helpdesk.events.models import Event
from helpdesk.files.models import ScanState, StoredFile
from helpdesk.files.store import path_of
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.reactions.models import Reaction
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.models import Attachment, Ticket
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import (
    House,
    make_administrator,
    make_authority,
    make_house,
    make_ticket,
)
from tests.helpdesk.desk.pages import counted_queries, signed_in, without_second_factor

pytestmark = pytest.mark.django_db
QUARANTINE, FAILED = "/a/betrieb/quarantine/", "/a/betrieb/failed/"


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house)


@pytest.fixture
def operator(house: House) -> Client:
    return signed_in(make_administrator(house.authority))


@pytest.fixture
def sick(account: Account) -> RawMessage:
    raw = kept(account, mail())
    outcome.put_aside(raw.pk, Quarantine.UNREADABLE, "the parser broke off")
    return raw


@pytest.fixture
def reading_operator(house: House, account: Account) -> Client:
    """Return somebody who operates and works in the team that gets the mail."""
    ada = make_administrator(house.authority)
    Membership.objects.create(user=ada, team=account.team)
    return signed_in(ada)


def state_of(raw: RawMessage) -> str:
    raw.refresh_from_db()
    return raw.state


def test_quarantine_shows_each_mail_with_its_reason_in_words(
    operator: Client, sick: RawMessage, account: Account
) -> None:
    ignored = kept(account, mail(2))
    RawMessage.objects.filter(pk=ignored.pk).update(
        state=RawMessage.State.IGNORED, reason=Ignored.OWN_MAIL
    )

    page = operator.get(QUARANTINE)
    html = page.content.decode()

    assert list(page.context["page"].object_list) == [sick]
    assert [raw for raw, _seen, _may in page.context["left_out"]] == [ignored]
    assert str(Quarantine.UNREADABLE.label) in html
    assert str(Ignored.OWN_MAIL.label) in html
    assert "the parser broke off" in html


def test_quarantine_shows_how_old_each_mail_is(operator: Client, sick: RawMessage) -> None:
    came = timezone.now() - timedelta(days=2, hours=3)
    RawMessage.objects.filter(pk=sick.pk).update(received_at=came)

    html = operator.get(QUARANTINE).content.decode().replace("\xa0", " ")

    assert '<td data-label="Alter">2 Tage, 3 Stunden</td>' in html


def test_each_mail_is_named_by_sender_and_subject_wherever_its_bytes_lie(
    operator: Client, account: Account, sick: RawMessage
) -> None:
    large = kept(account, mail(2, body="x" * 100_000))
    lost = kept(account, mail(3, body="y" * 100_000))
    for raw in (large, lost):
        outcome.put_aside(raw.pk, Quarantine.UNREADABLE, "")
    path_of(lost.file.sha256 if lost.file else "").unlink()

    shown = operator.get(QUARANTINE).context["waiting"]

    clara = Mailbox("Clara Citizen", "clara@example.org")
    assert {raw.pk: (seen.subject, seen.sender) for raw, seen in shown} == {
        sick.pk: ("Schlagloch 1", clara),
        large.pk: ("Schlagloch 2", clara),
        lost.pk: (None, None),
    }


def test_a_mail_that_a_rule_kept_out_is_made_a_request(operator: Client, account: Account) -> None:
    banned, ours = kept(account, mail()), kept(account, mail(2))
    outcome.finish_ignored(banned.pk, Ignored.BANNED)
    outcome.finish_ignored(ours.pk, Ignored.OWN_MAIL)

    offered = [raw for raw, _seen, may in operator.get(QUARANTINE).context["left_out"] if may]
    for raw in (banned, ours):
        operator.post(f"{QUARANTINE}{raw.pk}/let-in/")

    assert offered == [banned]
    assert (state_of(banned), state_of(ours)) == (RawMessage.State.STORED, RawMessage.State.IGNORED)


def test_all_that_became_no_request_has_a_page_of_its_own(
    operator: Client, account: Account
) -> None:
    for number in range(21):
        outcome.finish_ignored(kept(account, mail(number)).pk, Ignored.BANNED)

    latest = operator.get(QUARANTINE)
    everything = operator.get(QUARANTINE, {"show": "left_out"})

    assert (len(latest.context["left_out"]), len(everything.context["left_out"])) == (20, 21)
    assert 'href="?show=left_out"' in latest.content.decode()


def test_what_was_discarded_can_still_be_fetched_and_what_was_deleted_is_not_there(
    operator: Client, sick: RawMessage
) -> None:
    operator.post(f"{QUARANTINE}{sick.pk}/discard/", {"reason": "Werbung"})
    discarded = operator.get(f"{QUARANTINE}{sick.pk}/raw/")
    RawMessage.objects.update(reason=Ignored.PURGED, body=None)

    assert discarded.content == mail()
    assert operator.get(f"{QUARANTINE}{sick.pk}/raw/").status_code == 404


def test_a_file_that_is_held_does_not_come_out_with_a_copy_of_its_mail(
    reading_operator: Client, account: Account
) -> None:
    file = "Content-Disposition: attachment; filename=rechnung.com\r\n"
    kept(account, mail(headers=file))
    process.drain()
    copy, first = kept(account, mail(2)), Attachment.objects.get()
    outcome.finish_ignored(copy.pk, Ignored.COPY, ticket_id=first.article.ticket_id)
    original = f"{QUARANTINE}{copy.pk}/raw/"
    before = reading_operator.get(original).status_code

    StoredFile.objects.filter(pk=first.file_id).update(scan_state=ScanState.HELD)

    assert (before, reading_operator.get(original).status_code) == (200, 403)


def test_of_a_copy_of_another_teams_mail_neither_sender_nor_original_is_shown(
    house: House, reading_operator: Client, account: Account
) -> None:
    kept(account, mail())
    process.drain()
    copy, home = kept(account, mail(2)), Ticket.objects.get()
    outcome.finish_ignored(copy.pk, Ignored.COPY, ticket_id=home.pk)
    looks = (f"{QUARANTINE}", f"{QUARANTINE}{copy.pk}/raw/")
    before = reading_operator.get(looks[0]).context["left_out"]
    assert [head is not None for _, head, _ in before] == [True]

    foreign = Team.objects.create(authority=house.authority, name="Personalamt", slug="personal")
    Ticket.objects.update(team=foreign)

    after = reading_operator.get(looks[0]).context["left_out"]
    assert [head for _, head, _ in after] == [None]
    assert reading_operator.get(looks[1]).status_code == 404


def test_an_empty_quarantine_says_so(operator: Client) -> None:
    assert b'class="empty"' in operator.get(QUARANTINE).content


def test_a_mail_is_tried_again(operator: Client, sick: RawMessage) -> None:
    response = operator.post(f"{QUARANTINE}{sick.pk}/retry/")

    assert response["Location"] == QUARANTINE
    assert state_of(sick) == RawMessage.State.STORED


def test_a_mail_is_made_a_ticket(operator: Client, sick: RawMessage) -> None:
    operator.post(f"{QUARANTINE}{sick.pk}/ticket/")

    assert state_of(sick) == RawMessage.State.FILED
    assert Ticket.objects.get().title == "Schlagloch 1"


def test_a_mail_whose_bytes_are_gone_is_said_to_be_missing(
    operator: Client, account: Account, settings: Settings
) -> None:
    large = kept(account, mail() + b"x" * 100_000)
    outcome.put_aside(large.pk, Quarantine.BYTES_MISSING, "")
    rmtree(settings.FILES_ROOT)

    made = operator.post(f"{QUARANTINE}{large.pk}/ticket/")
    shown = operator.get(f"{QUARANTINE}{large.pk}/raw/")

    assert (made["Location"], shown.status_code) == (QUARANTINE, 410)
    assert state_of(large) == RawMessage.State.QUARANTINED


def test_discarding_needs_a_reason(operator: Client, sick: RawMessage) -> None:
    operator.post(f"{QUARANTINE}{sick.pk}/discard/", {"reason": "  "})
    without = state_of(sick)

    operator.post(f"{QUARANTINE}{sick.pk}/discard/", {"reason": "Werbung"})

    assert without == RawMessage.State.QUARANTINED
    assert (state_of(sick), sick.reason) == (RawMessage.State.DISCARDED, "Werbung")


def test_the_original_is_served_unaltered_as_a_file(operator: Client, sick: RawMessage) -> None:
    response = operator.get(f"{QUARANTINE}{sick.pk}/raw/")

    assert response.content == mail()
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def answered(house: House, ticket: Ticket) -> OutgoingMessage:
    answer = Answer(ticket_id=ticket.pk, text="Ja.", form_key="1", despite_newer=True)
    article = write_answer(answer=answer, user=house.anna)
    return OutgoingMessage.objects.get(article=article)


def make_failed(house: House) -> OutgoingMessage:
    message = answered(house, make_ticket(house))
    OutgoingMessage.objects.update(state=MessageState.FAILED, last_error="550 unknown")
    return message


def test_failed_sendings_show_recipient_and_reason_and_are_sent_again(
    house: House, operator: Client
) -> None:
    message = make_failed(house)

    page = operator.get(FAILED).content.decode()
    response = operator.post(f"{FAILED}{message.pk}/retry/")

    message.refresh_from_db()
    assert "clara@example.org" in page
    assert "550 unknown" in page
    assert response["Location"] == FAILED
    assert message.state == MessageState.QUEUED


def test_what_belongs_to_another_authority_is_not_there(house: House, sick: RawMessage) -> None:
    message = make_failed(house)
    other = make_authority("Stadt Anderswo", "AW")
    other.require_second_factor = False
    other.save()
    stranger = signed_in(make_administrator(other, "Eva Fremd"))

    codes = [
        stranger.get(f"{QUARANTINE}{sick.pk}/raw/").status_code,
        stranger.post(f"{QUARANTINE}{sick.pk}/retry/").status_code,
        stranger.post(f"{FAILED}{message.pk}/retry/").status_code,
    ]

    assert codes == [404] * 3
    assert state_of(sick) == RawMessage.State.QUARANTINED
    assert "clara" not in stranger.get(FAILED).content.decode()


def test_agents_without_the_right_see_none_of_it(house: House, sick: RawMessage) -> None:
    anna = signed_in(house.anna)

    codes = [anna.get(path).status_code for path in (QUARANTINE, FAILED)]
    codes.append(anna.post(f"{QUARANTINE}{sick.pk}/retry/").status_code)

    assert codes == [404] * 3
    assert QUARANTINE not in anna.get("/a/v/all/").content.decode()


def test_what_was_given_up_is_listed_with_its_reason_and_tried_again(
    house: House, operator: Client
) -> None:
    ticket = make_ticket(house, message_id="<given-up@example.org>")
    event = Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).earliest("id")
    row = Reaction.objects.create(
        event=event,
        seq=4711,
        subject_kind="ticket",
        subject_id=ticket.pk,
        state=Reaction.State.PARKED,
        attempts=5,
        error="OperationalError: disk full",
    )
    place = Sighting.objects.create(
        account=make_account(house), folder="INBOX", uidvalidity=1, uid=815, error="NO gone"
    )

    page = operator.get("/a/betrieb/stuck/").content.decode()
    answers = [
        operator.post(f"/a/betrieb/stuck/events/{row.pk}/"),
        operator.post(f"/a/betrieb/stuck/places/{place.pk}/"),
    ]

    assert "OperationalError: disk full" in page
    assert "NO gone" in page
    assert ticket.title not in page
    assert [answer.status_code for answer in answers] == [302, 302]
    row.refresh_from_db()
    assert (row.state, row.attempts) == (Reaction.State.PENDING, 0)
    assert not Sighting.objects.filter(pk=place.pk).exists()
    assert "disk full" not in operator.get("/a/betrieb/stuck/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_what_was_given_up_costs_the_same_with_one_row_and_with_three(
    house: House, operator: Client, count: int
) -> None:
    account = make_account(house)
    for uid in range(count):
        Sighting.objects.create(account=account, folder="INBOX", uidvalidity=1, uid=uid, error="NO")
    operator.get("/a/betrieb/stuck/")

    with counted_queries() as queries:
        operator.get("/a/betrieb/stuck/")

    assert len(queries) == 7, "\n".join(queries)


def test_the_delivery_log_finds_a_recipient_and_shows_what_the_server_said(
    house: House, operator: Client
) -> None:
    ticket = make_ticket(house, subject="Kanarienvogel")
    message = answered(house, ticket)
    recipient = message.recipients.get()
    recipient.state, recipient.reply = "accepted", "250 2.0.0 Ok: queued as 4Xk2Yz1abc"
    recipient.save()
    message.attempts.create(
        outcome="accepted", server="mx.example:25", reply=recipient.reply, queue_id="4Xk2Yz1abc"
    )

    found = operator.get("/a/betrieb/sendings/", {"q": "Clara@example.org"})
    nothing = operator.get("/a/betrieb/sendings/", {"q": "max@example.org"})
    page = operator.get(f"/a/betrieb/sendings/{message.pk}/")

    assert [row[0].pk for row in found.context["rows"]] == [message.pk]
    assert nothing.context["rows"] == []
    words = page.content.decode()
    assert "mx.example:25" in words
    assert "4Xk2Yz1abc" in words
    assert "250 2.0.0 Ok: queued as" in words
    # Who operates the machine need not have the right to read what is written.
    for response in (found, page):
        assert "Kanarienvogel" not in response.content.decode()


@pytest.mark.both_engines
@pytest.mark.parametrize("words", ["\0", "a\0@example.org", "<\0>"])
def test_the_delivery_log_finds_nothing_by_words_no_address_can_hold(
    operator: Client, words: str
) -> None:
    assert operator.get("/a/betrieb/sendings/", {"q": words}).status_code == 200


def test_the_delivery_log_of_another_town_is_not_there(house: House, operator: Client) -> None:
    other = make_authority("Stadt Anderswo", "AW")
    elsewhere = answered(house, make_ticket(house))
    OutgoingMessage.objects.update(authority=other)

    foreign = operator.get(f"/a/betrieb/sendings/{elsewhere.pk}/")
    nowhere = operator.get("/a/betrieb/sendings/999999/")

    assert (foreign.status_code, nowhere.status_code) == (404, 404)
    assert foreign.content == nowhere.content


def test_the_delivery_log_asks_as_much_for_many_as_for_one(house: House, operator: Client) -> None:
    counts = []
    for number in range(3):
        answered(house, make_ticket(house, message_id=f"<{number}@example.org>"))
        with counted_queries() as found:
            operator.get("/a/betrieb/sendings/")
        counts.append(len(found))

    # The first of all fills caches of the shell.
    assert counts[1] == counts[2]
