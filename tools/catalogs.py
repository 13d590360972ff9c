"""Translation catalogues through babel, so that no gettext program needs to be installed."""

import ast
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from helpdesk.lib.languages import WHOLE

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("helpdesk", "channels_in", "knowledgebase")
DOMAIN = "django"
# Whose texts citizens read, on pages and in mails. A language that the desk does not speak has
# these texts and no others; tests/architecture/test_pseudo_locale.py looks for missing ones.
PUBLIC = (
    *("helpdesk/portal/", "helpdesk/forms/submission.py", "helpdesk/forms/validate.py"),
    *("helpdesk/pages/enums.py", "helpdesk/ui/templatetags/ui.py", "helpdesk/files/serve.py"),
    *("knowledgebase/show.py", "knowledgebase/enums.py"),
    *("templates/base.html", "templates/errors/", "templates/knowledgebase/", "templates/portal/"),
    *(f"templates/mail/{kind}/" for kind in ("draft_link", "oversize", "rating")),
    *(f"templates/mail/{kind}/" for kind in ("follow_link", "follow_news")),
    *(f"templates/mail/{kind}/" for kind in ("receipt", "status_link", "sign_in_link")),
    *("templates/mail/address_link/", "templates/mail/link."),
)
NOT_PUBLIC = ("helpdesk/portal/demo_", "templates/portal/demo/")
WIDTH = 100
MARK = "Translators:"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def source_files(root: Path = ROOT) -> Iterator[Path]:
    """Yield every file that may hold a text for people, in a stable order."""
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))
        yield from sorted((root / package).rglob("templates/**/*.html"))
    templates = root / "templates"
    yield from sorted(path for path in templates.rglob("*") if path.suffix in {".html", ".txt"})


def as_python(path: Path) -> bytes:
    """Return a file's text as Python tokens; templates through Django's own translator."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text.encode()
    from django.utils.translation.template import templatize  # noqa: PLC0415 - lazy: needs settings

    # Indentation of a page means nothing to the tokenizer but trouble.
    return "\n".join(line.lstrip() for line in templatize(text).splitlines()).encode()


def extract(root: Path = ROOT) -> Catalog:
    """Collect all texts of the product into a template catalogue."""
    prepare_django()
    catalog = Catalog(project="Anliegen", charset="utf-8", fuzzy=False)
    for path in source_files(root):
        place = str(path.relative_to(root))
        source = as_python(path)
        for found in extract_python(io.BytesIO(source), KEYWORDS, [MARK], {}):
            _add(catalog, place, found)
        if path.suffix == ".py":
            for call in in_f_strings(source):
                _add(catalog, place, call)
    return catalog


def public_part(template: Catalog) -> Catalog:
    """Return the texts of ``template`` that citizens read."""
    catalog = Catalog(project="Anliegen", charset="utf-8", fuzzy=False)
    for message in template:
        places = [place for place, _line in message.locations]
        if any(place.startswith(PUBLIC) and not place.startswith(NOT_PUBLIC) for place in places):
            catalog.add(
                message.id,
                locations=message.locations,
                auto_comments=message.auto_comments,
                context=message.context,
            )
    return catalog


def part_for(language: str, template: Catalog) -> Catalog:
    """Return what a language needs: everything where the desk speaks it, else what is public."""
    return template if language in WHOLE else public_part(template)


def in_f_strings(source: bytes) -> Iterator[tuple[int, str, list[object], list[str]]]:
    """Yield the calls inside f-strings, which before Python 3.12 the tokenizer does not see."""
    for outer in ast.walk(ast.parse(source)):
        if not isinstance(outer, ast.JoinedStr):
            continue
        for call in ast.walk(outer):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                texts: list[object] = [
                    arg.value for arg in call.args if isinstance(arg, ast.Constant)
                ]
                if call.func.id in KEYWORDS:
                    yield call.lineno, call.func.id, texts, []


def _add(catalog: Catalog, place: str, found: tuple[Any, ...]) -> None:
    line, function, texts, comments = found
    spec = KEYWORDS[function] or (1,)
    given = list(texts) if isinstance(texts, (list, tuple)) else [texts]
    context: str | None = None
    message: list[str] = []
    for item in spec:
        index = item if isinstance(item, int) else item[0]
        value = given[index - 1] if index <= len(given) else None
        if not isinstance(value, str) or not value:
            return
        if isinstance(item, int):
            message.append(value)
        else:
            context = value
    catalog.add(
        message[0] if len(message) == 1 else (message[0], message[1]),
        locations=[(place, line)],
        auto_comments=comments,
        context=context,
    )


def prepare_django() -> None:
    """Let Django read its settings, which its template translator asks for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()


def po_files(root: Path = ROOT) -> list[Path]:
    """Return all catalogues, one a language."""
    return sorted((root / "locale").glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def language_of(path: Path) -> str:
    """Return the language that a catalogue's folder names."""
    return path.parents[1].name


def read(path: Path) -> Catalog:
    """Read a catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=language_of(path), domain=DOMAIN)


def update(path: Path, template: Catalog) -> Catalog:
    """Bring new texts into a catalogue and drop those that nothing uses any more."""
    catalog = read(path)
    made = catalog.creation_date
    catalog.update(part_for(language_of(path), template), no_fuzzy_matching=True)
    # A date that changed with every run would be the one line of most differences.
    catalog.creation_date = made
    catalog.obsolete.clear()
    save(path, catalog)
    return catalog


def save(path: Path, catalog: Catalog) -> None:
    """Write a catalogue in the one form in which it is kept."""
    with path.open("wb") as file:
        write_po(
            file,
            catalog,
            width=WIDTH,
            include_lineno=False,
            ignore_obsolete=True,
            sort_by_file=True,
        )


def compile_all(root: Path = ROOT) -> list[Path]:
    """Compile the catalogues that are newer than their compiled form and return those."""
    compiled = []
    for path in po_files(root):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        part = target.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            write_mo(file, read(path))
        part.replace(target)
        compiled.append(target)
    return compiled
