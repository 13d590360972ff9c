"""Reads of question sets and drafts."""

from collections.abc import Collection

from django.utils import timezone

from helpdesk.forms.models import Draft, DraftFile, Form, FormVersion
from helpdesk.forms.resuming import token_in
from helpdesk.forms.schema import Question, read_schema
from helpdesk.lib.addresses import normalise
from helpdesk.lib.statements import Lookup
from helpdesk.lib.tokens import digest

# What is asked for on every page of the form.
_OPENED = Lookup(
    lambda authority_id, key_digest, now: Draft.objects.select_related("version").filter(
        authority_id=authority_id, digest=key_digest, expires_at__gt=now
    ),
    "authority_id",
    "key_digest",
    "now",
)
_LINKED = Lookup(
    lambda authority_id, key_digest, now: Draft.objects.select_related("version").filter(
        authority_id=authority_id, links__digest=key_digest, sent_at=None, expires_at__gt=now
    ),
    "authority_id",
    "key_digest",
    "now",
)
_RESUMED = Lookup(
    lambda authority_id, key_digest, now: Draft.objects.select_related("version").filter(
        authority_id=authority_id, links__digest=key_digest, expires_at__gt=now
    ),
    "authority_id",
    "key_digest",
    "now",
)
_FILES = Lookup(
    lambda draft_id: DraftFile.objects.filter(draft_id=draft_id, removed_at=None), "draft_id"
)


def draft_of_key(*, authority_id: int, key: str) -> Draft | None:
    """Return the draft that a browser's key opens, sent or not, while its time is not over."""
    if not key:
        return None
    token = token_in(key)
    lookup, secret = (_RESUMED, token) if token else (_OPENED, key)
    found: Draft | None = lookup.one(
        authority_id=authority_id, key_digest=digest(secret), now=timezone.now()
    )
    return found


def drafts_naming(*, authority_id: int, emails: Collection[str]) -> list[Draft]:
    """Return the drafts that name one of these addresses, as compared, for the answer."""
    unsent = Draft.objects.filter(
        authority_id=authority_id, sent_at=None, expires_at__gt=timezone.now()
    )
    with_contact = unsent.filter(data__has_key="contact").order_by("pk")
    return [draft for draft in with_contact.iterator() if _address_in(draft) in emails]


def _address_in(draft: Draft) -> str:
    return normalise(str(draft.data["contact"].get("email", "")))


def draft_of_link(*, authority_id: int, token: str) -> Draft | None:
    """Return the draft that a mailed link opens; None once it was sent or its time is over."""
    found: Draft | None = _LINKED.one(
        authority_id=authority_id, key_digest=digest(token), now=timezone.now()
    )
    return found


def files_of_draft(draft_id: int) -> list[DraftFile]:
    """Return the files of a draft that were not removed, in the order in which they came."""
    return _FILES.all(draft_id=draft_id)


def published_version(form_id: int | None) -> FormVersion | None:
    """Return the edition that is asked now, None while there is none or it asks nothing."""
    if form_id is None:
        return None
    newest = (
        FormVersion.objects.filter(form_id=form_id, published_at__isnull=False)
        .order_by("-number")
        .first()
    )
    return newest if newest and newest.schema else None


def worked_on(form: Form | None) -> FormVersion | None:
    """Return what the settings show: the edition in work, else the newest published one."""
    return form.versions.order_by("-number").first() if form else None


def questions_of(version: FormVersion | None) -> tuple[Question, ...]:
    """Return the questions of an edition; none without one."""
    return read_schema(version.schema) if version else ()
