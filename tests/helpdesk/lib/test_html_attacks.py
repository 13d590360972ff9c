"""Whatever HTML a stranger sends, nothing of it runs, loads or covers the desk."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from helpdesk.lib.html import sanitise, sanitise_answer, text_to_html
from helpdesk.lib.html_tokens import words

CORPUS = Path(__file__).parents[2] / "corpus" / "xss"
ATTACKS = [
    pytest.param(line, id=f"{path.stem}-{number}")
    for path in sorted(CORPUS.glob("*.txt"))
    for number, line in enumerate(path.read_text().splitlines(), 1)
    if line.strip()
]
LINES = [str(attack.values[0]) for attack in ATTACKS]
TAGS = words(
    "a abbr address article aside b big blockquote br caption center cite code dd del dfn dir "
    "div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li "
    "main mark nav ol p pre q s samp section small span strike strong sub sup table tbody td "
    "tfoot th thead tr tt u ul var wbr"
)
ATTRIBUTES = words(
    "href rel target alt width height data-cid data-remote-src start colspan rowspan dir"
)


class _Judge(HTMLParser):
    """Collects what must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.found.append(f"{tag} {name}")
            if name == "href" and not (value or "").lower().startswith(
                ("http://", "https://", "mailto:", "tel:")
            ):
                self.found.append(f"{tag} href {value}")
            if name == "data-remote-src" and not (value or "").lower().startswith("http"):
                self.found.append(f"{tag} data-remote-src {value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"instruction {data}")


def judge(html: str) -> _Judge:
    """Return what must not be there of a piece of sanitised HTML."""
    judge = _Judge()
    judge.feed(html)
    judge.close()
    return judge


def test_corpus_holds_two_hundred_attacks() -> None:
    assert len(ATTACKS) >= 200


@pytest.mark.parametrize("attack", ATTACKS)
def test_sanitise_leaves_nothing_that_runs_or_loads(attack: str) -> None:
    safe = sanitise(attack)

    assert judge(safe).found == []


def test_sanitise_leaves_nothing_inside_other_markup() -> None:
    for attack in LINES:
        safe = sanitise(f'<table><tr><td><p title="{attack}">a{attack}<b>{attack}</table>{attack}')

        assert judge(safe).found == [], attack


def test_sanitise_is_stable_under_another_pass() -> None:
    for attack in LINES:
        safe = sanitise(attack)

        assert sanitise(safe) == safe, attack


def test_sanitise_answer_leaves_no_pictures_and_nothing_that_runs() -> None:
    for attack in LINES:
        judged = judge(sanitise_answer(attack))

        assert judged.found == [], attack
        assert "img" not in judged.tags, attack


def test_text_to_html_takes_nothing_as_markup() -> None:
    for attack in LINES:
        judged = judge(text_to_html(attack))

        assert judged.found == [], attack
        assert judged.tags <= {"p", "br", "a"}, attack
