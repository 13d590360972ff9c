"""Writing the texts that the law demands."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting
from helpdesk.agents.models import Language, User
from helpdesk.lib.html import html_to_text, sanitise_knowledge, show_pictures
from helpdesk.pages.enums import TextKind
from helpdesk.pages.models import LegalText

MAX_BODY = 60_000
_EMPTY = re.compile(r"<(p|h2|h3|li|ul|ol|blockquote)>(?:\s|&nbsp;|<br>)*</\1>")


@transaction.atomic
def write_legal_text(
    *, authority_id: int, kind: TextKind, bodies: Mapping[str, str], user: User | None
) -> None:
    """Keep a page in each language of ``bodies`` (language → HTML); an empty one is taken away.

    What is kept has passed the one sanitiser, without pictures. Raises ValidationError by
    ``body_<language>``.
    """
    clean = {language: clean_body(html) for language, html in bodies.items()}
    _check(clean)
    texts = LegalText.objects.select_for_update().filter(authority_id=authority_id, kind=kind)
    before = {text.language: text.body for text in texts}
    changed = [name for name, body in clean.items() if body != before.get(name, "")]
    for language in changed:
        if not clean[language]:
            texts.filter(language=language).delete()
            continue
        LegalText.objects.update_or_create(
            authority_id=authority_id,
            kind=kind,
            language=language,
            defaults={"body": clean[language], "updated_at": timezone.now()},
        )
    if changed:
        record_setting(
            subject=("authority", authority_id),
            authority_id=authority_id,
            user=user,
            action="changed",
            fields=[f"{kind}_{language}" for language in changed],
        )


def clean_body(html: str) -> str:
    """Return what is kept of a page: headings, paragraphs, lists, links; nothing without words."""
    clean = _EMPTY.sub("", show_pictures(sanitise_knowledge(html), {})).strip()
    return clean if html_to_text(clean).strip() else ""


def _check(bodies: Mapping[str, str]) -> None:
    found = {
        f"body_{language}": [_("Shorten this text to %(most)d characters.") % {"most": MAX_BODY}]
        for language, body in bodies.items()
        if len(body) > MAX_BODY
    }
    if set(bodies) - set(Language.values):
        raise ValueError("no such language")
    if found:
        raise ValidationError(found)
