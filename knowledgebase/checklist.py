"""What must be right before an answer is published, as a list an editor can work through."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from helpdesk.lib.readability import read_level
from knowledgebase.body import levels_of, linked_answers, pictures_in, plain_body
from knowledgebase.enums import KnowledgeLanguage, State, Visibility
from knowledgebase.models import Answer, AnswerFile, AnswerText, AnswerVersion
from knowledgebase.placing import Place
from knowledgebase.rules import open_to_readers_of
from knowledgebase.snippets import (
    is_inline,
    named_in_sentences,
    names_in,
    names_of,
    pieces_of,
)

TITLE_SHOWN = 70
# The school year whose pupils should understand a text.
GOALS: Mapping[str, int] = {KnowledgeLanguage.GERMAN: 9, KnowledgeLanguage.SIMPLE: 5}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right; ``field`` is where ("title_de", "files"), for the link to it."""

    field: str
    sentence: str

    @classmethod
    def missing_approval(cls) -> "Problem":
        """Return what keeps a draft from its readers where two people are demanded."""
        return cls(
            "approval",
            _("In this section somebody else must approve the draft first: hand it in for review."),
        )


def problems_of(answer: Answer, *, version: AnswerVersion | None = None) -> list[Problem]:
    """Return everything that keeps the working copy of ``answer`` from being published.

    With ``version``, what keeps that one from the readers that the answer is to have.
    """
    texts = list(answer.texts.filter(version=version).order_by("language"))
    files = list(version.files.all() if version else answer.files.filter(is_removed=False))
    found = [*_of_languages(answer, texts), *_of_files(files)]
    for text in texts:
        found += [
            *_of_words(text),
            *_of_video(text),
            *_of_headings(text),
            *_of_pictures(text, files),
        ]
    return [*found, *_of_links(answer, texts), *_of_snippets(answer, texts)]


@dataclass(frozen=True, slots=True)
class Hint:
    """How hard a German text is to read, and where to begin; nothing is kept from readers by it."""

    field: str
    language: str
    grade: int
    goal: int
    sentences: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def is_easy(self) -> bool:
        """Tell whether most people understand it."""
        return self.grade <= self.goal


def hints_of(texts: Iterable[AnswerText]) -> list[Hint]:
    """Return how hard the German texts are to read, those too short to tell left out."""
    found: list[Hint] = []
    for text in texts:
        goal = GOALS.get(text.language)
        level = read_level(f"{text.summary}\n{plain_body(text.body)}") if goal else None
        if goal and level:
            label = KnowledgeLanguage(text.language).label
            field = f"body_{text.language}"
            found.append(Hint(field, label, level.grade, goal, level.sentences, level.words))
    return found


def _named(text: AnswerText, sentence: str) -> str:
    return f"{KnowledgeLanguage(text.language).label}: {sentence}"


def _of_languages(answer: Answer, texts: Iterable[AnswerText]) -> Iterator[Problem]:
    main = answer.authority.language
    if main not in {text.language for text in texts}:
        label = KnowledgeLanguage(main).label
        yield Problem(
            f"title_{main}",
            _("There is no text in the main language (%(language)s).") % {"language": label},
        )


def _of_words(text: AnswerText) -> Iterator[Problem]:
    if not text.title.strip():
        yield Problem(f"title_{text.language}", _named(text, _("The title is missing.")))
    elif len(text.title) > TITLE_SHOWN:
        sentence = _("The title has %(length)d characters; 70 at most are read and found well.")
        yield Problem(
            f"title_{text.language}", _named(text, sentence % {"length": len(text.title)})
        )
    if not text.summary.strip():
        yield Problem(f"summary_{text.language}", _named(text, _("The summary is missing.")))
    if not text.body.strip():
        yield Problem(f"body_{text.language}", _named(text, _("The text is missing.")))
    if text.online_url and not text.online_label.strip():
        yield Problem(
            f"online_label_{text.language}",
            _named(text, _("The link to the online service needs words.")),
        )


def _of_video(text: AnswerText) -> Iterator[Problem]:
    """Demand that a video says how long it runs, so that nobody loads it for nothing."""
    if text.video_url and not text.video_length.strip():
        yield Problem(
            f"video_length_{text.language}",
            _named(text, _("Say how long the video in sign language runs.")),
        )


def _of_headings(text: AnswerText) -> Iterator[Problem]:
    levels = levels_of(text.body)
    if levels and levels[0] != 2:
        yield Problem(
            f"body_{text.language}",
            _named(text, _("The first heading must be one of the second level.")),
        )


def _of_files(files: Iterable[AnswerFile]) -> Iterator[Problem]:
    for file in files:
        if file.is_image and not file.is_decorative and not file.alt.strip():
            sentence = _("“%(name)s” needs a description, or say that it is decorative.")
            yield Problem("files", sentence % {"name": file.name})


def _of_pictures(text: AnswerText, files: Iterable[AnswerFile]) -> Iterator[Problem]:
    known = {file.pk for file in files if file.is_image}
    if pictures_in(text.body) - known:
        yield Problem(
            f"body_{text.language}", _named(text, _("A picture in the text is no longer there."))
        )


def _of_links(answer: Answer, texts: Iterable[AnswerText]) -> Iterator[Problem]:
    wanted = {text: linked_answers(text.body) for text in texts}
    keys = set().union(*wanted.values()) if wanted else set()
    alive = Answer.objects.filter(
        _open_to_readers_of(answer),
        pk__in=keys - {answer.pk},
        authority_id=answer.authority_id,
        state=State.PUBLISHED,
    )
    dead = keys - {answer.pk} - set(alive.values_list("pk", flat=True)) if keys else set()
    for text, linked in wanted.items():
        for key in sorted(linked & dead):
            sentence = _("The link to answer %(number)d leads nowhere.") % {"number": key}
            yield Problem(f"body_{text.language}", _named(text, sentence))


def _open_to_readers_of(answer: Answer) -> Q:
    """Return the condition of what all readers of an answer may read: it must lead no further."""
    place = Place.ahead(answer)
    others = ~Q(visibility=Visibility.TEAM) | Q(team_id=place.team_id)
    return Q(others, visibility__in=open_to_readers_of(place.visibility))


def _of_snippets(answer: Answer, texts: Iterable[AnswerText]) -> Iterator[Problem]:
    rows = list(texts)
    named = {text: names_in(text) for text in rows}
    wanted = frozenset().union(*named.values())
    pieces = pieces_of(answer.authority_id, wanted) if wanted else {}
    for text in rows:
        known = pieces.get(text.language, {})
        for name in sorted(named[text] - known.keys()):
            sentence = _("The shared text “%(name)s” does not exist in this language.")
            yield _in_body(text, sentence % {"name": name})
        for name in sorted(named_in_sentences(text.body) & known.keys()):
            if not is_inline(known[name]):
                sentence = _("“%(name)s” has several paragraphs: give it a line of its own.")
                yield _in_body(text, sentence % {"name": name})
        for field in ("title", "summary"):
            if names_of(getattr(text, field)):
                sentence = _("A shared text can't stand in the title or the summary.")
                yield Problem(f"{field}_{text.language}", _named(text, sentence))


def _in_body(text: AnswerText, sentence: str) -> Problem:
    return Problem(f"body_{text.language}", _named(text, sentence))
