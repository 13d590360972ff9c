"""Refuses passwords that are only a well-known word or a row of keys with ornaments."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from helpdesk.agents.models import User

# What people in town halls choose first; digits and signs around it add nothing.
WORDS = frozenset(
    [
        "passwort",
        "password",
        "kennwort",
        "geheim",
        "anliegen",
        "rathaus",
        "verwaltung",
        "buergerbuero",
        "bürgerbüro",
        "stadt",
        "gemeinde",
        "behoerde",
        "behörde",
        "willkommen",
        "welcome",
        "hallo",
        "sommer",
        "winter",
        "frühling",
        "fruehling",
        "herbst",
        "admin",
        "administrator",
        "test",
        "demo",
        "qwertz",
        "qwerty",
        "qwertzuiop",
        "asdfgh",
        "schalke",
        "fussball",
        "fußball",
    ]
)
FEW_CHARACTERS = 4
_ORNAMENT = re.compile(r"[\W\d_]+")


class PlainWordValidator:
    """For AUTH_PASSWORD_VALIDATORS, beside the list of common passwords."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's face
        """Raise ValidationError for one known word or for hardly any different characters."""
        core = _ORNAMENT.sub("", password.casefold())
        if core in WORDS or len(set(password)) <= FEW_CHARACTERS:
            raise ValidationError(
                _("This password is easy to guess. Take several words in a row."),
                code="password_plain_word",
            )

    def get_help_text(self) -> str:
        """Say what is expected."""
        return _("Take several words in a row.")
