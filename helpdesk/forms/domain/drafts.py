"""Keeping what somebody types between the steps of a form.

Only who holds the key finds a draft; the table knows no more than its digest. A
draft is nobody's fact yet, so that nothing of it reaches the history.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from helpdesk.files.models import StoredFile
from helpdesk.files.store import discard
from helpdesk.forms.models import Draft, DraftFile, DraftLink
from helpdesk.forms.queries import drafts_naming
from helpdesk.forms.validate import Answer
from helpdesk.lib.statements import Change
from helpdesk.lib.tokens import digest, new_nonce

LIFETIME = timedelta(hours=24)
# For somebody who asked for a link, to go on another day or on another device.
LIFETIME_WITH_LINK = timedelta(days=30)
MOST_LINKS = 5
KEEP_REMOVED = timedelta(hours=1)
KEY_BYTES = 20
PER_SWEEP = 200
_SENT = Change(
    lambda pk, now: (
        Draft.objects.filter(pk=pk, sent_at=None),
        {"sent_at": now, "data": {}, "version": None},
    ),
    "pk",
    "now",
)


class DraftFullError(Exception):
    """The draft holds as many files as it may."""


class DraftGoneError(Exception):
    """The draft was sent or has expired meanwhile."""


@transaction.atomic
def start_draft(*, authority_id: int, values: Mapping[str, Any]) -> tuple[Draft, str]:
    """Begin a draft and return it with its key, which is not stored."""
    key = new_nonce(KEY_BYTES)
    now = timezone.now()
    draft = Draft.objects.create(
        authority_id=authority_id,
        digest=digest(key),
        data=dict(values),
        updated_at=now,
        expires_at=now + LIFETIME,
    )
    return draft, key


@transaction.atomic
def save_step(*, draft_id: int, values: Mapping[str, Any]) -> Draft:
    """Keep what one step asked; other steps are left as they are. Raises DraftGoneError."""
    draft = _locked(draft_id)
    draft.data = draft.data | dict(values)
    return _kept(draft)


@transaction.atomic
def choose_edition(*, draft_id: int, version_id: int | None, values: Mapping[str, Any]) -> Draft:
    """Fix the edition whose questions are asked; answers to another one are kept aside."""
    draft = _locked(draft_id)
    draft.version_id = version_id
    draft.data = draft.data | dict(values)
    return _kept(draft)


@transaction.atomic
def save_answer(*, draft_id: int, question: str, answer: Answer) -> Draft:
    """Keep the answer to one question of the chosen edition. Raises DraftGoneError."""
    draft = _locked(draft_id)
    answers = dict(draft.data.get("answers", {}))
    of_edition = dict(answers.get(str(draft.version_id), {}))
    of_edition[question] = answer
    answers[str(draft.version_id)] = of_edition
    draft.data = draft.data | {"answers": answers}
    return _kept(draft)


@transaction.atomic
def keep_for_later(*, draft_id: int) -> str:
    """Keep a draft for 30 days and return the token of a link to it, which is not stored.

    The oldest of many links ends. Raises DraftGoneError.
    """
    draft, token = _locked(draft_id), new_nonce(KEY_BYTES)
    oldest = draft.links.order_by("-id").values_list("pk", flat=True)[MOST_LINKS - 1 :]
    DraftLink.objects.filter(pk__in=list(oldest)).delete()
    DraftLink.objects.create(draft=draft, digest=digest(token))
    draft.expires_at = timezone.now() + LIFETIME_WITH_LINK
    draft.save(update_fields=["expires_at"])
    return token


@transaction.atomic
def add_file(  # noqa: PLR0913 - a file has so many parts
    *,
    draft_id: int,
    question: str,
    file: StoredFile,
    public: StoredFile | None,
    name: str,
    content_type: str,
    at_most: int,
) -> DraftFile:
    """Add a stored file; raises DraftFullError when there are ``at_most`` already."""
    draft = _locked(draft_id)
    if draft.files.filter(question=question, removed_at=None).count() >= at_most:
        raise DraftFullError
    _kept(draft)
    return DraftFile.objects.create(
        draft=draft,
        question=question,
        file=file,
        public=public,
        name=name[:255],
        content_type=content_type[:120],
        size=file.size,
    )


@transaction.atomic
def remove_file(*, draft_id: int, file_id: int) -> bool:
    """Remove a file of this draft; False if it has none of this number."""
    draft = _locked(draft_id)
    found = draft.files.filter(pk=file_id, removed_at=None)
    if not found.update(removed_at=timezone.now()):
        return False
    _kept(draft)
    return True


def lock_draft(*, draft_id: int) -> Draft:
    """Return the draft as it is now, sent or not; nobody changes it until the transaction ends.

    Raises DraftGoneError for one that was swept away.
    """
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise DraftGoneError
    return draft


def mark_sent(*, draft_id: int, file_ids: Collection[int] = ()) -> None:
    """Forget what was typed when it becomes a request; the row still knows that it did.

    ``file_ids`` are those of the draft that went along: they are the request's attachments
    now. All others are swept away with the draft. Runs in the transaction that writes the
    request, so that there is never one without the other.
    """
    if _SENT.apply(pk=draft_id, now=timezone.now()) and file_ids:
        DraftFile.objects.filter(draft_id=draft_id, pk__in=file_ids).delete()


@transaction.atomic
def forget_contact(*, authority_id: int, emails: Collection[str]) -> int:
    """Take these addresses out of all drafts, whose writers are asked again; return how many."""
    found = drafts_naming(authority_id=authority_id, emails=emails)
    changed = 0
    for draft in Draft.objects.select_for_update().filter(pk__in=[each.pk for each in found]):
        draft.data = {name: value for name, value in draft.data.items() if name != "contact"}
        draft.updated_at = timezone.now()
        draft.save(update_fields=["data", "updated_at"])
        changed += 1
    return changed


@transaction.atomic
def drop_draft(*, draft_id: int) -> None:
    """Let a draft expire at once, because whoever typed it wants to begin anew."""
    Draft.objects.filter(pk=draft_id, sent_at=None).update(expires_at=timezone.now())


def sweep() -> int:
    """Forget expired drafts and removed files, with their bytes; return how many drafts went.

    Must not run inside a transaction.
    """
    now = timezone.now()
    expired = Draft.objects.filter(expires_at__lt=now).order_by("expires_at")
    ids = list(expired.values_list("pk", flat=True)[:PER_SWEEP])
    over = Q(draft__in=ids) | Q(removed_at__lt=now - KEEP_REMOVED)
    files = list(DraftFile.objects.filter(over).values_list("pk", "file_id", "public_id"))
    with transaction.atomic():
        DraftFile.objects.filter(pk__in=[pk for pk, _, _ in files]).delete()
        Draft.objects.filter(pk__in=ids).delete()
    for stored_id in {one for _, file, public in files for one in (file, public) if one}:
        discard(stored_id=stored_id)
    return len(ids)


def _locked(draft_id: int) -> Draft:
    draft = Draft.objects.select_for_update().filter(pk=draft_id, sent_at=None).first()
    if draft is None:
        raise DraftGoneError
    return draft


def _kept(draft: Draft) -> Draft:
    draft.updated_at = timezone.now()
    # What is kept for a link is not kept shorter because somebody goes on.
    draft.expires_at = max(draft.expires_at, draft.updated_at + LIFETIME)
    draft.save(update_fields=["data", "version", "updated_at", "expires_at"])
    return draft
