"""Writing shared texts. A change is shown at once in every published answer that names one."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import demand_unused, record_setting
from helpdesk.agents.models import User
from knowledgebase.body import clean_body, pictures_in
from knowledgebase.domain.snippet_uses import adopt, hold_names
from knowledgebase.enums import KnowledgeLanguage, State
from knowledgebase.models import SNIPPET_ABOUT, Answer, Snippet, SnippetText
from knowledgebase.review import APPROVED, two_people
from knowledgebase.rules import editable_by
from knowledgebase.sharing import uses_of
from knowledgebase.snippets import NAME, is_inline, named_in_sentences, names_of

SUBJECT = "snippet"
MOST = 1000
MAX_BODY = 5000
_NAME = re.compile(NAME)
_HEADING = re.compile(r"<h[23]>")
# Language → HTML.
Bodies = Mapping[str, str]


@transaction.atomic
def create_snippet(
    *, authority_id: int, name: str, about: str, bodies: Bodies, user: User | None
) -> Snippet:
    """Keep a shared text; its name stays, for answers name it. Raises ValidationError by field."""
    hold_names(authority_id)
    rows = Snippet.objects.filter(authority_id=authority_id)
    if not _NAME.fullmatch(name) or len(name) > 60:
        raise ValidationError(
            {"name": _("Take small letters, digits and hyphens, such as fee-passport.")}
        )
    demand_unused(rows, instance=Snippet(), field="name", value=name)
    if rows.count() >= MOST:
        raise ValidationError({"name": _("There are a thousand shared texts already.")})
    cleaned = _cleaned(bodies)
    snippet = Snippet.objects.create(
        authority_id=authority_id, name=name, about=about[:SNIPPET_ABOUT], updated_by=user
    )
    _write(snippet, cleaned)
    adopt(snippet)
    _record(snippet, user, "created", ["name", *cleaned])
    return snippet


@transaction.atomic
def change_snippet(
    *, snippet_id: int, about: str, bodies: Bodies, user: User, seen: str | None = None
) -> Snippet:
    """Change a shared text everywhere; raises ValidationError by field.

    Where two people are demanded for what names it, the words wait as a proposal. ``seen`` is
    the state that its editor began with (`Snippet.state_mark`).
    """
    snippet = _locked(snippet_id)
    cleaned, about = _cleaned(bodies), about[:SNIPPET_ABOUT]
    waits = needs_second(snippet)
    stand = _stand(snippet, cleaned, waits=waits)
    if stand and about == snippet.about:
        # Also where a press of one's own was quicker: both say the same.
        return snippet
    _demand_seen(snippet, seen)
    _demand_fitting(snippet, cleaned, user)
    snippet.about = about
    if stand:
        _record(snippet, user, "changed", ["about"])
    else:
        _take_words(snippet, cleaned, user, waits=waits)
    _touch(snippet, user)
    return snippet


def _stand(snippet: Snippet, cleaned: Bodies, *, waits: bool) -> bool:
    """Tell whether these words hold or are proposed: who saves them again has written none."""
    if snippet.proposed:
        return waits and cleaned == snippet.proposed
    return cleaned == _words(snippet)


def _words(snippet: Snippet) -> dict[str, str]:
    return dict(snippet.texts.values_list("language", "body"))


def _take_words(snippet: Snippet, cleaned: Bodies, user: User, *, waits: bool) -> None:
    before = _words(snippet)
    changed = [code for code in KnowledgeLanguage.values if cleaned.get(code) != before.get(code)]
    snippet.proposed, snippet.proposed_by = {}, None
    if changed and waits:
        snippet.proposed, snippet.proposed_by = dict(cleaned), user
        _record(snippet, user, "proposed", changed)
    elif changed:
        _write(snippet, cleaned)
        _record(snippet, user, "changed", changed)


@transaction.atomic
def approve_snippet(*, snippet_id: int, user: User, seen: str | None = None) -> None:
    """Let a proposal hold, as it was ``seen``; whoever made it is no second person."""
    snippet = _locked(snippet_id)
    if not snippet.proposed:
        raise ValidationError(_("There is nothing to be approved."))
    _demand_seen(snippet, seen)
    if snippet.proposed_by_id == user.pk:
        raise ValidationError(_("Somebody else must approve what you wrote or handed in."))
    _demand_fitting(snippet, snippet.proposed, user)
    _write(snippet, snippet.proposed)
    _record(snippet, user, "approved", list(snippet.proposed))
    snippet.proposed, snippet.proposed_by = {}, None
    _touch(snippet, user)


@transaction.atomic
def drop_proposal(*, snippet_id: int, user: User, seen: str | None = None) -> None:
    """Throw a proposal away, as it was ``seen``; what readers see stays."""
    snippet = _locked(snippet_id)
    if snippet.proposed:
        _demand_seen(snippet, seen)
        snippet.proposed, snippet.proposed_by = {}, None
        _touch(snippet, user)
        _record(snippet, user, "proposal dropped", [])


@transaction.atomic
def delete_snippet(*, snippet_id: int, user: User) -> None:
    """Delete a shared text that no answer names; versions keep what they showed."""
    hold_names(Snippet.objects.values_list("authority_id", flat=True).get(pk=snippet_id))
    snippet = _locked(snippet_id)
    if uses_of(snippet).exists():
        raise ValidationError(_("Answers still name this text. Take it out of them first."))
    _record(snippet, user, "deleted", ["name"])
    snippet.uses.all().delete()
    snippet.delete()


def needs_second(snippet: Snippet) -> bool:
    """Tell whether two people are demanded for what names it: published, or approved already."""
    named = uses_of(snippet)
    live = named.filter(text__version__isnull=False).values("text__answer")
    working = named.filter(text__version=None).values("text__answer")
    rows = Answer.objects.filter(
        Q(pk__in=live, state=State.PUBLISHED) | Q(pk__in=working, stage__in=APPROVED)
    )
    above = ("section__parent__parent", "wanted_section__parent__parent")
    return any(two_people(answer) for answer in rows.select_related(*above))


def _locked(snippet_id: int) -> Snippet:
    return Snippet.objects.select_for_update().get(pk=snippet_id)


def _demand_seen(snippet: Snippet, seen: str | None) -> None:
    """Refuse to write over, to approve or to throw away what somebody has not looked at."""
    if seen is not None and seen != snippet.state_mark:
        raise ValidationError(_("Somebody else has saved meanwhile."))


def _cleaned(bodies: Bodies) -> dict[str, str]:
    """Return the words by language; refuses what could not stand within an answer."""
    found: dict[str, str] = {}
    for language, html in bodies.items():
        body = clean_body(html)
        wrong = _wrong_with(body)
        if wrong:
            raise ValidationError({f"body_{language}": wrong})
        if body and language in KnowledgeLanguage.values:
            found[language] = body
    if KnowledgeLanguage.GERMAN not in found:
        raise ValidationError({"body_de": _("The text is missing.")})
    return found


def _wrong_with(body: str) -> str:
    if len(body) > MAX_BODY:
        sentence = _("This text is too long: %(length)d of %(limit)d characters.")
        return sentence % {"length": len(body), "limit": MAX_BODY}
    if _HEADING.search(body) or pictures_in(body):
        return _("A shared text holds neither headings nor pictures.")
    if names_of(body):
        return _("A shared text can't name another one.")
    return ""


def _demand_fitting(snippet: Snippet, bodies: Bodies, user: User) -> None:
    """Refuse what would leave a hole, or break a sentence, in an answer that names it.

    Which answer it is hears only who may know of it.
    """
    for use in uses_of(snippet).select_related("text"):
        language = use.text.language
        body = bodies.get(language) or (
            bodies.get("de") if language == KnowledgeLanguage.SIMPLE else None
        )
        if body is None:
            raise ValidationError(
                {
                    f"body_{language}": _(
                        "Answers in this language name this text: it can't be empty."
                    )
                }
            )
        if not is_inline(body) and snippet.name in named_in_sentences(use.text.body):
            raise ValidationError({f"body_{language}": _torn(use.text.answer_id, user)})


def _torn(answer_id: int, user: User) -> str:
    if not editable_by(user).filter(pk=answer_id).exists():
        return _("An answer of others has it within a sentence: keep it to one paragraph.")
    sentence = _("Answer %(number)d has it within a sentence: keep it to one paragraph.")
    return sentence % {"number": answer_id}


def _write(snippet: Snippet, bodies: Bodies) -> None:
    snippet.texts.exclude(language__in=bodies).delete()
    for language, body in bodies.items():
        SnippetText.objects.update_or_create(
            snippet=snippet, language=language, defaults={"body": body}
        )


def _touch(snippet: Snippet, user: User) -> None:
    snippet.updated_at, snippet.updated_by = timezone.now(), user
    snippet.save()


def _record(snippet: Snippet, user: User | None, action: str, fields: list[str]) -> None:
    record_setting(
        subject=(SUBJECT, snippet.pk),
        authority_id=snippet.authority_id,
        user=user,
        action=action,
        fields=fields,
    )
