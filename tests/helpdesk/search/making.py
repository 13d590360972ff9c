"""Documents made by hand, written to the engine that answers here."""

from collections.abc import Iterable, Sequence

from helpdesk.reactions import indexing
from helpdesk.search import analysis, vocabulary
from helpdesk.search.backend import Meta, Prepared
from helpdesk.search.document import Document, Field, Weight
from helpdesk.search.engines import engine

KIND = "thing"
META = Meta(analysis.fingerprint(), 0, "")


def thing(
    number: int,
    title: str,
    text: str = "",
    *,
    noted: str = "",
    keys: Sequence[str] = ("open",),
    rank: int = 0,
    language: str = "",
) -> Document:
    """Return a document of the kind "thing"."""
    fields = (Field(text), Field(noted, Weight.NOTED))
    return Document(KIND, number, 1, title, fields, language, frozenset(keys), rank)


def write(documents: Iterable[Document], *, gone: Sequence[int] = ()) -> None:
    """Write documents as one batch."""
    prepared = [Prepared(one, analysis.terms_of(one)) for one in documents]
    vocabulary.learn({w: t for one in prepared for w, t in one.terms.spellings.items()})
    engine().write(documents=prepared, gone=[(KIND, number) for number in gone], meta=META)


def begin_anew() -> None:
    """Empty the index and the vocabulary."""
    engine().clear()
    vocabulary.forget_all()


def index_everything() -> None:
    """Build the index of everything there is, from the start to the end."""
    for _state in indexing.rebuild(engine()):
        pass
