"""The knowledge base in the desk: reading by right, writing without losing a word."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from helpdesk.agents.models import User
from knowledgebase.body import MAX_BODY
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer
from knowledgebase.queries import texts_of
from tests.factories.house import House, make_house
from tests.factories.knowledge import (
    PASSPORT,
    make_answer,
    make_draft,
    make_editor,
    make_section,
)

pytestmark = pytest.mark.django_db

SECRET = "Kanarienvogel"
HIDDEN = TextDraft(f"{SECRET} Titel", f"{SECRET} kurz", f"<p>{SECRET} Text</p>")


@pytest.fixture
def house() -> House:
    found = make_house()
    make_editor(found.authority, found.anna)
    return found


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"desk:knowledge{name}", args=args)


def form_of(answer: Answer, **values: str) -> dict[str, str]:
    """Return what the page would send; texts in marks, as without JavaScript."""
    sent = {
        "revision": str(answer.revision),
        "format": "marks",
        "title_de": "Reisepass",
        "summary_de": "Kurz",
        "body_de": "## Wie\n\nSo geht **das**.",
        "internal": "",
    }
    return sent | values


def test_agents_read_what_is_shared_with_them_and_its_internal_block(house: House) -> None:
    section = make_section(house.authority)
    shared = make_answer(section, visibility="staff", internal="<p>Nur intern</p>")
    own = make_answer(section, HIDDEN, visibility="team", team_id=house.roads.pk)
    other = as_user(house.bert)

    listed = other.get(at("")).content.decode()
    html = other.get(at("_answer", shared.pk)).content.decode()

    assert (PASSPORT.title in listed, SECRET in listed) == (True, False)
    assert "internal-block" in html
    assert "Nur intern" in html
    assert other.get(at("_answer", own.pk)).status_code == 404
    assert SECRET in as_user(house.anna).get(at("_answer", own.pk)).content.decode()


def test_a_count_of_a_section_does_not_tell_of_another_teams_answers(house: House) -> None:
    section = make_section(house.authority)
    make_answer(section)
    make_answer(section, HIDDEN, visibility="team", team_id=house.roads.pk)

    html = as_user(house.bert).get(at("")).content.decode()

    assert "Ausweise (1)" in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_equally_often(
    house: House, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    section = make_section(house.authority)
    for _ in range(count):
        make_draft(section, team_id=house.roads.pk)
    client = as_user(house.anna)
    client.get(at(""))

    with django_assert_num_queries(12):
        client.get(at(""))


def test_the_editor_saves_marked_text_without_scripts(house: House) -> None:
    answer = make_draft(make_section(house.authority))
    client = as_user(house.anna)

    response = client.post(
        at("_edit", answer.pk), form_of(answer, internal="Nur *intern*", title_en="Passport")
    )

    answer.refresh_from_db()
    texts = texts_of(answer, version_id=None)
    assert response.status_code == 302
    assert texts["de"].body == "<h2>Wie</h2><p>So geht <strong>das</strong>.</p>"
    assert (texts["en"].title, answer.internal) == ("Passport", "<p>Nur <em>intern</em></p>")
    page = client.get(at("_edit", answer.pk)).content.decode()
    assert "## Wie" in page
    assert "internal-block" in page


def test_the_editor_cleans_what_was_pasted(house: House) -> None:
    answer = make_draft(make_section(house.authority))
    word = '<h1 style="x">A</h1><p class=MsoNormal onclick="x()">B<script>x()</script></p>'

    as_user(house.anna).post(at("_edit", answer.pk), form_of(answer, format="html", body_de=word))

    assert texts_of(answer, version_id=None)["de"].body == "<h2>A</h2><p>B</p>"


def test_two_editors_the_second_sees_both_texts_and_loses_none(house: House) -> None:
    answer = make_draft(make_section(house.authority))
    save_copy(
        answer_id=answer.pk,
        texts={"de": TextDraft("Von Bert", "Kurz", "<p>Berts Text</p>")},
        internal="",
        revision=1,
        user=house.bert,
    )
    client = as_user(house.anna)
    mine = form_of(answer, body_de="Annas Text")

    refused = client.post(at("_edit", answer.pk), mine)

    html = refused.content.decode()
    assert refused.status_code == 409
    assert all(words in html for words in ("Annas Text", "Berts Text", "Bert Berg"))
    assert texts_of(answer, version_id=None)["de"].title == "Von Bert"
    assert 'name="revision" value="2"' in html
    assert client.post(at("_edit", answer.pk), mine | {"revision": "2"}).status_code == 302
    assert texts_of(answer, version_id=None)["de"].body == "<p>Annas Text</p>"


def test_autosave_tells_the_new_revision_and_stops_at_a_conflict(house: House) -> None:
    answer = make_draft(make_section(house.authority))
    client = as_user(house.anna)

    saved = client.post(at("_autosave", answer.pk), form_of(answer))
    late = client.post(at("_autosave", answer.pk), form_of(answer, title_de="Zu spät"))

    assert (saved.status_code, saved.json()) == (200, {"revision": 2})
    assert (late.status_code, late.json()) == (409, {"who": "Anna Abend"})
    assert texts_of(answer, version_id=None)["de"].title == "Reisepass"


def test_a_text_that_is_too_long_is_refused_with_the_limit_and_kept_on_the_page(
    house: House,
) -> None:
    answer = make_draft(make_section(house.authority))

    response = as_user(house.anna).post(
        at("_edit", answer.pk), form_of(answer, body_de="x" * (MAX_BODY + 1))
    )

    html = response.content.decode()
    assert response.status_code == 422
    assert str(MAX_BODY) in html
    assert "x" * (MAX_BODY + 1) in html


def test_an_address_of_the_online_service_must_be_one_of_the_web(house: House) -> None:
    answer = make_draft(make_section(house.authority))
    sent = form_of(answer, online_url_de="javascript:alert(1)", online_label_de="Termin")

    response = as_user(house.anna).post(at("_edit", answer.pk), sent)

    assert response.status_code == 422
    assert "https://" in response.content.decode()


def test_publishing_shows_what_is_open_and_publishes_when_nothing_is(house: House) -> None:
    section = make_section(house.authority)
    open_ones = make_draft(section, TextDraft("Titel", "", "<h3>Tief</h3>"))
    ready = make_draft(section)
    client = as_user(house.anna)

    refused = client.post(at("_publish", open_ones.pk), {"do": "publish"})
    client.post(at("_publish", ready.pk), {"do": "publish", "note": "Neu"})

    html = refused.content.decode()
    assert refused.status_code == 422
    assert "#id_summary_de" in html
    assert "#id_body_de" in html
    ready.refresh_from_db()
    assert (ready.state, Answer.objects.get(pk=open_ones.pk).state) == ("published", "draft")


def test_archiving_bringing_back_and_restoring_by_the_pages(house: House) -> None:
    answer = make_answer(make_section(house.authority))
    version = answer.live_version_id
    client = as_user(house.anna)

    wrong = client.post(at("_archive", answer.pk), {"related": "999999"})
    client.post(at("_archive", answer.pk), {})
    archived = Answer.objects.get().state
    client.post(at("_act", answer.pk, "oeffnen"))
    client.post(at("_restore", answer.pk, version))

    answer.refresh_from_db()
    assert (wrong.status_code, archived, answer.state) == (422, "archived", "draft")
    assert "Fassung 1" in client.get(at("_versions", answer.pk)).content.decode()


def test_details_hold_at_once_and_refuse_by_field(house: House) -> None:
    answer = make_answer(make_section(house.authority))
    client = as_user(house.anna)
    sent = {"section": str(answer.section_id), "visibility": "team"}

    refused = client.post(at("_details", answer.pk), sent)
    client.post(at("_details", answer.pk), sent | {"team": str(house.roads.pk)})

    assert refused.status_code == 422
    assert "Wählen Sie das Team" in refused.content.decode()
    answer.refresh_from_db()
    assert answer.visibility == "team"
    assert Client().get(f"/w/{answer.pk}").status_code == 404


def test_files_are_added_described_and_taken_away(house: House) -> None:
    answer = make_draft(make_section(house.authority))
    client = as_user(house.anna)
    png = SimpleUploadedFile("foto.png", b"\x89PNG\r\n\x1a\n" + bytes(48), "image/png")

    client.post(at("_file_add", answer.pk), {"file": png})
    empty = client.post(at("_file_add", answer.pk), {})
    row = answer.files.get()
    client.post(at("_file_change", row.pk), {"alt": "Ein Pass"})
    row.refresh_from_db()
    described = row.alt
    client.post(at("_file_change", row.pk), {"remove": "1"})

    row.refresh_from_db()
    assert (empty.status_code, described, row.is_removed) == (422, "Ein Pass", True)


def test_the_preview_shows_the_working_copy_to_editors_and_is_never_kept(house: House) -> None:
    answer = make_draft(make_section(house.authority))

    shown = as_user(house.anna).get(f"/w/{answer.pk}/vorschau/")

    assert PASSPORT.title in shown.content.decode()
    assert shown["Cache-Control"] == "no-store, private"
    assert as_user(house.bert).get(f"/w/{answer.pk}/vorschau/").status_code == 404
    assert Client().get(f"/w/{answer.pk}/vorschau/").status_code == 302


def test_a_new_answer_begins_with_title_and_section(house: House) -> None:
    section = make_section(house.authority)

    response = as_user(house.anna).post(at("_new"), {"title": "Neu", "section": str(section.pk)})

    answer = Answer.objects.get()
    assert response["Location"] == at("_edit", answer.pk)
    assert texts_of(answer, version_id=None)["de"].title == "Neu"


def test_the_editor_names_no_related_answer_of_a_foreign_team(house: House) -> None:
    section = make_section(house.authority)
    answer, shown = make_answer(section), make_answer(section)
    hidden = make_answer(section, HIDDEN, visibility="team", team_id=house.waste.pk)
    answer.related.set([shown, hidden])

    page = as_user(house.anna).get(at("_edit", answer.pk))

    assert [one.key for one in page.context["related"].chosen] == [shown.pk]


def test_the_editor_says_how_hard_a_text_is_to_read_and_what_to_do_about_it(house: House) -> None:
    hard = (
        "Die Beantragung der Ausnahmegenehmigung erfolgt unter Vorlage der erforderlichen "
        "Nachweisunterlagen bei der zuständigen Straßenverkehrsbehörde, die nach Abschluss der "
        "Anhörung der betroffenen Baulastträger über die Erteilung der beantragten Genehmigung "
        "entscheidet. Gegen die ablehnende Entscheidung kann innerhalb eines Monats nach "
        "Bekanntgabe Widerspruch eingelegt werden."
    )
    section = make_section(house.authority)
    answer = make_draft(section, TextDraft("Titel", "Kurz", f"<p>{hard}</p>"))
    short = make_draft(section, PASSPORT)
    anna = as_user(house.anna)

    editor = anna.get(at("_edit", answer.pk))
    before = anna.get(at("_publish", answer.pk))

    (hint,) = editor.context["hints"]
    assert (hint.language, hint.goal, hint.is_easy) == ("Deutsch", 9, False)
    assert "Straßenverkehrsbehörde" in hint.words
    assert "Machen Sie aus einem Satz zwei" in editor.content.decode()
    # A hint keeps nobody from publishing.
    assert (before.context["hints"], before.context["problems"]) == ([hint], [])
    assert anna.get(at("_edit", short.pk)).context["hints"] == []
