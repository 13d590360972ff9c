"""Reads answers out of Markdown, HTML, CSV and JSON of Zammad, with all that is wrong about each.

Nothing is written here. What becomes a body passes the one sanitiser, as everything that an
editor types.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from html import unescape
from itertools import islice

from django.utils.translation import gettext as _

from knowledgebase.body import MAX_BODY, clean_body, words_of
from knowledgebase.domain.write import TextDraft
from knowledgebase.enums import KnowledgeLanguage, Visibility
from knowledgebase.marks import from_marks
from knowledgebase.models import FACT_LENGTH, SUMMARY_LENGTH, TITLE_LENGTH
from knowledgebase.outside import wrong_addresses
from knowledgebase.zammad import Found, NotZammadError, answers_in

MOST_ROWS = 200
MOST_BYTES = 1_000_000
# What a column or a line of the head is called → field of a text, or what else is known of it.
NAMES: Mapping[str, str] = {
    "title": "title", "titel": "title", "überschrift": "title",
    "summary": "summary", "kurz": "summary", "zusammenfassung": "summary", "description": "summary",
    "body": "body", "text": "body", "inhalt": "body", "antwort": "body",
    "section": "section", "bereich": "section", "kategorie": "section", "category": "section",
    "language": "language", "sprache": "language", "lang": "language",
    "cost": "cost", "kosten": "cost", "gebühr": "cost",
    "duration": "duration", "dauer": "duration",
    "documents": "documents", "unterlagen": "documents",
    "online_url": "online_url", "online_label": "online_label", "online_text": "online_label",
    "video_url": "video_url", "video_length": "video_length", "video_words_url": "video_words_url",
    "visibility": "visibility", "sichtbarkeit": "visibility", "leser": "visibility",
    "team": "team",
}  # fmt: skip
# Who may read it, as an export says it and as people write it.
READERS_NAMED: Mapping[str, str] = {
    **{value: value for value in Visibility.values},
    "öffentlich": Visibility.PUBLIC, "alle": Visibility.PUBLIC,
    "angemeldet": Visibility.SIGNED_IN, "angemeldete": Visibility.SIGNED_IN,
    "mitarbeitende": Visibility.STAFF, "alle mitarbeitenden": Visibility.STAFF,
    "intern": Visibility.STAFF,
}  # fmt: skip
LIMITS = {
    "title": TITLE_LENGTH,
    "summary": SUMMARY_LENGTH,
    "cost": FACT_LENGTH,
    "duration": FACT_LENGTH,
    "documents": 2000,
    "online_url": 500,
    "online_label": 120,
    "video_url": 500,
    "video_length": 40,
    "video_words_url": 500,
}
VIDEO = tuple(name for name in LIMITS if name.startswith("video_"))
_HEAD = re.compile(r"\A---\r?\n(.{0,10000}?)\r?\n---\r?\n", re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{1,2000}\)")
_UNDERLINED = re.compile(r"(?m)^(?P<words>\S[^\n]{0,200})\n(?P<line>=|-)(?P=line){2,}[ \t]*$")
_BOLD = re.compile(r"(?<!\w)__(?=\S)([^_\n]{1,500})(?<=\S)__(?!\w)")
_ITALIC = re.compile(r"(?<!\w)_(?=\S)([^_\n]{1,500})(?<=\S)_(?!\w)")
_H1 = re.compile(r"<h1\b[^>]{0,300}>(.{1,2000}?)</h1>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]{0,300}>(.{1,2000}?)</title>", re.DOTALL | re.IGNORECASE)
_ABOUT = re.compile(
    r"<meta\s+name=[\"']description[\"']\s+content=[\"']([^\"'<>]{1,1000})[\"']", re.IGNORECASE
)
_PAGE_HEAD = re.compile(r"<head\b.*?</head>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,2000}>")
_IMAGE = re.compile(r"<img\b", re.IGNORECASE)
# What a spreadsheet would calculate instead of showing it, however often it was made harmless.
_FORMULA = re.compile(r"'*\s*[=+\-@]")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One answer as it would be imported; with ``errors`` it is not, ``notes`` say what is lost."""

    place: str
    text: TextDraft = field(default_factory=TextDraft)
    section: str = ""
    language: str = KnowledgeLanguage.GERMAN
    # Empty where it says nothing of its readers; ``team`` is the name of the one that may read it.
    visibility: str = ""
    team: str = ""
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_file(name: str, content: bytes) -> list[ImportRow]:
    """Return the answers in a file; one that can't be read is one row with the reason."""
    reader = READERS.get(name.lower().rpartition(".")[2])
    if reader is None:
        return [
            ImportRow(name, errors=(_("Choose files in Markdown, HTML, CSV or JSON of Zammad."),))
        ]
    if len(content) > MOST_BYTES:
        return [ImportRow(name, errors=(_("This file is too large: 1 MB at most."),))]
    try:
        rows = list(reader(name, decode(content)))
    except csv.Error:
        return [ImportRow(name, errors=(_("This file is no table that can be read."),))]
    if not rows:
        return [ImportRow(name, errors=(_("There is nothing in this file."),))]
    return [checked(row) for row in rows]


