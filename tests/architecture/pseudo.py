"""A language in which every translated text stands in brackets, so that the others show."""

import gettext
import re
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import available_timezones

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from django.apps import apps
from django.db.models import CharField, Model, TextField
from django.utils import timezone
from holidays import country_holidays

from helpdesk.forms.models import FormVersion
from helpdesk.lib.languages import NAMES
from tools.catalogs import po_files, read

OPEN, SHUT = "⟦", "⟧"
LANGUAGE = "de"
# Packages whose texts reach our pages: messages of form fields, names of months, passwords.
PACKAGES = ("django.conf", "django.contrib.auth", "allauth")
SKIPPED = frozenset({"script", "style", "textarea", "noscript"})
VOID = frozenset({"input", "img", "br", "hr", "meta", "link", "use", "path", "source", "wbr"})
READ_ALOUD = ("aria-label", "title", "alt", "placeholder", "data-label", "data-key-label")
# The product's name, languages in their own words, kinds of files, and keys.
ALLOWED = re.compile(rf"Anliegen|{'|'.join(NAMES.values())}|Leichte Sprache|TXT|Enter|Esc")
# Placeholders, addresses, keys of the second factor.
FOREIGN = re.compile(r"\{\{.*?\}\}|\S+@\S+|https?://\S+|[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}")
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[^\W\d_]{2,}")


def bracket(text: str) -> str:
    """Return a text in brackets."""
    return f"{OPEN}{text}{SHUT}"


def pseudo_catalog(language: str) -> Catalog:
    """Return the texts of ours in a language and of the packages below it, each in brackets."""
    catalog = Catalog(locale=language, charset="utf-8", fuzzy=False)
    ours = next(path for path in po_files() if path.parents[1].name == language)
    packages = [_packaged(package, language) for package in PACKAGES]
    for source in (*packages, read(ours)):
        for message in source:
            if not message.id:
                continue
            texts = message.string
            string = bracket(texts) if isinstance(texts, str) else tuple(map(bracket, texts or ()))
            catalog.add(message.id, string, context=_text(message.context))
    return catalog


def _text(context: str | bytes | None) -> str | None:
    # babel hands contexts of compiled catalogues over as bytes.
    return context.decode() if isinstance(context, bytes) else context


def _packaged(package: str, language: str) -> Catalog:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    found = gettext.find("django", str(Path(spec.origin).parent / "locale"), [language])
    assert found is not None
    with Path(found).open("rb") as file:
        return read_mo(file)


def write_pseudo_locale(folder: Path, language: str = LANGUAGE) -> None:
    """Make a folder that can stand for locale/."""
    target = folder / language / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, pseudo_catalog(language))


class Reader(HTMLParser):
    """Collects what people read or hear of a page and what stands outside all brackets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bare: list[str] = []
        self._depth = 0
        self._stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            hidden = tag in SKIPPED or "avatar" in (given.get("class") or "").split()
            self._stack.append(f"!{tag}" if hidden else tag)
        for name in READ_ALOUD:
            self._hear(given.get(name) or "")
        if given.get("name") == "words":
            for word in re.findall(r'"\w+": "((?:[^"\\]|\\.)*)"', given.get("content") or ""):
                self._hear(word)
        if tag == "input" and given.get("type") in {"submit", "button"}:
            self._hear(given.get("value") or "")

    def _hear(self, text: str) -> None:
        rest, depth = outside(text, 0)
        self.bare.append(rest if depth == 0 else text)

    def handle_endtag(self, tag: str) -> None:
        while self._stack:
            if self._stack.pop().lstrip("!") == tag:
                return

    def handle_data(self, data: str) -> None:
        if any(tag.startswith("!") for tag in self._stack):
            return
        rest, self._depth = outside(data, self._depth)
        self.bare.append(rest)


def outside(text: str, depth: int) -> tuple[str, int]:
    """Return what of ``text`` is in no bracket, and how many brackets are open after it."""
    rest = []
    for sign in text:
        if sign == SHUT:
            depth -= 1
        elif sign == OPEN:
            depth += 1
        elif depth == 0:
            rest.append(sign)
    return "".join(rest), depth


def _holidays() -> set[str]:
    """Return the names of public holidays, which their library translates."""
    year = timezone.localdate().year
    return set(country_holidays("DE", years=range(year, year + 4), language=LANGUAGE).values())


def stored_texts(*, but: type[Model] | None = None) -> list[str]:
    """Return every text of the database that is data and no word of ours, the longest first.

    ``but`` names a table of which nothing counts: that of the mails, when mails are looked at.
    """
    texts = {
        str(value)
        for model in apps.get_models()
        if model is not but
        for field in model._meta.get_fields()
        if isinstance(field, CharField | TextField) and not field.choices
        for value in model._base_manager.values_list(field.name, flat=True)
        if value
    } | _holidays()
    # Words of questions lie in JSON.
    for schema in FormVersion.objects.values_list("schema", flat=True):
        texts |= {
            text for one in schema for text in (*one["label"].values(), *one["hint"].values())
        }
    # What is kept as HTML is shown without its tags.
    texts |= {TAG.sub("\n", text) for text in texts}
    lines = {line.strip() for text in texts for line in text.splitlines()}
    lines |= {zone.replace("_", " ") for zone in available_timezones()}
    # A lower-case word might be one of ours, such as the kind of something.
    return sorted((line for line in lines if line != line.lower()), key=len, reverse=True)


def untranslated(html: str, known: list[str]) -> list[str]:
    """Return the words of a page that are neither translated nor data, each once."""
    reader = Reader()
    reader.feed(html)
    found: dict[str, None] = {}
    for text in reader.bare:
        rest = ALLOWED.sub(" ", FOREIGN.sub(" ", text))
        for value in known if WORD.search(rest) else ():
            rest = rest.replace(value, " ")
        if WORD.search(rest):
            found[" ".join(rest.split())] = None
    return list(found)
