"""Pages of mailboxes: the list, and one form for way in and way out with its test."""

from datetime import time
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from channels_in.accounts import accounts_of, save_mailbox
from channels_in.mail.check import Check
from channels_in.models import Account
from channels_in.probe import Probe, count_older, probe_mailbox
from helpdesk.agents.queries import teams_of
from helpdesk.desk.account.throttle import APP
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.mailboxes import FROM_DAY, FROM_FIRST, FROM_NOW, MailboxForm
from helpdesk.desk.forms.signin import sign_in_of
from helpdesk.desk.settings.frame import matching, posted, settings_page, written
from helpdesk.desk.settings.signin import back_url, needs_sign_in
from helpdesk.outbox.check import Step
from helpdesk.outbox.models import Grant, Sender
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
    "sent_folder",
    "cc_watch",
    "leaves_out_automatic",
    "leaves_out_copies",
    "tells_oversize",
)
SENDER_FIELDS = ("host", "port", "security", "username")

SECRETS = ("password", "smtp_password", "client_secret", "refresh_token")

hide_passwords = sensitive_post_parameters(*SECRETS)


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
    again = _typed_secrets(request)
    form.demand_again(again)
    saved: list[Account] = []
    context: dict[str, Any] = {"form": form, "account": shown, "demo": settings.DEMO}
    context["again"] = again
    if request.method == "POST" and form.is_valid():
        count = _count(request, shown, form)
        if count is not None:
            return settings_page(request, "mailbox", context | {"import": count}, current=CURRENT)
        if written(form, lambda: saved.append(_write(request, shown, form))):
            return _saved_page(request, saved[0])
    return settings_page(request, "mailbox", context | _sign_in(shown), current=CURRENT)


def _typed_secrets(request: HttpRequest) -> list[str]:
    """Return which secrets were typed, now or on the page before."""
    before = request.POST.getlist("again")
    return [name for name in SECRETS if name in before or request.POST.get(name)]


def _saved_page(request: HttpRequest, account: Account) -> HttpResponse:
    if "check" in request.POST:
        return _checked_page(request, account)
    messages.success(request, gettext("Saved"))
    if needs_sign_in(account.grant):
        return HttpResponseRedirect(reverse("desk:settings_mailbox", args=(account.pk,)))
    return HttpResponseRedirect(reverse("desk:settings_mailboxes"))


def _count(request: HttpRequest, shown: Account | None, form: MailboxForm) -> Check | None:
    """Return what the first connect would import, to be confirmed; None if nothing speaks against.

    What is confirmed is the number that was shown: after another count it is asked for again.
    """
    found = _counted(request, shown, form)
    if found is None or (found.is_ok and found.count is None):
        return None
    if found.is_ok and form.cleaned_data["confirmed"] == str(found.count):
        return None
    return found


def _counted(request: HttpRequest, shown: Account | None, form: MailboxForm) -> Check | None:
    details = form.details()
    if not details.fetching.start.takes_older:
        return None
    if ratelimit.consume(request, app=APP, action="mailbox_check") is None:
        words = gettext("Too many attempts. Wait a few minutes and try again.")
        return Check((Step("login", gettext("Sign in"), is_ok=False, words=words),))
    return count_older(
        authority_id=agent_of(request).authority_id,
        account_id=shown.pk if shown else None,
        details=details,
    )


def _checked_page(request: HttpRequest, account: Account) -> HttpResponse:
    """Show what the test found; without scripts too, hence in the answer to the form."""
    context = {
        "form": _form(request, account, None),
        "account": account,
        "demo": settings.DEMO,
        "action": reverse("desk:settings_mailbox", args=(account.pk,)),
        "probe": _probe(request, account),
        **_sign_in(account),
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
    grant = shown.grant if shown else None
    return MailboxForm(
        data,
        initial=initial,
        teams=teams,
        is_new=shown is None,
        has_secret=bool(grant and grant.client_secret),
    )


def _first(request: HttpRequest) -> dict[str, Any]:
    transport = Sender.Transport.DEMO if settings.DEMO else Sender.Transport.SMTP
    return {
        "kind": Account.Kind.IMAP,
        "transport": transport,
        "sender_name": agent_of(request).authority.name,
        "smtp_security": "starttls",
        "quotes_history": True,
        "start": FROM_NOW,
        **sign_in_of(None),
    }


def _initial(shown: Account) -> dict[str, Any]:
    sender = shown.sender
    initial = {name: getattr(shown, name) for name in ACCOUNT_FIELDS}
    initial |= {f"smtp_{name}": getattr(sender, name) for name in SENDER_FIELDS}
    initial |= sign_in_of(shown.grant) | _start_of(shown)
    return initial | {
        "further_folders": "\n".join(shown.further_folders),
        "team": shown.team_id,
        "sender_name": sender.name,
        "subaddresses": sender.subaddresses,
        "name_template": sender.name_template,
        "quotes_history": sender.quotes_history,
        "transport": sender.transport,
    }


def _start_of(shown: Account) -> dict[str, Any]:
    """Return where new folders begin, as it was chosen last."""
    since = shown.import_since
    if since is None:
        return {"start": FROM_FIRST}
    day = timezone.localtime(since)
    if day.time() == time.min:
        return {"start": FROM_DAY, "since": day.date()}
    return {"start": FROM_NOW}


def _sign_in(account: Account | None) -> dict[str, Any]:
    """Return what the page says of a sign-in that is possible or still missing."""
    if account is None or account.grant is None:
        return {}
    grant = account.grant
    if grant.flow != Grant.Flow.REFRESH or not grant.authorize_url:
        return {"grant": grant}
    return {
        "grant": grant,
        "can_sign_in": True,
        "must_sign_in": needs_sign_in(grant),
        "back": back_url(account.authority),
    }
