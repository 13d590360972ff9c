"""Attack cases 5, 8 and 21 by the knowledge base's files, shared texts and translations."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import publish_answer
from knowledgebase.domain.snippets import create_snippet
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer
from tests.factories.house import House, make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_section
from tests.helpdesk.api.client import Response
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db
SCRIPT = b"<script>alert(document.domain)</script>"
CANARY = "Kanarienvogel"
ACTIVE = {
    "x.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "x.html": b"<!doctype html><html>" + SCRIPT,
    "x.xhtml": b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>",
    "x.xml": b"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>",
    "x.mhtml": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n",
    "x.pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
}


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def answer(house: House) -> Answer:
    return make_answer(make_section(house.authority))


def published(answer: Answer, name: str, content: bytes) -> Response:
    """Return what a citizen gets for a file of a published answer."""
    file = add_file(answer_id=answer.pk, file=NewFile(name, content), user=None)
    publish_answer(answer_id=answer.pk, user=None)
    page = Client().get(reverse("portal:answer_file", args=[file.pk]))
    page.getvalue()
    return page


@pytest.mark.parametrize("name", ACTIVE)
def test_05_a_file_of_an_answer_is_never_run(answer: Answer, name: str) -> None:
    page = published(answer, name, ACTIVE[name])

    kind = page["Content-Type"].partition(";")[0]
    assert page.status_code in {200, 403}
    assert kind in {"application/octet-stream", "application/pdf", "text/plain"}
    assert "sandbox; default-src 'none'" in page["Content-Security-Policy"]
    assert page["X-Content-Type-Options"] == "nosniff"
    if kind == "application/octet-stream":
        assert page["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name", [name for name in ACTIVE if name != "x.pdf"])
def test_05_what_calls_itself_a_picture_and_is_a_page_is_no_picture(
    answer: Answer, name: str
) -> None:
    """It is refused as a broken picture, or kept as what it is: a download."""
    try:
        page = published(answer, "x.png", ACTIVE[name])
    except ValidationError:
        return
    assert page["Content-Disposition"].startswith("attachment")
    assert page["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "name",
    [
        "\u200b.htaccess.txt",
        "txt.exe\u202etxt.txt",
        "..\\..\\boot.txt",
        "CON.txt",
        'a"; filename="b.html\r\nSet-Cookie: a=b.txt',
        "x" * 300 + ".txt",
        "a\x00b.txt",
    ],
)
def test_08_the_name_of_a_file_of_an_answer_breaks_no_header(answer: Answer, name: str) -> None:
    page = published(answer, name, b"nur Text")

    head = page["Content-Disposition"]
    assert page.status_code == 200
    assert page.cookies == {}
    assert head.isprintable()
    assert head.startswith("attachment; filename")
    assert not {"/", "\\", "\u202e", "\u200b"} & set(head)
    assert len(head) < 900


def pages_of(answer: Answer) -> tuple[str, ...]:
    return (
        reverse("portal:home"),
        reverse("portal:knowledge"),
        reverse("portal:section", args=[answer.section.slug]),
        reverse("portal:answer_short", args=[answer.pk]),
        reverse("portal:knowledge_feed"),
        reverse("portal:sitemap_page", args=[1]),
        f"{reverse('portal:search')}?q=Reisepass",
        f"{reverse('portal:search')}?q=passport",
        f"{reverse('portal:search_list')}?q=Reise",
    )


def test_21_a_translation_and_a_shared_text_that_nobody_published_are_nowhere(
    house: House, answer: Answer
) -> None:
    for name, body in (
        ("gebuehr", f"<p>{CANARY} frei</p>"),
        ("drinnen", f"<p>{CANARY} intern</p>"),
    ):
        create_snippet(
            authority_id=house.authority.pk,
            name=name,
            about=f"{CANARY} Zweck",
            bodies={"de": body},
            user=house.anna,
        )
    answer.refresh_from_db()
    english = TextDraft(f"{CANARY} passport", f"{CANARY} short", f"<p>{CANARY} {{{{gebuehr}}}}</p>")
    save_copy(
        answer_id=answer.pk,
        texts={"de": PASSPORT, "en": english},
        internal="<p>{{drinnen}}</p>",
        revision=answer.revision,
        user=house.anna,
    )
    index_everything()
    citizen = Client(headers={"Accept-Language": "en"})
    slug = f"{reverse('portal:answer_short', args=[answer.pk])}-x/en/"

    for path in pages_of(answer):
        page = citizen.get(path, follow=True)
        assert page.status_code == 200, path
        assert CANARY.lower() not in page.getvalue().decode().lower(), path
    in_english = citizen.get(slug, follow=True)
    assert CANARY not in in_english.content.decode()
    begin_anew()
