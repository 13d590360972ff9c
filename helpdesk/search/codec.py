"""How whoosh keeps in which documents a term stands: presence and nothing else.

Whoosh's own way keeps weights and lengths beside each document, in blocks of 128, and asks
for the length of a document at each of them. We need to know only whether a term is there.
"""

import zlib
from array import array
from typing import Any, Final

from whoosh.codec.whoosh3 import W3Codec, W3TermInfo
from whoosh.matching.mcore import ListMatcher

from helpdesk.search.bits import bits_of, numbers_of

_AS_NUMBERS: Final = b"n"
_AS_BITS: Final = b"b"
# Shorter ones do not get shorter by it.
COMPRESSED_FROM = 64
_PLAIN: Final = b"p"
_PACKED: Final = b"z"


class PresenceCodec(W3Codec):  # type: ignore[misc] # whoosh ships no types
    """Whoosh's usual codec but for its postings. Its instances are pickled with the index."""

    length_stats = False

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> "PresenceWriter":  # noqa: ANN401, FBT001, FBT002 - whoosh's signature
        """Return what writes the documents of one term after the other."""
        del byteids
        return PresenceWriter(dbfile)

    def postings_reader(
        self,
        dbfile: Any,  # noqa: ANN401 - whoosh's signature
        terminfo: Any,  # noqa: ANN401 - the same
        format_: Any,  # noqa: ANN401 - the same
        term: Any = None,  # noqa: ANN401 - the same
        scorer: Any = None,  # noqa: ANN401 - the same
    ) -> "Presence":
        """Return the documents of a term."""
        del term, scorer
        # Whoosh itself never reads the length; it comes as a tuple of one.
        offset, (length,) = terminfo.extent()
        return Presence(dbfile.get(offset, length), format_)


class PresenceWriter:
    """Writes postings; see :class:`whoosh.codec.base.PostingsWriter`."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401 - whoosh ships no types
        """Write into a file of postings."""
        self._file = file
        self._numbers = array("I")
        self._info: Any = None

    def start_postings(self, _format: Any, info: W3TermInfo) -> None:  # noqa: ANN401 - the same
        """Begin with a term."""
        self._numbers, self._info = array("I"), info

    def add_posting(self, number: int, _weight: float, _value: bytes, _length: int) -> None:
        """Take the next document of the term; they come in order."""
        self._numbers.append(number)

    def finish_postings(self) -> W3TermInfo:
        """Write the documents of the term and return where."""
        start = self._file.tell()
        self._file.write(packed(self._numbers))
        self._info.set_extent(start, self._file.tell() - start)
        return self._info


class Presence(ListMatcher):  # type: ignore[misc] # whoosh ships no types
    """The documents of one term: as a set, and in order for whoosh when it merges."""

    def __init__(self, content: bytes, format_: Any) -> None:  # noqa: ANN401 - whoosh ships no types
        """Unpack nothing yet."""
        self._content = bytes(content)
        self._listed: list[int] | None = None
        super().__init__(None, format=format_)

    @property
    def bits(self) -> int:
        """Return the set of documents."""
        return unpacked(self._content)

    def weight(self) -> float:
        """Return the weight that is no weight."""
        return 1.0

    def value(self) -> bytes:
        """Return what is kept beside a document: nothing."""
        return b""

    @property
    def _ids(self) -> list[int]:
        if self._listed is None:
            self._listed = list(numbers_of(self.bits))
        return self._listed

    @_ids.setter
    def _ids(self, value: list[int] | None) -> None:
        self._listed = value


def packed(numbers: "array[int]") -> bytes:
    """Return documents, which are in order, in the shorter of two ways."""
    if 4 * len(numbers) <= numbers[-1] // 8:
        kind, content = _AS_NUMBERS, numbers.tobytes()
    else:
        kind, content = _AS_BITS, _little(numbers)
    if len(content) >= COMPRESSED_FROM:
        return kind + _PACKED + zlib.compress(content, 1)
    return kind + _PLAIN + content


def unpacked(content: bytes) -> int:
    """Return the set of documents."""
    kind, how, rest = content[:1], content[1:2], content[2:]
    plain = zlib.decompress(rest) if how == _PACKED else rest
    if kind == _AS_BITS:
        return int.from_bytes(plain, "little")
    return bits_of(array("I", plain))


def _little(numbers: "array[int]") -> bytes:
    return bits_of(numbers).to_bytes(numbers[-1] // 8 + 1, "little")
