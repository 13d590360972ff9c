"""The portal's entrance, its language and its colours."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from channels_in.models import Account
from helpdesk.lib.languages import WHOLE
from helpdesk.pages.enums import Page
from helpdesk.pages.models import Notice
from helpdesk.pages.queries import current_notices
from helpdesk.portal.answers import entries_of, named_nodes, reader_language
from helpdesk.portal.caching import for_everybody
from helpdesk.portal.frame import authority_of, frame
from helpdesk.portal.keeping import kept
from helpdesk.portal.reading import readable, unkept_when_signed_in
from helpdesk.portal.variants import with_variants
from helpdesk.ui.inlining import colour_sheet
from knowledgebase.queries import most_read, tree_of

OFTEN_READ = 4
YEAR = 366 * 24 * 3600


@require_safe
@for_everybody
@unkept_when_signed_in
@kept
def home(request: HttpRequest) -> HttpResponse:
    """Offer answers first, then how to reach the authority; nobody needs an account."""
    context = frame(request)
    authority = context["authority"]
    if authority is not None:
        context["notices"] = [_notice(each) for each in current_notices(authority.pk)]
        readers = readable(request, authority)
        context["sections"] = named_nodes(tree_of(authority.pk, readers))
        often = most_read(readers, language=reader_language(), limit=OFTEN_READ)
        context["often"] = entries_of(often)
    context |= with_variants(context, Page.HOME)
    accounts = Account.objects.filter(authority=authority, is_active=True)
    context["mailboxes"] = accounts.select_related("team").order_by("team__name", "address")
    phone = authority.contact_phone if authority else ""
    context["phone_link"] = "".join(sign for sign in phone if sign.isdigit() or sign == "+")
    return render(request, "portal/home.html", context)


def _notice(notice: Notice) -> dict[str, str]:
    """Return a notice in the reader's language, else in German, marked as such."""
    reads = reader_language()
    if reads == "en" and notice.text_en:
        return {"text": notice.text_en, "lang": ""}
    return {"text": notice.text, "lang": "" if reads == "de" else "de"}


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language in a cookie and go back to the page; only within this site."""
    authority = authority_of(request)
    if code not in (authority.languages if authority else WHOLE):
        raise Http404
    target = request.GET.get("next", "/")
    if not target.startswith("/") or not url_has_allowed_host_and_scheme(
        target, allowed_hosts=None
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_safe
@cache_control(max_age=300, public=True)
def brand_css(request: HttpRequest) -> HttpResponse:
    """Return the authority's colours as a style sheet of custom properties."""
    authority = authority_of(request)
    sheet = colour_sheet(authority.color_light, authority.color_dark) if authority else ""
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")
