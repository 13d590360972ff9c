"""What stands around an answer before a word of it is typed: greeting and closing.

Both are in the citizen's language. A team may word them otherwise, an agent may write without
them. Who is greeted is called by the name that is known, whatever their sex may be.
"""

import re
from collections import Counter
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.textmodules.placeholders import substitute
from helpdesk.tickets.domain.answer_words import signature_of
from helpdesk.tickets.domain.letters import letter_language
from helpdesk.tickets.domain.placeholders import opening_of, placeholder_values
from helpdesk.tickets.models import Ticket

# Where the answer goes, in the wording of a team: the first line that is empty.
_GAP = re.compile(r"\n[ \t]*\n")
# A signature that says so itself needs no second farewell above it.
_FAREWELL = re.compile(r"gr(?:ü|ue|u)(?:ß|ss)|hochachtung|regards|sincerely|yours", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Greeting:
    """The words above an answer, and those below it; either may be empty."""

    opening: str = ""
    closing: str = ""

    @property
    def text(self) -> str:
        """Return both with a line of its own between them, where the answer is written."""
        above = f"{self.opening}\n\n" if self.opening else ""
        below = f"\n\n{self.closing}" if self.closing else ""
        return f"{above}{below}"


NONE = Greeting()


def greeting_of(ticket: Ticket, user: User) -> Greeting:
    """Return what an answer of ``user`` begins and ends with, before its signature."""
    if not user.greets:
        return NONE
    language = letter_language(ticket)
    own = ticket.team.greetings.get(language, "").strip()
    if own:
        filled = substitute(own, placeholder_values(ticket, user)).text
        opening, *rest = _GAP.split(filled, maxsplit=1)
        return Greeting(opening.strip(), "".join(rest).strip())
    if _FAREWELL.search(signature_of(ticket, user)):
        return Greeting(opening_of(ticket))
    with translation.override(language):
        return Greeting(opening_of(ticket), gettext("Kind regards"))


def own_words(text: str, greeting: Greeting) -> str:
    """Return what was written beside greeting and closing: nothing, if they stand there alone."""
    left = Counter(_lines(greeting.text))
    kept = []
    for line in text.splitlines():
        if left[line.strip()]:
            left[line.strip()] -= 1
        else:
            kept.append(line)
    return "\n".join(kept).strip()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
