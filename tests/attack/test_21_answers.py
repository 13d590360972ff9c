"""Attack case 21: what is not published to everybody is on no page, in no list, count or file."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import archive_answer, publish_answer
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer, AnswerFile
from tests.factories.house import House, make_authority, make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_draft, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]
CANARY = "Kanarienvogel"
HIDDEN = TextDraft(f"{CANARY} Reisepass", f"{CANARY} kurz", f"<p>{CANARY} Text</p>")
NOT_THERE = 999_999


@pytest.fixture
def house() -> Iterator[House]:
    yield make_house()
    begin_anew()


def with_file(answer: Answer) -> AnswerFile:
    """Give an answer a file that its next version holds."""
    return add_file(
        answer_id=answer.pk,
        file=NewFile(f"{CANARY}.pdf", b"%PDF-1.7 " + CANARY.encode()),
        user=None,
    )


def hide(house: House) -> list[Answer]:
    """Return answers of every kind that a citizen must not know of, each with a file."""
    section = make_section(house.authority, "Verborgen")
    foreign = make_section(make_authority("Stadt Anderswo", "AW"), "Anderswo")
    found = [
        make_draft(section, HIDDEN),
        make_draft(section, HIDDEN, visibility="staff"),
        make_draft(section, HIDDEN, visibility="account"),
        make_draft(section, HIDDEN, visibility="team", team_id=house.roads.pk),
        make_draft(foreign, HIDDEN),
        make_draft(section, HIDDEN),
    ]
    for answer in found:
        with_file(answer)
    for answer in found[1:]:
        publish_answer(answer_id=answer.pk, user=None)
    archive_answer(answer_id=found[-1].pk, user=house.anna)
    return found


def make_shown(house: House, hidden: list[Answer]) -> Answer:
    """Return a public answer that hides an old version, a draft, a block and relatives."""
    shown = make_answer(make_section(house.authority), HIDDEN, internal=f"<p>{CANARY} intern</p>")
    shown.related.set(hidden)
    for text in (PASSPORT, HIDDEN):
        shown.refresh_from_db()
        save_copy(
            answer_id=shown.pk,
            texts={"de": text},
            internal=f"<p>{CANARY} intern</p>",
            revision=shown.revision,
            user=house.anna,
        )
        if text is PASSPORT:
            publish_answer(answer_id=shown.pk, user=None)
    with_file(shown)
    return shown


def pages(shown: Answer) -> dict[str, tuple[str, dict[str, str]]]:
    return {
        "home": (reverse("portal:home"), {}),
        "knowledge": (reverse("portal:knowledge"), {}),
        "section": (reverse("portal:section", args=[shown.section.slug]), {}),
        "answer": (reverse("portal:answer_short", args=[shown.pk]), {}),
        "search": (reverse("portal:search"), {"q": "Reisepass"}),
        "list": (reverse("portal:search_list"), {"q": "Reise"}),
        "report": (reverse("portal:report"), {}),
        "feed": (reverse("portal:knowledge_feed"), {}),
        "section feed": (reverse("portal:section_feed", args=[shown.section.slug]), {}),
        "sitemap": (reverse("portal:sitemap_page", args=[1]), {}),
        "robots": (reverse("portal:robots"), {}),
    }


def test_no_page_of_a_citizen_holds_a_word_of_what_is_hidden(house: House) -> None:
    shown = make_shown(house, hide(house))
    index_everything()
    citizen = Client()

    for name, (address, asked) in pages(shown).items():
        page = citizen.get(address, asked, follow=True)
        assert page.status_code == 200, name
        assert CANARY.lower() not in page.getvalue().decode().lower(), name
    helps = citizen.post(reverse("portal:suggestions"), {"text": f"{CANARY} Reisepass"})

    assert CANARY not in helps.content.decode()
    assert PASSPORT.title in helps.content.decode()


def test_feed_of_a_section_that_holds_nothing_public_is_not_there(house: House) -> None:
    hidden = hide(house)

    of_hidden = Client().get(reverse("portal:section_feed", args=[hidden[0].section.slug]))
    of_none = Client().get(reverse("portal:section_feed", args=["gibt-es-nicht"]))

    assert (of_hidden.status_code, of_none.status_code) == (404, 404)
    assert of_hidden.content == of_none.content


def test_searching_for_what_is_hidden_is_searching_for_nothing(house: House) -> None:
    make_shown(house, hide(house))
    index_everything()
    citizen, nowhere = Client(), "Zzyxquorpvogel"

    for route in ("portal:search", "portal:search_list"):
        asked = [
            citizen.get(reverse(route), {"q": words}).content.decode().replace(words, "WANTED")
            for words in (CANARY, nowhere)
        ]
        assert asked[0] == asked[1], route


def test_a_hidden_answer_and_its_file_answer_as_one_that_does_not_exist(house: House) -> None:
    hidden = hide(house)
    citizen = Client()
    missing = citizen.get(reverse("portal:answer_short", args=[NOT_THERE]))
    no_file = citizen.get(reverse("portal:answer_file", args=[NOT_THERE]))

    assert (missing.status_code, no_file.status_code) == (404, 404)
    for answer in hidden[:-1]:
        for address in (
            reverse("portal:answer_short", args=[answer.pk]),
            reverse("portal:answer", args=[answer.pk, "kanarienvogel-reisepass"]),
        ):
            page = citizen.get(address)
            assert page.status_code == 404, (answer.pk, address)
            assert CANARY not in page.content.decode(), (answer.pk, address)
        assert (
            citizen.get(reverse("portal:answer_short", args=[answer.pk])).content == missing.content
        )
    for file in AnswerFile.objects.filter(answer__in=hidden):
        page = citizen.get(reverse("portal:answer_file", args=[file.pk]))
        assert (page.status_code, page.content) == (404, no_file.content)


def test_an_archived_answer_is_gone_without_a_word_of_it(house: House) -> None:
    archived = hide(house)[-1]

    page = Client().get(reverse("portal:answer_short", args=[archived.pk]))

    assert page.status_code == 410
    assert CANARY not in page.content.decode()


def test_a_file_that_only_the_working_copy_or_an_old_version_holds_is_not_there(
    house: House,
) -> None:
    shown = make_shown(house, [])
    file = AnswerFile.objects.get(answer=shown)
    asked = reverse("portal:answer_file", args=[file.pk])
    before = Client().get(asked).status_code

    publish_answer(answer_id=shown.pk, user=None)
    there = Client().get(asked)

    assert (before, there.status_code) == (404, 200)
    assert CANARY.encode() in b"".join(there)
