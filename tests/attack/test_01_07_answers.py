"""Attack cases 1 to 7 for answers: what is pasted into one runs, loads and covers nothing.

The same in a browser stands in tests/e2e/test_answers_attacked.py.
"""

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer, AnswerText, Section
from tests.attack.payloads import Page, payloads
from tests.factories.house import House, make_house
from tests.factories.knowledge import make_answer, make_draft, make_editor, make_section
from tests.helpdesk.lib.test_html_attacks import judge
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db
COMMON = "Probewort"


@pytest.fixture
def house() -> Iterator[House]:
    found = make_house()
    make_editor(found.authority, found.anna)
    yield found
    begin_anew()


def desk_of(house: House) -> Client:
    client = Client()
    client.force_login(house.anna)
    return client


def body_of(answer: Answer) -> str:
    return AnswerText.objects.get(answer=answer, version=None, language="de").body


def test_there_are_two_hundred_attacks() -> None:
    assert len(payloads()) >= 200


@pytest.mark.parametrize("how", ["html", "marks"])
def test_the_editor_keeps_nothing_that_runs_or_loads(house: House, how: str) -> None:
    answer = make_draft(make_section(house.authority))
    desk, wrong = desk_of(house), {}

    for payload in payloads():
        answer.refresh_from_db()
        sent = {"revision": str(answer.revision), "format": how, "title_de": COMMON}
        sent |= {"body_de": payload, "internal": payload}
        saved = desk.post(reverse("desk:knowledge_autosave", args=[answer.pk]), sent)
        assert saved.status_code == 200, payload
        answer.refresh_from_db()
        found = judge(body_of(answer)).found + judge(answer.internal).found
        if found:
            wrong[payload] = found

    assert wrong == {}


def test_the_door_itself_keeps_nothing_that_runs_or_loads(house: House) -> None:
    answer = make_draft(make_section(house.authority))
    whole = "".join(payloads())

    save_copy(
        answer_id=answer.pk,
        texts={"de": TextDraft(COMMON, "Kurz", whole)},
        internal=whole,
        revision=1,
        user=house.anna,
    )

    answer.refresh_from_db()
    assert judge(body_of(answer)).found == []
    assert judge(answer.internal).found == []


def test_no_page_holds_anything_that_runs_whoever_wrote_its_words(house: House) -> None:
    section = make_section(house.authority)
    answers = [make_attacked(section, part) for part in parts(payloads(), 40)]
    index_everything()
    desk, citizen = desk_of(house), Client()
    wrong = {}

    for answer in answers:
        title = answer.texts.filter(version=answer.live_version).values_list("title", flat=True)[0]
        pages = {
            "answer": citizen.get(reverse("portal:answer_short", args=[answer.pk]), follow=True),
            "search": citizen.get(reverse("portal:search"), {"q": f"{COMMON} {title}"}),
            "section": citizen.get(reverse("portal:section", args=[section.slug])),
            "home": citizen.get(reverse("portal:home")),
            "read": desk.get(reverse("desk:knowledge_answer", args=[answer.pk])),
            "write": desk.get(reverse("desk:knowledge_edit", args=[answer.pk])),
            "list": desk.get(reverse("desk:knowledge"), {"q": f"{COMMON} {title}"}),
            "preview": desk.get(reverse("portal:preview", args=[answer.pk])),
        }
        for name, page in pages.items():
            assert page.status_code == 200, name
            assert page["Content-Type"] == "text/html; charset=utf-8", name
            found = Page(page.content.decode(), page["Content-Security-Policy"]).found
            if found:
                wrong[name, answer.pk] = found

    assert wrong == {}


def test_suggestions_are_data_and_no_markup(house: House) -> None:
    section = make_section(house.authority)
    for part in parts(payloads(), 40):
        make_attacked(section, part)
    index_everything()

    page = Client().get(reverse("portal:search_list"), {"q": COMMON[:6]})

    assert page["Content-Type"] == "application/json"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert len(json.loads(page.content)["results"]) == 6


def make_attacked(section: Section, part: list[str]) -> Answer:
    """Return a published answer whose every field is an attack."""
    text = TextDraft(
        title=f"{COMMON} {part[0]}"[:70],
        summary=f"{COMMON} {part[1]}"[:160],
        body="".join(f"<p>{COMMON}</p>{payload}" for payload in part),
        cost=part[2][:150],
        duration=part[3][:150],
        documents="\n".join(part[4:8])[:1500],
        online_label=part[5][:100],
        online_url="https://example.org/",
    )
    return make_answer(section, text, internal="".join(part))


def parts(lines: list[str], size: int) -> list[list[str]]:
    """Return the lines in parts of ``size``, the last one of at least eight."""
    found = [lines[at : at + size] for at in range(0, len(lines), size)]
    return found if len(found[-1]) >= 8 else [*found[:-2], found[-2] + found[-1]]
