"""Turns a complete report into a request, once however often it is sent."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from channels_in.web.parse import Submission, to_inbound
from helpdesk.forms.domain.drafts import lock_draft, mark_sent
from helpdesk.forms.models import Draft, DraftFile
from helpdesk.forms.validate import asked, kept, show_all
from helpdesk.lib.statements import Lookup
from helpdesk.portal.report.begun import count_begun
from helpdesk.portal.report.forms import ANONYMOUS, LETTER, MAIL, PHONE
from helpdesk.portal.report.state import Report
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.models import Article, Ticket

_FILED = Lookup(
    lambda key: Article.objects.filter(request_key=key).values_list("pk"),
    "key",
)


def request_key(draft: Draft) -> str:
    """Return what makes the same report one request."""
    return f"form:{draft.digest}"


def filed_ticket(draft: Draft) -> Ticket | None:
    """Return the request that a draft became, None while it is none."""
    article = (
        Article.objects.select_related("ticket__authority", "ticket__category", "ticket__team")
        .filter(request_key=request_key(draft))
        .first()
    )
    return article.ticket if article else None


def is_filed(draft: Draft) -> bool:
    """Tell whether a draft became a request already."""
    return _FILED.first(key=request_key(draft)) is not None


@transaction.atomic
def file_report(report: Report) -> None:
    """File a report with all that stands in its draft by now, and forget the draft.

    All or nothing: what another window adds is in the request or still in the draft.
    Nothing happens where it was sent already or something is missing again. Raises
    DraftGoneError.
    """
    assert report.draft is not None  # noqa: S101 - complete reports have one
    draft = lock_draft(draft_id=report.draft.pk)
    if draft.sent_at or draft.updated_at != report.draft.updated_at:
        report = Report(report.authority, draft)
    if report.draft is None or not report.is_complete:
        return
    accept(to_inbound(submission_of(report)))
    mark_sent(draft_id=draft.pk, file_ids=[file.pk for file in _sent_files(report)])
    transaction.on_commit(partial(count_begun, report))


def submission_of(report: Report) -> Submission:
    """Return the cleaned report, as its channel takes it."""
    draft = report.draft
    team = report.team
    assert draft is not None  # noqa: S101 - complete reports have one
    assert team is not None  # noqa: S101 - the form is not open without one
    place = report.place
    answers = kept(report.questions, report.answers)
    return Submission(
        authority_id=report.authority.pk,
        team_id=team.pk,
        text=report.text,
        received_at=timezone.now(),
        request_key=request_key(draft),
        language=language_of(),
        person=person_of(report),
        category_id=report.topic.pk if report.topic else None,
        form_version_id=draft.version_id if report.questions else None,
        answers=answers,
        shown=(*show_all(report.questions, answers, language_of()), *_further(report)),
        place=place.get("place", ""),
        latitude=_decimal(place.get("latitude", "")),
        longitude=_decimal(place.get("longitude", "")),
        files=tuple(_inbound_file(file) for file in _sent_files(report)),
    )


def language_of() -> str:
    """Return the language in which the form was filled in."""
    return (get_language() or "de")[:2]


def person_of(report: Report) -> Person:
    """Return who asks, as far as the chosen way needs it."""
    contact = report.data.get("contact", {})
    way = contact.get("way")
    if way == ANONYMOUS:
        return Person()
    return Person(
        name=contact.get("name", ""),
        email=contact.get("email", "") if way == MAIL else "",
        phone=contact.get("phone", "") if way == PHONE else "",
        address=contact.get("address", "") if way == LETTER else "",
    )


def _further(report: Report) -> Sequence[tuple[str, str]]:
    """Return what stands in rows of its own and should be read with the words."""
    place = report.place.get("place", "")
    contact = report.data.get("contact", {})
    wishes = {
        PHONE: (_("Answer by phone"), contact.get("phone", "")),
        LETTER: (_("Answer by letter"), contact.get("address", "")),
    }
    wish = wishes.get(contact.get("way", ""))
    found = [(_("Place"), place), *([wish] if wish else [])]
    return [(label, value) for label, value in found if value]


def _decimal(value: str) -> Decimal | None:
    return Decimal(value) if value else None


def _sent_files(report: Report) -> list[DraftFile]:
    """Return the files that the page showed on which everything was checked, and no others."""
    wanted = {"", *(one.key for one in asked(report.questions, report.answers))}
    return [file for file in report.files if file.question in wanted]


def _inbound_file(file: DraftFile) -> InboundFile:
    return InboundFile(
        file_id=file.file_id,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        public_file_id=file.public_id,
    )
