"""Attack case 21: answers for citizens who are signed in are for all others not there at all."""

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from helpdesk.portal.keeping import forget_pages
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import archive_answer, publish_answer
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Answer, AnswerFile
from tests.factories.accounts import signed_in, with_accounts
from tests.factories.house import House, make_house
from tests.factories.knowledge import make_answer, make_draft, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]
CANARY = "Kanarienvogel"
WORDS = TextDraft(f"{CANARY} Reisepass", f"{CANARY} kurz", f"<p>{CANARY} Text</p>")
NOT_THERE = 999_999


@pytest.fixture
def house() -> Iterator[House]:
    forget_pages()
    with override_settings(KEPT_PAGES=20):
        house = make_house()
        with_accounts(house.authority)
        yield house
    forget_pages()
    begin_anew()


@pytest.fixture
def answer(house: House) -> Answer:
    """Return an answer for the signed-in, with a file, beside a public one."""
    section = make_section(house.authority)
    make_answer(section)
    answer = make_draft(section, WORDS, visibility="account")
    file = NewFile(f"{CANARY}.pdf", b"%PDF-1.7 " + CANARY.encode())
    add_file(answer_id=answer.pk, file=file, user=None)
    publish_answer(answer_id=answer.pk, user=None)
    index_everything()
    return Answer.objects.get(pk=answer.pk)


def pages(answer: Answer) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the pages on which a signed-in reader meets the answer."""
    file = AnswerFile.objects.get(answer=answer)
    return {
        "home": (reverse("portal:home"), {}),
        "knowledge": (reverse("portal:knowledge"), {}),
        "section": (reverse("portal:section", args=[answer.section.slug]), {}),
        "answer": (reverse("portal:answer", args=[answer.pk, "kanarienvogel-reisepass"]), {}),
        "file": (reverse("portal:answer_file", args=[file.pk]), {}),
        "search": (reverse("portal:search"), {"q": "Reisepass"}),
        "list": (reverse("portal:search_list"), {"q": "Reisep"}),
    }


def machine_pages(answer: Answer) -> list[str]:
    plain = ("knowledge_feed", "sitemap", "robots", "opensearch")
    return [
        *(reverse(f"portal:{each}") for each in plain),
        reverse("portal:section_feed", args=[answer.section.slug]),
        reverse("portal:sitemap_page", args=[1]),
    ]


def body(client: Client, address: str, asked: dict[str, str]) -> str:
    return str(client.get(address, asked).getvalue().decode())


def test_who_is_signed_in_meets_it_everywhere_and_no_cache_keeps_it(answer: Answer) -> None:
    citizen = signed_in("clara@example.org")

    for name, (address, asked) in pages(answer).items():
        page = citizen.get(address, asked)
        assert page.status_code == 200, name
        assert CANARY in page.getvalue().decode(), name
        assert page.headers["Cache-Control"] == "private, no-store", name
    helps = citizen.post(reverse("portal:suggestions"), {"text": f"{CANARY} Reisepass"})

    assert CANARY in helps.content.decode()


def test_what_leads_to_it_and_what_asks_about_it_is_kept_by_no_cache_either(
    answer: Answer,
) -> None:
    citizen = signed_in("clara@example.org")

    lead = citizen.get(reverse("portal:answer_short", args=[answer.pk]))
    said = citizen.post(reverse("portal:feedback", args=[answer.pk]), {"helpful": "no"})
    reason = citizen.get(said["Location"])

    assert CANARY.lower() in lead["Location"]
    assert CANARY in reason.content.decode()
    for page in (lead, reason):
        assert page.headers["Cache-Control"] == "private, no-store"


def test_for_all_others_it_is_not_there_also_after_somebody_was_shown_it(
    house: House, answer: Answer
) -> None:
    citizen, agent = signed_in("clara@example.org"), Client()
    agent.force_login(house.anna)
    left = signed_in("berta@example.org")
    key = left.cookies["citizen"].value
    left.post(reverse("portal:sign_out"))
    left.cookies["citizen"] = key
    forged = Client()
    forged.cookies["citizen"] = "abcdefghijklmnopqrstuvwxyz"

    for address, asked in pages(answer).values():
        body(citizen, address, asked)
        for other in (Client(), agent, left, forged):
            assert CANARY not in body(other, address, asked), address
    missing = Client().get(reverse("portal:answer_short", args=[NOT_THERE]))
    asked_for = Client().get(reverse("portal:answer_short", args=[answer.pk]))
    assert (asked_for.status_code, asked_for.content) == (404, missing.content)
    said = Client().post(reverse("portal:feedback", args=[answer.pk]), {"helpful": "no"})
    assert said.status_code == 404


def test_machines_are_told_nothing_of_it_whoever_sends_them(answer: Answer) -> None:
    citizen = signed_in("clara@example.org")

    for address in machine_pages(answer):
        for reader in (citizen, Client()):
            page = body(reader, address, {})
            assert CANARY.lower() not in page.lower(), address
            assert f"/w/{answer.pk}" not in page, address


def test_its_own_page_gives_machines_nothing_to_take_along(answer: Answer) -> None:
    address, asked = pages(answer)["answer"]

    page = body(signed_in("clara@example.org"), address, asked)

    assert "application/ld+json" not in page
    assert "Nur wer angemeldet ist, kann diese Seite lesen." in page


def test_where_a_town_offers_no_accounts_nobody_reads_it(house: House, answer: Answer) -> None:
    citizen = signed_in("clara@example.org")
    house.authority.offers_accounts = False
    house.authority.save()

    assert citizen.get(reverse("portal:answer_short", args=[answer.pk])).status_code == 404


def test_archived_it_is_gone_for_who_could_read_it_and_not_there_for_others(
    house: House, answer: Answer
) -> None:
    archive_answer(answer_id=answer.pk, user=house.anna)
    address = reverse("portal:answer_short", args=[answer.pk])

    gone = signed_in("clara@example.org").get(address)
    other = Client().get(address)

    assert (gone.status_code, other.status_code) == (410, 404)
    assert CANARY not in gone.content.decode()
