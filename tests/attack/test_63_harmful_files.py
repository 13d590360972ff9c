"""Attack case 63: a harmful file is held at every door, and its request is there all the same."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from channels_in.process import process_raw
from helpdesk.events.models import Event
from helpdesk.files import store
from helpdesk.files.models import ScanState, StoredFile
from helpdesk.outbox.claims import claim_next
from helpdesk.outbox.deliver import deliver
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient
from helpdesk.outbox.queries import delivery_state
from helpdesk.outbox.upkeep import look_after
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.held import scan_files
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, Attachment, Ticket
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import publish_answer
from tests.attack.holder import address, file_address, opened
from tests.channels_in.making import kept, make_account
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_section
from tests.fakes.clamd import EICAR, Clamd, running
from tests.helpdesk.api.client import program_of
from tests.helpdesk.desk.calls import OPEN, note_call
from tests.helpdesk.desk.pages import signed_in, without_second_factor
from tests.helpdesk.outbox.making import queue

pytestmark = pytest.mark.django_db
PROGRAM = b"MZ\x90\x00" + b"\x00" * 60


@pytest.fixture(autouse=True)
def _fresh(settings: Settings, tmp_path: Path) -> None:
    cache.clear()
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def scanner(settings: Settings, tmp_path: Path) -> Iterator[Clamd]:
    with running(tmp_path / "clamd.sock") as scanner:
        settings.SCANNER = scanner.address
        yield scanner


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


def by_mail(house: House, name: str, content: bytes) -> Ticket:
    stored = store.put(content, "application/octet-stream")
    file = InboundFile(stored.pk, name, stored.content_type, stored.size)
    return make_ticket(house, files=(file,))


def by_note(house: House, name: str, content: bytes) -> Ticket:
    stored = store.put(content, "application/octet-stream")
    file = InboundFile(stored.pk, name, stored.content_type, stored.size)
    return note_call(house, OPEN, files=(file,)).ticket


def by_status_page(house: House, name: str, content: bytes) -> Ticket:
    ticket = make_ticket(house)
    file = SimpleUploadedFile(name, content)
    Client().post(address(ticket, "reply"), {"text": "Bitte", "key": "k", "uploads": [file]})
    return ticket


def by_interface(house: House, name: str, content: bytes) -> Ticket:
    program = program_of(house.anna)
    upload = program.upload(name, content).json()["upload"]
    body = {"title": "Loch", "text": "Tief", "team": house.roads.pk, "uploads": [upload]}
    return Ticket.objects.get(pk=program.post("/tickets", body).json()["id"])


@pytest.mark.usefixtures("scanner")
@pytest.mark.parametrize("padding", [b"", b"x" * 100_000], ids=["in its row", "in a file"])
def test_a_virus_that_came_by_mail_does_not_come_out_with_the_original(
    house: House, padding: bytes
) -> None:
    head = b"From: eva@example.org\r\nSubject: Rechnung\r\nMessage-ID: <1@example.org>\r\n"
    file = b"Content-Disposition: attachment; filename=rechnung.com\r\n\r\n" + EICAR
    raw = kept(make_account(house), head + file + padding)
    assert process_raw(raw.pk) == "filed"
    original = reverse("desk:raw", args=[Article.objects.get().pk])
    before = signed_in(house.anna).get(original)

    StoredFile.objects.filter(pk__in=Attachment.objects.values("file")).update(
        scan_state=ScanState.HELD
    )

    after = signed_in(house.anna).get(original)
    assert EICAR in before.content
    assert (after.status_code, EICAR in after.content) == (403, False)


@pytest.mark.parametrize("door", [by_mail, by_note, by_status_page, by_interface])
def test_a_virus_is_held_its_request_kept_and_the_agent_told(
    house: House, scanner: Clamd, door: Callable[[House, str, bytes], Ticket]
) -> None:
    ticket = door(house, "antrag.txt", EICAR)
    browser = signed_in(house.anna)
    page = reverse("desk:ticket", args=[ticket.number])
    file = reverse("desk:attachment", args=[Attachment.objects.get().pk])

    before = browser.get(page).content.decode()
    scan_files()
    after = browser.get(page).content.decode()
    refused = browser.get(file)

    assert scanner.scanned == [EICAR]
    assert "noch nicht auf Viren geprüft" in before
    assert "zurückgehalten" in after
    assert "Eicar-Test-Signature" in after
    assert (refused.status_code, b"EICAR" in refused.content) == (403, False)
    assert store.read_file(StoredFile.objects.get()) == EICAR
    assert Event.objects.get(kind="ticket.file_held").subject_id == ticket.pk


def test_the_citizen_and_a_program_get_it_no_more_either(house: House, scanner: Clamd) -> None:
    ticket = by_status_page(house, "antrag.txt", EICAR)
    scan_files()
    file = Attachment.objects.get()

    page = opened(ticket).get(address(ticket)).content.decode()
    outside = opened(ticket).get(file_address(ticket, file.pk))
    program = program_of(house.anna).get(f"/attachments/{file.pk}")

    assert scanner.scanned
    assert (outside.status_code, outside.content.decode()) == (
        403,
        "Diese Datei wird zurückgehalten, weil sie schädlich sein kann.",
    )
    # Words in the place of a link that leads nowhere.
    assert outside.content.decode() in page
    assert file_address(ticket, file.pk) not in page
    assert (program.status_code, program.json()["code"]) == (403, "held_back")


def test_a_virus_in_an_answer_of_the_knowledge_base_is_held(house: House, scanner: Clamd) -> None:
    answer = make_answer(make_section(house.authority))
    row = add_file(answer_id=answer.pk, file=NewFile("antrag.txt", EICAR), user=house.anna)
    publish_answer(answer_id=answer.pk, user=house.anna)

    scan_files()
    refused = signed_in(house.anna).get(reverse("desk:knowledge_file", args=[row.pk]))

    assert scanner.scanned == [EICAR]
    assert refused.status_code == 403


def test_a_scanner_that_is_away_costs_no_request_and_no_file(house: House, scanner: Clamd) -> None:
    scanner.mood = "close"
    ticket = by_status_page(house, "antrag.txt", b"Antrag")

    scan_files()
    browser = signed_in(house.anna)
    page = browser.get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    got = browser.get(reverse("desk:attachment", args=[Attachment.objects.get().pk]))

    assert "noch nicht auf Viren geprüft" in page
    assert b"".join(got.streaming_content) == b"Antrag"  # type: ignore[attr-defined]  # a file's response
    assert StoredFile.objects.get().scan_state == ScanState.NOT_SCANNED


@pytest.mark.parametrize("name", ["rechnung.exe", "rechnung.pdf.SCR", "rechnung.vbs.txt"])
def test_what_is_on_the_list_is_refused_where_somebody_waits(house: House, name: str) -> None:
    ticket = make_ticket(house)
    file = SimpleUploadedFile(name, b"anything")

    page = Client().post(address(ticket, "reply"), {"text": "Bitte", "key": "k", "uploads": [file]})
    problem = program_of(house.anna).upload(name, b"anything")

    assert page.status_code == 422
    assert "wird nicht angenommen" in page.content.decode()
    assert "Bitte" in page.content.decode()
    assert (problem.status_code, problem.json()["errors"][0]["pointer"]) == (422, "/file")
    assert not StoredFile.objects.exists()


def test_a_program_that_calls_itself_a_text_is_refused_by_its_bytes(house: House) -> None:
    ticket = make_ticket(house)
    file = SimpleUploadedFile("harmlos.txt", PROGRAM)

    page = Client().post(address(ticket, "reply"), {"text": "Bitte", "key": "k", "uploads": [file]})

    assert page.status_code == 422
    assert not StoredFile.objects.exists()


def test_what_is_on_the_list_comes_by_mail_is_kept_and_opened_by_nobody(house: House) -> None:
    ticket = by_mail(house, "rechnung.exe", PROGRAM)
    browser = signed_in(house.anna)

    page = browser.get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    refused = browser.get(reverse("desk:attachment", args=[Attachment.objects.get().pk]))

    assert "gesperrt" in page
    assert (refused.status_code, b"MZ" in refused.content) == (403, False)
    assert store.read_file(StoredFile.objects.get()) == PROGRAM


def test_the_list_is_the_towns_to_write(house: House, settings: Settings) -> None:
    settings.DENIED_KINDS = frozenset({"zip", "text/html"})
    mail = by_mail(house, "rechnung.exe", b"x")
    browser = signed_in(house.anna)

    page = browser.get(reverse("desk:ticket", args=[mail.number])).content.decode()
    refused = [program_of(house.anna, "attachments:write").upload("a.zip", b"x")]

    assert "gesperrt" not in page
    assert [one.status_code for one in refused] == [422]


def answer_with(house: House, content: bytes) -> OutgoingMessage:
    stored = store.put(content, "text/plain")
    ticket = make_ticket(house)
    file = InboundFile(stored.pk, "antrag.txt", stored.content_type, stored.size)
    seen = ticket.last_article_id
    answer = Answer(ticket.pk, "Bitte sehr", "key", seen, undo_seconds=0, files=(file,))
    written = write_answer(answer=answer, user=house.anna)
    assert written.outgoing is not None
    return written.outgoing


def test_a_virus_leaves_in_no_answer(house: House, scanner: Clamd) -> None:
    sent = answer_with(house, EICAR)

    scan_files()
    claim = claim_next(house.sender.pk)
    assert claim is not None
    deliver(claim)

    recipient = Recipient.objects.get(message=sent)
    assert scanner.scanned == [EICAR]
    message = OutgoingMessage.objects.get()
    assert recipient.state == Recipient.State.REFUSED
    assert (message.state, message.last_error) == (
        MessageState.FAILED,
        "held back, it may be harmful: antrag.txt",
    )
    assert "ohne sie" in str(delivery_state(message).plain)


def test_an_answer_waits_for_the_scanner_and_says_so(house: House, scanner: Clamd) -> None:
    message = answer_with(house, b"Antrag")
    other = queue(house.sender, 7)

    first = claim_next(house.sender.pk)
    second = claim_next(house.sender.pk)
    message.refresh_from_db()
    waiting = delivery_state(message)
    scan_files()
    OutgoingMessage.objects.filter(pk=message.pk).update(next_attempt_at=Now())
    third = claim_next(house.sender.pk)

    assert scanner.scanned == [b"Antrag"]
    assert first is not None
    assert (first.message, second) == (other, None)
    assert (message.state, message.attempts_made) == (MessageState.QUEUED, 0)
    assert (waiting.level, waiting.reason) == (
        "delayed",
        "waits for the virus scanner: antrag.txt",
    )
    assert "sobald die Virenprüfung" in waiting.plain
    assert third is not None
    assert third.message == message


def test_an_answer_whose_scanner_stays_away_is_told_of_and_fails_visibly(
    house: House, scanner: Clamd
) -> None:
    scanner.mood = "close"
    message = answer_with(house, b"Antrag")
    claim_next(house.sender.pk)
    past = [timezone.now() - timedelta(hours=hours) for hours in (2, 49)]

    for moment in past:
        OutgoingMessage.objects.update(not_before=moment)
        look_after()

    message.refresh_from_db()
    kinds = Event.objects.filter(subject_kind="message").values_list("kind", flat=True)
    assert list(kinds.order_by("id")) == ["message.delayed", "message.failed"]
    assert (message.state, message.last_error) == (
        MessageState.FAILED,
        "waits for the virus scanner: antrag.txt",
    )


def test_without_a_scanner_no_answer_waits_for_one(house: House, settings: Settings) -> None:
    settings.SCANNER = None
    message = answer_with(house, b"Antrag")

    claim = claim_next(house.sender.pk)

    assert claim is not None
    assert claim.message == message
