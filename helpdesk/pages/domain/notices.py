"""Writing notices for the portal's home page and for the desk."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting, save_setting
from helpdesk.agents.models import User
from helpdesk.pages.enums import Readers
from helpdesk.pages.models import Notice

# One that never ends is read by nobody; what holds for longer belongs into an answer.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class NoticeDetails:
    """A notice, from when it is shown, and until when."""

    text: str
    begins_at: datetime
    ends_at: datetime
    text_en: str = ""
    readers: str = Readers.CITIZENS


@transaction.atomic
def save_notice(
    *, authority_id: int, notice_id: int | None, details: NoticeDetails, user: User | None
) -> Notice:
    """Add or change a notice; raises ValidationError, DoesNotExist for another authority's."""
    if details.ends_at <= details.begins_at:
        raise ValidationError({"ends_at": [_("Choose an end that comes after the beginning.")]})
    if details.ends_at - details.begins_at > LONGEST:
        raise ValidationError({"ends_at": [_("A notice is shown for a year at most.")]})
    own = Notice.objects.select_for_update().filter(authority_id=authority_id)
    notice = own.get(pk=notice_id) if notice_id else Notice(authority_id=authority_id)
    return save_setting(instance=notice, values=asdict(details), subject_kind="notice", user=user)


@transaction.atomic
def remove_notice(*, authority_id: int, notice_id: int, user: User) -> None:
    """Take a notice down; raises DoesNotExist for another authority's."""
    notice = Notice.objects.select_for_update().get(pk=notice_id, authority_id=authority_id)
    record_setting(
        subject=("notice", notice.pk), authority_id=authority_id, user=user, action="deleted"
    )
    notice.delete()
