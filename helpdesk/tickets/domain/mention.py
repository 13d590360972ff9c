"""Who is named in an internal note.

The form is plain text that reads the same everywhere: ``@`` and the name of an agent or a
team as it is spelled in the settings, without regard to case ("@Jana Weber", "@Tiefbau").
It stands at the beginning of a word, so that a mail address names nobody. Of several names
that fit, the longest counts; of two agents with the same name, both are meant. Everything
else after an ``@`` is just text.
"""

import re

from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article, Mention, Ticket
from helpdesk.tickets.watching import TEAM, Named, mentionable

_AT = re.compile(r"(?<![\w.@+-])@(?=\w)")
# More would be a circular; the rest of the names is text.
MOST = 50


def find_mentions(text: str, among: list[Named]) -> list[Named]:
    """Return who is named in ``text``, in its order; ``among`` comes from ``mentionable``."""
    folded = text.casefold()
    by_length = sorted(among, key=lambda each: -len(each.name))
    found: dict[tuple[str, int], Named] = {}
    for place in _AT.finditer(folded):
        for each in _named_at(folded, place.end(), by_length):
            found.setdefault((each.kind, each.pk), each)
        if len(found) >= MOST:
            break
    return list(found.values())


def _named_at(folded: str, start: int, by_length: list[Named]) -> list[Named]:
    """Return all with the longest name that stands at ``start`` as whole words."""
    fitting: list[Named] = []
    for each in by_length:
        name = each.name.casefold()
        if fitting and len(name) < len(fitting[0].name.casefold()):
            break
        if folded.startswith(name, start) and not _goes_on(folded, start + len(name)):
            fitting.append(each)
    return fitting


def _goes_on(folded: str, end: int) -> bool:
    return end < len(folded) and (folded[end].isalnum() or folded[end] == "_")


def keep_mentions(*, article: Article, ticket: Ticket) -> None:
    """Write down who is named in a note, in the caller's transaction.

    Call it whenever an internal note is saved, before its fact is recorded; anything that
    may leave the house names nobody.
    """
    if article.kind != ArticleKind.NOTE or "@" not in article.text:
        return
    teams: dict[int, int | None] = {}
    for named in find_mentions(article.text, mentionable(ticket)):
        for user_id in named.user_ids:
            team_id = named.pk if named.kind == TEAM else None
            # By their own name counts more than by that of their team.
            teams[user_id] = team_id and teams.get(user_id, team_id)
    Mention.objects.bulk_create(
        [Mention(article=article, user_id=pk, team_id=team) for pk, team in sorted(teams.items())],
        ignore_conflicts=True,
    )
