"""The page on which all filters are tried with one mail; nothing is written."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from channels_in.accounts import accounts_of
from channels_in.filters.trial import Trial, latest_mails, mails_visible_to, try_rules
from channels_in.models import Account, MailFilter, RawMessage
from channels_in.store import read_raw
from channels_in.trace import find_field, find_sender
from helpdesk.desk.agent import agent_of
from helpdesk.desk.filter_words import action_words, row_words
from helpdesk.desk.forms.filters import TrialForm
from helpdesk.desk.settings.frame import posted, settings_page
from helpdesk.files.store import FileMissingError
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_filters"
SUBJECT_LENGTH = 60


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest) -> HttpResponse:
    """Show what every filter says to a mail one may read, or to one that is handed in."""
    accounts = list(accounts_of(agent_of(request).authority_id))
    mails = [(raw.pk, _name_of(raw)) for raw in latest_mails(agent_of(request))]
    form = TrialForm(
        posted(request),
        request.FILES or None,
        initial={"mail": request.GET.get("mail", "")},
        mails=mails,
        accounts=accounts,
    )
    found: Trial | None = None
    if request.method == "POST" and accounts and form.is_valid():
        found = _try(request, form, accounts)
    context = {
        "form": form,
        "accounts": accounts,
        "trial": found,
        "answers": _answers(found),
        "outcome": _outcome(found),
    }
    return settings_page(request, "filter_trial", context, current=CURRENT)


def _try(request: HttpRequest, form: TrialForm, accounts: list[Account]) -> Trial | None:
    given = form.cleaned_data
    if given["file"] is not None:
        return try_rules(_account(given["account"], accounts), given["file"].read())
    if given["source"]:
        return try_rules(_account(given["account"], accounts), given["source"].encode())
    raw = mails_visible_to(agent_of(request)).filter(pk=given["mail"]).first()
    if raw is None:
        raise Http404
    try:
        return try_rules(raw.account, read_raw(raw), raw.envelope_to)
    except FileMissingError:
        form.add_error("mail", gettext("This file is missing on the server."))
        return None


def _account(wanted: int | None, accounts: list[Account]) -> Account:
    return next((each for each in accounts if each.pk == wanted), accounts[0])


def _name_of(raw: RawMessage) -> str:
    """Return a mail as the list of choices names it: when, who, what about."""
    at = date_format(timezone.localtime(raw.received_at), "SHORT_DATETIME_FORMAT")
    if raw.ticket is not None:
        return f"{at} · {raw.ticket.number} {raw.ticket.title[:SUBJECT_LENGTH]}"
    try:
        content = read_raw(raw)
    except FileMissingError:
        return at
    subject = find_field(content, "Subject")[:SUBJECT_LENGTH]
    return f"{at} · {find_sender(content)} {subject}"


def _answers(found: Trial | None) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [
        {
            "filter": each.filter.stored,
            "rows": [(row_words(row), is_met) for row, is_met in each.rows],
            "is_met": each.is_met,
            "is_asked": each.is_asked,
            "actions": action_words(each.filter.stored),
        }
        for each in found.answers
    ]


def _outcome(found: Trial | None) -> str:
    """Return in one sentence what would become of the mail."""
    if found is None:
        return ""
    if found.mail.error:
        return gettext("This mail can't be read: it would go into quarantine.")
    if found.decided.is_kept_out and found.is_proven_reply:
        return gettext("A reply to one of our mails: it joins its request, whatever filters say.")
    sentences = {
        MailFilter.Verdict.SPAM: gettext("It would be held as spam: %(cause)s"),
        MailFilter.Verdict.DROP: gettext("It would become no request: filter “%(cause)s”"),
    }
    if found.is_kept_out:
        verdict = MailFilter.Verdict(found.decided.verdict)
        return sentences[verdict] % {"cause": found.decided.cause}
    if not found.decided.sorting.applied:
        return gettext("It would be filed as if there were no filters.")
    return gettext("It would become a request.")
