"""How hard a German text is to read, by its sentences and its words; pure and linear.

The measure is the first Wiener Sachtextformel (Bamberger and Vanecek, "Lesen, Verstehen, Lernen,
Schreiben", 1984): it tells the school year whose pupils understand a text of facts. It counts and
understands nothing: a hint to its writer, never a gate.
"""

import re
from dataclasses import dataclass

# Of less text no measure says anything.
FEWEST_WORDS = 40
# From here on a sentence is long, a word hard to take in at a glance.
LONG_SENTENCE = 20
LONG_WORD = 18
SHOWN = 3
# The measure tells school years, and goes on beyond them where it means nothing.
HIGHEST = 15
# Neither a heading nor a point of a list is a sentence.
FEWEST_IN_A_SENTENCE = 4
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# A sentence ends before a capital; "z. B." and "Nr. 5" end none.
_END = re.compile(r"(?<=[^\W\d_]{2}[.!?…])\s+(?=[A-ZÄÖÜ„»\"(])|\n+")
_SYLLABLE = re.compile(r"aa|ai|au|äu|ee|ei|eu|ey|ie|oo|ui|[aeiouyäöü]", re.IGNORECASE)
_MANY_SYLLABLES = 3
_MANY_LETTERS = 7


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard a text is: the school year, and what makes it so, the longest first."""

    grade: int
    sentences: tuple[str, ...]
    words: tuple[str, ...]


def read_level(text: str) -> Reading | None:
    """Return how hard a text is, each line a paragraph; None when it is too short to tell."""
    found = [(part, _WORD.findall(part)) for part in _END.split(text)]
    sentences = [one for one in found if len(one[1]) >= FEWEST_IN_A_SENTENCE]
    words = [word for _sentence, held in sentences for word in held]
    if len(words) < FEWEST_WORDS:
        return None
    long = sorted(
        (one for one in sentences if len(one[1]) >= LONG_SENTENCE), key=lambda one: -len(one[1])
    )
    hard = {word for word in words if max(map(len, word.split("-"))) >= LONG_WORD}
    return Reading(
        grade=min(max(round(_grade(words, len(sentences))), 1), HIGHEST),
        sentences=tuple(" ".join(sentence.split()) for sentence, _held in long[:SHOWN]),
        words=tuple(sorted(hard, key=lambda word: (-len(word), word))[:SHOWN]),
    )


def syllables(word: str) -> int:
    """Return about how many syllables a German word has, one at least."""
    return len(_SYLLABLE.findall(word)) or 1


def _grade(words: list[str], sentences: int) -> float:
    counts = [syllables(word) for word in words]
    percent = 100 / len(words)
    of_many = percent * sum(count >= _MANY_SYLLABLES for count in counts)
    of_one = percent * sum(count == 1 for count in counts)
    of_letters = percent * sum(len(word) >= _MANY_LETTERS for word in words)
    length = len(words) / sentences
    return 0.1935 * of_many + 0.1672 * length + 0.1297 * of_letters - 0.0327 * of_one - 0.875
