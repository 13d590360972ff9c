"""Names of files are unique in their request, else as their sender wrote them (mail.md 91)."""

from pathlib import Path

import pytest
from pytest_django import Settings

from helpdesk.files.store import put
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_inbound, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


def files(*names_and_words: tuple[str, str]) -> tuple[InboundFile, ...]:
    return tuple(
        InboundFile(put(words.encode(), "image/jpeg").pk, name, "image/jpeg", len(words))
        for name, words in names_and_words
    )


def names_of(article: Article) -> list[str]:
    return [file.name for file in article.attachments.all()]


def replied(house: House, ticket: Ticket, number: int, *sent: tuple[str, str]) -> list[str]:
    """Return the names that the files of a further mail of the citizen got."""
    receipt = accept(
        make_inbound(
            house,
            text=f"Noch etwas {number}.",
            files=files(*sent),
            message_id=f"<{number}@example.org>",
            in_reply_to="<first@example.org>",
        )
    )
    assert receipt.ticket_id == ticket.pk
    return names_of(Article.objects.get(pk=receipt.article_id))


def test_another_file_under_a_used_name_gets_a_number_whatever_the_case(house: House) -> None:
    ticket = make_ticket(house, files=files(("Foto.jpg", "Loch"), ("Foto.jpg", "Rad")))

    first = names_of(ticket.articles.get())
    second = replied(house, ticket, 2, ("foto.JPG", "Weg"), ("Plan.pdf", "Plan"))

    assert first == ["Foto.jpg", "Foto (2).jpg"]
    assert second == ["foto (3).JPG", "Plan.pdf"]


def test_the_same_file_again_keeps_its_name(house: House) -> None:
    ticket = make_ticket(house, files=files(("image001.png", "Loch")))

    named = [replied(house, ticket, number, ("image001.png", "Logo")) for number in (2, 3)]
    again = replied(house, ticket, 4, ("image001.png", "Loch"), ("Loch.png", "Loch"))

    assert named == [["image001 (2).png"]] * 2
    assert again == ["image001.png", "Loch.png"]


def test_files_of_staff_are_counted_with_those_of_the_citizen(house: House) -> None:
    ticket = make_ticket(house, files=files(("Bescheid.pdf", "Entwurf")))
    answer = Answer(
        ticket.pk, "Anbei.", "k1", despite_newer=True, files=files(("Bescheid.pdf", "Original"))
    )

    article = write_answer(answer=answer, user=house.anna)

    assert names_of(article) == ["Bescheid (2).pdf"]
    assert replied(house, ticket, 2, ("Bescheid.pdf", "Notiz")) == ["Bescheid (3).pdf"]


def test_files_of_other_requests_do_not_count(house: House) -> None:
    make_ticket(house, files=files(("Foto.jpg", "Loch")))

    other = make_ticket(house, files=files(("Foto.jpg", "Rad")), message_id="<other@example.org>")

    assert names_of(other.articles.get()) == ["Foto.jpg"]
