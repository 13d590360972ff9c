"""Which questions are asked, and whether an answer will do; no database."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpdesk.forms.schema import GIVEN, Condition, Days, Kind, Question

# What JSON holds of an answer: text, a list of values or file names, or a given consent.
Answer = str | list[str]
Answers = Mapping[str, Answer]

LARGEST_NUMBER = Decimal(10) ** 12
_PLACES = 6
_EARLIEST = date(1900, 1, 1)
_LATEST = date(2100, 12, 31)


class AnswerError(ValueError):
    """Says what to do so that the answer will do."""


def asked(questions: Sequence[Question], answers: Answers) -> list[Question]:
    """Return the questions that are asked after these answers, in order.

    A condition looks at an earlier question only, and only if that one was asked
    itself: what somebody answered before they changed their mind decides nothing.
    """
    found: list[Question] = []
    counting: dict[str, Answer] = {}
    for question in questions:
        if all(_holds(condition, counting) for condition in question.only_if):
            found.append(question)
            if question.key in answers:
                counting[question.key] = answers[question.key]
    return found


def _holds(condition: Condition, answers: Answers) -> bool:
    given = answers.get(condition.question, "")
    values = given if isinstance(given, list) else [given]
    return any(value in condition.any_of for value in values)


def kept(questions: Sequence[Question], answers: Answers) -> dict[str, Answer]:
    """Return the answers to questions that are asked; the others no longer count."""
    return {one.key: answers[one.key] for one in asked(questions, answers) if one.key in answers}


def unanswered(questions: Sequence[Question], answers: Answers) -> Question | None:
    """Return the first question that is asked and has not been dealt with, or None."""
    return next((one for one in asked(questions, answers) if one.key not in answers), None)


def clean_answer(question: Question, given: Sequence[str], *, today: date) -> Answer:
    """Return the answer as it is stored, "" or [] for none; raises AnswerError.

    ``given`` are the values a browser sent, or the names of files that were kept.
    """
    values = [value.strip() for value in given if value.strip()]
    if not values:
        if question.required:
            raise AnswerError(_missing(question))
        return [] if question.kind in {Kind.CHOICES, Kind.FILE} else ""
    return _CLEANERS[question.kind](question, values, today)


def _missing(question: Question) -> str:
    sentences = {
        Kind.NUMBER: _("Enter a number"),
        Kind.DATE: _("Enter a date"),
        Kind.CHOICE: _("Choose one of the answers"),
        Kind.CHOICES: _("Choose at least one answer"),
        Kind.FILE: _("Add a file"),
        Kind.CONSENT: _("Tick the box to go on"),
    }
    return sentences.get(question.kind, _("Answer the question"))


def _text(question: Question, values: list[str], _today: date) -> str:
    text = "\n".join(values).replace("\r\n", "\n").replace("\x00", "")
    if question.kind == Kind.TEXT:
        text = " ".join(text.split())
    if len(text) > question.longest:
        raise AnswerError(
            _("Shorten your answer to %(limit)s characters; it has %(count)s")
            % {"limit": question.longest, "count": len(text)}
        )
    if question.minimum and len(text) < question.minimum:
        raise AnswerError(_("Write at least %(limit)s characters") % {"limit": question.minimum})
    return text


def _number(question: Question, values: list[str], _today: date) -> str:
    try:
        number = Decimal(values[0].replace(" ", "").replace(",", "."))
    except InvalidOperation as error:
        raise AnswerError(_("Enter a number such as 12 or 2.5")) from error
    if not number.is_finite() or abs(number) > LARGEST_NUMBER:
        raise AnswerError(_("Enter a number such as 12 or 2.5"))
    if question.minimum is not None and number < question.minimum:
        raise AnswerError(_("Enter a number of at least %(limit)s") % {"limit": question.minimum})
    if question.maximum is not None and number > question.maximum:
        raise AnswerError(_("Enter a number of at most %(limit)s") % {"limit": question.maximum})
    return f"{round(number, _PLACES).normalize():f}"


def _date(question: Question, values: list[str], today: date) -> str:
    found = read_date(values)
    if found is None:
        raise AnswerError(_("Enter a date with day, month and year, such as 24 11 2026"))
    if question.days == Days.PAST and found > today:
        raise AnswerError(_("Enter a date that is not in the future"))
    if question.days == Days.FUTURE and found < today:
        raise AnswerError(_("Enter a date from today on"))
    if not _EARLIEST <= found <= _LATEST:
        raise AnswerError(_("Enter a year with four digits, such as 2026"))
    return found.isoformat()


def read_date(values: Sequence[str]) -> date | None:
    """Return the date of day, month and year as typed, or of one ISO text; None if none."""
    parts = values[0].split("-")[::-1] if len(values) == 1 else list(values)
    try:
        day, month, year = (int(part) for part in parts)
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _choice(question: Question, values: list[str], _today: date) -> str:
    if values[0] not in question.values:
        raise AnswerError(_("Choose one of the answers"))
    return values[0]


def _choices(question: Question, values: list[str], _today: date) -> list[str]:
    if not set(values) <= set(question.values):
        raise AnswerError(_("Choose from the answers"))
    return [value for value in question.values if value in values]


def _consent(_question: Question, _values: list[str], _today: date) -> str:
    return GIVEN


def _files(_question: Question, values: list[str], _today: date) -> list[str]:
    return values


_CLEANERS: Mapping[Kind, Callable[[Question, list[str], date], Answer]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.FILE: _files,
    Kind.CONSENT: _consent,
}


def show_answer(question: Question, answer: Answer, language: str) -> str:
    """Return an answer as people read it, several ones one a line; "" for none."""
    if isinstance(answer, list):
        return "\n".join(question.option_text(value, language) for value in answer)
    if question.kind == Kind.DATE and (day := read_date([answer])):
        return date_format(day, "DATE_FORMAT")
    if question.kind == Kind.CONSENT:
        return _("Yes, agreed") if answer == GIVEN else ""
    return question.option_text(answer, language)


def show_all(
    questions: Sequence[Question], answers: Answers, language: str
) -> list[tuple[str, str]]:
    """Return question and answer in words, for what was answered."""
    pairs = ((one, answers[one.key]) for one in questions if one.key in answers)
    shown = ((one.text(language), show_answer(one, given, language)) for one, given in pairs)
    return [(label, text) for label, text in shown if text]


def faults_of(questions: Sequence[Question]) -> list[str]:
    """Return what is wrong with a set of questions, each a sentence; empty if nothing is."""
    faults: list[str] = []
    values: dict[str, tuple[str, ...]] = {}
    for question in questions:
        name = question.text("")
        if question.key in values:
            faults.append(_("“%(name)s” exists twice.") % {"name": name})
        if question.kind in {Kind.CHOICE, Kind.CHOICES} and len(question.options) < 2:
            faults.append(_("“%(name)s” needs at least two answers.") % {"name": name})
        faults += [
            _("“%(name)s” depends on a question or answer that does not come before it.")
            % {"name": name}
            for condition in question.only_if
            if not condition.any_of
            or not set(condition.any_of) <= set(values.get(condition.question, ()))
        ]
        values[question.key] = question.values
    return faults
