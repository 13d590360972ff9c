"""Attack case 18: whoever holds the link finds no note, no private field and no foreign file."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from helpdesk.citizens.models import Citizen
from helpdesk.files.store import put
from helpdesk.tickets.domain.articles import Answer, withdraw_answer, write_answer, write_note
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import ArticleKind, Channel, Status, Trust
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.models import Article, Attachment, Ticket
from tests.attack.holder import GETS, address, file_address, opened
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db
CANARY = "Kanarienvogel"


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    ticket = make_ticket(house)
    write_note(ticket_id=ticket.pk, user=house.anna, text=f"{CANARY} Notiz")
    Citizen.objects.update(note=f"{CANARY} Vermerk")
    answers = [
        write_answer(
            answer=Answer(ticket.pk, f"{CANARY} {key}", key, despite_newer=True), user=house.anna
        )
        for key in ("widerrufen", "in Bedenkzeit")
    ]
    withdraw_answer(article_id=answers[0].pk, user=house.anna)
    for trust in (Trust.THIRD_PERSON, Trust.UNVERIFIED, Trust.STAFF_CLAIM):
        hide(ticket, trust=trust)
    hide(ticket, kind=ArticleKind.PHONE_NOTE)
    hide(ticket, is_automatic=True)
    make_ticket(
        house,
        person=Person(f"{CANARY} Fritz", "fritz@example.org"),
        subject=f"{CANARY} Betreff",
        text=f"{CANARY} Text",
        message_id="<foreign@example.org>",
        files=(stored_file(),),
    )
    return ticket


def stored_file() -> InboundFile:
    stored = put(f"{CANARY} Datei".encode(), "text/plain")
    return InboundFile(stored.pk, f"{CANARY}.txt", "text/plain", stored.size)


def hide(ticket: Ticket, **values: object) -> None:
    """Add an article that is not for the citizen, with a file."""
    given = {"kind": ArticleKind.MESSAGE, "channel": Channel.MAIL, "text": f"{CANARY} {values}"}
    article = Article.objects.create(ticket=ticket, received_at=timezone.now(), **(given | values))
    file = stored_file()
    Attachment.objects.create(
        article=article, file_id=file.file_id, name=file.name, content_type="text/plain", size=1
    )


@pytest.mark.parametrize("status", [Status.OPEN, Status.WAITING_CITIZEN, Status.RESOLVED])
def test_no_page_behind_the_link_shows_a_canary(
    house: House, ticket: Ticket, status: Status
) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=status, outcome="fixed")
    secret = (CANARY, house.anna.name, house.anna.email, ticket.number, "clara@example.org")

    seen = {}
    for browser in (Client(), opened(ticket)):
        for page in GETS:
            seen[page] = browser.get(address(ticket, page), follow=True).content.decode()
        seen["refused"] = browser.post(address(ticket, "reply"), {"text": ""}).content.decode()

    leaks = [(page, word) for page, html in seen.items() for word in secret if word in html]
    assert leaks == []
    assert "Vor Nummer 14 ist ein tiefes Loch." in seen["status"]


def test_no_hidden_or_foreign_file_is_there(ticket: Ticket) -> None:
    browser = opened(ticket)
    files = list(Attachment.objects.values_list("pk", flat=True))

    answers = {browser.get(file_address(ticket, pk)).status_code for pk in files}

    assert len(files) == 6
    assert answers == {404}