def as_cell(value: str) -> str:
    """Return a value as a cell of a table that no spreadsheet takes for a formula."""
    return f"'{value}" if _FORMULA.match(value) else value


def from_cell(cell: str) -> str:
    """Return what :func:`as_cell` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def decode(content: bytes) -> str:
    """Return bytes as text: UTF-8, else as Windows writes it."""
    for charset in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(charset).replace("\0", "")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1").replace("\0", "")


def checked(row: ImportRow) -> ImportRow:
    """Return a row with its body cleaned and what is wrong about it."""
    if row.errors:
        return row
    if len(row.text.body) > MAX_BODY:
        kept = replace(row.text, body="")
        return replace(row, text=kept, errors=(_("The text is too long."),))
    row = _without_foreign_video(row)
    text = replace(row.text, body=clean_body(row.text.body))
    return replace(row, text=text, errors=(*_wrong_with(text), *_wrong_about(row)))


def _without_foreign_video(row: ImportRow) -> ImportRow:
    """Return a row whose video belongs to its text: only German has one in sign language."""
    values = {name: "" for name in VIDEO if getattr(row.text, name)}
    if row.language == KnowledgeLanguage.GERMAN or not values:
        return row
    note = _("The video in sign language is left out: it belongs to the German text.")
    return replace(row, text=replace(row.text, **values), notes=(*row.notes, note))


def _wrong_with(text: TextDraft) -> Iterator[str]:
    if not text.title:
        yield _("The title is missing.")
    if not text.body:
        yield _("The text is missing.")
    for name, limit in LIMITS.items():
        if len(getattr(text, name)) > limit:
            sentence = _("“%(field)s” is too long: %(limit)d characters at most.")
            yield sentence % {"field": name, "limit": limit}
    for name, sentence in wrong_addresses(asdict(text)).items():
        yield f"{name}: {sentence}"


def _wrong_about(row: ImportRow) -> Iterator[str]:
    if row.language not in KnowledgeLanguage.values:
        yield _("The language “%(code)s” is not known.") % {"code": row.language[:20]}
    if row.visibility and row.visibility not in Visibility.values:
        sentence = _("“%(word)s” says nothing of its readers: public, account, staff or team.")
        yield sentence % {"word": row.visibility[:40]}
    if row.visibility == Visibility.TEAM and not row.team:
        yield _("Name the team that may read it, as “team”.")


def _markdown(name: str, content: str) -> Iterator[ImportRow]:
    head = _HEAD.match(content)
    values = _values(line.partition(":")[::2] for line in head[1].splitlines()) if head else {}
    body = content[head.end() :] if head else content
    notes = (_("Pictures are left out; add them to the draft."),) if _PICTURE.search(body) else ()
    marks = _as_marks(_PICTURE.sub("", body)).strip()
    if "title" not in values and marks.startswith("# "):
        first, _newline, marks = marks.partition("\n")
        values["title"] = first.removeprefix("# ").strip()
    yield _row(name, values, from_marks(marks), notes)


def _as_marks(text: str) -> str:
    """Return Markdown in the signs that bodies know."""

    def heading(match: re.Match[str]) -> str:
        sign = "#" if match["line"] == "=" else "##"
        return f"{sign} {match['words']}\n"

    text = _UNDERLINED.sub(heading, text.replace("\r\n", "\n"))
    text = re.sub(r"(?m)^#{4,6} ", "### ", text)
    return _ITALIC.sub(r"*\1*", _BOLD.sub(r"**\1**", text))


def _html(name: str, content: str) -> Iterator[ImportRow]:
    about, first, title = _ABOUT.search(content), _H1.search(content), _TITLE.search(content)
    heading = first or title
    values = {"title": _plain(heading[1])} if heading else {}
    values |= {"summary": _plain(about[1])} if about else {}
    body = _PAGE_HEAD.sub("", content, count=1)
    body = _H1.sub("", body, count=1) if first else body
    notes = (_("Pictures are left out; add them to the draft."),) if _IMAGE.search(body) else ()
    yield _row(name, values, body, notes)


def _csv(name: str, content: str) -> Iterator[ImportRow]:
    head = content.partition("\n")[0]
    delimiter = max((";", ",", "\t"), key=head.count)
    csv.field_size_limit(MOST_BYTES)
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    columns = [NAMES.get(column.strip().lower(), "") for column in next(rows, [])]
    if "title" not in columns or "body" not in columns:
        error = _("The first line must name the columns, at least “title” and “text”.")
        yield ImportRow(name, errors=(error,))
        return
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if number > MOST_ROWS + 1:
            error = _("Only the first %(number)d lines are read.") % {"number": MOST_ROWS}
            yield ImportRow(f"{name}:{number}", errors=(error,))
            return
        values = {
            column: from_cell(cell.strip()).strip()
            for column, cell in zip(columns, cells, strict=False)
            if column
        }
        body = values.pop("body", "")
        is_html = bool(re.search(r"<(?:p|ul|ol|h[1-6]|br|div)\b", body, re.IGNORECASE))
        shown = body if is_html else from_marks(_as_marks(body))
        yield _row(f"{name}:{number}", values, shown, ())


def _zammad(name: str, content: str) -> Iterator[ImportRow]:
    try:
        found = list(islice(answers_in(content), MOST_ROWS + 1))
    except NotZammadError:
        error = _("This file holds no answers of Zammad's interface.")
        yield ImportRow(name, errors=(error,))
        return
    for number, one in enumerate(found):
        place = f"{name}:{one.key}"
        if number >= MOST_ROWS:
            error = _("Only the first %(number)d answers are read.") % {"number": MOST_ROWS}
            yield ImportRow(place, errors=(error,))
            return
        if one.is_archived or not one.language:
            error = (
                _("This answer is archived there; it is left out.")
                if one.is_archived
                else _("It is neither German nor English; it is left out.")
            )
            yield ImportRow(place, TextDraft(title=one.title[:TITLE_LENGTH]), errors=(error,))
            continue
        yield _from_zammad(place, one)


def _from_zammad(place: str, one: Found) -> ImportRow:
    values = {"title": one.title, "section": one.section, "language": one.language}
    if one.is_public or one.is_internal:
        values["visibility"] = Visibility.PUBLIC if one.is_public else Visibility.STAFF
    lost = (
        (_IMAGE.search(one.body), _("Pictures are left out; add them to the draft.")),
        (one.has_files, _("Files are left out; add them to the draft.")),
    )
    return _row(place, values, one.body, tuple(note for there, note in lost if there))


READERS = {
    "json": _zammad,
    "md": _markdown,
    "markdown": _markdown,
    "txt": _markdown,
    "html": _html,
    "htm": _html,
    "csv": _csv,
}


def _values(pairs: Iterator[tuple[str, str]]) -> dict[str, str]:
    found = {}
    for key, value in pairs:
        name = NAMES.get(key.strip().lower())
        if name and name != "body":
            found[name] = value.strip().strip("\"'")
    return found


def _row(place: str, values: dict[str, str], body: str, notes: tuple[str, ...]) -> ImportRow:
    section, language = values.pop("section", ""), values.pop("language", "")
    readers, team = values.pop("visibility", ""), values.pop("team", "")
    if not values.get("summary"):
        # The first sentence tells what it is about, until somebody writes a better one.
        words = words_of(clean_body(body[:20_000]))
        values["summary"] = re.split(r"(?<=[.!?])\s", words, maxsplit=1)[0][:SUMMARY_LENGTH]
    return ImportRow(
        place=place,
        text=TextDraft(body=body, **values),
        section=section,
        language=language or KnowledgeLanguage.GERMAN,
        # Who names a team alone means its members: it must not go to more readers.
        visibility=READERS_NAMED.get(readers.lower(), readers) or (Visibility.TEAM if team else ""),
        team=team,
        notes=notes,
    )


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def to_markdown(text: object, marks: str, about: Mapping[str, str]) -> str:
    """Return a text as a Markdown file whose head holds everything besides the body.

    ``about`` is what else the import reads: section, language and readers.
    """
    names = [name for name in LIMITS if name not in {"title", "summary"}]
    names = ["title", "summary", *names]
    values = {name: str(getattr(text, name)) for name in names} | dict(about)
    # One line each: the name of a team must not say who else may read it.
    lines = ((name, " ".join(value.split())) for name, value in values.items())
    head = "\n".join(f"{name}: {value}" for name, value in lines if value)
    return f"---\n{head}\n---\n\n{marks}\n"
