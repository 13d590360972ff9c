"""Plain language and sign language: a switch and a link where there is one, and nowhere else."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.pages.domain.variants import VariantDetails, write_variant
from helpdesk.pages.enums import Page
from helpdesk.pages.models import PageVariant
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import publish_answer
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer, AnswerFile
from tests.factories.house import House, make_administrator, make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_draft, make_editor, make_section
from tests.helpdesk.desk.pages import signed_in, without_second_factor

pytestmark = pytest.mark.django_db
WORDS = "Hier können Sie der Stadt schreiben."
FILM = "https://filme.example/dgs"
MP4, VTT = b"\x00\x00\x00\x18ftypisom" + b"\0" * 50, b"WEBVTT\n\n00:00.000 --> 00:02.000\nHallo\n"


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


def write(house: House, page: Page, **details: str) -> None:
    values = VariantDetails(**details)
    write_variant(authority_id=house.authority.pk, page=page, details=values, user=None)


def shown(path: str, language: str = "de") -> str:
    html = Client(headers={"Accept-Language": language}).get(path).content.decode()
    return " ".join(html.split())


@pytest.mark.parametrize("page", list(Page))
def test_each_page_has_a_switch_and_a_video_where_there_are(house: House, page: Page) -> None:
    path = reverse(f"portal:{page}")
    before = shown(path)
    write(house, page, simple=f"<p>{WORDS}</p>", video_url=FILM, video_length="2:30 Minuten")

    after = shown(path)
    simple = shown(f"/leichte-sprache/{page}/", "tr")

    for word in ("Leichte Sprache</a>", FILM):
        assert word not in before
        assert word in after
    assert "2:30 Minuten, öffnet eine andere Seite" in after
    assert f'href="/leichte-sprache/{page}/" lang="de-simple"' in after
    assert WORDS in simple
    assert '<html lang="de"' in simple
    assert f"/language/en/?next={path.replace('/', '%2F')}" in simple


def test_what_nobody_has_written_in_plain_language_is_not_there(house: House) -> None:
    write(house, Page.HOME, video_url=FILM, video_length="2 Minuten")

    paths = ("/leichte-sprache/home/", "/leichte-sprache/help/", "/leichte-sprache/nichts/")

    assert {Client().get(path).status_code for path in paths} == {404}


def test_nothing_of_another_site_becomes_part_of_the_page(house: House) -> None:
    write(house, Page.HOME, video_url=FILM, video_length="2 Minuten")

    home = shown("/")

    assert f'<a href="{FILM}" rel="noreferrer"' in home
    for tag in ("<video", "<iframe", "<source", "<img"):
        assert tag not in home


def test_the_statement_says_what_there_is(house: House) -> None:
    nothing = shown("/barrierefreiheit/")
    write(house, Page.HOME, simple=f"<p>{WORDS}</p>", video_url=FILM, video_length="2 Minuten")
    text = TextDraft("Ausweis", "Kurz", "<p>Lang</p>", video_url=FILM, video_length="3 Minuten")
    simple = TextDraft("Ausweis", "Kurz", "<p>Leicht</p>")
    section = make_section(house.authority)
    make_answer(section, text, texts={"de-simple": simple})
    make_answer(section, text, visibility="staff", texts={"de-simple": simple})

    page = shown("/barrierefreiheit/")

    assert "Es gibt noch keine Videos in Deutscher Gebärdensprache." in nothing
    assert "Noch nichts ist in Leichter Sprache geschrieben." in nothing
    assert page.count("<li> 1 Antwort </li>") == 2
    assert '<a href="/leichte-sprache/home/" hreflang="de-simple">Startseite</a>' in page


def test_an_answer_has_its_video_in_each_of_its_languages(house: House) -> None:
    text = TextDraft(
        "Ausweis",
        "Kurz",
        "<p>Lang</p>",
        video_url="/w/datei/7/",
        video_length="3 Minuten",
        video_words_url="https://filme.example/worte",
    )
    simple = TextDraft("Ausweis", "Kurz", "<p>Leicht</p>")
    answer = make_answer(make_section(house.authority), text, texts={"de-simple": simple})

    pages = [shown(f"/w/{answer.pk}-ausweis/{part}") for part in ("", "leichte-sprache/")]

    for page in pages:
        assert '<a href="/w/datei/7/" >In Deutscher Gebärdensprache</a>' in page
        assert "(Video, 3 Minuten)" in page
        assert 'href="https://filme.example/worte"' in page


def film(house: House, visibility: str = "public") -> tuple[Answer, list[AnswerFile]]:
    """Return an answer whose video and captions are files of its own."""
    answer = make_draft(make_section(house.authority, visibility), visibility=visibility)
    names = (("Film.mp4", MP4), ("Worte.vtt", VTT), ("Vollmacht.pdf", b"%PDF-1.7"))
    files = [
        add_file(answer_id=answer.pk, file=NewFile(name, content), user=None)
        for name, content in names
    ]
    text = replace(
        PASSPORT,
        video_url=files[0].public_path,
        video_length="3 Minuten",
        video_words_url=files[1].public_path,
    )
    answer.refresh_from_db()
    save_copy(
        answer_id=answer.pk,
        texts={"de": text},
        internal="",
        revision=answer.revision,
        user=house.anna,
    )
    publish_answer(answer_id=answer.pk, user=None)
    return answer, files


def test_a_video_of_ours_is_played_within_the_page_and_never_by_itself(house: House) -> None:
    answer, (video, captions, letter) = film(house)
    write(house, Page.HOME, video_url=video.public_path, video_length="3 Minuten")

    page, home = shown(f"/w/{answer.pk}-reisepass-beantragen/"), shown("/")
    piece = Client().get(video.public_path, headers={"Range": "bytes=0-3"})

    for html in (page, home):
        tag = html[html.index("<video") : html.index("</video>")]
        assert " controls " in tag
        assert 'preload="none"' in tag
        assert "autoplay" not in tag
        assert f'<source src="{video.public_path}" type="video/mp4">' in tag
        assert f'<a href="{video.public_path}" download>Video herunterladen</a>' in html
    assert f'<track kind="captions" src="{captions.public_path}" srclang="de"' in page
    assert "<track" not in home
    assert [name in page for name in ("Vollmacht.pdf", "Film.mp4", "Worte.vtt")] == [1, 0, 0]
    assert (piece.status_code, piece.getvalue()) == (206, MP4[:4])
    assert letter.name == "Vollmacht.pdf"


def test_an_editor_sees_a_video_play_before_it_is_published(house: House) -> None:
    make_editor(house.authority, house.anna)
    answer, (video, *_rest) = film(house)
    withdrawn = Answer.objects.filter(pk=answer.pk)
    withdrawn.update(state="draft", live_version=None)
    client = signed_in(house.anna)

    html = client.get(f"/w/{answer.pk}/vorschau/").content.decode()
    inside = f"/a/wissen/datei/{video.pk}/"

    assert f'<source src="{inside}" type="video/mp4">' in " ".join(html.split())
    assert client.get(inside, headers={"Range": "bytes=0-3"}).getvalue() == MP4[:4]
    assert Client().get(video.public_path).status_code == 404


def test_a_video_that_the_readers_of_a_page_may_not_see_is_no_player(house: House) -> None:
    _answer, (video, *_rest) = film(house, "staff")
    write(house, Page.HOME, video_url=video.public_path, video_length="3 Minuten")

    assert "<video" not in shown("/")
    assert Client().get(video.public_path, headers={"Range": "bytes=0-3"}).status_code == 404


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//filme.example", "http://x.example", "/a/", "/w/datei/x/"]
)
def test_an_address_that_is_none_is_refused_and_what_was_typed_is_kept(
    house: House, address: str
) -> None:
    client = signed_in(make_administrator(house.authority))
    typed = {"simple": WORDS, "video_url": address, "video_length": "1 Minute"}

    answer = client.post("/a/verwaltung/portal/leichte-sprache/?seite=home", typed)

    assert answer.status_code == 422
    assert WORDS in answer.content.decode()
    assert not PageVariant.objects.exists()


def test_it_is_written_in_the_settings_cleaned_and_taken_away_again(house: House) -> None:
    client = signed_in(make_administrator(house.authority))
    path = "/a/verwaltung/portal/leichte-sprache/?seite=home"
    words = f"## Hallo\n\n{WORDS}<script>alert(1)</script>"

    client.post(path, {"simple": words, "video_url": FILM, "video_length": "1 Minute"})
    kept = PageVariant.objects.get()
    client.post(path, {"simple": "", "video_url": "", "video_length": ""})

    assert kept.simple.startswith("<h2>Hallo</h2>")
    assert "<script" not in kept.simple
    assert kept.video is not None
    assert not PageVariant.objects.exists()
