"""A translation knows what it was made from: what changed since is shown, and readers are told."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from knowledgebase.domain.publish import publish_answer, restore_version
from knowledgebase.domain.write import TextDraft, confirm_translation, save_copy
from knowledgebase.models import Answer
from knowledgebase.queries import texts_of
from knowledgebase.translations import changes_since
from tests.factories.house import House, make_house
from tests.factories.knowledge import PASSPORT, PASSPORT_EN, make_answer, make_editor, make_section

pytestmark = pytest.mark.django_db

DEARER = replace(PASSPORT, cost="90 Euro", body=f"{PASSPORT.body}<p>Neu: ein Termin.</p>")


@pytest.fixture
def house() -> House:
    found = make_house()
    make_editor(found.authority, found.anna)
    return found


def save(answer: Answer, house: House, **texts: TextDraft) -> None:
    answer.refresh_from_db()
    save_copy(
        answer_id=answer.pk,
        texts=texts,
        internal=answer.internal,
        revision=answer.revision,
        user=house.anna,
    )


def changes(answer: Answer, language: str = "en") -> int:
    texts = texts_of(answer, version_id=None)
    return changes_since(texts["de"], texts[language])


def page(answer: Answer) -> str:
    answer.refresh_from_db()
    return Client().get(f"/w/{answer.pk}-x/en/", follow=True).content.decode()


def translated(house: House) -> Answer:
    # The translation first: what it was made from comes with the same saving.
    texts = {"en": PASSPORT_EN}
    return make_answer(make_section(house.authority), texts=texts)


def test_a_translation_is_up_to_date_until_the_main_text_changes(house: House) -> None:
    answer = translated(house)
    before = changes(answer)
    save(answer, house, de=DEARER)
    outdated = changes(answer)

    save(answer, house, de=PASSPORT)

    assert (before, outdated, changes(answer)) == (0, 2, 0)


def test_readers_of_an_outdated_translation_are_led_to_the_main_text(house: House) -> None:
    answer = translated(house)
    fresh = page(answer)
    save(answer, house, de=DEARER)
    publish_answer(answer_id=answer.pk, user=house.anna)
    outdated = page(answer)
    confirm_translation(answer_id=answer.pk, language="en", user=house.anna)
    publish_answer(answer_id=answer.pk, user=house.anna)

    told = [("was changed since" in html or "seitdem" in html) for html in (fresh, outdated)]
    assert told == [False, True]
    assert ("was changed since" in page(answer) or "seitdem" in page(answer)) is False


def test_confirming_counts_as_a_change_that_has_to_be_published(house: House) -> None:
    answer = translated(house)
    save(answer, house, de=DEARER)
    publish_answer(answer_id=answer.pk, user=house.anna)

    confirm_translation(answer_id=answer.pk, language="en", user=house.anna)
    confirm_translation(answer_id=answer.pk, language="de", user=house.anna)

    answer.refresh_from_db()
    assert answer.has_changes
    assert texts_of(answer, version_id=None)["de"].source == {}
    assert changes(answer) == 0


def test_an_old_version_comes_back_with_what_its_translation_was_made_from(house: House) -> None:
    answer = translated(house)
    first = answer.live_version_id
    assert first is not None
    save(answer, house, de=DEARER)
    confirm_translation(answer_id=answer.pk, language="en", user=house.anna)
    publish_answer(answer_id=answer.pk, user=house.anna)

    restore_version(answer_id=answer.pk, version_id=first, user=house.anna)

    assert changes(answer) == 0


def test_the_page_shows_both_texts_saves_one_and_keeps_the_rest(house: House) -> None:
    answer = translated(house)
    save(answer, house, de=DEARER)
    answer.refresh_from_db()
    client = Client()
    client.force_login(house.anna)
    address = reverse("desk:knowledge_translate", args=[answer.pk, "en"])

    html = client.get(address).content.decode()
    sent = {
        "revision": answer.revision,
        "format": "marks",
        "title_en": "Passport",
        "is_current": "on",
    }
    saved = client.post(address, sent | {"body_en": "Bring **two** photos."})
    late = client.post(address, sent | {"title_en": "Too late"})

    texts = texts_of(answer, version_id=None)
    assert ("<ins>" in html, "Neu: ein Termin." in html) == (True, True)
    assert (saved.status_code, texts["en"].title, texts["de"].cost) == (302, "Passport", "90 Euro")
    assert texts["en"].body == "<p>Bring <strong>two</strong> photos.</p>"
    assert changes(answer) == 0
    assert (late.status_code, "Too late" in late.content.decode()) == (409, True)


@pytest.mark.parametrize("language", ["de", "fr", "de-simple-x"])
def test_there_is_nothing_to_translate_the_main_text_into(house: House, language: str) -> None:
    answer = translated(house)
    client = Client()
    client.force_login(house.anna)

    page = client.get(reverse("desk:knowledge_translate", args=[answer.pk, language]))

    assert page.status_code == 404
