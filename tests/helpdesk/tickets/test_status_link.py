"""A status link opens one ticket, and nothing once it is void (attack 19)."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.status_link import renew_link
from helpdesk.tickets.links import (
    access_code,
    find_by_token,
    status_token,
    status_url,
    without_secrets,
)
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def test_a_renewed_link_makes_the_old_one_void_at_once(house: House) -> None:
    ticket = make_ticket(house)
    old = status_token(ticket)

    renewed = renew_link(ticket_id=ticket.pk, user=house.anna)

    assert find_by_token(old) is None
    assert find_by_token(status_token(renewed)) == ticket


def test_a_link_opens_its_own_ticket_only(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, message_id="<2@x>")
    number, mac = status_token(first).split("-")

    assert find_by_token(f"{status_token(second).split('-')[0]}-{mac}") is None
    assert find_by_token(f"{number}-{'a' * 26}") is None
    assert find_by_token(status_token(first).upper()) == first


def test_a_link_ends_ninety_days_after_the_ticket(house: House) -> None:
    ticket = make_ticket(house)
    Ticket.objects.update(status="resolved", resolved_at=timezone.now() - timedelta(days=91))

    assert find_by_token(status_token(ticket)) is None


def test_nobody_of_another_team_renews_a_link(house: House) -> None:
    ticket = make_ticket(house)

    with pytest.raises(TicketNotThereError):
        renew_link(ticket_id=ticket.pk, user=house.bert)


@pytest.mark.parametrize(
    "way",
    [
        "{url}",
        "<{url}>",
        "{url}?von=mail#unten",
        "stadt.example/S/{token}",
        "https://eur01.safelinks.protection.outlook.com/?url={quoted}&data=05%7C02",
        "https://pruefer.example/?u={twice}",
        "https://urldefense.proofpoint.com/v2/url?u={proofpoint}&d=DwMF",
        "https://urldefense.com/v3/__{url}__;!!abc$",
    ],
)
def test_a_link_goes_out_of_a_text_however_a_mail_server_has_wrapped_it(
    house: House, way: str
) -> None:
    ticket = make_ticket(house)
    url = status_url(ticket)
    link = way.format(
        url=url,
        token=status_token(ticket),
        quoted=quote(url, safe=""),
        twice=quote(quote(url, safe=""), safe=""),
        proofpoint=url.replace("-", "-2D").replace(":", "-3A").replace("/", "_"),
    )

    left = without_secrets(ticket, f"Siehe {link} und dann.", "[weg]")

    assert left.replace("<[weg]>", "[weg]") == "Siehe [weg] und dann."


@pytest.mark.parametrize("piece", ["/s/", "/s/a", "/s/0-a", "%2Fs", "_s_1a-2", "x"])
def test_a_text_made_to_take_long_is_looked_through_once(house: House, piece: str) -> None:
    ticket = make_ticket(house)
    text = piece * 300_000

    left = without_secrets(ticket, f"{text} {access_code(ticket)} {status_url(ticket)}", "[weg]")

    assert left == f"{text} [weg] [weg]"
