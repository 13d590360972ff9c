"""Bodies: cleaned when written, anchored when shown, and the same as marked text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.lib.html import sanitise_knowledge
from knowledgebase.body import clean_body, linked_answers, pictures_in, plain_body, show_body
from knowledgebase.marks import from_marks, to_marks

WORD = (
    "<h1 class=MsoTitle><span style='mso-x:1'>Pass</span></h1>"
    "<p class=MsoNormal>Text<o:p></o:p></p>"
    "<p class=MsoListParagraph><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp; </span></span>"
    "Eins</p><p>·&nbsp; Zwei</p><p><o:p>&nbsp;</o:p></p>"
    "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->"
)


def test_clean_body_makes_plain_html_of_what_word_wrote() -> None:
    assert clean_body(WORD) == "<h2>Pass</h2><p>Text</p><ul><li>Eins</li><li>Zwei</li></ul>"


def test_clean_body_keeps_links_within_and_outside_and_drops_all_others() -> None:
    html = (
        '<a href="/w/12">a</a><a href="https://example.org/x">b</a><a href="mailto:x@y.de">c</a>'
        '<a href="/a/verwaltung/">d</a><a href="javascript:alert(1)">e</a><a href="//x.de">f</a>'
        '<a href="/w/12/../../a/">g</a><a href="data:text/html,x">h</a>'
    )

    assert clean_body(html) == (
        '<a href="/w/12">a</a><a href="https://example.org/x">b</a><a href="mailto:x@y.de">c</a>'
        "defgh"
    )


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://canary.example/x.png">',
        '<img srcset="https://canary.example/x.png 2x" data-cid="x">',
        '<p style="background:url(https://canary.example/x)">Text</p>',
        '<video poster="https://canary.example/x"></video><link href="https://canary.example/x">',
        '<div style="position:fixed;inset:0" id="main" class="btn" name="body">Text</div>',
        "<script>canary.example</script><svg onload=x></svg><iframe src=//canary.example></iframe>",
        '<p><a href="javascript:alert(1)" onclick="x()">Text</a></p>',
        '<math><mtext></p><style><img src=x onerror="canary.example"></style></mtext></math>Text',
    ],
)
def test_clean_body_leaves_nothing_that_loads_runs_or_covers(html: str) -> None:
    cleaned = clean_body(html)

    assert cleaned in {"", "<p>Text</p>", "Text"}


def test_clean_body_changes_nothing_of_what_it_has_cleaned() -> None:
    once = clean_body(WORD + '<p><img data-cid="7"></p><blockquote><p>x &amp; y</p></blockquote>')

    assert clean_body(once) == once


def test_show_body_gives_headings_anchors_and_pictures_their_address() -> None:
    html = '<h2>Was &amp; wie</h2><p><img data-cid="7"><img data-cid="8"></p><h3>Mehr</h3>'

    pictures = {"7": ("/w/datei/7/", 'Ein "Foto"')}
    shown = show_body(html, pictures, sizes={"7": (640, 480)})

    assert shown.html == (
        '<h2 id="abschnitt-1">Was &amp; wie</h2>'
        '<p><img data-cid="7" src="/w/datei/7/" alt="Ein &quot;Foto&quot;"'
        ' width="640" height="480" loading="lazy"></p>'
        '<h3 id="abschnitt-2">Mehr</h3>'
    )
    assert [(one.level, one.text) for one in shown.headings] == [(2, "Was & wie"), (3, "Mehr")]


def test_bodies_tell_which_answers_and_pictures_they_name() -> None:
    html = '<p><a href="/w/12">x</a> <img data-cid="7"></p>'

    assert (linked_answers(html), pictures_in(html)) == (frozenset({12}), frozenset({7}))


def test_plain_body_holds_the_words_line_by_line() -> None:
    html = "<h2>Titel</h2><p>Ein <strong>Foto</strong></p><ul><li>eins</li><li>zwei</li></ul>"

    assert plain_body(html) == "Titel\n\nEin Foto\n\n- eins\n- zwei"


MARKED = """## Was Sie brauchen

Ein **Foto** und den *alten* Pass, siehe [hier](/w/12).

- eins
- zwei

1. erst
2. dann

> Zitat

![](7)"""


def test_marks_stand_for_the_same_html_in_both_directions() -> None:
    html = clean_body(from_marks(MARKED))

    assert to_marks(html) == MARKED
    assert html == (
        "<h2>Was Sie brauchen</h2>"
        '<p>Ein <strong>Foto</strong> und den <em>alten</em> Pass, siehe <a href="/w/12">hier</a>.'
        "</p><ul><li>eins</li><li>zwei</li></ul><ol><li>erst</li><li>dann</li></ol>"
        '<blockquote><p>Zitat</p></blockquote><p><img data-cid="7"></p>'
    )


@given(st.text(alphabet="ab1.)# *->[]()\\!\n&<", max_size=60))
def test_marks_of_any_paragraph_come_back_as_that_paragraph(words: str) -> None:
    plain = " ".join(words.split())
    escaped = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    html = sanitise_knowledge(f"<p>{escaped}</p><p>Ende</p>") if plain else "<p>Ende</p>"

    assert clean_body(from_marks(to_marks(html))) == clean_body(html)


@given(st.text(max_size=200))
def test_marks_never_become_anything_but_allowed_html(text: str) -> None:
    html = clean_body(from_marks(text))

    assert sanitise_knowledge(html) == html


def test_marks_of_any_depth_and_number_are_read() -> None:
    quoted, headed = ">" * 5000 + " tief", "\n".join(["# Kopf"] * 3000)

    assert clean_body(from_marks(quoted)) == "<blockquote><p>tief</p></blockquote>"
    assert from_marks(headed) == "<h2>Kopf</h2>" * 3000
