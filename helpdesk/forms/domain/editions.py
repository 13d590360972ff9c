"""Writing question sets: one edition in work, published ones that never change."""

from collections.abc import Callable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting
from helpdesk.agents.models import User
from helpdesk.forms.models import Form, FormVersion
from helpdesk.forms.schema import Question, read_schema, write_schema
from helpdesk.forms.validate import faults_of
from helpdesk.lib.tokens import new_nonce

MOST_QUESTIONS = 30
Questions = list[Question]


@transaction.atomic
def save_question(*, form_id: int, question: Question, user: User) -> Question:
    """Add a question at the end, or replace the one of the same key, in the edition in work.

    A question without a key is new and gets one. Raises ValidationError.
    """
    written = question if question.key else _with_key(question)

    def change(questions: Questions) -> Questions:
        if any(one.key == written.key for one in questions):
            return [written if one.key == written.key else one for one in questions]
        if len(questions) >= MOST_QUESTIONS:
            raise ValidationError(
                _("At most %(limit)s questions; each one makes people give up.")
                % {"limit": MOST_QUESTIONS}
            )
        return [*questions, written]

    _change(form_id, change, user)
    return written


def _with_key(question: Question) -> Question:
    values = {name: getattr(question, name) for name in question.__dataclass_fields__}
    return Question(**values | {"key": f"q{new_nonce(5)}"})


@transaction.atomic
def move_question(*, form_id: int, key: str, up: bool, user: User) -> None:
    """Swap a question with its neighbour; at the end nothing happens. Raises ValidationError."""

    def change(questions: Questions) -> Questions:
        order = [one.key for one in questions]
        if key not in order:
            return questions
        at = order.index(key)
        to = at - 1 if up else at + 1
        if 0 <= to < len(questions):
            questions[at], questions[to] = questions[to], questions[at]
        return questions

    _change(form_id, change, user)


@transaction.atomic
def delete_question(*, form_id: int, key: str, user: User) -> None:
    """Take a question out; refused while another one depends on it. Raises ValidationError."""

    def change(questions: Questions) -> Questions:
        depending = [
            one.text("")
            for one in questions
            if any(condition.question == key for condition in one.only_if)
        ]
        if depending:
            raise ValidationError(
                _("First change what depends on it: %(names)s.") % {"names": ", ".join(depending)}
            )
        return [one for one in questions if one.key != key]

    _change(form_id, change, user)


@transaction.atomic
def publish_edition(*, form_id: int, user: User) -> FormVersion:
    """Ask the edition in work from now on; drafts under way keep theirs. Raises ValidationError."""
    form = Form.objects.select_for_update().get(pk=form_id)
    version = form.versions.filter(published_at=None).order_by("-number").first()
    if version is None:
        raise ValidationError(_("There is nothing new to publish."))
    _demand_sound(read_schema(version.schema))
    version.published_at = timezone.now()
    version.save(update_fields=["published_at"])
    _record(form, user, "published")
    return version


@transaction.atomic
def discard_edition(*, form_id: int, user: User) -> None:
    """Drop what was changed since the last publication; nothing happens if nothing was."""
    form = Form.objects.select_for_update().get(pk=form_id)
    if form.versions.filter(published_at=None).delete()[0]:
        _record(form, user, "discarded")


def _change(form_id: int, change: Callable[[Questions], Questions], user: User) -> None:
    form = Form.objects.select_for_update().get(pk=form_id)
    newest = form.versions.order_by("-number").first()
    before = list(read_schema(newest.schema)) if newest else []
    after = change(list(before))
    _demand_sound(after)
    if after == before:
        return
    if newest is None or newest.published_at is not None:
        newest = FormVersion(form=form, number=(newest.number if newest else 0) + 1)
    newest.schema = write_schema(after)
    newest.save()
    _record(form, user, "changed")


def _demand_sound(questions: Sequence[Question]) -> None:
    faults = faults_of(questions)
    if faults:
        raise ValidationError(faults)


def _record(form: Form, user: User, action: str) -> None:
    record_setting(
        subject=("form", form.pk),
        authority_id=form.authority_id,
        user=user,
        action=action,
        fields=("questions",),
    )
