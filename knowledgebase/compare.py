"""Two states of one answer beside each other: what changed in which field, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledgebase.diff import Line, compare
from knowledgebase.enums import KnowledgeLanguage
from knowledgebase.marks import to_marks
from knowledgebase.models import Answer, AnswerText, AnswerVersion
from knowledgebase.queries import files_of, texts_of

# Field of a text → what editors call it.
FIELDS: Mapping[str, str | Promise] = {
    "title": _("Title"),
    "summary": _("In short"),
    "body": _("Text"),
    "cost": _("Cost"),
    "duration": _("Time it takes"),
    "documents": _("What you need"),
    "online_label": _("Words of the button"),
    "online_url": _("Address of the online service"),
    "video_url": _("Video in sign language"),
    "video_length": _("Length of the video"),
    "video_words_url": _("Words of the video"),
}


@dataclass(frozen=True, slots=True)
class State:
    """An answer as it was, or is: its texts, its internal block, its files."""

    texts: Mapping[str, AnswerText]
    internal: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A field in which something changed; ``language`` is empty for what has none."""

    label: str | Promise
    language: str
    lines: list[Line]
    is_internal: bool = False


def state_of(answer: Answer, version: AnswerVersion | None) -> State:
    """Return one version of an answer; None asks for the working copy."""
    key = version.pk if version else None
    return State(
        texts=texts_of(answer, version_id=key),
        internal=version.internal if version else answer.internal,
        files=tuple(file.name for file in files_of(answer, version_id=key)),
    )


def changes_between(old: State, new: State) -> list[Changed]:
    """Return the fields that differ, language by language, then the block, then the files."""
    found: list[Changed] = []
    for language, label in KnowledgeLanguage.choices:
        before, after = old.texts.get(language), new.texts.get(language)
        found += [
            Changed(name, str(label), compare(_value(before, field), _value(after, field)))
            for field, name in FIELDS.items()
        ]
    found.append(
        Changed(
            _("Internal, for staff only"),
            "",
            compare(to_marks(old.internal), to_marks(new.internal)),
            is_internal=True,
        )
    )
    found.append(Changed(_("Files"), "", compare("\n".join(old.files), "\n".join(new.files))))
    return [one for one in found if one.lines]


def _value(text: AnswerText | None, field: str) -> str:
    value = str(getattr(text, field)) if text else ""
    return to_marks(value) if field == "body" else value
