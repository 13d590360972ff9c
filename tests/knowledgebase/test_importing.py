"""What is imported: each format, each mistake by its place, and nothing that could run."""

import json
from dataclasses import replace

import pytest

from knowledgebase.domain.write import TextDraft
from knowledgebase.importing import (
    MOST_BYTES,
    MOST_ROWS,
    ImportRow,
    as_cell,
    from_cell,
    read_file,
    to_markdown,
)
from knowledgebase.marks import to_marks

MARKDOWN = """\
---
title: "Hundesteuer"
Sprache: de
kosten: 90 Euro
erfunden: nichts
---

# Nicht der Titel

Binnen __zwei Wochen__ *anmelden*. Danach mehr.

Unterlagen
----------

- Ausweis
- ![Bild](https://boese.example/pixel.png)Marke

[Dort](https://example.org/a)
"""
PAGE = """\
<html><head><title>Titel der Seite</title>
<meta name="description" content="Kurz &amp; gut"></head><body><h1>Sperr<b>müll</b></h1>
<script>alert(1)</script><p onclick="x()">Anmelden. <img src="https://boese.example/a.png">Dann
warten.</p>
<h4>Klein</h4></body></html>
"""
TABLE = """\
Titel;Text;Bereich;Sprache;Unsinn
Eins;"Ein **Satz**; und noch einer.";Ausweise;de;x

Zwei;<p>Als HTML</p>;;en;
;Ohne Titel;;;
Drei;Text;;fr;
"""


def rows(name: str, content: str | bytes) -> list[ImportRow]:
    return read_file(name, content.encode() if isinstance(content, str) else content)


def test_markdown_with_a_head_becomes_title_facts_and_body() -> None:
    (row,) = rows("hund.md", MARKDOWN)

    assert (row.errors, len(row.notes), row.language) == ((), 1, "de")
    assert row.text == TextDraft(
        title="Hundesteuer",
        summary="Nicht der Titel Binnen zwei Wochen anmelden.",
        body=(
            "<h2>Nicht der Titel</h2><p>Binnen <strong>zwei Wochen</strong> <em>anmelden</em>. "
            "Danach mehr.</p><h2>Unterlagen</h2><ul><li>Ausweis</li><li>Marke</li></ul>"
            '<p><a href="https://example.org/a">Dort</a></p>'
        ),
        cost="90 Euro",
    )


def test_markdown_without_a_head_takes_its_first_heading_as_title() -> None:
    (row,) = rows("a.markdown", "Reisepass\n=========\n\nErster Satz. Zweiter.")

    assert (row.text.title, row.text.summary) == ("Reisepass", "Erster Satz.")
    assert row.text.body == "<p>Erster Satz. Zweiter.</p>"


def test_html_loses_whatever_could_run_or_be_loaded() -> None:
    (row,) = rows("seite.HTML", PAGE)

    assert (row.text.title, row.text.summary) == ("Sperr müll", "Kurz & gut")
    assert " ".join(row.text.body.split()) == "<p>Anmelden. Dann warten.</p> <h3>Klein</h3>"
    assert len(row.notes) == 1


def test_table_tells_each_line_what_is_wrong_with_it() -> None:
    found = rows("liste.csv", TABLE.encode("cp1252"))

    assert [(row.place, row.text.title, len(row.errors)) for row in found] == [
        ("liste.csv:2", "Eins", 0),
        ("liste.csv:4", "Zwei", 0),
        ("liste.csv:5", "", 1),
        ("liste.csv:6", "Drei", 1),
    ]
    assert found[0].text.body == "<p>Ein <strong>Satz</strong>; und noch einer.</p>"
    assert (found[0].section, found[1].language, found[1].text.body) == (
        "Ausweise",
        "en",
        "<p>Als HTML</p>",
    )


