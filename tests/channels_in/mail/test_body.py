"""Which leaves of a mail are its body, and what becomes of their text and HTML."""

import pytest

from channels_in.mail.body import MAX_TEXT, build_body
from channels_in.mail.flowed import unflow
from channels_in.mail.parsed import Leaf
from helpdesk.lib.html import MAX_CHARS

ALTERNATIVE = ("multipart/alternative",)
STUBS = [
    "",
    " \n\t\n",
    "Ihr E-Mail-Programm kann diese HTML-Nachricht nicht anzeigen.",
    "Your mail client does not support HTML.",
    "This message is in HTML format; please use a viewer that can display it.",
    "Votre logiciel de messagerie ne peut pas afficher le HTML.",
]


def _plain(text: str, **more: object) -> Leaf:
    return Leaf("text/plain", text.encode(), "utf-8", **more)  # type: ignore[arg-type] # fields of Leaf by name


def _html(html: str, **more: object) -> Leaf:
    return Leaf("text/html", html.encode(), "utf-8", **more)  # type: ignore[arg-type] # fields of Leaf by name


def test_build_body_prefers_the_plain_text_and_keeps_the_html() -> None:
    leaves = [
        _plain("Guten Tag", parents=ALTERNATIVE, position=(0,)),
        _html("<p>Guten <b>Tag</b></p><script>x</script>", parents=ALTERNATIVE, position=(1,)),
    ]

    body, shown = build_body(leaves, is_reply=False)

    assert (body.text, body.visible_text) == ("Guten Tag", "Guten Tag")
    assert body.html == "<p>Guten <b>Tag</b></p>"
    assert shown == {0, 1}


@pytest.mark.parametrize("stub", STUBS)
def test_build_body_takes_the_html_when_the_plain_text_is_a_stub(stub: str) -> None:
    leaves = [
        _plain(stub, parents=ALTERNATIVE, position=(0,)),
        _html("<p>Guten Tag</p>", parents=ALTERNATIVE, position=(1,)),
    ]

    body, shown = build_body(leaves, is_reply=False)

    assert body.text == "Guten Tag"
    assert shown == {0, 1}


def test_build_body_appends_further_texts_in_order() -> None:
    mixed = ("multipart/mixed",)
    leaves = [
        _plain("Vor dem Bild", parents=mixed, position=(0,)),
        Leaf("image/jpeg", b"x", parents=mixed, position=(1,)),
        _plain("Nach dem Bild", parents=mixed, position=(2,)),
        _plain("Liste", filename="liste.txt", parents=mixed, position=(3,)),
        _plain("Beilage", disposition="attachment", parents=mixed, position=(4,)),
    ]

    body, shown = build_body(leaves, is_reply=False)

    assert body.text == "Vor dem Bild\n\nNach dem Bild"
    assert body.html is None
    assert shown == {0, 2}


def test_build_body_joins_the_html_around_a_file_inside_an_alternative() -> None:
    inner = ("multipart/alternative", "multipart/mixed")
    leaves = [
        _plain("eins zwei", parents=ALTERNATIVE, position=(0,)),
        _html("<p>eins</p>", parents=inner, position=(1, 0)),
        Leaf("application/pdf", b"%PDF-", parents=inner, position=(1, 1)),
        _html("<p>zwei</p>", parents=inner, position=(1, 2)),
    ]

    body, shown = build_body(leaves, is_reply=False)

    assert body.text == "eins zwei"
    assert body.html == "<p>eins</p>\n<p>zwei</p>"
    assert shown == {0, 1, 3}


def test_build_body_does_not_double_an_alternative_sent_as_mixed() -> None:
    mixed = ("multipart/mixed",)
    leaves = [
        _plain("Guten Tag, Welt", parents=mixed, position=(0,)),
        _html("<p>Guten Tag, Welt</p>", parents=mixed, position=(1,)),
    ]

    body, _ = build_body(leaves, is_reply=False)

    assert body.text == "Guten Tag, Welt"
    assert body.html == "<p>Guten Tag, Welt</p>"


def test_build_body_reads_flowed_text() -> None:
    leaf = _plain(
        "Ein langer \nSatz.\n\n> Zitat \n> weiter\n-- \nE", params=(("format", "flowed"),)
    )

    body, _ = build_body([leaf], is_reply=False)

    assert body.text == "Ein langer Satz.\n\n> Zitat weiter\n-- \nE"


@pytest.mark.parametrize(
    "text, delsp, expected",
    [
        ("a \nb", False, "a b"),
        ("a \nb", True, "ab"),
        (" >kein Zitat", False, ">kein Zitat"),
        ("> a \n>> b", False, "> a \n>> b"),
        ("-- \nName", False, "-- \nName"),
        ("a\nb", False, "a\nb"),
    ],
)
def test_unflow_joins_soft_breaks(text: str, *, delsp: bool, expected: str) -> None:
    assert unflow(text, delsp=delsp) == expected


def test_build_body_stores_nothing_a_database_refuses() -> None:
    body, _ = build_body([_plain("a\x00b\x07c\r\nd\re")], is_reply=False)

    assert body.text == "abc\nd\ne"


def test_build_body_of_no_leaves_is_empty() -> None:
    body, shown = build_body([], is_reply=False)

    assert (body.text, body.visible_text, body.html, shown) == ("", "", None, frozenset())


def test_build_body_attaches_what_is_longer_than_it_shows() -> None:
    body, shown = build_body([_plain("Zeile\n" * 900_000)], is_reply=False)

    assert len(body.text) == MAX_TEXT
    assert shown == frozenset()


def test_build_body_attaches_html_that_is_longer_than_it_shows() -> None:
    body, shown = build_body([_html("<p>x</p>" * (MAX_CHARS // 4))], is_reply=False)

    assert body.html is not None
    assert shown == frozenset()


def test_build_body_decodes_utf7_html_before_it_sanitises() -> None:
    leaf = Leaf("text/html", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-Text", "utf-7")

    body, _ = build_body([leaf], is_reply=False)

    assert "<script" not in (body.html or "")


def test_build_body_takes_uuencoded_files_out_of_the_text() -> None:
    body, _ = build_body(
        [_plain("Vorher\nbegin 644 a.txt\n#86)C\n`\nend\nNachher")], is_reply=False
    )

    assert body.text == "Vorher\nNachher"


def test_build_body_shows_the_card_of_a_bare_invitation() -> None:
    card = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nDTSTART:19700101T000000\r\n"
        "END:VTIMEZONE\r\nBEGIN:VEVENT\r\nSUMMARY:Ortstermin\\, Garten\r\n straße\r\n"
        "DTSTART;TZID=Europe/Berlin:20261103T101200\r\nLOCATION:Rathaus\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )

    body, shown = build_body([Leaf("text/calendar", card.encode(), "utf-8")], is_reply=False)

    assert body.text == "Ortstermin, Gartenstraße\n2026-11-03 10:12 (Europe/Berlin)\nRathaus"
    assert shown == frozenset()


def test_build_body_keeps_typed_quotes_of_a_new_request() -> None:
    html = "<p>Sie schreiben:</p><blockquote>Frist</blockquote><hr><p>Wann?</p>"

    body, _ = build_body([_html(html)], is_reply=False)

    assert body.visible_text == "Sie schreiben:\n\n> Frist\n\n---\n\nWann?"
