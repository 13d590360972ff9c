"""What a mailbox does beside its own address: further addresses, and marks of spam."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from channels_in.accounts import accounts_of
from channels_in.filters import doors
from channels_in.models import Account, FurtherAddress
from helpdesk.agents.queries import teams_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.filters import AddressForm, SpamForm
from helpdesk.desk.settings.filters import topics_for
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.permissions.decorators import verb_required


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_rules(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show further addresses and marks of spam of a mailbox, and save the latter."""
    account = _account(request, account_id)
    form = SpamForm(posted(request), initial=_initial(account))

    def write() -> None:
        doors.set_spam_policy(account_id=account.pk, policy=form.policy(), user=agent_of(request))

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved. It holds for mail that comes from now on."))
        return _back(account)
    return _page(request, account, form, _address_form(request, None))


@verb_required("administer")
@require_POST
def address_new(request: HttpRequest, account_id: int) -> HttpResponse:
    """Add an address; a refusal is shown with what was typed."""
    account = _account(request, account_id)
    form = _address_form(request, request.POST)

    def write() -> None:
        given = form.cleaned_data
        doors.add_address(
            account_id=account.pk,
            address=given["address"],
            team_id=given["team"],
            category_id=given["category"],
            user=agent_of(request),
        )

    if written(form, write):
        messages.success(request, gettext("The address is added."))
        return _back(account)
    return _page(request, account, form, form)


@verb_required("administer")
@require_POST
def address_remove(request: HttpRequest, account_id: int, address_id: int) -> HttpResponse:
    """Take an address away."""
    account = _account(request, account_id)
    found = get_object_or_404(FurtherAddress, pk=address_id, account=account)
    doors.remove_address(address_id=found.pk, user=agent_of(request))
    messages.success(request, gettext("The address is taken away."))
    return _back(account)


def _page(
    request: HttpRequest, account: Account, form: SpamForm | AddressForm, further: AddressForm
) -> HttpResponse:
    """Show both parts; ``form`` is the one whose errors the page is about."""
    spam = form if isinstance(form, SpamForm) else SpamForm(initial=_initial(account))
    addresses = account.further_addresses.select_related("team", "category__parent")
    context = {
        "form": form,
        "spam": spam,
        "further": further,
        "account": account,
        "addresses": addresses,
    }
    return settings_page(request, "mailbox_rules", context, current="settings_mailboxes")


def _initial(account: Account) -> dict[str, Any]:
    return {
        "marks": account.spam_marks,
        "hop": account.spam_hop,
        "limit": account.spam_limit,
        "keep_days": account.spam_keep_days,
    }


def _address_form(request: HttpRequest, data: Any) -> AddressForm:  # noqa: ANN401 - what forms take
    authority_id = agent_of(request).authority_id
    return AddressForm(
        data,
        teams=teams_of(authority_id).filter(is_active=True),
        topics=topics_for(authority_id),
    )


def _account(request: HttpRequest, account_id: int) -> Account:
    found = accounts_of(agent_of(request).authority_id).filter(pk=account_id).first()
    if found is None:
        raise Http404
    return found


def _back(account: Account) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:settings_mailbox_rules", args=(account.pk,)))
