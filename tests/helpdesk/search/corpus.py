"""Reads the corpus of the search: answers, requests, and what people type to find them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from helpdesk.search.document import Document, Field, Weight

FOLDER = Path(__file__).resolve().parents[2] / "corpus" / "search"
KINDS = {"a": "answer", "t": "request"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody types, and what they mean: the first hits, in their order."""

    kind: str
    text: str
    hits: tuple[str, ...]


def documents() -> Iterator[Document]:
    """Yield the whole corpus, everything open to everybody; the later ones are the newer."""
    for key, (title, text) in _read("answers.yaml").items():
        yield _document(key, title, (Field(text),))
    for key, row in _read("tickets.yaml").items():
        noted = Field(f"{row.get('who', '')}\n{row.get('files', '')}", Weight.NOTED)
        fields = (noted, Field(row["text"]), Field(row.get("note", "")))
        yield _document(key, row["title"], fields)


def queries() -> list[Asked]:
    """Return all queries."""
    lines = (FOLDER / "queries.txt").read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        if line and not line.startswith("#"):
            kind, text, hits = (part.strip() for part in line.split("|"))
            found.append(Asked(KINDS[kind], text, tuple(hits.split())))
    return found


def key_of(kind: str, number: int) -> str:
    """Return the key of a document in the corpus."""
    return f"{next(letter for letter, name in KINDS.items() if name == kind)}{number:02d}"


def _document(key: str, title: str, fields: tuple[Field, ...]) -> Document:
    number = int(key[1:])
    return Document(KINDS[key[0]], number, 1, title, fields, keys=frozenset({"open"}), rank=number)


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found
