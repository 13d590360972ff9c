"""The knowledge base as citizens read it: what is not theirs is not there."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from helpdesk.files.serve import SANDBOX
from knowledgebase.addresses import path_of
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import archive_answer, publish_answer
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer, AnswerFeedback
from knowledgebase.queries import texts_of
from knowledgebase.viewcount import views
from tests.factories.house import House, make_authority, make_house
from tests.factories.knowledge import (
    PASSPORT,
    PASSPORT_EN,
    make_answer,
    make_draft,
    make_section,
)

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + bytes(48)
SECRET = "Kanarienvogel"
HIDDEN = TextDraft(f"{SECRET} Titel", f"{SECRET} kurz", f"<p>{SECRET} Text</p>")


@pytest.fixture
def house() -> House:
    return make_house()


def page(path: str, language: str = "de") -> tuple[int, str]:
    response = Client(headers={"accept-language": language}).get(path)
    return response.status_code, response.content.decode()


def without_token(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)


def hide_some(house: House) -> list[Answer]:
    """Return answers that nobody outside may know of, each with a canary."""
    section = make_section(house.authority, "Geheim")
    foreign = make_section(make_authority("Stadt Anderswo", "AW"))
    archived = make_answer(section, HIDDEN, visibility="staff")
    archive_answer(answer_id=archived.pk, user=house.anna)
    return [
        make_draft(section, HIDDEN),
        make_answer(section, HIDDEN, visibility="staff"),
        make_answer(section, HIDDEN, visibility="team", team_id=house.roads.pk),
        archived,
        make_answer(foreign, HIDDEN),
    ]


def test_an_answer_shows_its_words_facts_and_when_it_was_checked(house: House) -> None:
    answer = make_answer(make_section(house.authority), team_id=house.roads.pk)

    status, html = page(path_of(answer.pk, PASSPORT.title, "de"))

    assert status == 200
    for words in ("Kurz gesagt:", "Auf einen Blick", "70 Euro", "Zuletzt geprüft", "Tiefbau"):
        assert words in html
    assert '<h2 id="abschnitt-1">Was Sie brauchen</h2>' in html
    assert (
        f'<link rel="canonical" href="{settings.BASE_URL}/w/{answer.pk}-reisepass-beantragen/">'
        in html
    )


def test_the_internal_block_is_never_rendered_for_citizens(house: House) -> None:
    answer = make_answer(make_section(house.authority), internal=f"<p>{SECRET}</p>")

    bodies = [
        page(path)[1]
        for path in ("/", "/wissen/", "/wissen/ausweise/", path_of(answer.pk, PASSPORT.title, "de"))
    ]

    assert [SECRET in body for body in bodies] == [False] * 4


def test_what_is_not_public_answers_exactly_as_what_is_not_there(house: House) -> None:
    make_answer(make_section(house.authority))
    hidden = hide_some(house)

    for path in ("/w/{}", "/w/{}-x/", "/w/{}-kanarienvogel-titel/", "/w/{}-x/en/"):
        missing = page(path.format(999_999))
        found = [page(path.format(answer.pk)) for answer in hidden]
        assert missing[0] == 404
        assert found == [missing] * len(hidden)


def test_what_is_not_public_is_in_no_list_no_count_and_no_relation(house: House) -> None:
    section = make_section(house.authority)
    hidden = hide_some(house)
    answer = make_answer(section, related_ids=tuple(one.pk for one in hidden[:3]))
    paths = ["/", "/wissen/", "/wissen/ausweise/", path_of(answer.pk, PASSPORT.title, "de")]

    bodies = [page(path)[1] for path in paths]

    assert [SECRET in body or "Geheim" in body for body in bodies] == [False] * 4
    assert page("/wissen/geheim/") == page("/wissen/nichts/")


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_section_is_shown_page_by_page_in_the_order_of_its_titles(
    house: House, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr("helpdesk.portal.views.knowledge.PAGE", 2)
    section = make_section(house.authority)
    for german, english in (("Öfen", "Stoves"), ("Zäune", "Fences"), ("Abend", "Evening")):
        texts = {"en": TextDraft(english, "Short", "<p>Text</p>")}
        make_answer(section, TextDraft(german, "Kurz", "<p>Text</p>"), texts=texts)
    client = Client(headers={"Accept-Language": language})

    pages = [client.get("/wissen/ausweise/", {"page": at}) for at in ("1", "2", "9", "x", "\0")]

    titles = [[entry.line.title for entry in one.context["entries"]] for one in pages]
    in_order = {"de": ["Abend", "Öfen", "Zäune"], "en": ["Evening", "Fences", "Stoves"]}[language]
    first, last = in_order[:2], in_order[2:]
    assert titles == [first, last, last, first, first]
    assert 'href="?page=2" rel="next"' in pages[0].content.decode()
    assert 'href="?page=1" rel="prev"' in pages[1].content.decode()


def test_a_working_copy_beside_the_live_version_is_not_shown(house: House) -> None:
    answer = make_answer(make_section(house.authority))
    save_copy(answer_id=answer.pk, texts={"de": HIDDEN}, internal="", revision=1, user=house.anna)

    html = page(path_of(answer.pk, PASSPORT.title, "de"))[1]

    assert (PASSPORT.title in html, SECRET in html) == (True, False)
    assert SECRET not in page("/wissen/ausweise/")[1]


def test_files_are_there_only_as_part_of_a_live_version_of_a_public_answer(house: House) -> None:
    section = make_section(house.authority)
    inside = make_draft(section, visibility="staff")
    public = make_draft(section)
    content = f"{SECRET} Inhalt".encode()
    shown, hidden = (
        add_file(answer_id=answer.pk, file=NewFile("blatt.txt", content), user=None)
        for answer in (public, inside)
    )
    for answer in (public, inside):
        publish_answer(answer_id=answer.pk, user=None)
    later = add_file(answer_id=public.pk, file=NewFile("neu.txt", content), user=None)

    served: Any = Client().get(f"/w/datei/{shown.pk}/")
    missing = page("/w/datei/999999/")

    assert b"".join(served.streaming_content) == content
    assert served["Content-Security-Policy"] == SANDBOX
    assert served["Content-Disposition"].startswith("attachment")
    assert [page(f"/w/datei/{file.pk}/") for file in (hidden, later)] == [missing, missing]


@pytest.mark.parametrize(
    "name,content",
    [
        ("bild.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("seite.html", b"<!doctype html><script>alert(1)</script>"),
        ("foto.png", b"<html><script>alert(1)</script>"),
        ("daten.xml", b"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><x/>"),
    ],
)
def test_active_files_are_downloads_of_neutral_type(
    house: House, name: str, content: bytes
) -> None:
    answer = make_draft(make_section(house.authority))
    file = add_file(answer_id=answer.pk, file=NewFile(name, content, "image/png"), user=None)
    publish_answer(answer_id=answer.pk, user=None)

    served = Client().get(f"/w/datei/{file.pk}/")

    assert served["Content-Type"] == "application/octet-stream"
    assert served["Content-Disposition"].startswith("attachment")
    assert (served["X-Content-Type-Options"], served["Content-Security-Policy"]) == (
        "nosniff",
        SANDBOX,
    )
    served.close()


def test_a_picture_stands_in_the_text_with_its_description(house: House) -> None:
    answer = make_draft(make_section(house.authority))
    sizes = (640).to_bytes(4) + (480).to_bytes(4)
    content = PNG[:8] + (13).to_bytes(4) + b"IHDR" + sizes + bytes(9)
    file = NewFile("pass.png", content, alt='Ein "Pass"')
    picture = add_file(answer_id=answer.pk, file=file, user=None)
    text = TextDraft("Mit Bild", "Kurz", f'<p>Text <img data-cid="{picture.pk}"></p>')
    save_copy(answer_id=answer.pk, texts={"de": text}, internal="", revision=1, user=house.anna)
    publish_answer(answer_id=answer.pk, user=None)

    html = page(f"/w/{answer.pk}-mit-bild/")[1]

    named = f'src="/w/datei/{picture.pk}/" alt="Ein &quot;Pass&quot;"'
    assert f'{named} width="640" height="480" loading="lazy">' in html
    assert "pass.png" not in html


def test_an_answer_is_found_under_its_short_and_its_old_address(house: House) -> None:
    answer = make_answer(make_section(house.authority), texts={"en": PASSPORT_EN})
    german, english = Client(), Client(headers={"accept-language": "en"})

    assert german.get(f"/w/{answer.pk}")["Location"] == f"/w/{answer.pk}-reisepass-beantragen/"
    assert english.get(f"/w/{answer.pk}")["Location"] == (
        f"/w/{answer.pk}-apply-for-a-passport/en/"
    )
    old = german.get(f"/w/{answer.pk}-pass-neu/")
    assert (old.status_code, old["Location"]) == (301, f"/w/{answer.pk}-reisepass-beantragen/")
    assert german.get(f"/w/{answer.pk}-reisepass-beantragen/xx/").status_code == 404


def test_what_is_not_translated_says_so_and_never_shows_another_language_silently(
    house: House,
) -> None:
    answer = make_answer(make_section(house.authority))

    listed = page("/wissen/ausweise/", "en")[1]
    html = page(path_of(answer.pk, PASSPORT.title, "de"), "en")[1]

    assert "in German only" in listed
    assert "This answer is available in German only." in html
    assert '<div class="answer-main" lang="de">' in html
    assert "English" not in re.findall(r'hreflang="en" href="/w/[^"]+"', html)


def test_languages_are_offered_only_where_there_is_a_text(house: House) -> None:
    section = make_section(house.authority)
    both = make_answer(section, texts={"de-simple": TextDraft("Pass", "Kurz", "<p>Leicht</p>")})
    single = make_answer(section, TextDraft("Andere", "Kurz", "<p>x</p>"))

    simple = page(path_of(both.pk, "Pass", "de-simple"))[1]

    assert 'lang="de-simple"' in simple
    assert "Leichte Sprache" in page(path_of(both.pk, PASSPORT.title, "de"))[1]
    assert "Leichte Sprache" not in page(path_of(single.pk, "Andere", "de"))[1]


def test_three_headings_make_contents(house: House) -> None:
    section = make_section(house.authority)
    three = "".join(f"<h2>Teil {number}</h2><p>x</p>" for number in (1, 2, 3))
    long = make_answer(section, TextDraft("Lang", "Kurz", three))
    short = make_answer(section, TextDraft("Knapp", "Kurz", three.replace("<h2>Teil 3</h2>", "")))

    assert '<a href="#abschnitt-3">Teil 3</a>' in page(path_of(long.pk, "Lang", "de"))[1]
    assert "#abschnitt-1" not in page(path_of(short.pk, "Knapp", "de"))[1]


def test_an_archived_answer_leads_to_its_successor_or_says_that_it_is_gone(house: House) -> None:
    section = make_section(house.authority)
    new, old, gone = (make_answer(section) for _ in range(3))
    archive_answer(answer_id=old.pk, successor_id=new.pk, user=house.anna)
    archive_answer(answer_id=gone.pk, user=house.anna)

    moved = Client().get(f"/w/{old.pk}-reisepass-beantragen/")
    status, html = page(f"/w/{gone.pk}-reisepass-beantragen/")

    assert (moved.status_code, moved["Location"]) == (301, f"/w/{new.pk}")
    assert (status, PASSPORT.title in html) == (410, False)


def test_an_archived_answer_leads_over_archived_ones_and_never_in_a_circle(house: House) -> None:
    section = make_section(house.authority)
    first, second, last = (make_answer(section) for _ in range(3))
    archive_answer(answer_id=first.pk, successor_id=second.pk, user=house.anna)
    archive_answer(answer_id=second.pk, successor_id=last.pk, user=house.anna)

    moved = Client().get(f"/w/{first.pk}")
    Answer.objects.filter(pk=last.pk).update(state="archived", successor=first)

    assert (moved.status_code, moved["Location"]) == (301, f"/w/{last.pk}")
    assert Client().get(f"/w/{first.pk}").status_code == 410


def test_feedback_needs_no_account_and_keeps_yes_and_no(house: House) -> None:
    answer = make_answer(make_section(house.authority))
    path = f"/w/{answer.pk}/hilfreich/"

    yes = Client().post(path, {"helpful": "yes", "language": "de"})
    no = Client().post(path, {"helpful": "no", "language": "de"})
    reason = Client().post(no["Location"], {"reason": "unclear", "text": "Zu lang"})

    assert "rueckmeldung=ja" in yes["Location"]
    assert "rueckmeldung=nein" in reason["Location"]
    assert "Danke" in page(reason["Location"].partition("#")[0])[1]
    rows = AnswerFeedback.objects.order_by("pk").values_list("is_helpful", "reason", "text")
    assert list(rows) == [(True, "", ""), (False, "unclear", "Zu lang")]


def test_a_no_without_a_reason_is_asked_for_one_and_keeps_what_was_typed(house: House) -> None:
    answer = make_answer(make_section(house.authority))
    asked = Client().post(f"/w/{answer.pk}/hilfreich/", {"helpful": "no"})["Location"]

    empty = Client().post(asked, {})
    long = Client().post(asked, {"text": "x" * 1001})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "Wählen Sie einen Grund" in empty.content.decode()
    assert "x" * 1001 in long.content.decode()


def test_feedback_by_a_script_is_slowed_down(house: House) -> None:
    answer = make_answer(make_section(house.authority))
    client = Client()
    cache.clear()

    answers = [
        client.post(f"/w/{answer.pk}/hilfreich/", {"helpful": "yes"}).status_code for _ in range(31)
    ]

    assert answers == [302] * 30 + [429]
    assert AnswerFeedback.objects.count() == 30


def test_feedback_on_what_is_not_public_is_not_there(house: House) -> None:
    missing = Client().post("/w/999999/hilfreich/", {"helpful": "yes"})

    for answer in hide_some(house):
        found = Client().post(f"/w/{answer.pk}/hilfreich/", {"helpful": "yes"})
        assert (found.status_code, found.content) == (missing.status_code, missing.content)
    assert AnswerFeedback.objects.count() == 0


def test_reading_counts_a_view_and_looking_at_the_head_does_not(house: House) -> None:
    views.flush()
    answer = make_answer(make_section(house.authority))
    path = path_of(answer.pk, PASSPORT.title, "de")

    Client().get(path)
    Client().head(path)
    Client().get(f"/w/{answer.pk}")
    views.flush()

    assert [day.views for day in answer.days.all()] == [1]


def test_sections_count_what_lies_below_them_and_hide_when_empty(house: House) -> None:
    above = make_section(house.authority)
    below = make_section(house.authority, "Reisepass", parent_id=above.pk)
    make_section(house.authority, "Leer")
    make_answer(below)

    html = page("/wissen/")[1]

    assert "Leer" not in html
    assert re.search(r"Ausweise</a.*?</span>1</span", html, re.DOTALL)
    assert 'href="/wissen/reisepass/"' in page("/wissen/ausweise/")[1]


def test_without_answers_the_portal_offers_none(house: House) -> None:
    make_section(house.authority)

    home = page("/")[1]

    assert "/wissen/" not in home
    assert "noch keine Antworten" in page("/wissen/")[1]


@pytest.mark.parametrize("path", ["/", "/wissen/", "/wissen/ausweise/", "/w/{}-titel-0/"])
@pytest.mark.parametrize("count", [2, 4])
def test_pages_ask_the_same_number_of_queries_for_two_and_for_four(
    house: House, path: str, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    section = make_section(house.authority)
    answers = [
        make_answer(section, TextDraft(f"Titel {number}", "Kurz", "<p>x</p>"))
        for number in range(count)
    ]

    with django_assert_num_queries(QUERIES[path]):
        status, html = page(path.format(answers[0].pk))

    assert status == 200
    assert html.count("Titel ") >= count


QUERIES = {"/": 9, "/wissen/": 6, "/wissen/ausweise/": 6, "/w/{}-titel-0/": 8}


def test_a_picture_in_a_text_is_never_fetched_from_elsewhere(house: House) -> None:
    body = (
        '<p>x <img src="https://canary.example/x.png"> <img srcset="https://canary.example/y"></p>'
    )
    answer = make_answer(make_section(house.authority), TextDraft("Titel", "Kurz", body))

    html = page(path_of(answer.pk, "Titel", "de"))[1]

    assert "canary.example" not in html
    assert texts_of(answer, version_id=answer.live_version_id)["de"].body == "<p>x  </p>"
