"""The commands of the desk and their keys: one table for the key map, its help, palette and docs.

An element names its command by the key in this table (``data-key="r"``); what an agent has
changed is put between the keyboard and the table, so no template knows of it. One key has one
meaning; what it does on a page of its own ("Resolve" a request, "Edit" an answer) says the label
of the element there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

ANYWHERE, GO, LIST, TICKET, WRITING = "anywhere", "go", "list", "ticket", "writing"
GROUPS = {
    ANYWHERE: _("Anywhere"),
    GO: _("Go to"),
    LIST: _("In a list"),
    TICKET: _("In a request"),
    WRITING: _("While writing"),
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a key runs; the key may be changed unless it is held with others."""

    key: str
    words: str
    group: str
    is_fixed: bool = False

    @property
    def label(self) -> str:
        """Return what it does, in the active language."""
        return gettext(self.words)


COMMANDS = (
    Command("Ctrl K", gettext_noop("Search or run a command"), ANYWHERE, is_fixed=True),
    Command("/", gettext_noop("Search or run a command"), ANYWHERE),
    Command(".", gettext_noop("What can be done here"), ANYWHERE),
    Command("?", gettext_noop("Keys on this page"), ANYWHERE),
    Command("c", gettext_noop("New"), ANYWHERE),
    Command("t", gettext_noop("Phone note"), ANYWHERE),
    Command("z", gettext_noop("Undo"), ANYWHERE),
    Command("N", gettext_noop("Narrow navigation"), ANYWHERE),
    Command("Esc", gettext_noop("leave the field, close"), ANYWHERE, is_fixed=True),
    Command("g n", gettext_noop("Next due request"), GO),
    Command("g i", gettext_noop("Unassigned"), GO),
    Command("g m", gettext_noop("My requests"), GO),
    Command("g f", gettext_noop("Due today"), GO),
    Command("g b", gettext_noop("Notices"), GO),
    Command("g e", gettext_noop("Mentions"), GO),
    Command("g w", gettext_noop("Knowledge"), GO),
    Command("j", gettext_noop("next"), LIST),
    Command("k", gettext_noop("previous"), LIST),
    Command("o", gettext_noop("open"), LIST),
    Command("Enter", gettext_noop("open"), LIST, is_fixed=True),
    Command("x", gettext_noop("select"), LIST),
    Command("J", gettext_noop("extend the selection downwards"), LIST),
    Command("K", gettext_noop("extend the selection upwards"), LIST),
    Command("*", gettext_noop("select all"), LIST),
    Command("f", gettext_noop("Filter"), LIST),
    Command("L", gettext_noop("Plan of this list"), LIST),
    Command("r", gettext_noop("Reply"), TICKET),
    Command("R", gettext_noop("Reply to all"), TICKET),
    Command("n", gettext_noop("Internal note"), TICKET),
    Command("w", gettext_noop("Forward"), TICKET),
    Command("e", gettext_noop("Resolve"), TICKET),
    Command("E", gettext_noop("Resolve with a photo"), TICKET),
    Command("h", gettext_noop("Later"), TICKET),
    Command("i", gettext_noop("Assign to me"), TICKET),
    Command("a", gettext_noop("Assign"), TICKET),
    Command("s", gettext_noop("Status"), TICKET),
    Command("p", gettext_noop("Priority"), TICKET),
    Command("l", gettext_noop("Tags"), TICKET),
    Command("v", gettext_noop("Team and topic"), TICKET),
    Command("m", gettext_noop("Merge"), TICKET),
    Command("M", gettext_noop("Link requests"), TICKET),
    Command("P", gettext_noop("Print view"), TICKET),
    Command("O", gettext_noop("Show older contributions"), TICKET),
    Command("D", gettext_noop("Extend the deadline"), TICKET),
    Command("B", gettext_noop("Change citizen"), TICKET),
    Command("F2", gettext_noop("Change the title"), TICKET, is_fixed=True),
    Command("#", gettext_noop("Trash"), TICKET),
    Command("!", gettext_noop("Spam"), TICKET),
    Command("y", gettext_noop("Copy the number; twice with title, thrice the link"), TICKET),
    Command("b", gettext_noop("Details"), TICKET),
    Command("S", gettext_noop("List beside the request"), TICKET),
    Command("u", gettext_noop("Back to the list"), TICKET),
    Command("::", gettext_noop("text module"), WRITING, is_fixed=True),
    Command("Ctrl B", gettext_noop("bold"), WRITING, is_fixed=True),
    Command("Ctrl I", gettext_noop("italic"), WRITING, is_fixed=True),
    Command("… Ctrl K", gettext_noop("link the chosen words"), WRITING, is_fixed=True),
    Command("??", gettext_noop("answer of the knowledge base"), WRITING, is_fixed=True),
    Command(
        "Alt 1",
        gettext_noop("insert the first fitting answer; up to Alt 3"),
        WRITING,
        is_fixed=True,
    ),
    Command("Ctrl S", gettext_noop("save an answer of the knowledge base"), WRITING, is_fixed=True),
    Command("Ctrl ⏎", gettext_noop("send or save"), WRITING, is_fixed=True),
    Command("Ctrl ⇧ ⏎", gettext_noop("send and keep open"), WRITING, is_fixed=True),
)
BY_KEY = {command.key: command for command in COMMANDS}
CHANGEABLE = tuple(command for command in COMMANDS if not command.is_fixed)

# What needs AltGr on a German keyboard, or what browsers and readers need for themselves.
_UNUSABLE = frozenset("[]{}\\@|~€²³µ ")
_ONE_KEY = re.compile(r"\S|g \S")
LEADER = "g"


def is_usable(key: str) -> bool:
    """Tell whether ``key`` can be pressed for a command: one character, or g and one more."""
    if not _ONE_KEY.fullmatch(key) or not key.isprintable():
        return False
    return key != LEADER and key[-1] not in _UNUSABLE


def own_key(changes: Mapping[str, str], command: Command) -> str:
    """Return the key that runs a command for whoever made these changes; empty: none does."""
    return changes.get(command.key, command.key)


def cleaned(wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the changes only: what differs from the table, of keys that may be changed."""
    return {
        command.key: wanted[command.key]
        for command in CHANGEABLE
        if wanted.get(command.key, command.key) != command.key
    }


def find_conflicts(changes: Mapping[str, str]) -> Iterable[tuple[Command, Command]]:
    """Yield each command whose key another one has already, with that other one."""
    taken: dict[str, Command] = {}
    # What stands in the table comes first: the one that was changed is the one to change again.
    for command in sorted(CHANGEABLE, key=lambda one: one.key in changes):
        key = own_key(changes, command)
        if not key:
            continue
        if key in taken:
            yield command, taken[key]
        taken.setdefault(key, command)