@pytest.mark.parametrize(
    "name,content",
    [
        ("a.docx", b"PK\x03\x04"),
        ("a.md", b""),
        ("a.md", b"x" * (MOST_BYTES + 1)),
        ("a.csv", b"Spalte;Andere\n1;2"),
        ("a.csv", b""),
        ("../../etc/passwd", b"root"),
        ("a.md", b"# " + b"x" * 200 + b"\n\nText"),
        ("a.md", b"---\ntitle: A\nonline_url: javascript:alert(1)\n---\nText"),
        ("a.html", b"<p>Ohne Titel</p>"),
        ("a.html", b"\x00\xff\xfe<<<<"),
    ],
)
def test_what_can_not_be_imported_is_one_row_that_says_why(name: str, content: bytes) -> None:
    (row,) = read_file(name, content)

    assert row.errors


def test_a_video_in_sign_language_comes_with_the_german_text_alone() -> None:
    head = "---\ntitle: A\nvideo_url: /w/datei/7/\nvideo_length: 2 Minuten\nlanguage: {}\n---\nText"

    (german,), (english,) = (rows("a.md", head.format(code)) for code in ("de", "en"))

    assert (german.text.video_url, german.text.video_length) == ("/w/datei/7/", "2 Minuten")
    assert (english.text.video_url, english.text.video_length) == ("", "")
    assert (german.notes, len(english.notes), english.errors) == ((), 1, ())


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.csv", "title,text,team\nA,Text,Tiefbau\n"),
        ("a.md", "---\nteam: Tiefbau\n---\n# A\n\nText"),
    ],
)
def test_who_names_a_team_alone_means_its_members(name: str, content: str) -> None:
    (row,) = rows(name, content)

    assert (row.visibility, row.team, row.errors) == ("team", "Tiefbau", ())


def test_the_name_of_a_team_says_nothing_of_further_readers() -> None:
    about = {
        "section": "A",
        "language": "de",
        "visibility": "team",
        "team": "B\nvisibility: public",
    }

    (row,) = rows("a.md", to_markdown(TextDraft("Titel", "Kurz"), "Text", about))

    assert row.visibility == "team"


def test_only_the_first_two_hundred_lines_of_a_table_are_read() -> None:
    found = rows("a.csv", "title,text\n" + "Eins,Text\n" * (MOST_ROWS + 50))

    assert (len(found), len(found[-1].errors)) == (MOST_ROWS + 1, 1)


def test_what_was_exported_is_imported_as_it_was() -> None:
    body = "<h2>Wie</h2><p>So <strong>geht</strong> es.</p><ul><li>Eins</li></ul>"
    text = TextDraft("Titel: mit Doppelpunkt", "Kurz", body, "70 Euro", "vier Wochen")

    about = {"section": "Ausweise", "language": "en", "visibility": "team", "team": "Tiefbau"}
    exported = to_markdown(text, to_marks(text.body), about)
    (row,) = rows("a.md", exported)

    assert (row.text, row.section, row.language) == (text, "Ausweise", "en")
    assert (row.visibility, row.team) == ("team", "Tiefbau")
    assert replace(row, errors=()) == row


@pytest.mark.parametrize(
    "piece", ["<h1>", "---\n", "![", "__a", "_a ", "<head", "a\n--", "<title "]
)
def test_files_made_to_be_slow_end(piece: str) -> None:
    for name in ("a.md", "a.html", "a.csv"):
        assert read_file(name, (piece * 20_000).encode())


@pytest.mark.parametrize("value", ["=1+1", "+49", "-5", "@name", "'=x", "- Foto", " =x"])
def test_no_cell_of_a_table_is_a_formula_and_each_comes_back_as_it_was(value: str) -> None:
    cell = as_cell(value)

    assert cell.startswith("'")
    assert from_cell(cell) == value
    assert as_cell("Reisepass") == "Reisepass"


