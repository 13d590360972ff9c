"""What is kept of the holder of an account, to read and to take away (GDPR, articles 15 and 20)."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from helpdesk.accounts.models import AccountSession
from helpdesk.lib.languages import NAMES
from helpdesk.portal.account.session import for_holder
from helpdesk.portal.frame import frame
from helpdesk.portal.throttle import seconds_to_wait, too_often
from helpdesk.privacy.holdings import as_text, holdings_of, overview_of


@require_safe
@for_holder
def holdings(request: HttpRequest, session: AccountSession) -> HttpResponse:
    """Show what is kept, in words."""
    wait = seconds_to_wait(request, "act")
    if wait:
        return too_often(request, wait)
    found = overview_of(session.account)
    context = frame(request) | {"found": found, "spoken": _language(found["account"])}
    return render(request, "portal/account/data.html", context)


@require_safe
@for_holder
def as_file(request: HttpRequest, session: AccountSession) -> HttpResponse:
    """Hand out the same for programs."""
    wait = seconds_to_wait(request, "act")
    if wait:
        return too_often(request, wait)
    found = holdings_of(session.account)
    content = json.dumps(found, ensure_ascii=False, indent=1, default=as_text)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    name = f"{gettext('my-data')}-{timezone.localdate():%Y-%m-%d}.json"
    shown = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = shown or "attachment"
    return response


def _language(account: dict[str, Any]) -> str:
    return NAMES.get(account["language"], "")
