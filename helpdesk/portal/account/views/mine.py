"""The list of all requests that were made with the addresses of an account."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from helpdesk.accounts.models import AccountSession
from helpdesk.accounts.queries import requests_of
from helpdesk.portal.account.rows import rows_of
from helpdesk.portal.account.session import for_holder
from helpdesk.portal.frame import frame
from helpdesk.tickets.enums import ENDED

ON_A_PAGE = 20
OPEN = "offen"


@require_safe
@for_holder
def my_requests(request: HttpRequest, session: AccountSession) -> HttpResponse:
    """Show them, the latest first; by a filter those that have not ended."""
    account = session.account
    everything = requests_of(account)
    unfinished = everything.exclude(status__in=ENDED)
    is_open = request.GET.get("stand") == OPEN
    shown = (unfinished if is_open else everything).select_related("authority")
    pages = Paginator(shown.order_by("-active_at", "-pk"), ON_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = frame(request) | {
        "page": page,
        "rows": rows_of(session, list(page)),
        "is_open": is_open,
        "count_open": pages.count if is_open else unfinished.count(),
        "count_all": everything.count() if is_open else pages.count,
        "account": account,
        "addresses": [each.email for each in account.addresses.all()],
    }
    return render(request, "portal/account/requests.html", context)
