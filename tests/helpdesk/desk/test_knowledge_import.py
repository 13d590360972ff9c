"""Importing by the page: nothing is written before it was looked at, and then only drafts."""

import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.write import TextDraft
from knowledgebase.exporting import archive_of
from knowledgebase.models import Answer, Section
from knowledgebase.queries import texts_of
from tests.factories.house import House, make_authority, make_house
from tests.factories.knowledge import PASSPORT, make_draft, make_editor, make_section

pytestmark = pytest.mark.django_db

PAGE = "/a/wissen/einlesen/"
TABLE = "title;text;section\nEins;Text eins;AUSWEISE\nZwei;Text zwei;Gibt es nicht\n;Ohne;\n"


@pytest.fixture
def house() -> House:
    found = make_house()
    make_editor(found.authority, found.anna)
    return found


@pytest.fixture
def editor(house: House) -> Client:
    client = Client()
    client.force_login(house.anna)
    return client


def upload(client: Client, name: str, content: str) -> str:
    file = SimpleUploadedFile(name, content.encode())
    return client.post(PAGE, {"files": [file]}).content.decode()


def carried(html: str) -> str:
    found = re.search(r'name="carried" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def taken(html: str, section: Section, visibility: str = "public") -> dict[str, object]:
    """Return what the page that shows the rows sends on."""
    return {"carried": carried(html), "section": section.pk, "visibility": visibility}


def test_rows_are_looked_at_first_and_become_drafts_that_no_citizen_sees(
    house: House, editor: Client
) -> None:
    own, other = make_section(house.authority), make_section(house.authority, "Anderes")

    html = upload(editor, "liste.csv", TABLE)
    before = Answer.objects.count()
    made = editor.post(PAGE, taken(html, other))

    answers = {texts_of(one, version_id=None)["de"].title: one for one in Answer.objects.all()}
    assert (before, "Der Titel fehlt." in html, made.status_code) == (0, True, 302)
    assert {title: one.section for title, one in answers.items()} == {"Eins": own, "Zwei": other}
    assert {one.state for one in answers.values()} == {"draft"}
    assert Client().get(f"/w/{answers['Eins'].pk}").status_code == 404


def test_what_somebody_changed_on_the_way_or_a_foreign_section_makes_nothing(
    house: House, editor: Client
) -> None:
    make_section(house.authority)
    foreign = make_section(make_authority("Stadt Anderswo", "AW"))
    held = carried(upload(editor, "liste.csv", TABLE))

    asked = {"section": foreign.pk, "visibility": "public"}
    forged = editor.post(PAGE, asked | {"carried": held[:-2] + "xx"})
    refused = editor.post(PAGE, asked | {"carried": held})

    assert (forged.status_code, refused.status_code, Answer.objects.count()) == (302, 422, 0)
    assert carried(refused.content.decode())


def test_nothing_chosen_and_too_much_are_said(house: House, editor: Client) -> None:
    make_section(house.authority)
    long = "title,text\n" + "Eins,Text\n" * 150
    files = [SimpleUploadedFile(f"{number}.csv", long.encode()) for number in (1, 2)]

    nothing = editor.post(PAGE, {})
    too_much = editor.post(PAGE, {"files": files})

    assert (nothing.status_code, too_much.status_code) == (422, 422)
    assert 'name="carried"' not in too_much.content.decode()


def test_export_holds_the_words_and_never_the_internal_block(house: House, editor: Client) -> None:
    answer = make_draft(make_section(house.authority), internal="<p>Kanarienvogel</p>")

    file = editor.get(f"/a/wissen/{answer.pk}/markdown/de/")

    assert "attachment" in file["Content-Disposition"]
    assert file.content.decode().startswith("---\ntitle: Reisepass beantragen\n")
    assert "Kanarienvogel" not in file.content.decode()
    assert editor.get(f"/a/wissen/{answer.pk}/markdown/en/").status_code == 404


def archive(client: Client) -> zipfile.ZipFile:
    response = client.get("/a/wissen/ausgeben/")
    return zipfile.ZipFile(io.BytesIO(b"".join(response)))


def test_everything_is_exported_and_its_table_imported_again_word_by_word(
    house: House, editor: Client
) -> None:
    section = make_section(house.authority)
    hard = TextDraft(
        "=1+1 mit „Zeichen“; und, Kommas",
        "Kurz",
        '<h2>Teil</h2><ul><li><strong>37.00</strong> "Euro"</li></ul><p>{{ gebuehr }}</p>',
        documents="Eins\nZwei",
    )
    answer = make_draft(section, PASSPORT, texts={"en": hard}, internal="<p>Nur intern.</p>")
    add_file(answer_id=answer.pk, file=NewFile("Vollmacht.pdf", b"%PDF-1.7"), user=None)

    found = archive(editor)
    known = json.loads(found.read("knowledge.json"))
    html = upload(editor, "answers-1.csv", found.read("answers-1.csv").decode())
    editor.post(PAGE, taken(html, section))

    (row,) = known["answers"]
    copies = Answer.objects.exclude(pk=answer.pk).order_by("pk")
    words = ("title", "summary", "body", "cost", "duration", "documents")
    made = {text.language: text for copy in copies for text in copy.texts.all()}
    for text in answer.texts.all():
        again = made[text.language]
        assert [getattr(again, name) for name in words] == [getattr(text, name) for name in words]
    assert row["internal"] == "Nur intern."
    assert found.read(row["files"][0]["path"]) == b"%PDF-1.7"
    assert {name for name in found.namelist() if name.endswith(".md")} == set(row["texts"].values())


def test_readers_come_back_as_they_were_and_are_never_more(house: House, editor: Client) -> None:
    section = make_section(house.authority)
    kept = make_draft(section, visibility="staff")
    one = editor.get(f"/a/wissen/{kept.pk}/markdown/de/").content.decode()
    table = (
        "title;text;Leser;team\n"
        f"Eins;Text;team;{house.roads.name.upper()}\nZwei;Text;team;{house.waste.name}\n"
        "Drei;Text;team;\nVier;Text;Angemeldet;\nFünf;Text;;\nSechs;Text;Nachbarn;\n"
    )

    for name, content in (("a.md", one), ("liste.csv", table)):
        editor.post(PAGE, taken(upload(editor, name, content), section, "staff"))

    made = Answer.objects.exclude(pk=kept.pk)
    assert {texts_of(each, version_id=None)["de"].title: each.visibility for each in made} == {
        "Reisepass beantragen": "staff",
        "Eins": "team",
        "Vier": "account",
        "Fünf": "staff",
    }
    assert made.get(visibility="team").team == house.roads


def test_the_archive_holds_no_word_of_another_teams_answer(house: House, editor: Client) -> None:
    section = make_section(house.authority)
    shown = make_draft(section)
    hidden = make_draft(
        section,
        TextDraft("Kanarienvogel", "Kanarienvogel", "<p>Kanarienvogel</p>"),
        visibility="team",
        team_id=house.waste.pk,
        internal="<p>Kanarienvogel</p>",
    )
    shown.related.add(hidden)

    found = archive(editor)

    assert all(b"Kanarienvogel" not in found.read(name) for name in found.namelist())
    assert [row["related"] for row in json.loads(found.read("knowledge.json"))["answers"]] == [[]]


def test_an_archive_of_many_answers_asks_no_more_than_one_of_few(house: House) -> None:
    section = make_section(house.authority)
    counted = []
    for number in (1, 3):
        for _ in range(number):
            answer = make_draft(section)
            add_file(answer_id=answer.pk, file=NewFile("V.pdf", b"%PDF-1.7"), user=None)
        with CaptureQueriesContext(connection) as asked:
            archive_of(Answer.objects.all(), house.authority.pk).close()
        counted.append(len(asked))

    assert counted[0] == counted[1]
