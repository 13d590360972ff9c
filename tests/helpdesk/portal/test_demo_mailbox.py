from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from channels_in.mail.parser_process import parse_bounded
from channels_in.models import Account, RawMessage
from helpdesk.agents.models import Team
from helpdesk.outbox.models import MessageState, OutgoingMessage, Sender
from helpdesk.outbox.queue import Address
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = pytest.mark.django_db
MAILBOX = "/demo/postfach/"


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs).get("href") or "")


@pytest.fixture(autouse=True)
def _demo(settings: Settings) -> None:
    settings.DEMO = True


@pytest.fixture
def account() -> Account:
    sender = make_sender(transport=Sender.Transport.DEMO, host="")
    team = Team.objects.create(authority=sender.authority, name="Bauamt", slug="bauamt")
    return Account.objects.create(
        authority=sender.authority,
        team=team,
        sender=sender,
        kind=Account.Kind.LISTENER,
        name="Bürgeramt",
        address=sender.email,
    )


def sent(account: Account, number: int = 1, **values: Any) -> OutgoingMessage:
    message = queue(account.sender, number, **values)
    OutgoingMessage.objects.filter(pk=message.pk).update(
        state=MessageState.SENT, finished_at=timezone.now()
    )
    return message


@pytest.mark.parametrize("path", ["", "neu/", "1/"])
def test_demo_mailbox_is_not_there_outside_of_the_demo(
    client: Client, settings: Settings, account: Account, path: str
) -> None:
    settings.DEMO = False
    sent(account)

    assert client.get(f"{MAILBOX}{path}").status_code == 404


def test_mailbox_lists_what_was_sent_newest_first(client: Client, account: Account) -> None:
    for number in (1, 2):
        sent(account, number)
    queue(account.sender, 3)

    page = client.get(MAILBOX).content.decode()

    assert page.index("Sperrmüll 2") < page.index("Sperrmüll 1")
    assert "Sperrmüll 3" not in page


def test_mailbox_of_one_address_shows_only_its_mail(client: Client, account: Account) -> None:
    for number in (1, 2):
        sent(account, number)

    page = client.get(MAILBOX, {"address": "erika2@example.org"}).content.decode()

    assert "Sperrmüll 2" in page
    assert "Sperrmüll 1" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_mailbox_asks_the_database_equally_often(
    client: Client,
    account: Account,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        sent(account, number)

    with django_assert_num_queries(5):
        client.get(MAILBOX)


def test_mail_shows_links_and_no_script(client: Client, account: Account) -> None:
    link = "http://testserver/s/abc/"
    message = sent(
        account, html=f'<p>Hallo <a href="{link}">Status</a><script>alert(1)</script></p>'
    )

    page = client.get(f"{MAILBOX}{message.pk}/").content.decode()

    links = Links()
    links.feed(page)
    assert link in links.found
    assert "alert(1)" not in page


def test_mail_in_plain_text_makes_its_links_clickable(client: Client, account: Account) -> None:
    message = sent(account, text="Siehe http://testserver/s/abc/ <b>")

    page = client.get(f"{MAILBOX}{message.pk}/").content.decode()

    links = Links()
    links.feed(page)
    assert "http://testserver/s/abc/" in links.found
    assert "&lt;b&gt;" in page


def test_answer_becomes_a_mail_as_a_mail_program_writes_it(
    client: Client, account: Account
) -> None:
    message = sent(account, references=("<first@example.org>",))

    response = client.post(
        f"{MAILBOX}{message.pk}/",
        {"recipient": str(message.recipients.get().pk), "text": "Vielen Dank für die Antwört!"},
    )

    assert response.status_code == 302
    row = RawMessage.objects.get()
    assert (row.account, row.envelope_from) == (account, "erika1@example.org")
    assert row.body is not None
    mail = message_from_bytes(bytes(row.body), policy=default)
    assert mail["From"] == "Erika Muster <erika1@example.org>"
    assert mail["To"] == "amt@stadt.example"
    assert mail["Subject"] == "Re: Sperrmüll 1 [AN#2026-1]"
    assert mail["In-Reply-To"] == message.message_id
    assert mail["References"] == f"<first@example.org> {message.message_id}"
    assert "> Antwort 1." in mail.get_content()


def test_answer_is_understood_without_its_quote(client: Client, account: Account) -> None:
    message = sent(account)

    client.post(
        f"{MAILBOX}{message.pk}/",
        {"recipient": str(message.recipients.get().pk), "text": "Vielen Dank!"},
    )

    body = RawMessage.objects.get().body
    assert body is not None
    assert parse_bounded(bytes(body)).visible_text.strip() == "Vielen Dank!"


def test_answer_without_text_is_refused_and_says_so(client: Client, account: Account) -> None:
    message = sent(account)

    response = client.post(f"{MAILBOX}{message.pk}/", {"recipient": "", "text": ""})

    assert response.status_code == 422
    assert not RawMessage.objects.exists()


def test_answer_as_somebody_who_did_not_get_the_mail_is_refused(
    client: Client, account: Account
) -> None:
    message = sent(account, 1)
    stranger = sent(account, 2).recipients.get()

    response = client.post(
        f"{MAILBOX}{message.pk}/", {"recipient": str(stranger.pk), "text": "Hallo"}
    )

    assert response.status_code == 422


def test_answer_of_one_of_several_comes_from_that_one(client: Client, account: Account) -> None:
    message = sent(
        account, recipients=(Address("a@example.org"), Address("b@example.org", field="cc"))
    )
    second = message.recipients.get(address="b@example.org")

    client.post(f"{MAILBOX}{message.pk}/", {"recipient": str(second.pk), "text": "Hallo"})

    assert RawMessage.objects.get().envelope_from == "b@example.org"


def test_mail_of_an_address_without_mailbox_offers_no_answer(
    client: Client, account: Account
) -> None:
    message = sent(account)
    Account.objects.update(is_active=False)

    response = client.get(f"{MAILBOX}{message.pk}/")

    assert "<textarea" not in response.content.decode()


def test_write_makes_a_mail_to_the_authority(client: Client, account: Account) -> None:
    response = client.post(
        f"{MAILBOX}neu/",
        {
            "name": "Max Müller",
            "address": "max@example.org",
            "account": str(account.pk),
            "subject": "Straßenlaterne",
            "text": "Sie ist dunkel.",
        },
    )

    assert response.status_code == 302
    body = RawMessage.objects.get().body
    assert body is not None
    parsed = parse_bounded(bytes(body))
    assert (parsed.subject, parsed.visible_text.strip()) == ("Straßenlaterne", "Sie ist dunkel.")


def test_write_refuses_a_sender_with_a_line_break(client: Client, account: Account) -> None:
    response = client.post(
        f"{MAILBOX}neu/",
        {
            "address": "max@example.org\r\nBcc: x@evil.example",
            "account": str(account.pk),
            "text": "x",
        },
    )

    assert response.status_code == 422
    assert not RawMessage.objects.exists()
