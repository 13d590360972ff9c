"""What citizens do from the status page: reply, withdraw, open again, rate, renew the link.

Each action is a POST of a form with our token. Whoever holds the link may act
without having opened the request before: nobody loses a text because two hours went by.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from helpdesk.files.kept import KeptFile
from helpdesk.lib.tokens import new_nonce
from helpdesk.notifications.status_links import addresses_of, may_mail_link
from helpdesk.portal.forms import RatingForm
from helpdesk.portal.uploads import ReasonForm, WordsForm, read_notes, take_files
from helpdesk.portal.views.by_link import Link, by_link, keep_open, opens, show
from helpdesk.portal.views.status import again, rating_of
from helpdesk.tickets.domain.attachments import inbound_of_kept
from helpdesk.tickets.domain.requester import (
    NotPossibleError,
    Verdict,
    Words,
    rate_request,
    renew_own_link,
    reopen_request,
    send_reply,
    withdraw_request,
)
from helpdesk.tickets.enums import Solved
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.openings import may_rate, may_withdraw, reopen_until

KEY_LENGTH = 32
FORM = require_http_methods(["GET", "HEAD", "POST"])


def _back(link: Link) -> HttpResponseBase:
    """Return to the status page, which is open from now on."""
    response = HttpResponseRedirect(link.address())
    keep_open(response, link)
    return response


def _form_key(request: HttpRequest) -> str:
    key = "".join(sign for sign in request.POST.get("key", "") if sign.isalnum())
    return key[:KEY_LENGTH] or new_nonce()


def _read(
    request: HttpRequest, ticket: Ticket, form: WordsForm, *, needs_text: bool
) -> tuple[list[KeptFile], bool]:
    """Store what was uploaded and tell whether the form is complete and to be sent.

    Errors stand on the form; files that were good are kept in any case.
    """
    form.is_valid()
    removed = request.POST.get("remove", "")
    kept = [
        each for each in read_notes(ticket, request.POST.getlist("kept")) if each.note != removed
    ]
    uploaded = form.cleaned_data.get("uploads", [])
    kept, problems = take_files(request, ticket, kept, uploaded)
    for problem in problems:
        form.add_error("uploads", problem)
    if removed or "add" in request.POST:
        return kept, False
    has_words = bool(form.cleaned_data.get("text", "").strip())
    if not has_words and "text" not in form.errors and (needs_text or not kept):
        form.add_error("text", _missing(needs_text=needs_text))
    return kept, form.is_valid()


def _missing(*, needs_text: bool) -> str:
    if needs_text:
        return gettext("Write what is still open, so that we know what to do.")
    return gettext("Write a message or add a file.")


def _words(request: HttpRequest, link: Link, form: WordsForm, kept: list[KeptFile]) -> Words:
    return Words(
        ticket_id=link.ticket.pk,
        text=form.cleaned_data["text"],
        key=_form_key(request),
        files=tuple(inbound_of_kept(file) for file in kept),
    )


@FORM
@by_link
def reply(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Add a message with files; whatever is wrong keeps text and files on the page."""
    if request.method != "POST":
        return HttpResponseRedirect(link.address())
    form = WordsForm(request.POST, request.FILES)
    kept, is_complete = _read(request, link.ticket, form, needs_text=False)
    if not is_complete:
        return again(request, link, form, kept)
    try:
        send_reply(words=_words(request, link, form, kept))
    except NotPossibleError:
        return _reopen_page(request, link, ReasonForm(request.POST, request.FILES), kept)
    messages.success(request, gettext("Your message has arrived. You find it below."))
    return _back(link)


@FORM
@by_link
def reopen(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Ask what is still open, and open an ended request again."""
    if request.method != "POST":
        if reopen_until(link.ticket) is None:
            return HttpResponseRedirect(link.address())
        return _reopen_page(request, link, ReasonForm(), [])
    form = ReasonForm(request.POST, request.FILES)
    kept, is_complete = _read(request, link.ticket, form, needs_text=True)
    if not is_complete:
        return _reopen_page(request, link, form, kept)
    return _reopened(request, link, form, kept)


def _reopened(
    request: HttpRequest, link: Link, form: WordsForm, kept: list[KeptFile]
) -> HttpResponseBase:
    try:
        reopen_request(words=_words(request, link, form, kept))
    except NotPossibleError:
        if link.ticket.resolved_at is None:
            # A colleague or another window was quicker: then it is a message like any other.
            send_reply(words=_words(request, link, form, kept))
            messages.success(request, gettext("Your message has arrived. You find it below."))
            return _back(link)
        form.add_error(None, gettext("This request can no longer be opened again."))
        return _reopen_page(request, link, form, kept)
    messages.success(request, gettext("Your request is open again. We have your message."))
    return _back(link)


def _reopen_page(
    request: HttpRequest, link: Link, form: WordsForm, kept: list[KeptFile]
) -> HttpResponseBase:
    status = 422 if request.method == "POST" and form.errors else 200
    key = request.POST.get("key") or new_nonce()
    until = reopen_until(link.ticket)
    page = {"form": form, "kept": kept, "key": key, "until": until}
    return show(request, link, "request_reopen.html", status, **page)


@FORM
@by_link
def withdraw(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Ask once, then end the request because its citizen wants so."""
    if request.method != "POST":
        if not may_withdraw(link.ticket):
            return HttpResponseRedirect(link.address())
        return show(request, link, "request_withdraw.html")
    if withdraw_request(ticket_id=link.ticket.pk):
        messages.success(request, gettext("You have withdrawn your request."))
    else:
        messages.success(request, gettext("Your request had ended already."))
    return _back(link)


@FORM
@by_link
def rate(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Take what the citizen says of the end, then ask whether they want to say more."""
    rating = rating_of(link.ticket)
    if not may_rate(link.ticket, rating):
        messages.error(request, gettext("This request can't be rated (any more)."))
        return HttpResponseRedirect(link.address())
    if request.method != "POST":
        # What was said before is shown to whoever has opened the request, no scanner does.
        said = rating if opens(request, link) else None
        return show(request, link, "request_rating.html", form=RatingForm.of(said))
    form = RatingForm(request.POST)
    if not form.is_valid():
        return show(request, link, "request_rating.html", 422, form=form)
    return _rated(request, link, form)


def _rated(request: HttpRequest, link: Link, form: RatingForm) -> HttpResponseBase:
    solved = Solved(form.cleaned_data["solved"])
    verdict = Verdict(solved, form.cleaned_data["stars"], form.cleaned_data["text"])
    try:
        rate_request(ticket_id=link.ticket.pk, verdict=verdict)
    except NotPossibleError:
        messages.error(request, gettext("This request can't be rated (any more)."))
        return _back(link)
    messages.success(request, gettext("Thank you. We have your answer."))
    back = _back(link)
    if solved == Solved.NO and reopen_until(link.ticket):
        back["Location"] = link.address("reopen")
    elif "more" not in request.POST:
        back["Location"] = link.address("rate")
    return back


@FORM
@by_link
def renew(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Make the link void and mail a new one to the address on file; where none leaves, phone us."""
    if link.is_own:
        return HttpResponseRedirect(link.address())
    may_mail = may_mail_link(link.ticket)
    if request.method != "POST" or not may_mail:
        has_address = bool(addresses_of(link.ticket))
        return show(request, link, "request_renew.html", has_address=has_address, may_mail=may_mail)
    renew_own_link(ticket_id=link.ticket.pk)
    return show(request, link, "request_renewed.html")
