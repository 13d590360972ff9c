"""What an answer must be, and which questions are asked at all."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.forms.schema import (
    GIVEN,
    Condition,
    Days,
    Kind,
    Option,
    Question,
    read_schema,
    write_schema,
)
from helpdesk.forms.validate import (
    Answer,
    AnswerError,
    asked,
    clean_answer,
    faults_of,
    kept,
    show_all,
    show_answer,
    unanswered,
)

TODAY = date(2026, 11, 18)
OPTIONS = (
    Option("dunkel", {"de": "Dunkel", "en": "Dark"}),
    Option("flackert", {"de": "Flackert"}),
)


def ask(kind: Kind, **values: Any) -> Question:
    options = OPTIONS if kind in {Kind.CHOICE, Kind.CHOICES} else ()
    return Question("q", kind, {"de": "Frage"}, options=options, **values)


@pytest.mark.parametrize(
    "question, given_values, answer",
    [
        (ask(Kind.TEXT), ["  zwei   Wörter "], "zwei Wörter"),
        (ask(Kind.LONG_TEXT), ["eins\r\nzwei"], "eins\nzwei"),
        (ask(Kind.NUMBER), ["2,50"], "2.5"),
        (ask(Kind.NUMBER), ["1 000"], "1000"),
        (ask(Kind.DATE), ["24", "11", "2026"], "2026-11-24"),
        (ask(Kind.CHOICE), ["dunkel"], "dunkel"),
        (ask(Kind.CHOICES), ["flackert", "dunkel"], ["dunkel", "flackert"]),
        (ask(Kind.CONSENT), ["yes"], GIVEN),
        (ask(Kind.FILE), ["a.pdf"], ["a.pdf"]),
        (ask(Kind.TEXT, required=False), [""], ""),
        (ask(Kind.CHOICES, required=False), [], []),
    ],
)
def test_an_answer_is_cleaned(question: Question, given_values: list[str], answer: Answer) -> None:
    assert clean_answer(question, given_values, today=TODAY) == answer


@pytest.mark.parametrize(
    "question, given_values, says",
    [
        (ask(Kind.TEXT), [" "], "Beantworten Sie die Frage"),
        (ask(Kind.TEXT, maximum=5), ["sechs!"], "Kürzen Sie Ihre Antwort auf 5 Zeichen; es sind 6"),
        (ask(Kind.TEXT, minimum=5), ["vier"], "Schreiben Sie mindestens 5 Zeichen"),
        (ask(Kind.NUMBER), ["viele"], "Geben Sie eine Zahl wie 12 oder 2,5 ein"),
        (ask(Kind.NUMBER), ["NaN"], "Geben Sie eine Zahl wie 12 oder 2,5 ein"),
        (ask(Kind.NUMBER), ["1e999999"], "Geben Sie eine Zahl wie 12 oder 2,5 ein"),
        (ask(Kind.NUMBER, minimum=3), ["2"], "Geben Sie eine Zahl von mindestens 3 ein"),
        (ask(Kind.NUMBER, maximum=3), ["4"], "Geben Sie eine Zahl von höchstens 3 ein"),
        (
            ask(Kind.DATE),
            ["31", "2", "2026"],
            "Geben Sie ein Datum mit Tag, Monat und Jahr ein, zum Beispiel 24 11 2026",
        ),
        (
            ask(Kind.DATE),
            ["1", "1", "26"],
            "Geben Sie das Jahr mit vier Ziffern ein, zum Beispiel 2026",
        ),
        (
            ask(Kind.DATE, days=Days.PAST),
            ["19", "11", "2026"],
            "Geben Sie ein Datum ein, das nicht in der Zukunft liegt",
        ),
        (
            ask(Kind.DATE, days=Days.FUTURE),
            ["17", "11", "2026"],
            "Geben Sie ein Datum ab heute ein",
        ),
        (ask(Kind.CHOICE), ["nichts"], "Wählen Sie eine der Antworten"),
        (ask(Kind.CHOICES), ["dunkel", "nichts"], "Wählen Sie aus den Antworten"),
        (ask(Kind.CHOICES), [], "Wählen Sie mindestens eine Antwort"),
        (ask(Kind.CONSENT), [], "Setzen Sie das Häkchen, um fortzufahren"),
        (ask(Kind.FILE), [], "Fügen Sie eine Datei hinzu"),
    ],
)
def test_a_refusal_says_what_to_do(question: Question, given_values: list[str], says: str) -> None:
    with pytest.raises(AnswerError, match=f"^{says}$"):
        clean_answer(question, given_values, today=TODAY)


def test_answers_are_shown_in_words_of_the_language() -> None:
    assert show_answer(ask(Kind.CHOICE), "dunkel", "en") == "Dark"
    assert show_answer(ask(Kind.CHOICE), "flackert", "en") == "Flackert"
    assert show_answer(ask(Kind.CHOICES), ["dunkel", "flackert"], "de") == "Dunkel\nFlackert"
    assert show_answer(ask(Kind.DATE), "2026-11-24", "de") == "24. November 2026"
    assert show_answer(ask(Kind.CONSENT), GIVEN, "de") == "Ja, einverstanden"
    assert show_all([ask(Kind.TEXT)], {"q": ""}, "de") == []


def chained(*links: tuple[int, str] | None) -> list[Question]:
    """Return yes-no questions; each may depend on an earlier one's answer."""
    yes_no = (Option("ja", {"de": "Ja"}), Option("nein", {"de": "Nein"}))
    return [
        Question(
            f"q{number}",
            Kind.CHOICE,
            {"de": f"Frage {number}"},
            options=yes_no,
            only_if=(Condition(f"q{link[0]}", (link[1],)),) if link else (),
        )
        for number, link in enumerate(links)
    ]


