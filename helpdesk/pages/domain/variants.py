"""Writing the portal's pages in plain language, and naming their videos in sign language."""

from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting
from helpdesk.agents.models import User
from helpdesk.pages.domain.texts import MAX_BODY, clean_body
from helpdesk.pages.enums import Page
from helpdesk.pages.models import PageVariant
from helpdesk.pages.videos import is_video_address


@dataclass(frozen=True, slots=True)
class VariantDetails:
    """What there is of a page; ``simple`` is HTML, which the door cleans."""

    simple: str = ""
    video_url: str = ""
    video_length: str = ""
    video_words_url: str = ""


@transaction.atomic
def write_variant(
    *, authority_id: int, page: Page, details: VariantDetails, user: User | None
) -> None:
    """Keep what there is of a page; where nothing is left, its row goes.

    Raises ValidationError by field.
    """
    values = asdict(details) | {"simple": clean_body(details.simple)}
    _check(values)
    rows = PageVariant.objects.select_for_update().filter(authority_id=authority_id, page=page)
    before = rows.first()
    changed = [name for name, value in values.items() if value != getattr(before, name, "")]
    if not changed:
        return
    if any(values.values()):
        PageVariant.objects.update_or_create(
            authority_id=authority_id,
            page=page,
            defaults=values | {"updated_at": timezone.now()},
        )
    else:
        rows.delete()
    record_setting(
        subject=("authority", authority_id),
        authority_id=authority_id,
        user=user,
        action="changed",
        fields=[f"{page}_{name}" for name in changed],
    )


def _check(values: dict[str, str]) -> None:
    wrong = {
        name: [_("Enter an address that begins with https://, or that of a file of an answer.")]
        for name in ("video_url", "video_words_url")
        if not is_video_address(values[name])
    }
    if len(values["simple"]) > MAX_BODY:
        wrong["simple"] = [_("Shorten this text to %(most)d characters.") % {"most": MAX_BODY}]
    if values["video_url"] and not values["video_length"].strip():
        wrong["video_length"] = [_("Say how long the video in sign language runs.")]
    if wrong:
        raise ValidationError(wrong)
