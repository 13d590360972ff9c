"""What every page of the desk shows around its content."""

import time
from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from channels_in.queries import silent
from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.ahead import is_ahead, is_unseen
from helpdesk.desk.listing import (
    MENTIONED,
    STAND_IN,
    TEAM_PREFIX,
    WATCHED,
    ListView,
    saved_list,
)
from helpdesk.events.feed import head
from helpdesk.notifications.queries import Own, kept_own_of
from helpdesk.outbox.queries import stuck_senders
from helpdesk.pages.enums import Readers
from helpdesk.pages.queries import current_notices
from helpdesk.permissions.registry import can
from helpdesk.tickets.queries import Counts, counts_with
from helpdesk.tickets.rules import RIGHTS, readable_teams, team_ids
from helpdesk.ui.routes import route
from helpdesk.worklists.filters import condition, reader_now
from helpdesk.worklists.models import SavedView
from helpdesk.worklists.queries import MOST_SHOWN, views_in_order

COUNTS_SECONDS = 5
VIEWS_SECONDS = 60
NOTICES_SECONDS = 30
UNDO_KEY = "undo"
# What was offered before it and not shown yet, the oldest first: another tab was quicker.
UNDO_EARLIER = "undo_earlier"
MOST_UNDOS = 5
# The one right in teams of which the frame wants to know.
TAKE_IN = "create_ticket"
# What a kept frame holds beside plain counts.
PARTS = frozenset({"verbs", "teams", "silent", "stuck", "saved", "notes"})
TOOL_VERBS = ("operate", "administer", "edit_texts")


@dataclass(frozen=True, slots=True)
class SavedLine:
    """A saved view in the navigation; without a count where counting would cost too much."""

    slug: str
    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What the navigation is made of: counts, saved views, and which tools this user has.

    ``notes`` is what all colleagues should know now, in German and in English.
    """

    counts: Counts
    verbs: frozenset[str]
    silent: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()
    saved: tuple[SavedLine, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


def _key(user: User) -> str:
    # The number grows with what is kept: a frame of the release before is not read.
    return f"desk-frame-4:{user.pk}"


def _views_key(user: User) -> str:
    return f"desk-views:{user.pk}"


def forget_views(user: User) -> None:
    """Make the next page read the saved views anew."""
    cache.delete_many([_views_key(user), _key(user)])


def cached_frame(user: User) -> Frame:
    """Return the navigation's counts and tools, at most five seconds old.

    Only what is shown: every page asks for its right itself.
    """
    kept: dict[str, Any] | None = cache.get(_key(user))
    if kept is not None:
        return _thawed(kept)
    verbs = frozenset(verb for verb in TOOL_VERBS if can(user, verb))
    if team_ids(user, RIGHTS[TAKE_IN]):
        verbs |= {TAKE_IN}
    counts, saved = _counted(user)
    found = Frame(
        counts=counts,
        verbs=verbs,
        silent=_silent(user) if "operate" in verbs else (),
        stuck=_stuck(user) if "operate" in verbs else (),
        saved=saved,
        notes=_notes(user.authority_id),
    )
    cache.set(_key(user), _frozen(found), COUNTS_SECONDS)
    return found


def _notes(authority_id: int) -> tuple[tuple[str, str], ...]:
    """Return what all colleagues should know now, half a minute old at most."""
    key = _notices_key(authority_id)
    kept: list[tuple[str, str]] | None = cache.get(key)
    if kept is None:
        found = current_notices(authority_id, Readers.STAFF)
        kept = [(notice.text, notice.text_en) for notice in found]
        cache.set(key, kept, NOTICES_SECONDS)
    return tuple((text, text_en) for text, text_en in kept)


def _notices_key(authority_id: int) -> str:
    return f"desk-notices:{authority_id}"


def _in_own_language(notes: tuple[tuple[str, str], ...]) -> list[str]:
    is_english = bool(notes) and get_language() == "en"
    return [(is_english and text_en) or text for text, text_en in notes]


def forget_notices(user: User) -> None:
    """Make the next page of ``user`` read what all colleagues should know; theirs follow soon."""
    cache.delete_many([_notices_key(user.authority_id), _key(user)])


def _silent(user: User) -> tuple[str, ...]:
    """Return the names of mailboxes from which nothing comes in, for those who can act."""
    return tuple(health.account.name for health in silent(user.authority_id))


def _stuck(user: User) -> tuple[str, ...]:
    """Return the addresses from which nothing leaves, for those who can act."""
    return tuple(sender.email for sender in stuck_senders(user.authority_id))


def _counted(user: User) -> tuple[Counts, tuple[SavedLine, ...]]:
    """Return the counts and the saved views that ``user`` finds, all counted by one statement."""
    found = (saved_list(user, view) for view in _saved_views(user))
    views = [view for view in found if view is not None]
    counted = [view for view in views if _is_counted(view)]
    reader = reader_now(user.pk)
    counts, numbers = counts_with(
        user, [view.own & condition(view.filters, reader) for view in counted]
    )
    known = dict(zip((view.slug for view in counted), numbers, strict=True))
    lines = (SavedLine(view.slug, view.title, known.get(view.slug)) for view in views)
    return counts, tuple(lines)


def _saved_views(user: User) -> list[SavedView]:
    """Return them as far as the navigation needs them; what others save comes within a minute."""
    kept: list[dict[str, Any]] | None = cache.get(_views_key(user))
    if kept is None:
        names = ("pk", "name", "base", "filters", "sort")
        views = views_in_order(user)[:MOST_SHOWN]
        kept = [{name: getattr(view, name) for name in names} for view in views]
        cache.set(_views_key(user), kept, VIEWS_SECONDS)
    return [SavedView(**values) for values in kept]


def _is_counted(view: ListView) -> bool:
    """Tell whether a view can be counted: not the many that have ended, and no words."""
    if view.is_search:
        return False
    return not view.filters.text and not view.filters.are_of_ended(otherwise=view.is_done)


def _frozen(frame: Frame) -> dict[str, Any]:
    """Return what JSON can hold of a frame: the shared cache knows nothing else."""
    return {
        **asdict(frame.counts),
        "verbs": sorted(frame.verbs),
        "silent": list(frame.silent),
        "stuck": list(frame.stuck),
        "notes": frame.notes,
        "saved": [(line.slug, line.name, line.count) for line in frame.saved],
    }


def _thawed(kept: dict[str, Any]) -> Frame:
    # JSON knows no numbers as keys.
    teams = {int(team_id): count for team_id, count in kept["teams"].items()}
    counts = {name: value for name, value in kept.items() if name not in PARTS}
    return Frame(
        counts=Counts(**counts, teams=teams),
        verbs=frozenset(kept["verbs"]),
        silent=tuple(kept["silent"]),
        stuck=tuple(kept["stuck"]),
        saved=tuple(SavedLine(*line) for line in kept["saved"]),
        notes=tuple((text, text_en) for text, text_en in kept["notes"]),
    )


def cached_counts(user: User) -> Counts:
    """Return the navigation's counts, at most five seconds old."""
    return cached_frame(user).counts


