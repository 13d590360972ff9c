"""Every command of the table can be run: no key stands in the help that does nothing.

The fixed ones (held keys, signs in a text) are bound in scripts of their own, which
tests/e2e/test_twelve_tasks.py and test_palette.py press.
"""

import re
from pathlib import Path

import pytest

from helpdesk.desk.commands import CHANGEABLE
from helpdesk.desk.shell import navigation
from tests.factories.house import make_house

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "helpdesk" / "ui" / "static" / "js"
IN_TEMPLATE = re.compile(r'\bkey="([^"{]+)"')
OWN = re.compile(r'OWN_KEYS(?:\.(\w)|\["(.)"\]) = ')
GIVEN = re.compile(r'dataset\.key \|\|= "(.)"')
OF_LISTS = re.compile(r"LIST_KEYS = \{(.+?)\n\};", re.DOTALL)
LINE = re.compile(r'^\s+"?(\S)"?: \(\) =>', re.MULTILINE)


def _of_templates() -> set[str]:
    pages = (ROOT / "templates").rglob("*.html")
    return {key for page in pages for key in IN_TEMPLATE.findall(page.read_text(encoding="utf-8"))}


def _of_scripts() -> set[str]:
    texts = [script.read_text(encoding="utf-8") for script in sorted(SCRIPTS.glob("*.js"))]
    own = {one or other for text in texts for one, other in OWN.findall(text)}
    given = {key for text in texts for key in GIVEN.findall(text)}
    (block,) = (found for text in texts for found in OF_LISTS.findall(text))
    return own | given | set(LINE.findall(block))


@pytest.mark.django_db
def test_every_command_of_the_table_is_bound() -> None:
    in_navigation = {item.get("key", "") for item in navigation(make_house().anna, "")}
    bound = _of_templates() | _of_scripts() | in_navigation

    assert [one.key for one in CHANGEABLE if one.key not in bound] == []
