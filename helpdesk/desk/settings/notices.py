"""The pages of the settings about notices on the portal's home page and at the desk."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.portal import READERS, NoticeForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.desk.shell import forget_notices
from helpdesk.pages.domain.notices import NoticeDetails, remove_notice, save_notice
from helpdesk.pages.enums import Readers
from helpdesk.pages.models import Notice
from helpdesk.pages.queries import notices_of
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_portal"
FIELDS = tuple(NoticeDetails.__dataclass_fields__)
FORM = require_http_methods(["GET", "HEAD", "POST"])


@verb_required("administer")
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """List the notices, shown now or not."""
    found = notices_of(agent_of(request).authority_id)
    rows = [(each, READERS[Readers(each.readers)]) for each in found]
    context = {"notices": rows, "now": timezone.now()}
    return settings_page(request, "notices", context, current=CURRENT)


@verb_required("administer")
@FORM
def notice_new(request: HttpRequest) -> HttpResponse:
    """Write a notice."""
    return _page(request, None)


@verb_required("administer")
@FORM
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Show and change a notice."""
    return _page(request, _find(request, notice_id))


@verb_required("administer")
@require_POST
def notice_remove(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Take a notice down."""
    user, gone = agent_of(request), _find(request, notice_id)
    remove_notice(authority_id=user.authority_id, notice_id=gone.pk, user=user)
    forget_notices(user)
    messages.success(request, gettext("The notice is taken down."))
    return HttpResponseRedirect(reverse("desk:settings_notices"))


def _find(request: HttpRequest, notice_id: int) -> Notice:
    own = Notice.objects.filter(authority_id=agent_of(request).authority_id)
    found = own.filter(pk=notice_id).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, shown: Notice | None) -> HttpResponse:
    user, now = agent_of(request), timezone.now()
    fresh = {"begins_at": now, "ends_at": now + timedelta(days=7), "readers": Readers.CITIZENS}
    initial = {name: getattr(shown, name) for name in FIELDS} if shown else fresh
    form = NoticeForm(posted(request), initial=initial)

    def write() -> None:
        save_notice(
            authority_id=user.authority_id,
            notice_id=shown.pk if shown else None,
            details=NoticeDetails(**form.cleaned_data),
            user=user,
        )
        forget_notices(user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_notices"))
    return settings_page(request, "notice", {"form": form, "notice": shown}, current=CURRENT)