def test_an_answer_to_a_question_that_is_not_asked_decides_nothing() -> None:
    questions = chained(None, (0, "ja"), (1, "ja"))

    found = asked(questions, {"q0": "nein", "q1": "ja"})

    assert [one.key for one in found] == ["q0"]


def test_a_condition_holds_for_any_of_several_chosen_answers() -> None:
    several = ask(Kind.CHOICES)
    follow = Question(
        "f", Kind.TEXT, {"de": "Und?"}, only_if=(Condition("q", ("flackert", "anderes")),)
    )

    assert asked([several, follow], {"q": ["dunkel", "flackert"]}) == [several, follow]
    assert asked([several, follow], {"q": ["dunkel"]}) == [several]


@st.composite
def sets_with_answers(draw: st.DrawFn) -> tuple[list[Question], dict[str, Answer]]:
    """Return any sound set of yes-no questions and any answers to some of them."""
    answer = st.sampled_from(["ja", "nein"])
    links: list[tuple[int, str] | None] = []
    for number in range(draw(st.integers(1, 7))):
        earlier = st.tuples(st.integers(0, number - 1), answer) if number else st.none()
        links.append(draw(st.one_of(st.none(), earlier)))
    questions = chained(*links)
    keys = draw(st.sets(st.sampled_from([one.key for one in questions])))
    return questions, {key: draw(answer) for key in sorted(keys)}


@given(sets_with_answers())
def test_what_is_asked_never_depends_on_what_is_not_asked(
    case: tuple[list[Question], dict[str, Answer]],
) -> None:
    questions, answers = case

    found = {one.key for one in asked(questions, answers)}

    for one in questions:
        holds = all(
            condition.question in found and answers.get(condition.question) in condition.any_of
            for condition in one.only_if
        )
        assert (one.key in found) == holds


@given(sets_with_answers())
def test_dropping_what_no_longer_counts_changes_nothing(
    case: tuple[list[Question], dict[str, Answer]],
) -> None:
    questions, answers = case

    remaining = kept(questions, answers)

    assert asked(questions, remaining) == asked(questions, answers)
    assert kept(questions, remaining) == remaining


@given(sets_with_answers())
def test_answering_what_is_asked_comes_to_an_end(
    case: tuple[list[Question], dict[str, Answer]],
) -> None:
    questions, answers = case
    answers = dict(answers)

    for _ in questions:
        following = unanswered(questions, answers)
        if following is not None:
            answers[following.key] = "ja"

    assert unanswered(questions, answers) is None


@given(sets_with_answers())
def test_a_set_survives_being_stored(case: tuple[list[Question], dict[str, Answer]]) -> None:
    questions, _ = case

    assert list(read_schema(write_schema(questions))) == questions
    assert faults_of(questions) == []


def test_a_set_that_cannot_work_is_named() -> None:
    first, second = chained(None, (0, "ja"))
    one_answer = Question("x", Kind.CHOICE, {"de": "Wahl"}, options=OPTIONS[:1])

    assert faults_of([second, first]) == [
        "„Frage 1“ hängt von einer Frage oder Antwort ab, die nicht davor steht."
    ]
    assert faults_of([first, first]) == ["„Frage 0“ gibt es zweimal."]
    assert faults_of([one_answer]) == ["„Wahl“ braucht mindestens zwei Antworten."]
