"""An answer as a letter: sender, copies, thread, quote, files (mail.md 99 to 106)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation
from pytest_django import Settings

from channels_in.mail.quote_markers import SEPARATORS
from channels_in.originals import original_headers
from helpdesk.citizens.domain.reach import mark_undeliverable
from helpdesk.files.models import StoredFile
from helpdesk.lib.html import html_to_text
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.tickets.domain.articles import Answer, write_answer, write_note
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.models import Article, MessageReference, Ticket
from helpdesk.tickets.originals import register_original_headers
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def sent(ticket: Ticket, house: House, **values: Any) -> OutgoingMessage:
    defaults: dict[str, Any] = {
        "ticket_id": ticket.pk,
        "text": "Guten Tag,\n\nwir sehen uns das an.",
        "form_key": f"form-{OutgoingMessage.objects.count()}",
        "despite_newer": True,
    }
    write_answer(answer=Answer(**(defaults | values)), user=house.anna)
    return OutgoingMessage.objects.latest("pk")


def test_the_answer_leaves_in_the_name_of_agent_and_team_from_our_mailbox(
    house: House, ticket: Ticket
) -> None:
    message = sent(ticket, house)

    assert message.from_name == "Anna Abend, Tiefbau"
    assert message.envelope_from == "tiefbau@musterstadt.example"


@pytest.mark.parametrize(
    "template,name",
    [
        ("{{mitarbeiter.name}}, {{behoerde.name}}", "Anna Abend, Stadt Musterstadt"),
        ("{{behoerde.name}}", "Stadt Musterstadt"),
        ("Amt\r\nBcc: evil@example.org", "Amt Bcc: evil@example.org"),
    ],
)
def test_the_name_follows_the_senders_template(
    house: House, ticket: Ticket, template: str, name: str
) -> None:
    Sender.objects.update(name_template=template)

    assert sent(ticket, house).from_name == name


def test_text_and_html_say_the_same(house: House, ticket: Ticket) -> None:
    message = sent(ticket, house, text="Bitte <b>nicht</b> fett & https://stadt.example/a?b=1&c=2")

    text, page = message.text, html_to_text(message.html)
    words = set(re.findall(r"[\w<>/&.?=]+", text)) - {">"}
    shown = set(re.findall(r"[\w<>/&.?=]+", page))
    # The button says in words what the text says by an address.
    assert {word for word in words - shown if not word.startswith("//")} <= {
        "Stand",
        "Ihres",
        "Anliegens",
        "s",
    }
    assert "<b>nicht</b>" in text
    assert "&lt;b&gt;nicht" in message.html


def test_the_quote_is_the_citizens_last_message_and_nothing_internal(
    house: House, ticket: Ticket
) -> None:
    write_note(ticket_id=ticket.pk, user=house.anna, text="Der spinnt doch, sagt kollege@x.example")
    Article.objects.filter(ticket=ticket, kind="message").update(
        full_text="Vor Nummer 14\n\nVon: dritte@example.org\n> Altes"
    )

    message = sent(ticket, house)

    for words in (message.text, message.html):
        assert "Vor Nummer 14 ist ein tiefes Loch." in words
        assert "spinnt" not in words
        assert "dritte@example.org" not in words


def test_a_sender_may_quote_nothing(house: House, ticket: Ticket) -> None:
    Sender.objects.update(quotes_history=False)

    message = sent(ticket, house)

    assert "Vor Nummer 14" not in message.text
    assert "Vor Nummer 14" not in message.html
    assert message.text.startswith("Guten Tag,")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_separator_asks_to_write_above_and_is_known_when_it_comes_back(
    house: House, ticket: Ticket, language: str
) -> None:
    Ticket.objects.update(language=language)

    first = sent(ticket, house).text.splitlines()[0]

    assert first in SEPARATORS


def test_the_signature_of_the_team_stands_after_the_answer(house: House, ticket: Ticket) -> None:
    house.roads.signature = "Tiefbauamt\nRathausplatz 1"
    house.roads.save()

    text = sent(ticket, house).text

    assert text.index("wir sehen uns das an") < text.index("-- \nTiefbauamt\nRathausplatz 1")
    assert text.index("Rathausplatz 1") < text.index("> Vor Nummer 14")


def test_references_keep_first_and_newest_of_a_long_thread(house: House, ticket: Ticket) -> None:
    for number in range(40):
        message_id = f"<{number}@example.org>"
        Article.objects.create(
            ticket=ticket,
            kind="message",
            channel="mail",
            text="Noch etwas",
            message_id=message_id,
            received_at=timezone.now(),
        )

    references = sent(ticket, house).headers["References"].split()

    assert references[0] == "<first@example.org>"
    assert references[1:] == [f"<{number}@example.org>" for number in range(20, 40)]


def test_references_begin_with_what_the_citizens_mail_refers_to(
    house: House, ticket: Ticket
) -> None:
    article = ticket.articles.get()
    MessageReference.objects.create(article=article, message_id="<older@example.org>")

    message = sent(ticket, house)

    assert message.headers["References"] == "<older@example.org> <first@example.org>"
    assert message.headers["In-Reply-To"] == "<first@example.org>"


def test_outlooks_thread_headers_are_passed_on(
    house: House, ticket: Ticket, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    register_original_headers(original_headers)
    head = "Thread-Topic: =?utf-8?q?Sperrm=C3=BCll?=\r\nThread-Index: AQHbPQ+0\r\n xyz=\r\n"
    row = kept(make_account(house), mail(headers=head))
    ticket.articles.update(raw_message_id=row.pk)

    headers = sent(ticket, house).headers

    assert (headers["Thread-Topic"], headers["Thread-Index"]) == ("Sperrmüll", "AQHbPQ+0xyz=")


def test_a_thread_index_that_is_none_is_dropped(
    house: House, ticket: Ticket, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    register_original_headers(original_headers)
    row = kept(make_account(house), mail(headers="Thread-Index: <script>\r\n"))
    ticket.articles.update(raw_message_id=row.pk)

    assert "Thread-Index" not in sent(ticket, house).headers


def test_copies_go_where_the_agent_said_and_never_to_ourselves_or_the_dead(
    house: House, ticket: Ticket
) -> None:
    make_ticket(house, message_id="<2@example.org>", person=_person("max@example.org"))
    mark_undeliverable(authority_id=house.authority.pk, email="max@example.org", reason="bounced")

    message = sent(
        ticket,
        house,
        cc=("rosa@example.org", "Tiefbau+r1@Musterstadt.example", "Max@example.org"),
        bcc=("chef@musterstadt.example",),
    )

    found = {each.address: (each.field, each.state) for each in message.recipients.all()}
    assert found == {
        "clara@example.org": ("to", "pending"),
        "rosa@example.org": ("cc", "pending"),
        "Tiefbau+r1@Musterstadt.example": ("cc", "left_out"),
        "Max@example.org": ("cc", "left_out"),
        "chef@musterstadt.example": ("bcc", "pending"),
    }
    article = Article.objects.get(outgoing=message)
    assert [each["email"] for each in article.to] == ["clara@example.org"]
    assert [each["email"] for each in article.cc] == ["rosa@example.org"]


def _person(email: str) -> Person:
    return Person("Max", email)


def test_files_go_along_as_long_as_a_mail_can_carry_them(house: House, ticket: Ticket) -> None:
    sizes = (4_000_000, 9_000_000, 7_000_000)
    files = tuple(
        InboundFile(
            StoredFile.objects.create(
                sha256=f"{number}" * 64, size=size, content_type="application/pdf"
            ).pk,
            f"Plan {number}.pdf",
            "application/pdf",
            size,
        )
        for number, size in enumerate(sizes)
    )

    message = sent(ticket, house, files=files)

    assert [each.name for each in message.files.all()] == ["Plan 0.pdf", "Plan 2.pdf"]
    for words in (message.text, message.html):
        assert "Plan 1.pdf" in words
        assert "Plan 0.pdf" not in words
    assert Article.objects.get(outgoing=message).attachments.count() == 3


def test_the_language_of_the_letter_is_the_citizens(house: House, ticket: Ticket) -> None:
    Ticket.objects.update(language="en")
    with translation.override("de"):
        message = sent(ticket, house)

    assert "Your reference:" in message.text
    assert message.language == "en"
