"""The whole knowledge base as one archive: Markdown that the import reads, JSON, and the files.

``answers/`` holds the working copy of each answer in each language; the head of each file says
what else belongs to it. ``answers-1.csv`` and on hold the same as tables, each small enough for
the import to take it as a whole. ``knowledge.json`` holds what neither can: sections, readers,
people, internal blocks, relations and shared texts. ``files/<number>/`` holds what hangs on an
answer.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final, cast

from django.db.models import Prefetch, QuerySet

from helpdesk.files.locks import lock_of
from helpdesk.files.store import FileMissingError, open_file
from knowledgebase.addresses import slug_for
from knowledgebase.enums import Visibility
from knowledgebase.importing import LIMITS, MOST_BYTES, MOST_ROWS, as_cell, to_markdown
from knowledgebase.marks import to_marks
from knowledgebase.models import Answer, AnswerFile, AnswerText
from knowledgebase.queries import sections_of
from knowledgebase.sharing import snippets_of

FORMAT: Final = 1
BATCH = 100
# The columns of the tables besides the body: those of a text, and what else belongs to it.
PLAIN = tuple(LIMITS)
ABOUT = ("section", "language", "visibility", "team")
HEAD_ROOM = 200
PIECE = 256 * 1024


class _Tables:
    """Gathers answers as tables, each small enough for one import."""

    def __init__(self) -> None:
        self._tables: list[tuple[list[str], int]] = []

    def add(self, answer: Answer, text: AnswerText) -> None:
        """Write a line, in a new table when the last one is full."""
        line = io.StringIO()
        plain = (getattr(text, name) for name in PLAIN)
        about = about_of(answer, text.language)
        cells = [*plain, to_marks(text.body), *(about[name] for name in ABOUT)]
        csv.writer(line).writerow(map(as_cell, cells))
        size = len(line.getvalue().encode())
        rows, before = self._tables[-1] if self._tables else ([], MOST_BYTES)
        if len(rows) >= MOST_ROWS or before + size > MOST_BYTES - HEAD_ROOM:
            rows, before = [], 0
            self._tables.append((rows, 0))
        rows.append(line.getvalue())
        self._tables[-1] = (rows, before + size)

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the tables with their names."""
        head = ",".join((*PLAIN, "body", *ABOUT))
        for number, (rows, _size) in enumerate(self._tables, start=1):
            yield f"answers-{number}.csv", f"{head}\r\n{''.join(rows)}"


def about_of(answer: Answer, language: str) -> dict[str, str]:
    """Return what the import reads of an answer beside its words, its readers above all.

    Without them a draft for one team would come back as one for everybody.
    """
    is_hidden = answer.visibility == Visibility.TEAM
    return {
        "section": answer.section.name,
        "language": language,
        "visibility": answer.visibility,
        "team": answer.team.name if answer.team and is_hidden else "",
    }


def archive_of(answers: QuerySet[Answer], authority_id: int) -> BinaryIO:
    """Return a zip of ``answers`` in a file of the system's own, which goes when it is closed.

    A file that is missing, or held back because it may be harmful, is named without a path.
    """
    made = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    rows: list[dict[str, Any]] = []
    table = _Tables()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for answer in _in_batches(answers):
            row = _row_of(answer)
            for text in answer.texts.all():
                archive.writestr(_name(text), _markdown(answer, text))
                table.add(answer, text)
            for file in answer.files.all():
                row["files"].append(_file_row(file, is_there=_put(archive, file)))
            rows.append(row)
        for name, written in table.files():
            archive.writestr(name, written)
        content = _json(authority_id, rows)
        archive.writestr("knowledge.json", json.dumps(content, ensure_ascii=False, indent=1))
    made.seek(0)
    return cast("BinaryIO", made)


def _in_batches(answers: QuerySet[Answer]) -> Iterator[Answer]:
    last = 0
    working = Prefetch("texts", AnswerText.objects.filter(version=None))
    wanted = answers.select_related("section", "team", "owner", "category").order_by("pk")
    files = Prefetch("files", AnswerFile.objects.filter(is_removed=False).select_related("file"))
    wanted = wanted.prefetch_related(working, files, "related")
    while batch := list(wanted.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _name(text: AnswerText) -> str:
    return f"answers/{text.answer_id}-{slug_for(text.title)}-{text.language}.md"


def _markdown(answer: Answer, text: AnswerText) -> str:
    return to_markdown(text, to_marks(text.body), about_of(answer, text.language))


def _put(archive: zipfile.ZipFile, file: AnswerFile) -> bool:
    if lock_of(file.name, file.content_type, file.file.scan_state).is_shut:
        return False
    try:
        source = open_file(file.file)
    except FileMissingError:
        return False
    with source, archive.open(_path(file), "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            target.write(piece)
    return True


def _path(file: AnswerFile) -> str:
    return f"files/{file.answer_id}/{file.pk}-{file.name}"


def _file_row(file: AnswerFile, *, is_there: bool) -> dict[str, Any]:
    return {
        "id": file.pk,
        "path": _path(file) if is_there else None,
        "name": file.name,
        "type": file.content_type,
        "alt": file.alt,
        "decorative": file.is_decorative,
    }


def _row_of(answer: Answer) -> dict[str, Any]:
    return {
        "id": answer.pk,
        "texts": {text.language: _name(text) for text in answer.texts.all()},
        "section": answer.section.slug,
        "state": answer.state,
        "visibility": answer.visibility,
        "team": answer.team.name if answer.team else None,
        "owner": answer.owner.email if answer.owner else None,
        "topic": answer.category.name if answer.category else None,
        "review_on": answer.review_on.isoformat() if answer.review_on else None,
        "published_at": answer.published_at.isoformat() if answer.published_at else None,
        "related": sorted(other.pk for other in answer.related.all()),
        "internal": to_marks(answer.internal),
        "files": [],
    }


def _json(authority_id: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    known = {row["id"] for row in rows}
    for row in rows:
        # Another one may be a team's of which this reader knows nothing.
        row["related"] = [key for key in row["related"] if key in known]
    sections = list(sections_of(authority_id))
    slugs = {section.pk: section.slug for section in sections}
    return {
        "format": FORMAT,
        "sections": [
            {
                "slug": section.slug,
                "name": section.name,
                "name_en": section.name_en,
                "summary": section.summary,
                "parent": slugs.get(section.parent_id or 0),
                "two_people": section.needs_review,
            }
            for section in sections
        ],
        "snippets": [
            {
                "name": row.name,
                "about": row.about,
                "texts": {text.language: to_marks(text.body) for text in row.texts.all()},
            }
            for row in snippets_of(authority_id)
        ],
        "answers": rows,
    }