def forget_counts(user: User) -> None:
    """Make the next page of ``user`` count anew, because they have just changed something."""
    cache.delete(_key(user))


def shell(
    request: HttpRequest, current: str = "", *, live_seq: int | None = None
) -> dict[str, Any]:
    """Return the context of the frame: navigation with counts, authority, live cursor, undo.

    ``live_seq`` is for pages that have read the cursor with their own first query.
    """
    user = agent_of(request)
    return {
        "authority": user.authority,
        "nav": navigation(user, current),
        "live_seq": head() if live_seq is None else live_seq,
        "may_take_in": TAKE_IN in cached_frame(user).verbs,
        "silent": cached_frame(user).silent,
        "stuck": cached_frame(user).stuck,
        "desk_notices": _in_own_language(cached_frame(user).notes),
        "unread_notices": kept_own_of(user).requests,
        "is_ahead": is_ahead(request),
        "is_unseen": (unseen := is_unseen(request)),
        # What waits to be shown waits for a page that is.
        **({"undo": None} if unseen else _take_undos(request)),
    }


def keep_undo(request: HttpRequest, offered: dict[str, Any]) -> None:
    """Let the next page offer an undo, beside those that no page has shown yet."""
    session = request.session
    waiting = session.get(UNDO_KEY)
    if waiting is not None:
        session[UNDO_EARLIER] = [*session.get(UNDO_EARLIER, ()), waiting][1 - MOST_UNDOS :]
    session[UNDO_KEY] = offered | {"at": time.time()}


