"""The page of senders whose mail is kept out or let in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from channels_in.senders import add_rule, remove_rule, rules_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.senders import SenderRuleForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_senders"


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def sender_list(request: HttpRequest) -> HttpResponse:
    """Show the list with what each entry kept out, and take a new one."""
    user = agent_of(request)
    form = SenderRuleForm(posted(request))
    if request.method == "POST" and written(form, lambda: add_rule(**form.cleaned_data, user=user)):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_senders"))
    context = {
        "form": form,
        "title": gettext("Senders"),
        "entries": rules_of(user.authority_id),
        "removing": "desk:settings_sender_delete",
    }
    return settings_page(request, "senders", context, current=CURRENT)


@verb_required("administer")
@require_POST
def sender_delete(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take an entry off the list; one of another authority is not there."""
    if not remove_rule(rule_id=rule_id, user=agent_of(request)):
        raise Http404
    messages.success(request, gettext("The entry is off the list."))
    return HttpResponseRedirect(reverse("desk:settings_senders"))
