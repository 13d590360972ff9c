"""The pages of the settings about the portal: what a town says of itself there."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.accounts.domain.profile import offer_accounts
from helpdesk.accounts.queries import accounts_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.portal import AccountsForm, EmbeddingForm, LegalTextForm, VariantForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.notifications.account_mails import absolute
from helpdesk.notifications.portal_mails import may_send
from helpdesk.pages.domain.embedding import allow_embedding
from helpdesk.pages.domain.texts import write_legal_text
from helpdesk.pages.domain.variants import write_variant
from helpdesk.pages.enums import Page, TextKind
from helpdesk.pages.queries import (
    bodies_of,
    embedding_origins,
    missing_texts,
    statement_of,
    variant_of,
    variants_of,
)
from helpdesk.permissions.decorators import verb_required
from helpdesk.tickets.ratings import verdicts_of

CURRENT = "settings_portal"


@verb_required("administer")
@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    """List what can be said in the portal, and what the law demands and is still missing."""
    missing = missing_texts(agent_of(request).authority_id)
    texts = [
        {
            "kind": kind,
            "url": reverse(f"desk:settings_{kind}"),
            "is_missing": kind in missing,
        }
        for kind in TextKind
    ]
    statement = statement_of(agent_of(request).authority_id)
    verdicts = verdicts_of(agent_of(request).authority_id)
    kept = variants_of(agent_of(request).authority_id)
    variants = [(page, kept.get(page)) for page in Page]
    context = {"texts": texts, "statement": statement, "verdicts": verdicts, "variants": variants}
    return settings_page(request, "portal", context, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def legal_text(request: HttpRequest, kind: str) -> HttpResponse:
    """Show and change imprint, privacy or contact in every language."""
    user, page = agent_of(request), TextKind(kind)
    initial = LegalTextForm.initial_of(bodies_of(user.authority_id, page))
    form = LegalTextForm(posted(request), initial=initial)

    def write() -> None:
        write_legal_text(authority_id=user.authority_id, kind=page, bodies=form.bodies(), user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse(f"desk:settings_{page}"))
    context = {"form": form, "title": page.label, "public_url": reverse(f"portal:{page}")}
    return settings_page(request, "legal_text", context, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def variant(request: HttpRequest) -> HttpResponse:
    """Show and change a page's plain language and its video in sign language."""
    user, page = agent_of(request), request.GET.get("seite", Page.HOME)
    if page not in Page.values:
        raise Http404
    kept = variant_of(user.authority_id, Page(page))
    form = VariantForm(posted(request), initial=VariantForm.initial_of(kept))

    def write() -> None:
        write_variant(
            authority_id=user.authority_id, page=Page(page), details=form.details, user=user
        )

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(f"{reverse('desk:settings_variant')}?seite={page}")
    title = f"{Page(page).label}: {gettext('Plain language and sign language')}"
    context = {"form": form, "title": title, "public_url": reverse(f"portal:{page}")}
    return settings_page(request, "variant", context, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """Say whether citizens may have accounts."""
    user = agent_of(request)
    initial = {"offers_accounts": user.authority.offers_accounts}
    form = AccountsForm(posted(request), initial=initial)

    def write() -> None:
        is_offered = form.cleaned_data["offers_accounts"]
        offer_accounts(authority_id=user.authority_id, is_offered=is_offered, user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_accounts"))
    context = {
        "form": form,
        "count": accounts_of(user.authority_id).count(),
        "may_send": may_send(user.authority_id),
    }
    return settings_page(request, "accounts", context, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def embedding(request: HttpRequest) -> HttpResponse:
    """Show what to put on the town's own website, and change which sites may show the frame."""
    user = agent_of(request)
    initial = {"origins": "\n".join(embedding_origins(user.authority_id))}
    form = EmbeddingForm(posted(request), initial=initial)

    def write() -> None:
        origins = form.cleaned_data["origins"].splitlines()
        allow_embedding(authority_id=user.authority_id, origins=origins, user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_embedding"))
    words = gettext("Report something")
    report, frame = (
        absolute(reverse(f"portal:{page}"), user.authority) for page in ("report", "embed")
    )
    context = {
        "form": form,
        "link_code": f'<a href="{report}">{words}</a>',
        "frame_code": f'<iframe src="{frame}" title="{words}" width="100%" height="480"></iframe>',
        "frame_url": reverse("portal:embed"),
    }
    return settings_page(request, "embedding", context, current=CURRENT)
