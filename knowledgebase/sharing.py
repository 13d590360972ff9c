"""Reads of shared texts: what there is, and where it stands now."""

from collections.abc import Mapping

from django.db.models import Count, F, Q, QuerySet

from helpdesk.agents.models import User
from knowledgebase.models import Answer, Snippet, SnippetUse
from knowledgebase.rules import editable_by


def snippets_of(authority_id: int) -> QuerySet[Snippet]:
    """Return the shared texts of an authority with their words, by name."""
    return Snippet.objects.filter(authority_id=authority_id).prefetch_related("texts")


def is_current(prefix: str = "") -> Q:
    """Return the condition that a text is of a working copy or of what readers see."""
    live = {f"{prefix}version": F(f"{prefix}answer__live_version")}
    return Q(**{f"{prefix}version": None}) | Q(**live)


def uses_of(snippet: Snippet) -> QuerySet[SnippetUse]:
    """Return where a shared text stands now, in drafts and in what readers see."""
    return SnippetUse.objects.filter(is_current("text__"), snippet=snippet)


def answers_naming(snippet: Snippet, user: User) -> QuerySet[Answer]:
    """Return the answers that name a shared text, as far as ``user`` may know of them."""
    return editable_by(user).filter(pk__in=uses_of(snippet).values("text__answer"))


def counts_for(user: User) -> Mapping[int, int]:
    """Return shared text → how many answers name it, of those that ``user`` may know of."""
    uses = SnippetUse.objects.filter(
        is_current("text__"), text__answer__in=editable_by(user).values("pk")
    )
    counted = uses.values_list("snippet").annotate(number=Count("text__answer", distinct=True))
    return dict(counted.order_by())
