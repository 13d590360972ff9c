"""Foreign HTML becomes safe and stays readable; text and HTML become each other."""

from collections.abc import Callable

import pytest

from helpdesk.lib.html import (
    MAX_CHARS,
    MAX_DEPTH,
    MAX_LINKS,
    html_to_text,
    referenced_cids,
    resolve_cid,
    sanitise,
    sanitise_answer,
    text_to_html,
)
from tests.helpdesk.lib.ratio import MEGABYTE, assert_linear

LINK = 'target="_blank" rel="noopener noreferrer nofollow"'
BOMBS = [
    "<b>",
    "<div><font color=1>",
    "<p><font a=1>x</p>",
    "<table><font a=1>x<tr>",
    "<a href=",
    '<a href="https://a.example/">',
    "<a href='x' b=\"<a b='",
    "<!--",
    "<!-- x -->",
    "<td>",
    "</p>",
    "</div>",
    "<style>",
    "</style",
    "<svg>",
    "<img src=x>",
    "<ul><li>",
    "<blockquote>x",
    "<div style='display:none'>",
    "&lt;",
    "&#",
    "&#1",
    "&amp",
    "xxxxxxxxxx&amp;",
    "&amp;<x>",
    "<p title='&amp;'>&amp;",
    "<a href='&#&x&#1'>",
    "<",
    " ",
    "\n",
    "<select><option>",
    "<p>On On On</p>",
]


def test_sanitise_keeps_the_structure_of_a_letter() -> None:
    html = "<h1>Antrag</h1><p>Guten <b>Tag</b>,<br>eins<ul><li>a<li>b</ul><table><tr><td>1</table>"

    safe = sanitise(html)

    assert safe == (
        "<h1>Antrag</h1><p>Guten <b>Tag</b>,<br>eins</p><ul><li>a</li><li>b</li></ul>"
        "<table><tbody><tr><td>1</td></tr></tbody></table>"
    )


def test_sanitise_drops_names_classes_and_styles() -> None:
    safe = sanitise('<p id="app" class="topbar" name="x" style="position:fixed">Text</p>')

    assert safe == "<p>Text</p>"


def test_sanitise_opens_links_apart_and_without_referrer() -> None:
    safe = sanitise('<a href="https://stadt.example/a?b=1&copy=2" onclick="x()">Seite</a>')

    assert safe == f'<a href="https://stadt.example/a?b=1&amp;copy=2" {LINK}>Seite</a>'


def test_sanitise_shows_the_target_of_a_link_that_names_another_place() -> None:
    safe = sanitise('<a href="https://evil.example/x">https://www.sparkasse.example</a>')

    assert safe.endswith("https://www.sparkasse.example</a> [https://evil.example/x]")


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://www.stadt.example/x">stadt.example</a>',
        '<a href="https://stadt.example/x">Hier klicken</a>',
        '<a href="https://stadt.example/x">antrag.pdf</a>',
        '<a href="mailto:a@stadt.example?subject=x">a@stadt.example</a>',
    ],
)
def test_sanitise_adds_nothing_to_an_honest_link(html: str) -> None:
    assert "[" not in sanitise(html)


def test_sanitise_blocks_remote_images_and_keeps_their_address() -> None:
    safe = sanitise('<img src="https://t.example/p.gif?u=1&v=2" alt="Logo" width=600 height=9>')

    assert 'data-remote-src="https://t.example/p.gif?u=1&amp;v=2"' in safe
    assert 'alt="Logo"' in safe
    assert 'width="600"' in safe
    assert " src=" not in safe


def test_sanitise_refuses_huge_images() -> None:
    safe = sanitise('<img src="cid:a" width="99999" height="5000">')

    assert safe == '<img data-cid="a" alt="">'


def test_sanitise_takes_a_bare_source_as_content_id() -> None:
    safe = sanitise('<img src="image001.png@01DC4CA1.7B3C1E40">')

    assert referenced_cids(safe) == {"image001.png@01DC4CA1.7B3C1E40"}


def test_resolve_cid_gives_known_images_an_address() -> None:
    safe = sanitise('<p><img src="cid:foto%40x" alt="Foto"><img src="cid:other"></p>')

    shown = resolve_cid(safe, {"foto@x": "/files/1?a=1&b=2"})

    assert 'src="/files/1?a=1&amp;b=2"' in shown
    assert 'data-cid="other"' in shown
    assert shown.count("src=") == 1


def test_sanitise_removes_bidi_overrides() -> None:
    assert sanitise("<p>rechnung\u202efdp.exe</p>") == "<p>rechnungfdp.exe</p>"


def test_sanitise_keeps_the_direction_of_writing() -> None:
    assert sanitise('<div dir="rtl">مرحبا</div>') == '<div dir="rtl">مرحبا</div>'


def test_sanitise_decodes_entities_once() -> None:
    assert sanitise("<p>&amp;lt;b&amp;gt; &amp;amp;</p>") == "<p>&amp;lt;b&amp;gt; &amp;amp;</p>"


def test_sanitise_keeps_text_beyond_the_depth_it_shows() -> None:
    html = "<div>" * 5_000 + "unten" + "</div>" * 5_000

    safe = sanitise(html)

    assert safe.count("<div>") == MAX_DEPTH
    assert "unten" in safe


