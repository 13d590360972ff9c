"""Whether the same is known nearby: asked once topic and place are given, never a wall.

The draft holds that something was found and how it was answered, no number of a request. On the
page each has a name that is good for this draft alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from helpdesk.forms.domain.drafts import save_step
from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac
from helpdesk.notifications.following import count_followers
from helpdesk.portal.report.state import Report
from helpdesk.portal.throttle import seconds_to_wait
from helpdesk.tickets.enums import Status
from helpdesk.tickets.nearby import Nearby, Spot, open_nearby

HANDLE = 16


@dataclass(frozen=True, slots=True)
class Known:
    """An open request as everybody may know of it; ``handle`` names it within one draft."""

    handle: str
    ticket_id: int
    state: str
    received_at: datetime
    is_close: bool
    followers: int


def look_around(request: HttpRequest, report: Report) -> None:
    """Note in the draft whether the same is known nearby, for the page that asks about it.

    Whoever looks very often from one network is not shown any more, and goes on all the same.
    """
    if report.draft is None:
        return
    report.draft.refresh_from_db()
    now = Report(report.authority, report.draft)
    if now.topic is None or not now.topic.shows_nearby or not any(now.place.values()):
        return
    if now.known_nearby is not None or seconds_to_wait(request, "nearby"):
        return
    if _found(now):
        keep_answer(now, is_other=False)


def keep_answer(report: Report, *, is_other: bool) -> None:
    """Note whether it was answered that this is something else, for this topic and place."""
    assert report.draft is not None  # noqa: S101 - the page is behind a draft
    values = {"nearby": {"spot": report.spot, "is_other": is_other}}
    save_step(draft_id=report.draft.pk, values=values)


def known_to(report: Report) -> Mapping[str, Known]:
    """Return what is known nearby by its name in this draft."""
    found = _found(report)
    counts = count_followers([each.ticket for each in found]) if found else {}
    shown = [_known(report, each, counts.get(each.ticket.pk, 0)) for each in found]
    return {each.handle: each for each in shown}


def _found(report: Report) -> list[Nearby]:
    if report.topic is None:
        return []
    place = report.place
    point = [_decimal(place.get(name, "")) for name in ("latitude", "longitude")]
    return open_nearby(report.topic, Spot(place.get("place", ""), *point))


def _decimal(value: str) -> Decimal | None:
    return Decimal(value) if value else None


def _known(report: Report, found: Nearby, followers: int) -> Known:
    assert report.draft is not None  # noqa: S101 - the page is behind a draft
    ticket = found.ticket
    handle = mac(_key(), "nearby", str(report.draft.pk), str(ticket.pk))[:HANDLE]
    # That its own citizen is asked something is nobody else's business.
    state = _("Received") if ticket.status == Status.NEW else _("Being worked on")
    return Known(handle, ticket.pk, state, ticket.received_at, found.is_close, followers)


@cache
def _key() -> bytes:
    return derive_key(settings.MASTER_KEY, "known-nearby")
