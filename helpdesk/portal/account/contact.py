"""How somebody who is signed in is reached, so that nobody types it twice (WCAG 3.3.7)."""

from typing import Any

from django.http import HttpRequest

from helpdesk.portal.account.session import holder_of
from helpdesk.portal.report.forms import MAIL


def known_contact(request: HttpRequest) -> dict[str, Any]:
    """Return what the form's question for contact begins with; nothing for everybody else."""
    session = holder_of(request)
    main = session.account.addresses.first() if session else None
    if session is None or main is None:
        return {}
    return {"way": MAIL, "email": main.email, "name": session.account.name}
