"""What all settings pages share: their navigation, and how a refusal of a door is shown."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as marked

from helpdesk.desk.shell import shell
from helpdesk.permissions.registry import can

M = TypeVar("M", bound=Model)

REFUSED = 422
# Verb needed, name of the page, label and icon.
PAGES = (
    ("administer", "settings", marked("Overview"), "gear"),
    ("administer", "settings_authority", marked("Authority"), "globe"),
    ("administer", "settings_teams", marked("Teams"), "people"),
    ("administer", "settings_agents", marked("Agents"), "person"),
    ("administer", "settings_topics", marked("Topics"), "tag"),
    ("administer", "settings_portal", marked("Portal"), "screen"),
    ("administer", "settings_deadlines", marked("Deadlines"), "clock"),
    ("edit_texts", "settings_texts", marked("Text modules"), "text"),
    ("administer", "settings_mailboxes", marked("Mailboxes"), "mail"),
    ("administer", "settings_senders", marked("Senders"), "people"),
    ("administer", "settings_filters", marked("Filters"), "target"),
    ("administer", "settings_offices", marked("Other authorities"), "send"),
    ("administer", "settings_push", marked("Browser notices"), "bell"),
    ("administer", "settings_interface", marked("Interface"), "key"),
)


def navigation(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """Return the side navigation of the settings, and the way back to the requests."""
    back = {
        "section": "",
        "label": gettext("All requests"),
        "icon": "arrow-left",
        "count": None,
        "url": reverse("desk:home"),
        "current": False,
    }
    section = gettext("Settings")
    return [
        back,
        *(
            {
                "section": section,
                "label": gettext(label),
                "icon": icon,
                "count": None,
                "url": reverse(f"desk:{page}"),
                "current": page == current,
            }
            for verb, page, label, icon in PAGES
            if can(request.user, verb)
        ),
    ]


def settings_page(
    request: HttpRequest, name: str, context: dict[str, Any], *, current: str, status: int = 200
) -> HttpResponse:
    """Render ``desk/settings/<name>.html``; a form with errors answers 422."""
    form = context.get("form")
    if isinstance(form, Form) and form.errors and status == HTTPStatus.OK:
        status = REFUSED
    frame = shell(request) | {"nav": navigation(request, current)}
    return render(request, f"desk/settings/{name}.html", frame | context, status=status)


def written(form: Form, write: Callable[[], object]) -> bool:
    """Call a door with what a valid form holds; show its refusal at the fields it names."""
    if not form.is_valid():
        return False
    try:
        write()
    except ValidationError as refused:
        add_refusal(form, refused)
        return False
    return True


def add_refusal(form: Form, refused: ValidationError) -> None:
    """Add the errors of a door to the fields they belong to."""
    by_field = refused.message_dict if hasattr(refused, "error_dict") else {}
    if not by_field:
        form.add_error(None, refused.messages[0] if refused.messages else str(refused))
    for name, messages in by_field.items():
        field = None if name == NON_FIELD_ERRORS or name not in form.fields else name
        for message in messages:
            form.add_error(field, message)


def matching(rows: Iterable[M], words: str, text_of: Callable[[M], str]) -> list[M]:
    """Return the rows whose text holds ``words`` in any case; lists of settings are short."""
    return [row for row in rows if words.casefold() in text_of(row).casefold()]


def posted(request: HttpRequest) -> Any:  # noqa: ANN401 - what forms take as data
    """Return the data of a POST, None for a page that is only shown."""
    return request.POST if request.method == "POST" else None
