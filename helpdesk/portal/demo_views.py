"""The demo mailbox: what citizens would receive, and a way to answer as one of them."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from channels_in.models import Account
from channels_in.store import DiskFullError, keep
from helpdesk.agents.models import Authority
from helpdesk.lib.html import sanitise_answer
from helpdesk.lib.html_text import text_to_html
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.portal.demo_forms import ReplyForm, WriteForm
from helpdesk.portal.demo_mail import Mail, raw_mail, reply_to
from helpdesk.portal.frame import authority_of, frame

PER_PAGE = 30


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer as if there were no such page, unless this is a demonstration."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: int) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, **kwargs)

    return guarded


@demo_only
@never_cache
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """List what has been sent, newest first; of one address with ``?address=``."""
    authority = authority_of(request)
    address = request.GET.get("address", "").strip()
    mails = _mails(authority)
    if address:
        mails = mails.filter(recipients__address__iexact=address)
    page = Paginator(mails, PER_PAGE).get_page(request.GET.get("page"))
    context = frame(request, authority) | {"page": page, "address": address}
    return render(request, "portal/demo/mailbox.html", context)


@demo_only
@never_cache
@require_http_methods(["GET", "POST"])
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one mail; a POST answers it as one of its recipients."""
    authority = authority_of(request)
    message = get_object_or_404(_mails(authority), pk=pk)
    recipients = list(message.recipients.all())
    account = _account_of(message)
    form = ReplyForm(request.POST or None, recipients=recipients)
    if request.method == "POST" and account is not None and form.is_valid():
        chosen = next(each for each in recipients if str(each.pk) == form.cleaned_data["recipient"])
        reply = reply_to(message, chosen, form.cleaned_data["text"], timezone.localtime())
        if _hand_over(request, account, reply):
            return redirect("demo:mailbox")
    context = frame(request, authority) | {
        "mail": message,
        "body": _shown_body(message),
        "recipients": recipients,
        "account": account,
        "form": form,
    }
    return render(request, "portal/demo/mail.html", context, status=_status(form))


@demo_only
@never_cache
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write a new mail to one of the authority's mailboxes."""
    authority = authority_of(request)
    accounts = list(Account.objects.filter(authority=authority, is_active=True).order_by("id"))
    form = WriteForm(request.POST or None, accounts=accounts)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        letter = Mail(
            sender=values["address"],
            sender_name=values["name"],
            to=values["account"].address,
            subject=values["subject"],
            text=values["text"],
            date=timezone.localtime(),
        )
        if _hand_over(request, values["account"], letter):
            return redirect("demo:mailbox")
    context = frame(request, authority) | {"form": form, "has_mailbox": bool(accounts)}
    return render(request, "portal/demo/write.html", context, status=_status(form))


def _mails(authority: Authority | None) -> QuerySet[OutgoingMessage]:
    return (
        OutgoingMessage.objects.filter(authority=authority, state=MessageState.SENT)
        .select_related("sender")
        .prefetch_related("recipients")
        .order_by("-finished_at", "-id")
    )


def _account_of(message: OutgoingMessage) -> Account | None:
    """Return the mailbox in which an answer to ``message`` arrives."""
    accounts = Account.objects.filter(authority=message.authority_id, is_active=True)
    at_address = accounts.filter(address__iexact=message.sender.email)
    return at_address.first() or accounts.filter(sender=message.sender).order_by("id").first()


def _hand_over(request: HttpRequest, account: Account, letter: Mail) -> bool:
    """Give the mail to the authority's mailbox; False, with a word about it, if it can't be."""
    try:
        keep(
            account=account,
            raw=raw_mail(letter),
            received_at=timezone.now(),
            envelope_from=letter.sender,
            envelope_to=(account.address,),
        )
    except DiskFullError:
        messages.error(request, _("The mailbox is full. Nothing was sent; please try again later."))
        return False
    messages.success(request, _("Your e-mail is on its way. It appears at the desk in a moment."))
    return True


def _shown_body(message: OutgoingMessage) -> SafeString:
    text = message.text or _("The link in this mail is over, and so its text was deleted.")
    html = sanitise_answer(message.html) if message.html else text_to_html(text)
    # A mail program gives line breaks in HTML no meaning; the page's style would.
    html = html.replace("\n", " ")
    return mark_safe(html)  # noqa: S308 - both sources of it are allow-lists of ours


def _status(form: ReplyForm | WriteForm) -> int:
    return 422 if form.errors else 200
