"""Templates obey the strict content-security policy and the rules of translation."""

import gzip
import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.base import NodeList, VariableNode
from django.template.loader_tags import BlockNode, ExtendsNode

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    path
    for folder in ("templates", "helpdesk", "knowledgebase", "channels_in")
    for path in (ROOT / folder).rglob("*.html")
    # Mail programs know no style sheets: mail templates may carry their styles.
    if "mail" not in path.relative_to(ROOT).parts[:-1]
)
engine = engines["django"].engine  # type: ignore[attr-defined]  # the backend of the settings
STATIC = ROOT / "helpdesk" / "ui" / "static"
OWN_ASSETS = sorted([*(STATIC / "css").glob("*.css"), *(STATIC / "js").glob("*.js")])
# Loaded by the pages that need them and by no other: the editor of answers, the portal's.
OF_ONE_PAGE = {
    *("knowledge.js", "report.js", "suggest.js", "helps.js", "formatted.js", "order.js"),
    *("guard.js", "questions.js", "related.js", "lists.js", "places.js"),
    "photos.js",
    # Fetched when they are first needed.
    *("commands.js", "palette.js", "session.js", "copy.js", "worker.js"),
    *("autosave.js", "pick.js", "sheet.js", "find.js", "thread.js"),
    *("composer.js", "picker.js", "enclose.js", "greeting.js", "marks.js", "pasted.js"),
    *("pictures.js", "push.js"),
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


def chain_of(name: str) -> list[dict[str, BlockNode]]:
    """Return the blocks of a template and of all that it extends by name, its own first."""
    chain = []
    while name:
        nodes = engine.get_template(name).nodelist
        extends = next((node for node in nodes if isinstance(node, ExtendsNode)), None)
        inner = extends.nodelist if extends else nodes
        chain.append({node.name: node for node in blocks_in(inner)})
        parent = str(getattr(extends, "parent_name", ""))
        if extends and not parent.startswith('"'):
            return []
        name = parent.strip('"')
    return chain


def blocks_in(nodes: NodeList) -> list[BlockNode]:
    found: list[BlockNode] = nodes.get_nodes_by_type(BlockNode)  # type: ignore[assignment]  # of this type
    return found


def shown_in(chain: list[dict[str, BlockNode]]) -> set[str]:
    """Return the blocks that are drawn: of one that is overridden, nothing within it is."""
    shown, waiting = set[str](), list(chain[-1])
    inner = {n.name for node in chain[-1].values() for n in below(node)}
    waiting = [name for name in waiting if name not in inner]
    while waiting:
        name = waiting.pop()
        shown.add(name)
        for blocks in chain:
            if name in blocks:
                waiting += [node.name for node in below(blocks[name])]
                if "block.super" not in str(blocks[name].nodelist.get_nodes_by_type(VariableNode)):
                    break
    return shown


def below(block: BlockNode) -> list[BlockNode]:
    """Return the blocks within a block."""
    return blocks_in(block.nodelist)


def test_every_block_of_a_template_is_drawn_in_what_it_extends() -> None:
    root = ROOT / "templates"
    lost = {}
    for path in TEMPLATES:
        if path.is_relative_to(root):
            chain = chain_of(str(path.relative_to(root)))
            if len(chain) > 1 and (found := chain[0].keys() - shown_in(chain)):
                lost[str(path.relative_to(root))] = found

    assert lost == {}


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
