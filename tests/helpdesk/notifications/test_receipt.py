"""The receipt that a citizen gets for a new request."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from helpdesk.citizens.models import ContactPoint
from helpdesk.events.models import Event
from helpdesk.notifications import handlers
from helpdesk.outbox.frame import framed
from helpdesk.outbox.identity import scope_of
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.tickets import facts
from helpdesk.tickets.inbound import Person, Threading
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Ticket
from tests.factories.town import Town, arrive, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def created(ticket: Ticket) -> Event:
    return Event.objects.get(kind=facts.CREATED, subject_id=ticket.pk)


def receipt_for(town: Town, **changes: Any) -> tuple[Ticket, OutgoingMessage | None]:
    ticket = arrive(town, **changes)
    handlers.handle(event=created(ticket))
    return ticket, OutgoingMessage.objects.filter(kind="receipt", link_id=ticket.pk).first()


def sent_receipt(town: Town, **changes: Any) -> tuple[Ticket, OutgoingMessage]:
    ticket, message = receipt_for(town, **changes)
    assert message is not None
    return ticket, message


def why_none(ticket: Ticket) -> list[str]:
    withheld = Event.objects.filter(kind=handlers.RECEIPT_WITHHELD, subject_id=ticket.pk)
    return [event.data["reason"] for event in withheld]


def addresses(message: OutgoingMessage) -> list[tuple[str, str]]:
    return list(message.recipients.values_list("field", "address"))


@pytest.mark.both_engines
def test_receipt_names_number_reference_and_status_link(town: Town) -> None:
    ticket, message = sent_receipt(town)

    assert message.subject.startswith(f"[MU#{ticket.number}] ")
    assert message.subject.endswith(": Straßenlaterne defekt")
    for value in (ticket.number, ticket.reference, status_url(ticket), "Stadt Musterstadt"):
        assert value in message.text
        assert value in message.html
    assert addresses(message) == [("to", "erika@buergerin.example")]
    assert message.sender == town.sender


def test_receipt_is_automatic_and_threads_to_the_mail_and_back_to_the_ticket(town: Town) -> None:
    ticket, message = sent_receipt(town)

    assert message.is_automatic
    assert message.headers["In-Reply-To"] == "<first@buergerin.example>"
    assert message.headers["References"] == "<first@buergerin.example>"
    assert scope_of(message.message_id) == f"t{ticket.pk}"
    assert (message.link_kind, message.link_id) == ("ticket", ticket.pk)


def test_receipt_text_and_html_say_the_same(town: Town) -> None:
    town.authority.contact_phone = "089 1234"
    town.authority.contact_address = "Rathausplatz 1"
    town.authority.save()
    _, message = sent_receipt(town)

    words = unescape(re.sub(r"<[^>]+>", " ", message.html)).split()

    assert words == message.text.split()


@pytest.mark.parametrize(
    "language,authority_language,subject",
    [
        ("de", "en", "Wir haben Ihr Anliegen erhalten"),
        ("en", "de", "We have received your request"),
        ("tr", "de", "Wir haben Ihr Anliegen erhalten"),
        ("", "en", "We have received your request"),
    ],
)
def test_receipt_speaks_the_language_of_the_mail_else_of_the_authority(
    town: Town, language: str, authority_language: str, subject: str
) -> None:
    town.authority.language = authority_language
    town.authority.save()

    _, message = sent_receipt(town, language=language)

    assert subject in message.subject
    assert message.language == (language if language in {"de", "en"} else authority_language)


def test_receipt_speaks_a_further_language_where_the_authority_offers_it(town: Town) -> None:
    town.authority.further_languages = ["ar"]
    town.authority.save()

    arabic, ukrainian = (sent_receipt(town, language=one)[1] for one in ("ar", "uk"))

    assert (arabic.language, ukrainian.language) == ("ar", "de")
    assert "لقد استلمنا طلبك" in arabic.subject
    assert '<html lang="ar" dir="rtl">' in framed(arabic)
    assert '<html lang="de" dir="ltr">' in framed(ukrainian)


def test_receipt_treats_foreign_text_as_data_and_repeats_none_in_the_body(town: Town) -> None:
    evil = "{{ settings.SECRET_KEY }} {% debug %} %(title)s <b>fett</b>\r\nBcc: x@evil.example"

    _, message = sent_receipt(
        town, subject=evil, text=evil, person=Person("<script>", "erika@buergerin.example")
    )

    assert "{{ settings.SECRET_KEY }} {% debug %} %(title)s <b>fett</b>" in message.subject
    assert "\n" not in message.subject
    for text in (message.text, message.html):
        assert "SECRET" not in text
        assert "script" not in text
    assert [name for name in message.headers if name.lower() == "bcc"] == []


def test_receipt_escapes_what_the_authority_is_called(town: Town) -> None:
    town.authority.name = "Stadt A & B <C>"
    town.authority.save()

    _, message = sent_receipt(town)

    assert "Stadt A &amp; B &lt;C&gt;" in message.html
    assert "Stadt A & B <C>" in message.text


def test_receipt_shortens_a_long_subject(town: Town) -> None:
    _, message = sent_receipt(town, subject="x" * 200)

    assert message.subject.endswith(": " + "x" * 120 + "…")


def test_receipt_goes_to_reply_to_and_to_nobody_in_copy(town: Town) -> None:
    _, message = sent_receipt(
        town,
        reply_to=Person("", "Antwort@Buergerin.example"),
        to=(Person("", "rathaus@musterstadt.example"), Person("", "third@other.example")),
        cc=(Person("", "fourth@other.example"),),
    )

    assert addresses(message) == [("to", "antwort@buergerin.example")]


def test_receipt_is_queued_once_however_often_the_fact_comes(town: Town) -> None:
    ticket, _ = sent_receipt(town)

    handlers.handle(event=created(ticket))

    assert OutgoingMessage.objects.filter(kind="receipt").count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"is_automatic": True}, {"authentication_failed": True}, {"is_own_loop": True}],
    ids=["automatic", "authentication failed", "own loop"],
)
def test_no_receipt_answers_a_mail_that_must_not_be_answered(
    town: Town, changes: dict[str, bool]
) -> None:
    ticket, message = receipt_for(town, **changes)

    assert message is None
    assert why_none(ticket) == []


def test_no_receipt_follows_a_further_message(town: Town) -> None:
    ticket, _ = sent_receipt(town)
    event = created(ticket)
    event.kind = facts.MESSAGE_RECEIVED

    handlers.handle(event=event)

    assert OutgoingMessage.objects.filter(kind="receipt").count() == 1


@pytest.mark.parametrize(
    "address,reason",
    [
        ("rathaus@musterstadt.example", "own_address"),
        ("RATHAUS@Musterstadt.example", "own_address"),
        ("not an address", "no_address"),
    ],
)
def test_no_receipt_goes_to_ourselves_or_to_nowhere(town: Town, address: str, reason: str) -> None:
    ticket, message = receipt_for(town, reply_to=Person("", address))

    assert message is None
    assert why_none(ticket) == [reason]


def test_no_receipt_goes_to_an_address_that_mail_came_back_from(town: Town) -> None:
    sent_receipt(town)
    ContactPoint.objects.update(undeliverable_at=timezone.now())

    ticket, message = receipt_for(town)

    assert message is None
    assert why_none(ticket) == ["undeliverable"]


def test_no_receipt_leaves_without_a_sender_but_the_ticket_stands(town: Town) -> None:
    Sender.objects.update(is_active=False)

    ticket, message = receipt_for(town)

    assert message is None
    assert why_none(ticket) == ["no_sender"]


@pytest.mark.parametrize("channel,limit", [("mail", 5), ("web", 1)])
def test_an_address_gets_few_receipts_an_hour_whatever_its_case(
    town: Town, channel: str, limit: int
) -> None:
    outcomes = []
    for n in range(limit + 2):
        email = "Erika@buergerin.example" if n % 2 else "erika@BUERGERIN.example"
        person, threading = Person("", email), Threading(f"<{n}@buergerin.example>")
        ticket, message = receipt_for(town, person=person, threading=threading, channel=channel)
        outcomes.append("sent" if message else why_none(ticket)[0])

    assert outcomes == ["sent"] * limit + ["limit"] * 2


def test_an_address_gets_receipts_again_after_an_hour(town: Town) -> None:
    for n in range(5):
        receipt_for(town, threading=Threading(f"<{n}@buergerin.example>"))
    earlier = timezone.now() - timedelta(minutes=61)
    OutgoingMessage.objects.update(created_at=earlier)

    _, message = receipt_for(town)

    assert message is not None


def test_receipt_needs_few_queries(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    event = created(arrive(town))

    # Article 1, dead address and limit 2; the outbox 2.
    with django_assert_num_queries(5):
        handlers.handle(event=event)
