"""All answers of a submission that comes at once, checked against an edition's questions."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from helpdesk.forms.schema import Kind, Question
from helpdesk.forms.validate import Answer, AnswerError, asked, clean_answer


def check_answers(
    questions: Sequence[Question], given: Mapping[str, object], *, today: date
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Return the answers as they are stored, and what is wrong by question.

    Files come apart from the answers, so questions for files are not asked. An
    answer to something that is not asked is wrong as well: nothing is dropped.
    """
    plain = [one for one in questions if one.kind != Kind.FILE]
    errors = {key: _("Give a text or a list of texts") for key in given if not _is_text(given[key])}
    texts = {key: _texts(value) for key, value in given.items() if key not in errors}
    deciding: dict[str, Answer] = {
        key: value[0] if len(value) == 1 else list(value) for key, value in texts.items()
    }
    wanted = {one.key: one for one in asked(plain, deciding)}
    errors |= {key: _("This is not asked") for key in texts if key not in wanted}
    answers: dict[str, Answer] = {}
    for key, question in wanted.items():
        if key in errors:
            continue
        try:
            answer = clean_answer(question, texts.get(key, ()), today=today)
        except AnswerError as error:
            errors[key] = str(error)
        else:
            if answer:
                answers[key] = answer
    return answers, errors


def _is_text(value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(one, str) for one in values)


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in values)
