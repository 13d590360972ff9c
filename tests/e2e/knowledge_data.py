"""Answers as pages show them: one with everything an answer can have, one that is gone."""

from dataclasses import replace
from typing import Any

from django.core import signing

from helpdesk.portal.views.knowledge import SALT
from knowledgebase.domain.feedback import give_feedback
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import archive_answer, publish_answer
from knowledgebase.domain.snippets import change_snippet, create_snippet
from knowledgebase.domain.workflow import submit_answer
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Section
from tests.factories.house import House
from tests.factories.knowledge import (
    PASSPORT,
    PASSPORT_EN,
    add_video,
    make_answer,
    make_draft,
    make_section,
)

PARTS = "".join(
    f"<h2>Teil {number}</h2><p>Ein Absatz mit <strong>Fettem</strong> und einem "
    '<a href="https://example.org/">Link</a>.</p><ul><li>Eins</li><li>Zwei</li></ul>'
    for number in (1, 2, 3)
)
FULL = TextDraft(
    title="Führungszeugnis beantragen und abholen",
    summary="Sie beantragen es im Bürgerbüro oder im Netz.",
    body=f"{PARTS}<h3>Kleiner</h3><ol><li>Erst</li></ol><blockquote><p>Zitat</p></blockquote>",
    cost="13 Euro",
    duration="zwei Wochen",
    documents="Personalausweis\nbei Minderjährigen: Vollmacht",
    online_url="https://example.org/antrag",
    online_label="Online beantragen",
)
SIMPLE = TextDraft("Führungszeugnis", "Kurz erklärt.", "<p>Leicht erklärt.</p>")


def make_answers(house: House) -> dict[str, Any]:
    """Return the objects that the rows of the knowledge base name."""
    section = Section.objects.get(slug="ausweise")
    full = make_draft(
        section,
        FULL,
        texts={"en": PASSPORT_EN, "de-simple": SIMPLE},
        team_id=house.roads.pk,
        internal="<p>Nur für uns.</p>",
    )
    add_file(answer_id=full.pk, file=NewFile("Vollmacht.pdf", b"%PDF-1.7"), user=None)
    film = NewFile("Film.mp4", b"\0\0\0\x18ftypisom")
    add_video(full, FULL, film, b"WEBVTT\n", user=house.anna, length="3 Minuten")
    publish_answer(answer_id=full.pk, user=None)
    gone = make_answer(section)
    archive_answer(answer_id=gone.pk, user=house.anna)
    revised = make_answer(section, texts={"en": PASSPORT_EN}, internal="<p>Alt.</p>")
    save_copy(
        answer_id=revised.pk,
        texts={"de": replace(PASSPORT, body="<h2>Was Sie brauchen</h2><p>Zwei Fotos.</p>")},
        internal="<p>Neu.</p>",
        revision=revised.revision,
        user=house.anna,
    )
    submit_answer(answer_id=revised.pk, user=house.anna)
    said = give_feedback(answer_id=full.pk, language="de", is_helpful=False)
    return {
        "full_answer": full.pk,
        "gone_answer": gone.pk,
        "revised_answer": revised.pk,
        "proposed_snippet": _make_proposed(house),
        "feedback": signing.dumps(said.pk, salt=SALT),
    }


def _make_proposed(house: House) -> int:
    """Return a shared text whose change waits, because an answer that names it is for two."""
    bodies = {"de": "<p>70 Euro</p>", "en": "<p>70 euros</p>"}
    snippet = create_snippet(
        authority_id=house.authority.pk, name="gebuehr", about="", bodies=bodies, user=None
    )
    strict = make_section(house.authority, "Satzungen", needs_review=True)
    make_answer(strict, TextDraft("Gebühren", "Alle Gebühren.", "<p>{{gebuehr}}</p>"))
    change_snippet(
        snippet_id=snippet.pk,
        about="",
        bodies=bodies | {"de": "<p>75 Euro</p>"},
        user=house.anna,
    )
    return snippet.pk
