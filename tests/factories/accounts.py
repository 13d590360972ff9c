"""Citizens with accounts, signed in as they would be: by the link of a mail."""

import re

from django.test import Client

from helpdesk.agents.models import Authority
from helpdesk.outbox.models import OutgoingMessage
from tests.factories.house import House, make_house

LINK = re.compile(r"https?://[^/\s]+(/konto/(?:link|adresse)/[a-z2-7]+/)")


def with_accounts(authority: Authority) -> Authority:
    """Let the authority offer accounts."""
    authority.offers_accounts = True
    authority.save(update_fields=["offers_accounts"])
    return authority


def make_house_with_accounts() -> House:
    """Return a house whose citizens may have accounts."""
    house = make_house()
    with_accounts(house.authority)
    return house


def mailed_link(email: str) -> str:
    """Return the path of the last link that was mailed to an address."""
    mails = OutgoingMessage.objects.filter(recipients__address=email.lower())
    found = LINK.search(mails.latest("id").text)
    assert found
    return found.group(1)


def signed_in(email: str, client: Client | None = None) -> Client:
    """Return a browser that is signed in to the account of ``email``, made if it is new."""
    client = client or Client()
    client.post("/konto/anmelden/", {"email": email})
    answer = client.post(mailed_link(email))
    assert answer.status_code == 302
    return client
