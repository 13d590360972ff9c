"""Pages of mailboxes: the list, and one form for way in and way out with its test."""

from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from channels_in.accounts import accounts_of, save_mailbox
from channels_in.models import Account
from channels_in.probe import Probe, probe_mailbox
from helpdesk.agents.queries import teams_of
from helpdesk.desk.account.throttle import APP
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.mailboxes import MailboxForm
from helpdesk.desk.settings.frame import matching, posted, settings_page, written
from helpdesk.outbox.models import Sender
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_mailboxes"
# Form fields of one name with the columns of the account, and of its sender.
ACCOUNT_FIELDS = (
    "name",
    "address",
    "kind",
    "is_active",
    "host",
    "port",
    "security",
    "username",
    "folder",
    "after_filing",
    "move_to",
    "authserv_id",
)
SENDER_FIELDS = ("host", "port", "security", "username")

hide_passwords = sensitive_post_parameters("password", "smtp_password")


@verb_required("administer")
@require_safe
def mailbox_list(request: HttpRequest) -> HttpResponse:
    """Show all mailboxes with their state."""
    words = request.GET.get("q", "").strip()
    accounts = matching(
        accounts_of(agent_of(request).authority_id),
        words,
        lambda account: f"{account.name} {account.address}",
    )
    context = {"accounts": accounts, "words": words, "demo": settings.DEMO}
    return settings_page(request, "mailboxes", context, current=CURRENT)


@verb_required("administer")
@hide_passwords
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_new(request: HttpRequest) -> HttpResponse:
    """Enter a mailbox."""
    return _mailbox_page(request, None)


@verb_required("administer")
@hide_passwords
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show, change and try a mailbox."""
    found = accounts_of(agent_of(request).authority_id).filter(pk=account_id).first()
    if found is None:
        raise Http404
    return _mailbox_page(request, found)


def _mailbox_page(request: HttpRequest, shown: Account | None) -> HttpResponse:
    form = _form(request, shown, posted(request))
    saved: list[Account] = []
    if request.method == "POST" and written(
        form, lambda: saved.append(_write(request, shown, form))
    ):
        if "check" not in request.POST:
            messages.success(request, gettext("Saved"))
            return HttpResponseRedirect(reverse("desk:settings_mailboxes"))
        shown = saved[0]
        return _checked_page(request, shown)
    context = {"form": form, "account": shown, "demo": settings.DEMO}
    return settings_page(request, "mailbox", context, current=CURRENT)


def _checked_page(request: HttpRequest, account: Account) -> HttpResponse:
    """Show what the test found; without scripts too, hence in the answer to the form."""
    context = {
        "form": _form(request, account, None),
        "account": account,
        "demo": settings.DEMO,
        "action": reverse("desk:settings_mailbox", args=(account.pk,)),
        "probe": _probe(request, account),
    }
    return settings_page(request, "mailbox", context, current=CURRENT)


def _probe(request: HttpRequest, account: Account) -> Probe | None:
    # Counted per administrator: a test reaches out to whatever host was entered.
    if ratelimit.consume(request, app=APP, action="mailbox_check") is None:
        messages.error(request, gettext("Too many attempts. Wait a few minutes and try again."))
        return None
    return probe_mailbox(account)


def _write(request: HttpRequest, shown: Account | None, form: MailboxForm) -> Account:
    user = agent_of(request)
    return save_mailbox(
        authority_id=user.authority_id,
        account_id=shown.pk if shown else None,
        details=form.details(),
        user=user,
    )


def _form(request: HttpRequest, shown: Account | None, data: Any) -> MailboxForm:  # noqa: ANN401 - what forms take
    teams = teams_of(agent_of(request).authority_id).filter(is_active=True)
    initial = _initial(shown) if shown else _first(request)
    return MailboxForm(data, initial=initial, teams=teams, is_new=shown is None)


def _first(request: HttpRequest) -> dict[str, Any]:
    transport = Sender.Transport.DEMO if settings.DEMO else Sender.Transport.SMTP
    return {
        "kind": Account.Kind.IMAP,
        "transport": transport,
        "sender_name": agent_of(request).authority.name,
        "smtp_security": "starttls",
    }


def _initial(shown: Account) -> dict[str, Any]:
    sender = shown.sender
    initial = {name: getattr(shown, name) for name in ACCOUNT_FIELDS}
    initial |= {f"smtp_{name}": getattr(sender, name) for name in SENDER_FIELDS}
    return initial | {
        "team": shown.team_id,
        "sender_name": sender.name,
        "subaddresses": sender.subaddresses,
        "transport": sender.transport,
    }
