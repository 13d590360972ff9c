"""Reports of the knowledge base, what an editor does about them, and the search of citizens."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.tickets.models import Category, Ticket
from knowledgebase.domain.feedback import give_feedback, record_requests, record_views
from knowledgebase.domain.misses import forget_misses
from knowledgebase.domain.publish import archive_answer
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Answer, AnswerDay, SearchMiss, SearchUse, Synonym
from knowledgebase.search import found_by_now
from knowledgebase.viewcount import led_on, misses, openings, uses
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_editor, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
REPORT = "/a/wissen/auswertung/"


@pytest.fixture
def house() -> Iterator[House]:
    found = make_house()
    make_editor(found.authority, found.anna)
    yield found
    misses.flush()
    led_on.flush()
    begin_anew()


@pytest.fixture
def editor(house: House) -> Client:
    client = Client()
    client.force_login(house.anna)
    return client


def search(words: str, browser: str) -> str:
    client = Client(headers={"user-agent": browser})
    return client.get("/suche", {"q": words}).content.decode()


def test_report_names_what_does_not_help_leads_nowhere_and_is_not_read(
    house: House, editor: Client
) -> None:
    section = make_section(house.authority)
    good, bad, asked = (make_answer(section) for _ in range(3))
    gone = make_answer(section)
    linking = make_answer(
        section, TextDraft("Verweist", "Kurz", f'<p><a href="/w/{gone.pk}">dort</a></p>')
    )
    archive_answer(answer_id=gone.pk, user=house.anna)
    old = timezone.now() - timedelta(days=60)
    Answer.objects.exclude(pk=good.pk).update(published_at=old)
    for helpful in (True, False, False, False, False):
        give_feedback(answer_id=bad.pk, language="de", is_helpful=helpful)
        give_feedback(answer_id=good.pk, language="de", is_helpful=True)
    record_views(counts={bad.pk: 3, asked.pk: 10, linking.pk: 1}, day=TODAY)
    record_requests(counts={asked.pk: 2}, day=TODAY)
    hidden = make_answer(section, visibility="team", team_id=house.waste.pk)
    record_requests(counts={hidden.pk: 9}, day=TODAY)

    shown = editor.get(REPORT).context

    assert [(row.key, row.percent) for row in shown["unhelpful"]] == [(bad.pk, 80)]
    assert [(row.key, row.number, row.of) for row in shown["requests"]] == [(asked.pk, 2, 10)]
    assert [(row.key, row.number) for row in shown["dead"]] == [(linking.pk, 1)]
    assert [row.key for row in shown["unused"]] == []
    assert shown["overall"] == {"read": 14, "said": 10, "percent": 60}
    AnswerDay.objects.update(day=TODAY - timedelta(days=91))
    unused = editor.get(REPORT).context["unused"]
    assert {row.key for row in unused} == {bad.pk, asked.pk, linking.pk}


def test_searches_in_vain_of_three_visitors_become_an_answer_a_synonym_or_nothing(
    house: House, editor: Client
) -> None:
    make_answer(make_section(house.authority))
    index_everything()
    for browser in ("eins", "zwei", "drei"):
        search("Drohne fliegen", browser)
    search("nur einmal", "eins")
    misses.flush()

    page = editor.get(REPORT)
    (miss,) = page.context["misses"]
    begun = editor.get(reverse("desk:knowledge_new"), {"title": miss.query})
    listed = editor.get(reverse("desk:knowledge_synonyms"), {"words": miss.query})
    editor.post(reverse("desk:knowledge_ignore", args=[miss.pk]))

    assert miss.query == "drohne fliegen"
    assert miss.query in begun.content.decode()
    assert miss.query in listed.content.decode()
    assert editor.get(REPORT).context["misses"] == []


def test_what_finds_something_by_now_leaves_the_report(house: House, editor: Client) -> None:
    answer = make_answer(make_section(house.authority))
    index_everything()
    for browser in ("eins", "zwei", "drei"):
        search("Drohne", browser)
    misses.flush()
    sent = {"words": "Drohne, Reisepass"}

    before = found_by_now()
    editor.post(reverse("desk:knowledge_synonyms"), sent)
    forget_misses(ids=found_by_now())

    assert (before, SearchMiss.objects.count()) == ([], 0)
    assert f'href="/w/{answer.pk}-' in search("Drohne", "vier")


def opened(words: str, browser: str, referer: str = "http://testserver/suche") -> str:
    """Let a visitor search and open the first answer; return its address."""
    client = Client(headers={"user-agent": browser})
    client.get("/suche", {"q": words})
    client.get("/suche", {"q": words, "page": "2"})
    (hit, *_) = client.get("/suche", {"q": words}).context["hits"]
    came_from = f"{referer}?{urlencode({'q': words})}"
    assert client.get(hit["url"], headers={"referer": came_from}).status_code == 200
    return str(hit["url"])


def test_what_is_found_and_not_opened_is_told_of_three_visitors_and_can_be_ignored(
    house: House, editor: Client
) -> None:
    make_answer(make_section(house.authority))
    index_everything()
    for browser in ("eins", "zwei", "drei"):
        search("Reisepass", browser)
        opened("Foto", browser)
    search("Bürgerbüro", "eins")
    opened("Reisepass", "eins")
    openings.flush()

    (row,) = editor.get(REPORT).context["unopened"]
    html = editor.get(REPORT).content.decode()
    editor.post(reverse("desk:knowledge_ignore_search", args=[row.pk]))

    assert (row.query, row.searches, row.opened, row.marks) == ("reisepass", 3, 1, [])
    assert 'href="/suche?q=reisepass"' in html
    assert SearchUse.objects.get(query="foto").opened == 3
    assert editor.get(REPORT).context["unopened"] == []


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "http://anderswo.example/suche",
        "http://testserver/wissen/",
        "http://[",
        "http://testserver/suche?" + "a=1&" * 50,
    ],
)
def test_who_comes_from_elsewhere_has_opened_nothing_of_a_search(
    house: House, referer: str
) -> None:
    make_answer(make_section(house.authority))
    index_everything()
    opened("Reisepass", "eins", referer)
    openings.flush()
    uses.flush()

    assert SearchUse.objects.get().opened == 0


def test_words_that_may_name_a_person_and_staff_leave_no_search(
    house: House, editor: Client
) -> None:
    make_answer(make_section(house.authority))
    index_everything()

    search("Reisepass petra@example.org", "eins")
    editor.get("/suche", {"q": "Reisepass"})
    uses.flush()

    assert not SearchUse.objects.exists()


def test_report_tells_how_many_requests_were_answered_with_an_answer_and_where_not(
    house: House, editor: Client
) -> None:
    answer = make_answer(make_section(house.authority))
    topic = Category.objects.create(authority=house.authority, name="Abfall")
    helped, by_hand, noted, waiting = (
        make_ticket(house, message_id=f"<{number}@example.org>") for number in range(4)
    )
    make_ticket(house, message_id="<fremd@example.org>", team_id=house.waste.pk)
    Ticket.objects.update(received_at=timezone.now(), first_answer_at=timezone.now())
    Ticket.objects.filter(pk=waiting.pk).update(first_answer_at=None)
    Ticket.objects.filter(pk=by_hand.pk).update(category=topic)
    used = [reverse("desk:knowledge_used", args=[one.number, answer.pk]) for one in (helped, noted)]
    editor.post(used[0])
    editor.post(used[0])
    editor.post(f"{used[1]}?notiz")

    shown = editor.get(REPORT).context["helped"]

    assert (shown.answered, shown.helped, shown.percent) == (3, 1, 33)
    assert [(row.title, row.number, row.of) for row in shown.topics] == [
        ("", 1, 2),
        ("Abfall", 1, 1),
    ]
    Ticket.objects.update(received_at=timezone.now() - timedelta(days=91))
    assert editor.get(REPORT).context["helped"].answered == 0


def test_staff_who_search_and_pages_while_the_index_is_built_are_not_counted(
    editor: Client,
) -> None:
    search("Drohne", "eins")
    index_everything()
    editor.get("/suche", {"q": "Drohne"})
    misses.flush()

    assert not SearchMiss.objects.exists()


def test_synonyms_are_refused_at_the_field_changed_and_taken_away(editor: Client) -> None:
    page = reverse("desk:knowledge_synonyms")

    refused = editor.post(page, {"words": "Hund"})
    editor.post(page, {"words": "Hund, Wauwau"})
    row = Synonym.objects.get()
    editor.post(reverse("desk:knowledge_synonym", args=[row.pk]), {"words": "Hund, Köter"})
    row.refresh_from_db()
    changed = row.words
    editor.post(reverse("desk:knowledge_synonym_delete", args=[row.pk]))

    assert (refused.status_code, "Hund" in refused.content.decode()) == (422, True)
    assert (changed, Synonym.objects.count()) == (["Hund", "Köter"], 0)


def test_a_misspelt_search_proposes_the_word_of_an_answer(house: House) -> None:
    make_answer(make_section(house.authority))
    index_everything()

    assert 'href="/suche?q=Reisepass"' in search("Reisepas", "eins")
    assert "Meinten Sie" not in search("Reisepass", "eins")
