"""The documents name settings, tests, commands and files that exist, and all of them."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from helpdesk.project.env import KNOWN, PREFIX, SECRETS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=str)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
# Folders of whoever wrote a document are not those of who reads it.
MACHINE = re.compile(r"/tmp/|/root/|/home/\w|/work/")


def test_configuration_lists_every_setting_with_its_meaning() -> None:
    text = (ROOT / "docs/admin/configuration.md").read_text()
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \| (.+?) \|", text, re.MULTILINE)

    assert dict(rows) == dict(KNOWN)
    assert set(re.findall(rf"{PREFIX}(\w+)_FILE", text)) == SECRETS


def test_architecture_names_a_test_for_every_invariant() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    rows = dict(re.findall(r"^\| (I\d+) \|.*\| (.*) \|$", text, re.MULTILINE))
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    missing = [
        name
        for proofs in rows.values()
        for name in re.findall(r"`(\w+)`", proofs)
        if f"def {name}(" not in sources
    ]

    assert list(rows) == [f"I{number}" for number in range(1, 11)]
    assert [row for row, proofs in rows.items() if not proofs.strip()] == []
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_documents_link_to_files_that_are_there(name: str) -> None:
    path = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
    named = re.findall(r"\b(docs/[\w./-]+\.md|tests/[\w/]+\.py)\b", path.read_text())

    missing = [link for link in links if not (path.parent / link).exists()]
    missing += [link for link in named if not (ROOT / link).exists()]

    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_documents_name_commands_that_are_there(name: str) -> None:
    text = (ROOT / name).read_text()
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = set(re.findall(r"manage\.py (\w+)", text))
    made = set(re.findall(r"`make ([a-z][\w-]*)|^make ([a-z][\w-]*)", text, re.MULTILINE))

    assert commands - set(get_commands()) == set()
    assert {first or second for first, second in made} - targets == set()


@pytest.mark.parametrize("name", NAMES)
def test_documents_name_no_folder_of_one_machine(name: str) -> None:
    found = MACHINE.findall((ROOT / name).read_text())

    assert found == []


def test_pictures_of_the_readme_are_small() -> None:
    pictures = sorted((ROOT / "docs/img").glob("*.png"))

    assert [picture.name for picture in pictures if picture.stat().st_size > 200_000] == []
