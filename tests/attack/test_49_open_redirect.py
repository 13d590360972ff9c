"""Attack case 49: no page of the portal sends anybody to another site."""

import pytest
from django.core.cache import cache
from django.test import Client

from helpdesk.tickets.links import access_code
from tests.attack.holder import POSTS, address
from tests.factories.house import make_house, make_ticket

pytestmark = pytest.mark.django_db
EVIL = ("//evil.example", "/\\evil.example", "%09//evil.example", "https:evil.example")


@pytest.mark.parametrize("target", EVIL)
def test_next_leads_nowhere_else(target: str) -> None:
    cache.clear()
    ticket = make_ticket(make_house())
    data = {"next": target, "text": "x", "key": "k", "solved": "yes"}
    paths = [address(ticket, page) for page in POSTS if page != "renew"]
    paths += ["/status/", "/status/code/"]
    data |= {"reference": ticket.reference, "email": "a@b.de", "code": access_code(ticket)}

    answers = [Client().post(f"{path}?next={target}", data) for path in paths] + [
        Client().get("/language/de/", {"next": target})
    ]

    places = [answer.headers.get("Location", "/") for answer in answers]
    assert [place for place in places if not place.startswith("/") or "evil" in place] == []
