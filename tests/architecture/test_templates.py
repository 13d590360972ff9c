"""Templates obey the strict content-security policy and the rules of translation."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    path
    for folder in ("templates", "helpdesk", "knowledgebase", "channels_in")
    for path in (ROOT / folder).rglob("*.html")
    # Mail programs know no style sheets: mail templates may carry their styles.
    if "mail" not in path.relative_to(ROOT).parts[:-1]
)
STATIC = ROOT / "helpdesk" / "ui" / "static"
OWN_ASSETS = sorted([*(STATIC / "css").glob("*.css"), *(STATIC / "js").glob("*.js")])
# Loaded by the pages that need them and by no other: the editor of answers, the portal's.
OF_ONE_PAGE = {
    *("knowledge.js", "report.js", "suggest.js", "helps.js", "formatted.js", "order.js"),
    *("guard.js", "questions.js", "related.js", "lists.js"),
    # Fetched when they are first needed.
    *("commands.js", "palette.js", "session.js", "copy.js", "worker.js"),
    *("autosave.js", "pick.js", "sheet.js", "thread.js"),
    *("composer.js", "picker.js", "enclose.js", "greeting.js", "marks.js", "pasted.js"),
    "pictures.js",
}
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^<>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[^<>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\shx-on[:-]", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a style element": re.compile(r"<style", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "an untrimmed blocktranslate": re.compile(
        r"\{%-?\s*blocktrans(?:late)?(?![^%]*\btrimmed\b)[^%]*%\}"
    ),
}


@pytest.mark.parametrize("what", sorted(FORBIDDEN))
def test_no_template_contains(what: str) -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        if FORBIDDEN[what].search(path.read_text(encoding="utf-8"))
    ]

    assert guilty == []


@pytest.mark.parametrize(
    "what,sample",
    [
        ("a style attribute", '<p class="x" style="color:red">'),
        ("an event handler", '<a href="#" onclick="x()">'),
        ("hx-on", '<a hx-on:click="x()">'),
        ("an inline script", '<script type="module">x()</script>'),
        ("a style element", "<style>p{}</style>"),
        ("a javascript address", '<a href="javascript:x()">'),
        ("an untrimmed blocktranslate", "{% blocktranslate with a=b %}"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, sample: str) -> None:
    assert FORBIDDEN[what].search(sample)


def test_templates_are_found() -> None:
    assert len(TEMPLATES) >= 12


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    sprite = (STATIC / "img" / "icons.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))

    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'\{% icon "([^"]+)"', path.read_text(encoding="utf-8"))
    }

    assert named - known == set()


@pytest.mark.parametrize("path", OWN_ASSETS, ids=lambda path: path.name)
def test_own_assets_name_no_other_host_and_no_data_image(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    assert re.findall(r"https?://|url\(data:|@import", text) == []


def test_the_sprite_and_the_styles_stay_within_their_budgets() -> None:
    assert (STATIC / "img" / "icons.svg").stat().st_size <= 6144
    sizes = {path.name: path.stat().st_size for path in (STATIC / "js").glob("*.js")}
    shared = [path for path in (STATIC / "js").glob("*.js") if path.name not in OF_ONE_PAGE]
    # The desk has 80 kB for all that travels, the libraries of the heaviest page included.
    travels = [*shared, *(STATIC / "vendor").rglob("*.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in travels) <= 80_000
    assert {name for name in OF_ONE_PAGE if sizes[name] > 12_000} == set()
