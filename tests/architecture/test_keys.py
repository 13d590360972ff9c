"""Every key of a template is in the table of commands, once, and docs/keys.md is that table."""

import re
from pathlib import Path

from helpdesk.desk.commands import BY_KEY, COMMANDS, GROUPS, is_usable
from helpdesk.desk.shell import GO_KEYS

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMED = re.compile(r'\bkey="([^"{]+)"')
LINE = re.compile(r"^\| `(.+?)` \| (.+?) \|$", re.MULTILINE)


def test_every_key_of_a_template_is_in_the_table() -> None:
    unknown = {
        f"{path.relative_to(ROOT)}: {key}"
        for path in TEMPLATES
        for key in NAMED.findall(path.read_text(encoding="utf-8"))
        if key not in BY_KEY
    }

    assert unknown == set()
    assert set(GO_KEYS.values()) <= set(BY_KEY)


def test_no_key_stands_twice_in_the_table_and_each_can_be_pressed() -> None:
    assert len(BY_KEY) == len(COMMANDS)
    assert [one.key for one in COMMANDS if not one.is_fixed and not is_usable(one.key)] == []
    assert {one.group for one in COMMANDS} == set(GROUPS)


def test_the_page_of_keys_is_the_table() -> None:
    page = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")

    assert LINE.findall(page) == [(one.key, one.words) for one in COMMANDS]