def test_sanitise_keeps_text_of_links_beyond_the_limit() -> None:
    html = '<a href="https://a.example/">x</a>' * (MAX_LINKS + 10)

    safe = sanitise(html)

    assert safe.count("<a ") == MAX_LINKS
    assert safe.count("x") - safe.count("example") >= MAX_LINKS + 10 - MAX_LINKS


def test_sanitise_reads_no_more_than_its_limit() -> None:
    safe = sanitise("a" * MAX_CHARS + "<b>beyond</b>")

    assert safe == "a" * MAX_CHARS


@pytest.mark.parametrize("piece", BOMBS)
def test_sanitise_is_linear(piece: str) -> None:
    assert_linear(sanitise, piece)


@pytest.mark.parametrize("work", [sanitise, html_to_text, text_to_html])
def test_a_megabyte_takes_ten_times_as_long_as_a_tenth(work: Callable[[str], str]) -> None:
    assert_linear(work, "<p>On &amp; On On</p>", size=MEGABYTE)


@pytest.mark.parametrize("piece", BOMBS)
def test_sanitise_does_not_grow_its_input(piece: str) -> None:
    safe = sanitise(piece * (20_000 // len(piece)))

    assert len(safe) <= 20_000 * 25


def test_sanitise_answer_keeps_what_agents_write() -> None:
    html = (
        '<h2>A</h2><p><b>b</b> <i>i</i> <a href="https://x.example/">l</a></p><ul><li>1</li></ul>'
    )

    assert sanitise_answer(html) == html.replace(
        '"https://x.example/"', f'"https://x.example/" {LINK}'
    )


def test_sanitise_answer_drops_tables_and_pictures() -> None:
    safe = sanitise_answer('<table><tr><td>Text<img src="https://x.example/a.png"></table>')

    assert safe == "Text"


@pytest.mark.parametrize(
    "html, text",
    [
        ("<p>eins</p><p>zwei</p>", "eins\n\nzwei"),
        ("eins<br>zwei<br/><br>drei", "eins\nzwei\n\ndrei"),
        ("<div>eins</div><div><br></div><div>zwei</div>", "eins\n\nzwei"),
        ("<p class=MsoNormal>a</p><p class=MsoNormal>b</p>", "a\nb"),
        ("<ul><li>a<li>b</ul><ol><li>c<li>d</ol>", "- a\n- b\n\n1. c\n2. d"),
        ("<ul><li>a<ul><li>b</ul></ul>", "- a\n  - b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('<a href="https://x.example/a">hier</a>.', "hier [https://x.example/a]."),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
        ('<a href="mailto:a@x.example">Post</a>', "Post [a@x.example]"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n> > b\n>\nc"),
        ("<head><title>t</title><style>p{}</style></head><body>x</body>", "x"),
        ("a<!-- b --><!--[if mso]>c<![endif]-->d<![if !mso]>e<![endif]>", "ade"),
        ("<xml><o:x>no</o:x></xml>yes<o:p>&nbsp;</o:p>", "yes"),
        ("a &lt;b&gt; &amp; &copy; &#228; &uuml;", "a <b> & © ä ü"),
        ("  viel \n\t Raum  <b> hier </b>  ", "viel Raum hier"),
        ("<pre>a\n  b\n</pre>", "a\n  b"),
        ('<img alt="Wappen der Stadt" src=x><img alt="" src=x>', "[Wappen der Stadt]"),
        ('<div style="display:none">vorab</div>Text', "Text"),
        ('<div style="display:none">nur das</div>', "nur das"),
        ('<div style="display: none">offen Text', "offen Text"),
        ("1 < 2 und 3 > 2 <3", "1 < 2 und 3 > 2 <3"),
        ("<p>a<p>b", "a\n\nb"),
        ("<hr>", "---"),
        ("", ""),
    ],
)
def test_html_to_text_keeps_the_lines(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize("piece", BOMBS)
def test_html_to_text_is_linear(piece: str) -> None:
    assert_linear(html_to_text, piece)


@pytest.mark.parametrize(
    "text, html",
    [
        ("a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
        ("<b>&\"'", "<p>&lt;b&gt;&amp;&quot;&#x27;</p>"),
        ("", ""),
        (" \n ", ""),
        ("a@b", "<p>a@b</p>"),
        ("https://", "<p>https://</p>"),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
    ],
)
def test_text_to_html_escapes_and_breaks(text: str, html: str) -> None:
    assert text_to_html(text) == html


@pytest.mark.parametrize(
    "text, target",
    [
        ("Siehe https://x.example/a?b=1&c=2.", "https://x.example/a?b=1&amp;c=2"),
        ("(https://x.example/a_(b))", "https://x.example/a_(b)"),
        ("Mail: a.b+c@stadt-x.example, danke", "mailto:a.b+c@stadt-x.example"),
        ("HTTP://X.example/", "HTTP://X.example/"),
        ("https://x.example/müll", "https://x.example/müll"),
    ],
)
def test_text_to_html_links_addresses(text: str, target: str) -> None:
    assert f'<a href="{target}" rel="noopener noreferrer nofollow">' in text_to_html(text)


@pytest.mark.parametrize(
    "piece", ["a@a.", "a", "https://", "https://a.b ", "@", "a@b.de ", "(", "\n", " ", "www.", "&"]
)
def test_text_to_html_is_linear(piece: str) -> None:
    assert_linear(text_to_html, piece)
