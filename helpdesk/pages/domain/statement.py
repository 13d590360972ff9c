"""Writing what the accessibility statement is generated from."""

from dataclasses import asdict, dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting, save_setting
from helpdesk.agents.models import Authority, User
from helpdesk.pages.enums import Conformance
from helpdesk.pages.models import Barrier, Statement

MAX_BODY = 1000


@dataclass(frozen=True, slots=True)
class StatementDetails:
    """How accessible the portal is, who found that out and when, and whom to turn to."""

    conformance: str
    method: str
    assessed_on: date
    enforcement: str
    assessed_by: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class BarrierDetails:
    """A barrier, in German and perhaps in English."""

    what: str
    reason: str
    alternative: str
    what_en: str = ""
    alternative_en: str = ""
    gone_by: date | None = None


@transaction.atomic
def write_statement(
    *, authority_id: int, details: StatementDetails, user: User | None
) -> Statement:
    """Keep what was found out; saving it says that it was checked today.

    Raises ValidationError by field: a portal with known barriers is not fully accessible.
    """
    _lock(authority_id)
    today = timezone.localdate()
    found = Statement.objects.filter(authority_id=authority_id).first()
    statement = found or Statement(authority_id=authority_id, created_on=today, checked_on=today)
    problems = {}
    if details.assessed_on > today:
        problems["assessed_on"] = [_("This day is yet to come.")]
    is_full = details.conformance == Conformance.FULL
    if is_full and Barrier.objects.filter(authority_id=authority_id).exists():
        problems["conformance"] = [
            _("Barriers are listed below. Remove those that are gone, or choose “partly”.")
        ]
    if len(details.enforcement) > MAX_BODY:
        problems["enforcement"] = [
            _("Shorten this text to %(most)d characters.") % {"most": MAX_BODY}
        ]
    if problems:
        raise ValidationError(problems)
    values = asdict(details) | {"checked_on": today}
    return save_setting(instance=statement, values=values, subject_kind="statement", user=user)


@transaction.atomic
def save_barrier(
    *, authority_id: int, barrier_id: int | None, details: BarrierDetails, user: User | None
) -> Barrier:
    """Add or change a barrier; raises ValidationError, DoesNotExist for another authority's."""
    _lock(authority_id)
    statement = Statement.objects.filter(authority_id=authority_id).first()
    if statement and statement.conformance == Conformance.FULL:
        raise ValidationError(
            _("The statement says “fully accessible”. Change that first, then list the barrier.")
        )
    own = Barrier.objects.filter(authority_id=authority_id)
    barrier = own.get(pk=barrier_id) if barrier_id else Barrier(authority_id=authority_id)
    return save_setting(instance=barrier, values=asdict(details), subject_kind="barrier", user=user)


@transaction.atomic
def remove_barrier(*, authority_id: int, barrier_id: int, user: User) -> None:
    """Take a barrier that is gone off the list; raises DoesNotExist for another authority's."""
    _lock(authority_id)
    barrier = Barrier.objects.get(pk=barrier_id, authority_id=authority_id)
    record_setting(
        subject=("barrier", barrier.pk), authority_id=authority_id, user=user, action="deleted"
    )
    barrier.delete()


def _lock(authority_id: int) -> None:
    """Let statement and barriers, which must not contradict each other, change one by one."""
    Authority.objects.select_for_update().get(pk=authority_id)
