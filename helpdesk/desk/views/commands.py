"""The table of commands as the part of a page that help and palette are made of."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.commands import COMMANDS, GROUPS, own_key
from helpdesk.permissions.decorators import staff_required

# The address holds a digest of all this depends on; it names nobody but the reader's own places.
KEPT_SECONDS = 300


@require_GET
@staff_required
def commands(request: HttpRequest) -> HttpResponse:
    """Show what has keys, with those of the reader; their browser keeps it for some minutes."""
    user = agent_of(request)
    context = {"keys_url": reverse("account_keys"), "keys_off": user.keys_off, "groups": keys(user)}
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
