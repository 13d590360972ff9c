"""Turns German text into the terms that are searched for.

The same analysis serves every search engine and everything that compares texts:
umlauts are folded in either spelling, stop words fall out, compounds fall into
their parts, what is left is stemmed. Numbers, mail addresses and references stay
whole. Pure, and linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

import snowballstemmer

_FOLDER = Path(__file__).parent / "words"
_ATOMS, _STOP_WORDS = WORD_FILES = (_FOLDER / "atoms.txt", _FOLDER / "stop_words.txt")

# Stemming costs most; a text with more different words than this is no letter, and the
# words after that are not searched.
MOST_DIFFERENT = 5_000
SHORTEST_WORD = 2
LONGEST_WORD = 64
LONGEST_ADDRESS = 254
SHORTEST_COMPOUND = 6
SHORTEST_ATOM = 3
LONGEST_ATOM = 20
# What stands between two parts of a compound, and what may end the last one.
JOINTS = ("", "s", "es", "n", "en", "er", "e", "ens")
ENDINGS = ("", "e", "en", "er", "ern", "es", "n", "s", "em")

# Every alternative begins differently or is bounded, so that no text makes it start over. The
# first takes nothing that the others would read otherwise: it finds most words at half the cost.
_TOKEN = re.compile(
    r"""
    (?P<plain>(?<![\w.+%-])[^\W\d_]++(?![\w@+%'\u2019\u00ad\u0300-\u036f-]|\.[\w.+%@-]))
    | (?P<mail>(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})
    | (?P<number>\+?\d(?:[\d]|[./():,-](?=\d)|\ ?[/()-]\ ?(?=\d)|(?<=\d)\ (?=\d{3})){0,40}(?![\w]))
    | (?P<code>(?<![\w-])(?=[\w-]{0,24}\d)[^\W_](?:[\w]|-(?=\w)){0,40})
    | (?P<word>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|['\u2019\u00ad](?=[^\W\d_]))*)
    """,
    re.VERBOSE,
)
_LETTERS = str.maketrans(
    {
        "ß": "ss", "ẞ": "ss", "\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th",
        "æ": "a", "œ": "o", "'": None, "\u2019": None, "\u00ad": None,
    }
)  # fmt: skip
# Signs that a word may stand between and that belong to no word, number or address.
_AROUND = '.,;:!?()[]"„“”«»…'
# "ae", "oe", "ue" are umlauts, but not after a vowel or q: "neue", "Mauer", "Quelle".
_TYPED_UMLAUT = re.compile(r"(?<![aeiouqy])([aou])e(?!$)")
_NUMBER_SEPARATORS = re.compile(r"[\s/():-]")
_PHONE_COUNTRY = re.compile(r"^(?:\+|00)49(?:0(?=[1-9]))?")
# "Lindenstr." is written as often as "Lindenstraße".
_STREET = re.compile(r"str$")
_stemmer = snowballstemmer.stemmer("german")
# A stemmer keeps the word it works on in itself: one word at a time.
_stemming = Lock()


# Term, parts, folded word and atoms; None when nobody searches for it.
_Reading = tuple[str, tuple[str, ...], str, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True)
class Word:
    """A word that can be searched for: its place in the text, its term, its parts if compound.

    ``atoms`` are the parts before they are stemmed.
    """

    start: int
    end: int
    term: str
    parts: tuple[str, ...] = ()
    folded: str = ""
    atoms: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Return all under which a text is found that holds this word."""
        return (self.term, *self.parts)

    @property
    def spellings(self) -> Iterator[tuple[str, str]]:
        """Yield the word and its atoms as they are written, each with its term."""
        if self.folded:
            yield self.folded, self.term
        yield from ((atom, stem(atom)) for atom in self.atoms)

    @property
    def needed(self) -> tuple[str, ...]:
        """Return what a text must hold to be found by this word: a compound only in its parts."""
        return (self.term,) if "@" in self.term else self.parts or (self.term,)


def tokens(text: str) -> list[str]:
    """Return the terms of a text that is to be found: each word whole and in its parts."""
    return [term for word in words(text) for term in word.terms]


def query_tokens(text: str) -> list[str]:
    """Return the terms that a text must hold to be found: compounds only in their parts.

    "Sperrmüllabholung" then finds "Abholung von Sperrmüll", and the other way round.
    """
    return [term for word in words(text) for term in word.needed]


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text that carry meaning, in order."""
    read: dict[str, _Reading] = {}
    for match in _TOKEN.finditer(text):
        raw = match.group()
        if raw not in read:
            if len(read) >= MOST_DIFFERENT:
                continue
            read[raw] = _read(match.lastgroup or "", raw)
        found = read[raw]
        if found is not None:
            yield Word(match.start(), match.end(), *found)


def different_words(text: str) -> Iterator[Word]:
    """Yield each word that carries meaning once, at its first place, however it is repeated."""
    read: set[str] = set()
    for match in _TOKEN.finditer(text):
        raw = match.group()
        if raw not in read:
            if len(read) >= MOST_DIFFERENT:
                return
            read.add(raw)
            found = _read(match.lastgroup or "", raw)
            if found is not None:
                yield Word(match.start(), match.end(), *found)


class Sought:
    """Finds in many texts the words that stand for one of some terms.

    What stands between two blanks is read once, however often and in however many texts it
    stands. A number may have blanks within: who seeks one has each text read as a whole, and
    to anybody else the parts of such a number are words of their own.
    """

    def __init__(self, terms: frozenset[str]) -> None:
        """Seek these terms."""
        self._terms = terms
        self._seeks_numbers = any(term[:1].isdigit() for term in terms)
        self._read: set[str] = set()
        self._wanted: dict[str, tuple[Word, ...]] = {}

    def among(self, text: str) -> Iterator[Word]:
        """Yield the words of a text that stand for one of the terms, in order."""
        if self._seeks_numbers:
            yield from self._those_of(text)
            return
        pieces = text.split(" ")
        self._read_all(pieces)
        wanted, at = self._wanted, 0
        if wanted.keys().isdisjoint(pieces):
            return
        for piece in pieces:
            if piece in wanted:
                for one in wanted[piece]:
                    start, end = at + one.start, at + one.end
                    yield Word(start, end, one.term, one.parts, one.folded, one.atoms)
            at += len(piece) + 1

    def _read_all(self, pieces: Iterable[str]) -> None:
        """Find out of which of some pieces a word is sought."""
        if len(self._read) >= MOST_DIFFERENT:
            self._read.clear()
            self._wanted.clear()
        terms = self._terms
        new = set(pieces) - self._read
        self._read |= new
        for piece in new:
            bare = piece.strip(_AROUND)
            if not bare.isalpha():
                found = tuple(self._those_of(piece))
            else:
                word = _word(bare)
                # Most words are none that is sought, and have no parts: they are done with here.
                if word is None or (word[0] not in terms and terms.isdisjoint(word[1])):
                    continue
                start = piece.index(bare)
                found = (Word(start, start + len(bare), *word),)
            if found:
                self._wanted[piece] = found

    def _those_of(self, text: str) -> Iterator[Word]:
        return (word for word in words(text) if not self._terms.isdisjoint(word.terms))


def fold(text: str) -> str:
    """Return lower case without umlauts, accents and ß; "ae", "oe", "ue" count as umlauts."""
    low = text.casefold().translate(_LETTERS)
    if not low.isascii():
        parted = unicodedata.normalize("NFKD", low)
        # Some signs only then show their capitals.
        low = "".join(s for s in parted if not unicodedata.combining(s)).casefold()
    return _TYPED_UMLAUT.sub(r"\1", low)


@lru_cache(maxsize=65_536)
def stem(folded: str) -> str:
    """Return the stem of a folded word, by Snowball's German rules."""
    with _stemming:
        stemmed: str = _stemmer.stemWord(folded)
    return stemmed


@lru_cache(maxsize=65_536)
def split(folded: str) -> tuple[str, ...]:
    """Return the atoms that a folded word is made of, empty unless it is a known compound."""
    if not SHORTEST_COMPOUND <= len(folded) <= LONGEST_WORD:
        return ()
    # For each place in the word the fewest atoms that lead there; later wins among equals,
    # because the longer first part is more often the right one.
    best: list[tuple[str, ...] | None] = [()] + [None] * len(folded)
    for start in range(len(folded)):
        before = best[start]
        if before is not None:
            for end, atom in _atoms_at(folded, start):
                known = best[end]
                if known is None or len(before) + 1 <= len(known):
                    best[end] = (*before, atom)
    found = best[-1] or ()
    return found if len(found) > 1 else ()


def _atoms_at(folded: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield each atom at a place with where the next part may begin."""
    forms = _atom_forms()
    length = len(folded)
    for end in range(start + SHORTEST_ATOM, min(start + LONGEST_ATOM, length) + 1):
        atom = forms.get(folded[start:end])
        if atom is None:
            continue
        for joint in JOINTS:
            if folded.startswith(joint, end) and end + len(joint) < length:
                yield end + len(joint), atom
        if folded[end:] in ENDINGS:
            yield length, atom


@cache
def _atom_forms() -> dict[str, str]:
    """Return every form of an atom inside a compound: "Schul-" and "Schule-" are one."""
    forms: dict[str, str] = {}
    for atom in map(fold, _listed(_ATOMS)):
        if atom.endswith("e") and len(atom) > SHORTEST_ATOM + 1:
            forms.setdefault(atom[:-1], atom)
    return forms | {atom: atom for atom in map(fold, _listed(_ATOMS))}


def atoms() -> frozenset[str]:
    """Return the folded words that compounds are made of."""
    return frozenset(_atom_forms().values())


@cache
def stop_words() -> frozenset[str]:
    """Return the folded words that nobody searches for."""
    return frozenset(fold(word) for word in _listed(_STOP_WORDS))


def _listed(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def _read(kind: str, raw: str) -> _Reading:
    """Return what stood in the text, None when nobody searches for it."""
    if kind == "mail":
        return _mail(raw)
    if kind == "number":
        return plain_number(raw), (), "", ()
    if kind == "code":
        return fold(raw).replace("-", "").replace("_", ""), (), "", ()
    return _word(raw)


@lru_cache(maxsize=65_536)
def _word(raw: str) -> _Reading:
    folded = _STREET.sub("strasse", fold(raw))
    if len(folded) < SHORTEST_WORD or folded in stop_words():
        return None
    if len(folded) > LONGEST_WORD:
        return folded[:LONGEST_WORD], (), "", ()
    atoms = split(folded)
    return stem(folded), tuple(dict.fromkeys(stem(atom) for atom in atoms)), folded, atoms


def _mail(raw: str) -> _Reading:
    local, _, domain = raw.casefold().rpartition("@")
    parts = [term for word in words(f"{local} {domain}") for term in word.terms]
    return f"{local}@{domain}"[:LONGEST_ADDRESS], tuple(dict.fromkeys(parts)), "", ()


def plain_number(raw: str) -> str:
    """Return a number, date or phone number without the ways to set it apart.

    "0171/555 0132" and "+49 171 5550132" are the same phone, "2026-000123" is one number.
    """
    squeezed = _NUMBER_SEPARATORS.sub("", raw)
    return _PHONE_COUNTRY.sub("0", squeezed).lstrip("+")
