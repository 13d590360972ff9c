"""Sections and answers, written by the doors that editors use."""

from dataclasses import replace
from typing import Any

from helpdesk.agents.models import Authority, Role, User
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import publish_answer
from knowledgebase.domain.sections import SectionDetails, create_section
from knowledgebase.domain.write import AnswerDetails, TextDraft, create_answer, save_copy
from knowledgebase.models import Answer, Section

PASSPORT = TextDraft(
    title="Reisepass beantragen",
    summary="Den Reisepass beantragen Sie persönlich im Bürgerbüro.",
    body="<h2>Was Sie brauchen</h2><p>Ein Foto und den alten Pass.</p>",
    cost="70 Euro",
    duration="vier Wochen",
)
PASSPORT_EN = TextDraft(
    title="Apply for a passport",
    summary="You apply for a passport in person.",
    body="<p>Bring a photo and your old passport.</p>",
)


def make_section(authority: Authority, name: str = "Ausweise", **values: Any) -> Section:
    """Return a section."""
    details = SectionDetails(name, **values)
    return create_section(authority_id=authority.pk, details=details, user=None)


def make_draft(section: Section, text: TextDraft = PASSPORT, **values: Any) -> Answer:
    """Return an answer in German that nobody has published yet; ``values`` are its details.

    ``texts`` takes more languages, ``internal`` the internal block.
    """
    texts = {"de": text} | values.pop("texts", {})
    internal = values.pop("internal", "")
    details = AnswerDetails(**({"section_id": section.pk} | values))
    return create_answer(
        authority_id=section.authority_id,
        details=details,
        texts=texts,
        internal=internal,
        user=None,
    )


def make_answer(section: Section, text: TextDraft = PASSPORT, **values: Any) -> Answer:
    """Return a published answer."""
    answer = make_draft(section, text, **values)
    publish_answer(answer_id=answer.pk, user=None)
    answer.refresh_from_db()
    return answer


def add_video(
    answer: Answer, text: TextDraft, film: NewFile, words: bytes, *, user: User, length: str
) -> None:
    """Give an answer a video in sign language with captions, both files of its own."""
    video = add_file(answer_id=answer.pk, file=film, user=None)
    captions = add_file(answer_id=answer.pk, file=NewFile("Worte.vtt", words), user=None)
    shown = replace(
        text,
        video_url=video.public_path,
        video_length=length,
        video_words_url=captions.public_path,
    )
    answer.refresh_from_db()
    save_copy(
        answer_id=answer.pk,
        texts={"de": shown},
        internal=answer.internal,
        revision=answer.revision,
        user=user,
    )


def make_editor(authority: Authority, user: User) -> User:
    """Let an agent edit the knowledge base and nothing else."""
    role, _ = Role.objects.get_or_create(
        authority=authority, name="Wissensredaktion", defaults={"verbs": ["edit_knowledge"]}
    )
    user.roles.add(role)
    return user
