"""What a notice says, in one sentence and without a word of any citizen."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext

from helpdesk.notifications.models import Notice, Reason
from helpdesk.tickets import facts

Sentence = Callable[[Notice, str], str]


def _assigned(notice: Notice, who: str) -> str:
    if notice.reason == Reason.ASSIGNED:
        return gettext("%(name)s has assigned this request to you.") % {"name": who}
    return gettext("%(name)s has changed who is responsible.") % {"name": who}


def _noted(notice: Notice, who: str) -> str:
    if notice.reason == Reason.MENTIONED:
        return gettext("%(name)s has named you in an internal note.") % {"name": who}
    return gettext("%(name)s has written an internal note.") % {"name": who}


def _status(notice: Notice, who: str) -> str:
    if notice.reason == Reason.DEADLINE:
        return gettext("You wanted to see this request again now.")
    if notice.actor_id is None:
        return gettext("The status has changed from outside.")
    return gettext("%(name)s has changed the status.") % {"name": who}


def _answered(_notice: Notice, who: str) -> str:
    return gettext("%(name)s has answered.") % {"name": who}


def _called(_notice: Notice, who: str) -> str:
    return gettext("%(name)s has noted a call.") % {"name": who}


def _moved(_notice: Notice, who: str) -> str:
    return gettext("%(name)s has given this request to another team.") % {"name": who}


def _joined(_notice: Notice, who: str) -> str:
    return gettext("%(name)s has merged or parted requests.") % {"name": who}


SENTENCES: Final[Mapping[str, Sentence]] = {
    facts.ASSIGNED: _assigned,
    facts.NOTE_ADDED: _noted,
    facts.STATUS_CHANGED: _status,
    facts.ANSWERED: _answered,
    facts.CALL_NOTED: _called,
    facts.MOVED: _moved,
    facts.MERGED: _joined,
    facts.MERGED_IN: _joined,
    facts.UNMERGED: _joined,
    facts.SPLIT_OFF: _joined,
    facts.MESSAGE_RECEIVED: lambda _n, _w: gettext("A message has arrived."),
    facts.REPLY_BOUNCED: lambda _n, _w: gettext("A mail to the citizen has come back."),
    facts.DEADLINE_NEAR: lambda _n, _w: gettext("A deadline is near."),
    facts.DEADLINE_MISSED: lambda _n, _w: gettext("A deadline has passed."),
}


def sentence(notice: Notice) -> str:
    """Return what has happened; ``actor`` and ``away`` should be loaded."""
    who = notice.actor.name if notice.actor else gettext("A program")
    tell = SENTENCES.get(notice.fact)
    said = tell(notice, who) if tell else gettext("Something has changed.")
    if notice.away is None:
        return said
    in_place = gettext("You stand in for %(name)s.") % {"name": notice.away.name}
    return f"{said} {in_place}"
