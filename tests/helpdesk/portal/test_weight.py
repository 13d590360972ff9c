"""What a slow phone has to fetch for a first look: at most 100 kB, pictures apart."""

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from knowledgebase.models import Answer
from tests.factories.house import House, make_house
from tests.factories.knowledge import make_answer, make_section

pytestmark = pytest.mark.django_db
MOST = 100_000
_LINKED = re.compile(r'<(?:link|script)\b[^>]*\b(?:href|src)="(/static/[^"]+\.(?:css|js|woff2))"')
_STYLES = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_FONTS = re.compile(r"url\((/static/[^)]+\.woff2)\)")
_WITHIN = re.compile(
    r"""(?:url\(|@import\s+|import\s+(?:[^"']*from\s+)?)["']?([^"')]+\.(?:css|js|woff2))"""
)
# By their unicode-range these are asked for only where a page has letters of theirs.
_OTHER_LETTERS = ("-latin-ext-", "-cyrillic-")
_HASH = re.compile(r"\.[0-9a-f]{12}(?=\.)")


@pytest.fixture
def house() -> House:
    return make_house()


def file_of(address: str) -> Path:
    """Return the file behind an address below /static/."""
    found = finders.find(_HASH.sub("", urlsplit(address).path.removeprefix("/static/")))
    assert isinstance(found, str), address
    return Path(found)


def fetched(html: str) -> dict[Path, int]:
    """Return every style, script and font of a page with its size on the wire."""
    styles = "".join(_STYLES.findall(html))
    waiting = [file_of(address) for address in _LINKED.findall(html) + _FONTS.findall(styles)]
    sizes: dict[Path, int] = {}
    while waiting:
        path = waiting.pop()
        if path in sizes or any(part in path.name for part in _OTHER_LETTERS):
            continue
        content = path.read_bytes()
        # A font is packed already.
        sizes[path] = len(content if path.suffix == ".woff2" else gzip.compress(content))
        if path.suffix != ".woff2":
            inside = _WITHIN.findall(content.decode())
            waiting += [(path.parent / name).resolve() for name in inside if "//" not in name]
    return sizes


def weight_of(address: str) -> int:
    page = Client().get(address, follow=True)
    assert page.status_code == 200
    files = fetched(page.content.decode())
    assert ".woff2" in {path.suffix for path in files}
    assert "<style>" in page.content.decode()
    return len(gzip.compress(page.content)) + sum(files.values())


def test_the_entrance_weighs_at_most_a_hundred_kilobytes(house: House) -> None:
    make_answer(make_section(house.authority))

    assert weight_of(reverse("portal:home")) <= MOST


def test_an_answer_weighs_at_most_a_hundred_kilobytes(house: House) -> None:
    answer = make_answer(make_section(house.authority))

    assert weight_of(reverse("portal:answer_short", args=[answer.pk])) <= MOST
    assert Answer.objects.count() == 1


def test_a_page_of_hits_weighs_at_most_a_hundred_kilobytes(house: House) -> None:
    make_answer(make_section(house.authority))

    assert weight_of(f"{reverse('portal:search')}?q=Reisepass") <= MOST


def test_who_saves_data_gets_no_web_font_and_caches_are_told() -> None:
    make_house()

    plain, saving = Client().get("/"), Client().get("/", headers={"Save-Data": "on"})

    assert "woff2" in plain.content.decode()
    assert "fonts" not in re.sub(r"<body.*", "", saving.content.decode(), flags=re.DOTALL)
    assert "Save-Data" in saving.headers["Vary"]
    assert "Save-Data" in plain.headers["Vary"]


def test_nothing_is_waited_for_before_the_first_paint(house: House) -> None:
    make_answer(make_section(house.authority))
    addresses = [reverse(f"portal:{name}") for name in ("home", "report", "lookup", "knowledge")]

    heads = [Client().get(one).content.decode().partition("</head>")[0] for one in addresses]

    blocking = re.compile(r'<link rel="stylesheet"|<script src="[^"]+"(?! type="module")')
    assert [blocking.findall(head) for head in heads] == [[], [], [], []]


def test_the_fonts_of_a_page_weigh_at_most_forty_eight_kilobytes(house: House) -> None:
    make_answer(make_section(house.authority))

    files = fetched(Client().get("/").content.decode())

    fonts = [size for path, size in files.items() if path.suffix == ".woff2"]
    assert (len(fonts), sum(fonts) <= 48_000) == (2, True)
