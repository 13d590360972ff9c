"""An answer that did not arrive: its reason, what can be done about it, and a letter to print."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.citizens.domain.kept import SECONDS
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.desk.agent import agent_of
from helpdesk.desk.sheets import in_view, leave, sheet
from helpdesk.desk.shell import forget_counts
from helpdesk.desk.undoing import change_offer, keep_for_page, undo_by
from helpdesk.desk.views.ticket import page_of, view_of
from helpdesk.outbox.headers import InvalidAddressError
from helpdesk.outbox.models import SettledAs
from helpdesk.outbox.queries import delivery_state
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.letters import letter_language
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.undelivered import (
    MAX_NOTE,
    HinderedError,
    NoNoteError,
    NotTroubledError,
    letter_address,
    missed_addressee,
    missed_citizen,
    send_to_another,
    settle_delivery,
    take_back_settling,
)
from helpdesk.tickets.domain.writing import UNDO_SECONDS, GoneError
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article
from helpdesk.tickets.queries import answerable_by, visible_to

LONGEST = 320
TROUBLED = frozenset({"bad", "unsure"})
REFUSALS: dict[type[Exception], str] = {
    GoneError: gettext_noop("This request was merged or put into the bin meanwhile."),
    NotTroubledError: gettext_noop(
        "There is nothing to settle any more: look at the answer again."
    ),
    InvalidAddressError: gettext_noop("This is no e-mail address. Write it like name@example.org."),
}
NO_NOTE = {
    SettledAs.LETTER: gettext_noop("Write where the letter goes."),
    SettledAs.NOTHING: gettext_noop("Write why nothing more has to be done."),
}
SAID = {
    SettledAs.OTHER: gettext_noop("Sent to the other address."),
    SettledAs.LETTER: gettext_noop("Noted: by letter. Print it now."),
    SettledAs.NOTHING: gettext_noop("Settled: nothing more to do."),
}


def _find(request: HttpRequest, article_id: int) -> Article:
    """Return what was sent by mail from a ticket that this agent may answer."""
    found = Article.objects.select_related("ticket__citizen", "outgoing").filter(
        pk=article_id, ticket__in=answerable_by(agent_of(request)), outgoing__isnull=False
    )
    article = found.first()
    if article is None:
        raise Http404
    return article


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def settle(request: HttpRequest, article_id: int) -> HttpResponse:
    """Offer the ways out, and take one."""
    article = _find(request, article_id)
    if request.method != "POST":
        return _ask(request, article)
    how = request.POST.get("how", "")
    if how not in SettledAs.values:
        return _ask(request, article, gettext("Choose what to do."))
    try:
        key = _do(request, article, SettledAs(how))
    except TicketNotThereError as error:
        raise Http404 from error
    except NoNoteError:
        return _ask(request, article, gettext(NO_NOTE[SettledAs(how)]))
    except HinderedError as error:
        words = gettext("No mail may go to this address: %(reason)s.")
        return _ask(request, article, words % {"reason": error})
    except tuple(REFUSALS) as error:
        return _ask(request, article, gettext(REFUSALS[type(error)]))
    forget_counts(agent_of(request))
    keep_for_page(request, _offer(request, article, SettledAs(how), key))
    return leave(request, page_of(article.ticket, view_of(request)))


@require_POST
@staff_required
def settle_undo(request: HttpRequest, article_id: int, key: str) -> HttpResponse:
    """Let the delivery be unsettled again."""
    article = _find(request, article_id)
    undo = partial(take_back_settling, article_id=article.pk, user=agent_of(request), key=key)
    return undo_by(request, page_of(article.ticket, view_of(request)), undo)


@require_GET
@staff_required
def letter(request: HttpRequest, article_id: int) -> HttpResponse:
    """Show an answer as a letter for paper."""
    shown = visible_to(agent_of(request))
    found = Article.objects.filter(
        pk=article_id, ticket__in=shown, kind=ArticleKind.ANSWER, is_withdrawn=False
    )
    article = found.select_related(
        "ticket__authority", "ticket__team", "ticket__citizen", "author_user", "outgoing"
    ).first()
    if article is None:
        raise Http404
    context = {
        "article": article,
        "ticket": article.ticket,
        "address": letter_address(article),
        "back": f"{page_of(article.ticket)}#a-{article.pk}",
        **_in_its_language(article),
    }
    return render(request, "desk/letter.html", context)


def _in_its_language(article: Article) -> dict[str, str]:
    """Return our own words on the paper in the language of the answer; ours may be another."""
    language = (article.outgoing and article.outgoing.language) or letter_language(article.ticket)
    is_ours = language == get_language()
    with translation.override(language):
        return {
            "speaks": "" if is_ours else language,
            "today": date_format(timezone.localdate(), "DATE_FORMAT"),
            "reference_word": gettext("Reference"),
        }


def _do(request: HttpRequest, article: Article, how: SettledAs) -> str:
    post, user = request.POST, agent_of(request)
    if how is SettledAs.OTHER:
        email = post.get("email", "").strip() or post.get("known", "")
        return send_to_another(article_id=article.pk, user=user, email=email[:LONGEST])
    note = post.get("address" if how is SettledAs.LETTER else "reason", "")
    return settle_delivery(article_id=article.pk, user=user, how=how, note=note)


def _offer(request: HttpRequest, article: Article, how: SettledAs, key: str) -> dict[str, Any]:
    undo = in_view(request, reverse("desk:settle_undo", args=[article.pk, key]))
    seconds = UNDO_SECONDS if how is SettledAs.OTHER else SECONDS
    offered = change_offer(gettext(SAID[how]), undo, seconds)
    if how is SettledAs.LETTER:
        offered["open"] = reverse("desk:letter", args=[article.pk])
    return offered


def _ask(request: HttpRequest, article: Article, error: str = "") -> HttpResponse:
    assert article.outgoing is not None  # noqa: S101 - only such are found
    delivery = delivery_state(article.outgoing)
    is_theirs = missed_citizen(article)
    others = _other_addresses(article) if is_theirs else []
    post = request.POST
    context: dict[str, Any] = {
        "ticket": article.ticket,
        "sheet_name": gettext("Not delivered: what now?"),
        "article": article,
        "delivery": delivery,
        "is_open": delivery.level in TROUBLED,
        "may_be_letter": article.kind == ArticleKind.ANSWER and missed_addressee(article),
        "is_theirs": is_theirs,
        "others": others,
        "how": post.get("how", SettledAs.OTHER),
        "known": post.get("known", others[0] if others else ""),
        "email": post.get("email", "")[:LONGEST],
        "address": post.get("address", letter_address(article))[:MAX_NOTE],
        "reason": post.get("reason", "")[:MAX_NOTE],
        "longest": MAX_NOTE,
        "error": error,
    }
    return sheet(request, "desk/sheets/settle.html", context, status=422 if error else 200)


def _other_addresses(article: Article) -> list[str]:
    """Return the citizen's further addresses that mail has not come back from."""
    tried = {person.get("email", "").lower() for person in article.to}
    points = ContactPoint.objects.filter(
        citizen=article.ticket.citizen_id, kind=ContactKind.MAIL, undeliverable_at=None
    )
    values = points.order_by("pk").values_list("value", flat=True)
    return [value for value in values if value.lower() not in tried]
