"""Other ways to ask for the same, by the synonyms that editors keep.

The words of the query are exchanged, not those of the index: a synonym helps at once, a phrase
is one as well as a word, and both engines are asked in the same way.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from helpdesk.lib import german
from knowledgebase.models import Synonym

# Each costs a question to the engine.
MOST_VARIANTS = 4


def variants_of(authority_id: int, text: str) -> list[str]:
    """Return ``text`` with each synonym in it exchanged for its others, four at most."""
    asked = list(german.words(text))
    if not asked:
        return []
    rows = Synonym.objects.filter(authority_id=authority_id).values_list("words", flat=True)
    found = dict.fromkeys(
        f"{text[: asked[at].start]}{other}{text[asked[end - 1].end :]}"
        for group in rows
        for at, end, others in _met(asked, group)
        for other in others
    )
    return list(found)[:MOST_VARIANTS]


def _met(
    asked: Sequence[german.Word], group: Sequence[str]
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield where a member of a group stands in the query, and the members it is not."""
    terms = [word.term for word in asked]
    for member in group:
        wanted = list(terms_of(member))
        size = len(wanted)
        for at in range(len(terms) - size + 1):
            if size and terms[at : at + size] == wanted:
                yield at, at + size, [other for other in group if other != member]


@lru_cache(maxsize=4096)
def terms_of(words: str) -> tuple[str, ...]:
    """Return the terms of a synonym; empty when nothing of it can be searched for."""
    return tuple(word.term for word in german.words(words))
