"""Where the portal is reached, as far as passkeys need to know."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from helpdesk.accounts.passkeys import Place
from helpdesk.agents.models import Authority

LOCAL = "localhost"


def place_of(request: HttpRequest, authority: Authority) -> Place | None:
    """Return where keys are good; None where browsers would refuse them.

    That is at the address that stands in mails, by https, or on one's own machine by its name.
    """
    parts = urlsplit(authority.base_url or settings.BASE_URL)
    is_safe = parts.scheme == "https" or parts.hostname == LOCAL
    if not is_safe or request.get_host() != parts.netloc:
        return None
    return Place(f"{parts.scheme}://{parts.netloc}", authority.name)