def reply(key: int = 7, **assets: object) -> dict[str, object]:
    """Return what Zammad's interface says of one answer."""
    return {
        "id": key,
        "assets": {
            "KnowledgeBaseAnswer": {
                str(key): {"id": key, "category_id": 1, "published_at": "2025-03-12T14:52:38Z"}
            },
            "KnowledgeBaseCategoryTranslation": {
                "1": {"title": "Identity", "kb_locale_id": 2, "category_id": 1},
                "2": {"title": "Ausweise", "kb_locale_id": 1, "category_id": 1},
            },
            "KnowledgeBaseAnswerTranslation": {
                str(key): {"title": "Pass", "kb_locale_id": 1, "answer_id": key, "content_id": key}
            },
            "KnowledgeBaseAnswerTranslationContent": {
                str(key): {"body": "<h4>Wie</h4><p>Das ist <i>einfach</i>. Dann mehr.</p>"}
            },
            "User": {"3": {"email": "admin@example.com"}},
        }
        | assets,
    }


def test_answers_of_zammad_come_with_section_readers_and_what_is_lost() -> None:
    internal = {"9": {"id": 9, "category_id": 4, "internal_at": "2025", "attachments": [{}]}}
    english = {"9": {"body": '<p>This is how you do it. <img src="/api/v1/attachments/1"></p>'}}
    content = json.dumps(
        [
            reply(7),
            reply(9, KnowledgeBaseAnswer=internal, KnowledgeBaseAnswerTranslationContent=english),
        ]
    )

    german, staff = read_file("zammad.json", content.encode())

    assert (german.text.title, german.text.summary) == ("Pass", "Wie Das ist einfach.")
    assert german.text.body == "<h3>Wie</h3><p>Das ist <em>einfach</em>. Dann mehr.</p>"
    assert (german.section, german.language, german.visibility) == ("Ausweise", "de", "public")
    assert (german.errors, german.notes) == ((), ())
    assert (staff.section, staff.language, staff.visibility) == ("", "en", "staff")
    assert len(staff.notes) == 2
    assert "<img" not in staff.text.body


def test_what_is_archived_in_zammad_or_in_another_language_is_left_out_and_says_so() -> None:
    archived = reply(7, KnowledgeBaseAnswer={"7": {"archived_at": "2025"}})
    french = reply(
        8,
        KnowledgeBaseLocale={"1": {"system_locale_id": 5}},
        Locale={"5": {"locale": "fr-fr"}},
    )

    for found in (archived, french):
        (row,) = read_file("a.json", json.dumps(found).encode())
        assert (row.text.title, len(row.errors)) == ("Pass", 1)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        "[1, null, []]",
        "[" * 100_000,
        '{"assets": []}',
        '{"assets": {"KnowledgeBaseAnswerTranslation": {}}}',
    ],
)
def test_a_file_that_is_none_of_zammads_is_refused_in_words(content: str) -> None:
    (row,) = read_file("a.json", content.encode())

    assert len(row.errors) == 1


def test_what_is_odd_in_a_reply_of_zammad_is_as_if_it_were_not_there() -> None:
    odd = {"KnowledgeBaseAnswerTranslation": {"1": {"title": 7, "content_id": [], "answer_id": {}}}}

    (row,) = read_file("a.json", json.dumps(odd).encode())

    assert len(row.errors) == 2


def test_half_a_pair_of_characters_in_a_reply_of_zammad_can_be_shown_and_kept() -> None:
    half = {"7\ud800": {"title": "Pass\ud800", "kb_locale_id": 1, "answer_id": 7, "content_id": 7}}
    content = json.dumps(reply(7, KnowledgeBaseAnswerTranslation=half))

    (row,) = read_file("a.json", content.encode())

    assert (row.place, row.text.title, row.errors) == ("a.json:7?", "Pass?", ())


def test_a_text_of_zammad_that_is_named_often_is_read_once() -> None:
    often = {
        str(key): {"title": "Pass", "kb_locale_id": 1, "answer_id": 7, "content_id": 7}
        for key in range(300)
    }
    content = json.dumps(reply(7, KnowledgeBaseAnswerTranslation=often))

    found = read_file("a.json", content.encode())

    assert len(found) == MOST_ROWS + 1
    assert [number for number, row in enumerate(found) if not row.errors] == [0]