def _take_undos(request: HttpRequest) -> dict[str, Any]:
    """Return what can be undone and was not shown yet: the last, and what can still be of others.

    Nothing is written where nothing waits.
    """
    session = request.session
    if UNDO_KEY not in session:
        return {"undo": None}
    earlier = session.pop(UNDO_EARLIER) if UNDO_EARLIER in session else ()
    left = ({**each, "seconds": _left(each)} for each in earlier)
    return {
        "undo": session.pop(UNDO_KEY),
        "undos_earlier": [each for each in left if each["seconds"] > 0],
    }


def _left(offered: dict[str, Any]) -> int:
    return int(offered["seconds"] - (time.time() - offered.get("at", 0)))


def navigation(user: User, current: str) -> list[dict[str, Any]]:
    """Return the side navigation: views, teams, tools; only what is built and allowed."""
    frame = cached_frame(user)
    return [
        *_views(frame.counts, kept_own_of(user), current),
        *_teams(user, frame.counts, current),
        *_views_saved(frame.saved, current),
        *_tools(frame.verbs, current),
    ]


def _item(slug: str, label: str, icon: str, count: int | None, current: str) -> dict[str, Any]:
    return {
        "section": "",
        "slug": slug,
        "label": label,
        "icon": icon,
        "count": count,
        "url": route("desk:list", slug),
        "current": slug == current,
    }


# slug → its key (the letters of the design: inbox, mine, due, mentions)
GO_KEYS = {"unassigned": "g i", "mine": "g m", "due": "g f", MENTIONED: "g e"}


def _views(counts: Counts, own: Own, current: str) -> list[dict[str, Any]]:
    due = _item("due", gettext("Due today"), "clock", counts.due_today, current)
    due["hot"] = counts.due_today > 0
    items = [
        _item("mine", gettext("My requests"), "person", counts.mine, current),
        *_standing_in(own, current),
        _item("unassigned", gettext("Unassigned"), "inbox", counts.unassigned, current),
        due,
        _item(MENTIONED, gettext("Mentions"), "at", own.mentioned, current),
        _item(WATCHED, gettext("Following"), "bookmark", own.watched, current),
        _item("all", gettext("All open"), "list", counts.total, current),
        _item("done", gettext("Resolved"), "check", None, current),
    ]
    following = {
        "section": "",
        "label": gettext("Next due request"),
        "icon": "target",
        "count": None,
        "url": route("desk:next_due"),
        "current": False,
        "key": "g n",
    }
    return [*(item | {"key": GO_KEYS.get(item["slug"], "")} for item in items), following]


def _standing_in(own: Own, current: str) -> list[dict[str, Any]]:
    """Return the list of those whose work this agent sees to today, if there are any."""
    if not own.stands_in_for:
        return []
    label = gettext("Standing in: %(names)s") % {"names": ", ".join(own.stands_in_for)}
    return [_item(STAND_IN, label, "people", None, current)]


def _teams(user: User, counts: Counts, current: str) -> list[dict[str, Any]]:
    section = gettext("Teams")
    items = []
    for team in readable_teams(user):
        slug = f"{TEAM_PREFIX}{team.slug}"
        item = _item(slug, team.name, "", counts.teams.get(team.pk, 0), current)
        items.append(item | {"section": section})
    return items


def _views_saved(lines: tuple[SavedLine, ...], current: str) -> list[dict[str, Any]]:
    section = gettext("Saved views")
    items = [_item(line.slug, line.name, "", line.count, current) for line in lines]
    if not items:
        return []
    arrange = {
        "label": gettext("Arrange views"),
        "icon": "",
        "count": None,
        "url": route("desk:views"),
        "current": current == "desk:views",
    }
    return [item | {"section": section} for item in (*items, arrange)]


def _tools(verbs: frozenset[str], current: str) -> list[dict[str, Any]]:
    tools = (
        ("", "desk:knowledge", gettext("Knowledge"), "book"),
        ("", "desk:spam", gettext("Spam"), "spam"),
        ("", "desk:trash", gettext("Bin"), "trash"),
        ("operate", "desk:quarantine", gettext("Quarantine"), "warning"),
        ("operate", "desk:failed", gettext("Not delivered"), "send"),
        ("operate", "desk:stuck", gettext("Given up"), "clock"),
        ("operate", "desk:health", gettext("Health"), "pulse"),
        ("administer", "desk:settings", gettext("Settings"), "gear"),
    )
    section = gettext("Tools")
    return [
        {
            "section": section,
            "label": label,
            "icon": icon,
            "count": None,
            "url": route(page),
            "current": page == current,
            "key": "g w" if page == "desk:knowledge" else "",
        }
        for verb, page, label, icon in tools
        if not verb or verb in verbs
    ]
