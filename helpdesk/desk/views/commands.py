"""The table of commands as the part of a page that help and palette are made of."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.commands import (
    ANYWHERE,
    BY_KEY,
    CHANGEABLE,
    COMMANDS,
    GO,
    GROUPS,
    LIST,
    TICKET,
    own_key,
)
from helpdesk.desk.settings.frame import navigation as settings_navigation
from helpdesk.desk.shell import navigation
from helpdesk.permissions.decorators import staff_required

# The address holds a digest of all this depends on; it names nobody but the reader's own places.
KEPT_SECONDS = 300
# What the palette shows of the groups, first what the page at hand is about.
IN_PALETTE = (TICKET, LIST, ANYWHERE, GO)
# The palette itself is open already.
NOT_IN_PALETTE = frozenset({"/", "."})
LOOKS = (
    ("light", gettext_lazy("Light"), "sun"),
    ("dark", gettext_lazy("Dark"), "moon"),
    ("system", gettext_lazy("Like the system"), "screen"),
)


@require_GET
@staff_required
def commands(request: HttpRequest) -> HttpResponse:
    """Show what has keys, with those of the reader; their browser keeps it for some minutes."""
    user = agent_of(request)
    context = {
        "keys_url": reverse("account_keys"),
        "keys_off": user.keys_off,
        "groups": keys(user),
        "lines": _lines(user),
        "places": _places(request, user),
        "looks": [{"value": value, "label": word, "icon": icon} for value, word, icon in LOOKS],
    }
    response = render(request, "desk/parts/commands.html", context)
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response


def keys(user: User) -> list[dict[str, Any]]:
    """Return the commands that a key runs for ``user``, group by group."""
    shown = [(command, own_key(user.key_changes, command)) for command in COMMANDS]
    return [
        {
            "name": group,
            "title": title,
            "lines": [
                {"command": command, "key": key}
                for command, key in shown
                if command.group == group and key and (command.is_fixed or not user.keys_off)
            ],
        }
        for group, title in GROUPS.items()
    ]


def _lines(user: User) -> list[dict[str, Any]]:
    order = {group: at for at, group in enumerate(IN_PALETTE)}
    chosen = [one for one in CHANGEABLE if one.group in order and one.key not in NOT_IN_PALETTE]
    chosen.sort(key=lambda one: order[one.group])
    return [{"command": one, "key": own_key(user.key_changes, one)} for one in chosen]


def _places(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """Return where the user may go: views, teams, tools, settings and what is their own."""
    settings = [item for item in settings_navigation(request, "") if item["section"]]
    # What has a key is a command already.
    known = [item for item in navigation(user, "") if item.get("key", "") not in BY_KEY]
    section = gettext("Account")
    own = [
        {"section": section, "label": label, "icon": icon, "url": reverse(page), "is_help": is_help}
        for page, label, icon, is_help in (
            ("account_profile", gettext("My profile"), "person", False),
            ("account_keys", gettext("My keys"), "key", True),
            ("account_tokens", gettext("My access keys"), "key", False),
        )
    ]
    return [*known, *settings, *own]
