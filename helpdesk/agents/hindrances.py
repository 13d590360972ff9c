"""What stands against closing a team, asked of the rooms above without importing them.

Rooms that point to teams register a question here when they are set up, as verbs
are registered with the permissions.
"""

from collections.abc import Callable

# Answers with a translated phrase such as "3 open requests", or "" when nothing hinders.
Question = Callable[[int], str]

_questions: list[Question] = []


def register_hindrance(question: Question) -> None:
    """Ask this whenever a team is to be deactivated."""
    if question not in _questions:
        _questions.append(question)


def hindrances_of(team_id: int) -> list[str]:
    """Return everything that keeps this team from being deactivated."""
    return [answer for question in _questions if (answer := question(team_id))]
