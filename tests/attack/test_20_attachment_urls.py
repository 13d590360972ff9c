"""Attack case 20: a file needs its own request's link, opened; everything else is not there."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.domain.status_link import renew_link
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Attachment, Ticket
from helpdesk.tickets.queries import attachments_visible_to
from tests.attack.holder import address, file_address, opened, send_file
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


def test_a_file_is_there_for_its_own_opened_link_only(house: House) -> None:
    own, other = make_ticket(house), make_ticket(house, message_id="<2@x>")
    file = send_file(own, "geheim.txt", b"Geheim", "text/plain")
    wrong = reverse("portal:attachment", args=["1-aaaaaaaaaaaaaaaaaaaaaaaaaa", file.pk])

    refused = [
        opened(other).get(file_address(other, file.pk)),
        Client().get(file_address(own, file.pk)),
        opened(own).get(wrong),
    ]
    right = opened(own).get(file_address(own, file.pk))
    right.close()

    assert right.status_code == 200
    assert [answer.status_code for answer in refused] == [404, 404, 404]
    assert not [answer for answer in refused if b"Geheim" in answer.content]


def test_a_foreign_file_answers_as_one_that_does_not_exist(house: House) -> None:
    own, other = make_ticket(house), make_ticket(house, message_id="<2@x>")
    file = send_file(other, "geheim.txt", b"Geheim", "text/plain")
    browser = opened(own)

    foreign = browser.get(file_address(own, file.pk))
    missing = browser.get(file_address(own, 999_999))

    assert foreign.content == missing.content


def test_a_file_is_gone_with_the_link(house: House) -> None:
    ticket = make_ticket(house)
    file = send_file(ticket, "geheim.txt", b"Geheim", "text/plain")
    browser, old = opened(ticket), file_address(ticket, file.pk)

    renew_link(ticket_id=ticket.pk, user=house.anna)

    assert browser.get(old).status_code == 404


def test_a_note_of_an_upload_brings_no_other_file_along(house: House) -> None:
    ticket = make_ticket(house)
    secret = send_file(
        make_ticket(house, message_id="<2@x>"), "geheim.txt", b"Geheim", "text/plain"
    )
    guesses = [str(secret.file_id), f"{secret.file_id}:x:y", status_token(ticket)]

    Client().post(address(ticket, "reply"), {"text": "x", "key": "k", "kept": guesses})

    assert list(Attachment.objects.all()) == [secret]
    assert Ticket.objects.get(pk=ticket.pk).articles.count() == 2


def test_a_file_of_a_withdrawn_article_is_not_there_for_the_staff_either(house: House) -> None:
    ticket = make_ticket(house)
    file = send_file(ticket, "geheim.txt", b"Geheim", "text/plain")
    desk = Client()
    desk.force_login(house.anna)
    asked = reverse("desk:attachment", args=[file.pk])
    there = desk.get(asked)

    file.article.is_withdrawn = True
    file.article.save(update_fields=["is_withdrawn"])

    assert there.status_code == 200
    assert desk.get(asked).status_code == 404
    assert not attachments_visible_to(house.anna).filter(pk=file.pk).exists()
    there.close()
