"""The columns a list can have, in the order in which they stand."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the class of its cells, and the order it can be sorted by."""

    label: StrOrPromise
    css: str
    sort: str = ""


COLUMNS = {
    "number": Column(_("No."), "c-num", "number"),
    "status": Column(_("Status"), "c-status", "status"),
    "title": Column(_("Request"), "c-title", "title"),
    "citizen": Column(_("Citizen"), "c-citizen", "citizen"),
    "place": Column(_("Place"), "c-place"),
    "who": Column(_("Responsible"), "c-who", "owner"),
    "priority": Column(_("Priority"), "c-prio", "priority"),
    "due": Column(_("Deadline"), "c-due", "due"),
    "waiting": Column(_("Waits until"), "c-wait"),
    "topic": Column(_("Topic"), "c-cat", "topic"),
    "received": Column(_("Received"), "c-age c-received", "received"),
    "active": Column(_("Active"), "c-age", "active"),
}
# Without it a row leads nowhere.
ALWAYS = "title"
USUAL = ("number", "status", "title", "citizen", "who", "due", "topic", "active")


def chosen_columns(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the known ones of these columns in their order, and always the title."""
    known = {*wanted, ALWAYS}
    return tuple(name for name in COLUMNS if name in known)
