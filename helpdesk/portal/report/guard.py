"""Keeps programs out of the form without asking anybody to solve a puzzle.

A field that people don't see, a signed proof that the page was really shown, and a
time in which nobody writes a report. Whoever is stopped by mistake reads what to do,
and nothing that was typed is lost.
"""

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.forms.models import Draft

TRAP = "homepage"
PROOF = "proof"
LONGEST_SECONDS = 24 * 3600
# From the first page to sending, for the quickest reader.
SHORTEST_SECONDS = 3
NEW = "new"


def proof_for(draft: Draft | None) -> str:
    """Return the proof that a form carries: for this draft, made now."""
    return _signer().sign(str(draft.pk) if draft else NEW)


def obstacle(request: HttpRequest, draft: Draft | None) -> str:
    """Return what a person has to do before this form is taken, "" if nothing."""
    if request.POST.get(TRAP, ""):
        return _("Leave the field “Homepage” empty and press the button again.")
    known = {NEW, str(draft.pk) if draft else NEW}
    try:
        shown = _signer().unsign(request.POST.get(PROOF, ""), max_age=LONGEST_SECONDS)
    except BadSignature:
        shown = ""
    if shown not in known:
        return _("This page was open for a long time. Please press the button again.")
    return ""


def is_hasty(draft: Draft) -> bool:
    """Tell whether a report is sent quicker than anybody types one."""
    return (timezone.now() - draft.created_at).total_seconds() < SHORTEST_SECONDS


def is_too_quick(request: HttpRequest) -> bool:
    """Tell whether a form of one page comes back quicker than anybody fills one in."""
    try:
        _signer().unsign(request.POST.get(PROOF, ""), max_age=SHORTEST_SECONDS)
    except BadSignature:
        return False
    return True


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="report-form")
