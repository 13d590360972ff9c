"""Making a data folder ready, also where another process does the same."""

from pathlib import Path

from pytest_django import Settings

from helpdesk.project.datafolder import compile_translations

CATALOGUE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Yes"
msgstr "Jawohl"
"""


def test_catalogues_are_compiled_while_another_start_compiles_them(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "de/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(CATALOGUE)
    # What the other one has begun must neither be written over nor taken for whole.
    begun = folder / "django.mo.part"
    begun.mkdir()
    settings.LOCALE_PATHS = [tmp_path]

    compile_translations()

    assert b"Jawohl" in (folder / "django.mo").read_bytes()
    assert begun.is_dir()
