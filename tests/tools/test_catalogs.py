"""Texts are found in code and templates; catalogues are checked and compiled without gettext."""

import gettext
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.catalogs import ROOT, compile_all, extract, part_for, po_files, read, update
from tools.check_translations import check, problems

HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A product of one module, one page and one mail."""
    (tmp_path / "helpdesk").mkdir()
    (tmp_path / "helpdesk" / "words.py").write_text(
        "from django.utils.translation import gettext as _, ngettext, pgettext\n"
        "title = _('Request')\n"
        "few = ngettext('%(count)d file', '%(count)d files', 2)\n"
        "month = pgettext('month', 'May')\n"
        "dynamic = _(title)\n"
        "inside = f\"{_('today')} 12:00\"\n"
    )
    (tmp_path / "templates" / "mail").mkdir(parents=True)
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}\n"
        '<p>It\'s {% translate "Send" %}</p>\n'
        "    {% blocktranslate trimmed with name=x.name %}\n      Hello\n      {{ name }}\n"
        "    {% endblocktranslate %}\n"
        "  {% blocktranslate count n=n %}One day{% plural %}{{ n }} days{% endblocktranslate %}\n"
    )
    (tmp_path / "templates" / "mail" / "subject.txt").write_text(
        "{% load i18n %}{% translate 'Receipt' %}"
    )
    return tmp_path


def _write(project: Path, entries: str) -> Path:
    path = project / "locale" / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + entries, encoding="utf-8")
    return path


def test_catalogues_are_compiled_before_django_may_read_them() -> None:
    compiled = po_files()[-1].with_suffix(".mo")
    os.utime(compiled, (0, 0))

    subprocess.run([sys.executable, "-c", "import tests.settings"], cwd=ROOT, check=True)

    assert compiled.stat().st_mtime > 0


def test_extract_finds_texts_of_code_pages_and_mails(project: Path) -> None:
    found = {(message.context, message.id) for message in extract(project) if message.id}

    assert found == {
        (None, "Request"),
        (None, "today"),
        (None, ("%(count)d file", "%(count)d files")),
        ("month", "May"),
        (None, "Send"),
        (None, "Hello %(name)s"),
        (None, ("One day", "%(n)s days")),
        (None, "Receipt"),
    }


def test_problems_names_missing_fuzzy_empty_unused_and_broken_texts(project: Path) -> None:
    path = _write(
        project,
        'msgid "Request"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgid "Send"\nmsgstr "Senden"\n\n'
        'msgid "Gone"\nmsgstr "Weg"\n\n'
        '#, python-format\nmsgid "Hello %(name)s"\nmsgstr "Hallo %(nam)s"\n\n'
        'msgid "Receipt"\nmsgstr "Eingang"\n\n'
        'msgctxt "month"\nmsgid "May"\nmsgstr "Mai"\n\n'
        'msgid "One day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "Ein Tag"\nmsgstr[1] ""\n',
    )

    found = list(problems(read(path), extract(project)))

    assert found == [
        "missing, run make messages: '%(count)d file'",
        "missing, run make messages: 'today'",
        "used nowhere, run make messages: 'Gone'",
        "not translated: 'Request'",
        "fuzzy: 'Send'",
        "unknown named placeholder 'nam': 'Hello %(name)s'",
        "not translated: 'One day'",
    ]


def test_check_demands_a_catalogue_of_each_language(project: Path) -> None:
    assert check(project) == [f"{code}: no catalogue" for code in ("de", "tr", "uk", "ar", "fr")]


def test_a_language_that_the_desk_does_not_speak_has_what_citizens_read(project: Path) -> None:
    page = project / "templates" / "portal" / "page.html"
    page.parent.mkdir()
    page.write_text("{% load i18n %}{% translate 'Welcome' %}{% translate 'Send' %}")

    template = extract(project)

    assert {message.id for message in part_for("fr", template) if message.id} == {"Welcome", "Send"}
    assert part_for("en", template) is template


def test_update_adds_new_texts_and_drops_unused_ones(project: Path) -> None:
    path = _write(project, 'msgid "Send"\nmsgstr "Senden"\n\nmsgid "Gone"\nmsgstr "Weg"\n')

    update(path, extract(project))

    catalog = read(path)
    assert "Gone" not in catalog
    assert catalog["Send"].string == "Senden"
    assert catalog["Request"].string == ""


def test_compile_all_writes_what_the_standard_library_reads(project: Path) -> None:
    path = _write(project, 'msgid "Send"\nmsgstr "Senden"\n')

    compiled = compile_all(project)

    with compiled[0].open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Send") == "Senden"
    assert compile_all(project) == []
    assert po_files(project) == [path]
