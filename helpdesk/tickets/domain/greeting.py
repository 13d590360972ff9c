"""What stands around an answer before a word of it is typed: greeting and closing.

Both are in the citizen's language. A team may word them otherwise, an agent may write without
them. Who is greeted is called by the name that is known, whatever their sex may be.
"""

import re
from collections import Counter
from collections.abc import Sequence
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


# Filled in for each ticket, in the language of its citizen.
SALUTATION = "{{buerger.anrede}},"


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


def outside_greeting_of(ticket: Ticket, user: User) -> Greeting:
    """Return what words to somebody outside begin and end with: nobody is called by name."""
    if not user.greets:
        return NONE
    ends = _FAREWELL.search(signature_of(ticket, user))
    with translation.override(ticket.authority.language):
        return Greeting(gettext("Hello,"), "" if ends else gettext("Kind regards"))


def common_greeting(tickets: Sequence[Ticket], user: User) -> Greeting:
    """Return what one answer to many begins and ends with, placeholders and all.

    A team's own wording if all are in its hands, a farewell if all read one language.
    """
    languages = {letter_language(ticket) for ticket in tickets}
    if not user.greets or not languages:
        return NONE
    teams = {ticket.team_id: ticket.team for ticket in tickets}
    language = languages.pop() if len(languages) == 1 else ""
    own = [team.greetings.get(language, "").strip() for team in teams.values()]
    if len(own) == 1 and own[0]:
        opening, *rest = _GAP.split(own[0], maxsplit=1)
        return Greeting(opening.strip(), "".join(rest).strip())
    if not language or any(_FAREWELL.search(signature_of(each, user)) for each in tickets):
        return Greeting(SALUTATION)
    with translation.override(language):
        return Greeting(SALUTATION, gettext("Kind regards"))


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
