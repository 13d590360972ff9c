"""How programs of many languages announce a quote, each form also wrapped where they wrap it."""

from pathlib import Path

import pytest

from channels_in.mail.quotes import visible_text

FORMS = Path(__file__).parents[2] / "corpus" / "quotes"
ANSWER = "Morgen um acht.\n\nGruß\nErika"
MARKED = "> Guten Tag,\n>\n> wann kommt die Tonne?"
NOTES_TABLE = """\
        Stadt <info@stadt.example>                An
        03.11.2026 10:12                       Kopie
                                               Thema
        Tonne"""
UNMARKED = "Guten Tag,\n\nwann kommt die Tonne?"


def _lines(name: str) -> list[str]:
    return [line for line in (FORMS / name).read_text().splitlines() if not line.startswith("#")]


INTROS = _lines("attribution-lines.txt")
WITH_ADDRESS = [line for line in INTROS if "<info@stadt.example>" in line]


def _visible(intro: str, quoted: str = MARKED) -> str:
    return visible_text(f"{ANSWER}\n\n{intro}\n\n{quoted}\n", is_reply=True)


@pytest.mark.parametrize("intro", INTROS)
def test_visible_text_ends_before_the_attribution_of_any_program(intro: str) -> None:
    assert _visible(intro) == ANSWER


@pytest.mark.parametrize("intro", WITH_ADDRESS)
def test_visible_text_knows_an_attribution_broken_before_its_address(intro: str) -> None:
    assert _visible(intro.replace(" <info", "\n<info")) == ANSWER


@pytest.mark.parametrize("intro", WITH_ADDRESS)
def test_visible_text_knows_an_attribution_broken_inside_the_bracket(intro: str) -> None:
    assert _visible(intro.replace("<info", "<\ninfo")) == ANSWER


@pytest.mark.parametrize("intro", WITH_ADDRESS)
def test_visible_text_takes_no_closing_bracket_for_a_quote_mark(intro: str) -> None:
    assert _visible(intro.replace("example>", "example\n>")) == ANSWER


@pytest.mark.parametrize("intro", WITH_ADDRESS)
def test_visible_text_ends_before_an_attribution_without_marks_below(intro: str) -> None:
    assert _visible(intro, UNMARKED) == ANSWER


@pytest.mark.parametrize("labels", _lines("header-labels.txt"))
def test_visible_text_ends_before_a_header_block_of_any_language(labels: str) -> None:
    values = ("Stadt <info@stadt.example>", "3.11.2026 10:12", "Erika", "Tonne")
    rows = [f"{label} {value}" for label, value in zip(labels.split("|"), values, strict=True)]

    assert _visible("\n".join(rows), UNMARKED) == ANSWER


@pytest.mark.parametrize("line", _lines("original-lines.txt"))
def test_visible_text_ends_before_an_original_message_line(line: str) -> None:
    assert _visible(line, UNMARKED) == ANSWER


@pytest.mark.parametrize(
    "above",
    [
        ">>> Stadt <info@stadt.example> 03.11.2026 10:12 >>>",
        "---- On Tue, 03 Nov 2026 10:12:33 +0100 Stadt <info@stadt.example> wrote ----",
        "---- Am Di, 03 Nov 2026 10:12:33 +0100 Stadt <info@stadt.example> schrieb ---",
        "On Tue, 03 Nov 2026 10:12:33 +0100 Stadt <info@stadt.example> wrote",
        "Original Message processed by david®\nTonne 3. November 2026, 10:12 Uhr\nVon Stadt",
        "-------- Original message --------From: Stadt Date: 03.11.26 10:12 To: a@b.example",
        NOTES_TABLE,
    ],
)
def test_visible_text_ends_before_the_heads_of_single_programs(above: str) -> None:
    assert _visible(above, UNMARKED) == ANSWER


@pytest.mark.parametrize(
    "above", ["2026/11/3 Stadt <info@stadt.example>", "Am 3.11.26 10:12 schrieb A"]
)
def test_visible_text_knows_an_attribution_without_colon_right_above_a_quote(above: str) -> None:
    assert _visible(above) == ANSWER


def test_visible_text_knows_lines_that_a_gateway_broke_inside_the_quote() -> None:
    quoted = (
        "> Guten Tag, wir möchten Sie bitten, die Tonne am Abend vorher an die Straße zu\n"
        "stellen.\n> Vielen Dank\n"
    )

    assert _visible("Am 03.11.26 um 10:12 schrieb Stadt:", quoted) == ANSWER


def test_visible_text_keeps_a_short_answer_typed_between_quoted_lines() -> None:
    text = "Am 03.11.26 um 10:12 schrieb Stadt:\n> Wann können Sie kommen?\nmorgen\n> Und wo?\nhier"

    assert visible_text(text, is_reply=True) == text


def test_visible_text_finds_an_attribution_far_above_its_quote() -> None:
    text = f"{ANSWER}\n\nAm 03.11.26 um 10:12 schrieb Stadt:\n\n\n\n\n{MARKED}"

    assert visible_text(text, is_reply=True) == ANSWER


def test_visible_text_shows_all_when_the_lead_says_that_answers_stand_inside() -> None:
    text = f"Hallo,\nmeine Antworten finden Sie unten in Rot.\n\n{MARKED}"

    assert visible_text(text, is_reply=True) == text
