"""Which keys run the commands of the desk, for the agent who asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import User
from helpdesk.desk.commands import (
    CHANGEABLE,
    GROUPS,
    LEADER,
    Command,
    cleaned,
    find_conflicts,
    is_usable,
    own_key,
)

LONGEST = 3


def name_of(command: Command) -> str:
    """Return the name of a command's field: its key as numbers, which any name may hold."""
    return "key-" + "-".join(str(ord(sign)) for sign in command.key)


class KeysForm(forms.Form):
    """Whether single keys run commands at all, and a field for each command's key."""

    keys_off = forms.BooleanField(
        label=_("Switch single keys off"),
        required=False,
        help_text=_(
            "For speech input, and for whoever touches keys by accident. "
            "Ctrl K opens the list of all commands."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Make a field for each command, filled with the key of ``user``."""
        kept = {name_of(one): own_key(user.key_changes, one) for one in CHANGEABLE}
        kwargs["initial"] = {"keys_off": user.keys_off, **kept}
        super().__init__(*args, **kwargs)
        for command in CHANGEABLE:
            self.fields[name_of(command)] = forms.CharField(
                label=command.label,
                required=False,
                max_length=LONGEST,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Return the fields below the headings of the help."""
        return [
            {
                "title": title,
                "lines": [
                    {"command": one, "field": self[name_of(one)]}
                    for one in CHANGEABLE
                    if one.group == group
                ],
            }
            for group, title in GROUPS.items()
            if any(one.group == group for one in CHANGEABLE)
        ]

    @property
    def changes(self) -> dict[str, str]:
        """Return the valid form's changes to the table."""
        return cleaned({one.key: self.cleaned_data[name_of(one)] for one in CHANGEABLE})

    def clean(self) -> dict[str, Any]:
        """Refuse keys that nobody can press, and one key for two commands."""
        data = super().clean() or {}
        for command in CHANGEABLE:
            name = name_of(command)
            data[name] = _spaced(data.get(name, ""))
            if data[name] and not is_usable(data[name]):
                self.add_error(name, _refusal(data[name]))
        if not self.errors:
            self._refuse_doubles(data)
        return data

    def _refuse_doubles(self, data: dict[str, Any]) -> None:
        changes = cleaned({one.key: data[name_of(one)] for one in CHANGEABLE})
        for command, other in find_conflicts(changes):
            words = gettext(
                "The key “%(key)s” belongs to “%(other)s”. "
                "Take another one, or change that one first."
            )
            values = {"key": data[name_of(command)], "other": other.label}
            self.add_error(name_of(command), words % values)


def _spaced(typed: str) -> str:
    """Return "g i" also for "gi"."""
    typed = typed.strip()
    is_pair = len(typed) == len(LEADER) + 1 and typed.startswith(LEADER)
    return f"{LEADER} {typed[-1]}" if is_pair else typed


def _refusal(key: str) -> str:
    words = gettext(
        "“%(key)s” can't be a key: take one sign that needs no AltGr, or g and one more, "
        "or leave it empty."
    )
    return words % {"key": key}
