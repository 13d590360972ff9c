"""Marks in typed text: what they become, what is none, and that none of it is ever a tag."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.lib.html import sanitise_marked, text_to_html
from helpdesk.lib.literals import literal
from helpdesk.lib.marked import Marked, read_marks

REL = 'rel="noopener noreferrer nofollow"'
TAGS = {"p", "br", "h2", "strong", "em", "ul", "ol", "li", "blockquote", "a"}
# Whatever marks are made of, and whatever tags are made of.
SIGNS = st.text(alphabet="*[]()>-•. 1234\n\\`_#<&\"'=/: ab" + "\u202e\u00a0\0", max_size=80)
PIECES = st.lists(
    st.sampled_from(
        [
            "**",
            "*",
            "[a](https://b.de)",
            "[",
            "](javascript:alert(1))",
            "\n- ",
            "\n1. ",
            "\n2. ",
            "\n> ",
            "\n## ",
            "<script>",
            "<img src=x onerror=y>",
            "https://c.de/*x*",
            "\n\n",
            "  ",
            "wort",
            '"',
        ]
    ),
    max_size=25,
).map("".join)


@pytest.mark.parametrize(
    "typed, html, text",
    [
        (
            "Ein **Wort** *mehr*.",
            "<p>Ein <strong>Wort</strong> <em>mehr</em>.</p>",
            "Ein Wort mehr.",
        ),
        (
            "Es ist ***wichtig***, [***sehr***](https://b.de).",
            (
                "<p>Es ist <strong><em>wichtig</em></strong>, "
                f'<a href="https://b.de" {REL}><strong><em>sehr</em></strong></a>.</p>'
            ),
            "Es ist wichtig, sehr <https://b.de>.",
        ),
        (
            "Bitte mitbringen:\n- Ausweis\n- **Foto**\n\nDanke",
            (
                "<p>Bitte mitbringen:</p><ul><li>Ausweis</li><li><strong>Foto</strong></li></ul>"
                "<p>Danke</p>"
            ),
            "Bitte mitbringen:\n- Ausweis\n- Foto\n\nDanke",
        ),
        (
            "3. drittens\n4. viertens\n   in zwei Zeilen",
            '<ol start="3"><li>drittens</li><li>viertens<br>in zwei Zeilen</li></ol>',
            "3. drittens\n4. viertens\n   in zwei Zeilen",
        ),
        (
            "- oben\n  - innen\n- unten",
            "<ul><li>oben<ul><li>innen</li></ul></li><li>unten</li></ul>",
            "- oben\n  - innen\n- unten",
        ),
        (
            "> Wann?\n> Heute?\nMorgen.",
            "<blockquote><p>Wann?<br>Heute?</p></blockquote><p>Morgen.</p>",
            "> Wann?\n> Heute?\nMorgen.",
        ),
        (
            "Siehe [das *Formular*](https://stadt.example/a_(b)).",
            f'<p>Siehe <a href="https://stadt.example/a_(b)" {REL}>das <em>Formular</em></a>.</p>',
            "Siehe das Formular <https://stadt.example/a_(b)>.",
        ),
        (
            "Guten Tag,\n## Das brauchen wir \nAusweis\n- Foto\n### **Wann?**\n\nMorgen",
            (
                "<p>Guten Tag,</p><h2>Das brauchen wir</h2><p>Ausweis</p><ul><li>Foto</li></ul>"
                "<h2><strong>Wann?</strong></h2><p>Morgen</p>"
            ),
            "Guten Tag,\nDas brauchen wir \nAusweis\n- Foto\nWann?\n\nMorgen",
        ),
        (
            "Nach C ## folgt **fett**",
            "<p>Nach C ## folgt <strong>fett</strong></p>",
            "Nach C ## folgt fett",
        ),
        (
            "> ## Betreff\n## Äußeres",
            "<blockquote><p>## Betreff</p></blockquote><h2>Äußeres</h2>",
            "> ## Betreff\nÄußeres",
        ),
        (
            "**Mehr: https://stadt.example**",
            (
                f'<p><strong>Mehr: <a href="https://stadt.example" {REL}>https://stadt.example</a>'
                "</strong></p>"
            ),
            "Mehr: https://stadt.example",
        ),
    ],
)
def test_marks_become_a_look_and_a_plain_text(typed: str, html: str, text: str) -> None:
    assert read_marks(typed) == Marked(html, text)


@pytest.mark.parametrize(
    "typed",
    [
        "Bürger*innen und Kolleg*innen",
        "5*3*2 und 2 * 3 * 4",
        "1. Dezember 2026, 8 Uhr",
        "1. Mai: geschlossen\n2. Mai: offen\n3. Mai: offen",
        "Termin am\n15. Januar oder\n3. Februar",
        "[hier](javascript:alert(1)) oder [dort](/intern/)",
        "https://stadt.example/*a*/b",
        "-- \nJana",
        "# 12",
        "#12 ist Ihre Nummer",
        "## 12 Plätze",
        "##Wort",
        "# Wort",
        "#### Wort",
        "C## Wort",
        "** nichts **",
        "plan_v2_final.pdf",
    ],
)
def test_what_only_looks_like_a_mark_stays_what_was_typed(typed: str) -> None:
    assert read_marks(typed) is None


@given(typed=st.one_of(SIGNS, PIECES))
@settings(max_examples=300, deadline=None)
def test_no_typed_sign_becomes_a_tag_or_an_attribute(typed: str) -> None:
    found = read_marks(typed)

    if found is not None:
        assert set(re.findall(r"<([a-z0-9]+)", found.html)) <= TAGS
        assert set(re.findall(r" ([a-z-]+)=\"", found.html)) <= {"href", "rel", "start"}
        assert all(
            target.startswith(("http://", "https://", "mailto:", "tel:"))
            for target in re.findall(r'href="([^"]*)"', found.html)
        )
        assert sanitise_marked(found.html) == found.html


@given(typed=st.text(alphabet="ab ,.:\n<>&\"'@/", max_size=80))
@settings(max_examples=200, deadline=None)
def test_a_text_without_marks_is_shown_as_ever(typed: str) -> None:
    quoted = any(line.startswith(">") for line in typed.split("\n"))

    assert quoted or read_marks(typed) is None


def test_a_long_text_of_nothing_but_signs_is_read_in_steps_that_grow_with_it() -> None:
    for sign in ("**", "[", "*a ", "> ", "- a\n", "1. a\n", "## a\n", "[a](https://x"):
        found = read_marks(sign * 20_000)
        assert found is None or len(found.html) < 40 * len(sign) * 20_000


def test_two_paragraphs_stay_two() -> None:
    assert text_to_html("a\n\nb") == "<p>a</p><p>b</p>"
    assert read_marks("a\n\n*b*") == Marked("<p>a</p><p><em>b</em></p>", "a\n\nb")


@given(SIGNS | PIECES, SIGNS | PIECES)
@settings(max_examples=60, deadline=None)
def test_what_is_literal_is_shown_as_it_is_whatever_stands_around_it(
    around: str, value: str
) -> None:
    value = value.replace("\0", "").strip()
    typed = f"{around}\n\n**fett** {literal(value)}\n\n{around}"

    found = read_marks(typed)

    assert found is not None
    assert not re.search("[\ufdd0-\ufdef]", found.html + found.text)
    assert f"fett {value}".strip() in found.text
    assert found.html == sanitise_marked(found.html)
