"""The whole way through the form, as a browser without scripts goes it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from helpdesk.citizens.models import Citizen, ContactPoint
from helpdesk.events.models import Event
from helpdesk.forms.domain.drafts import choose_edition
from helpdesk.forms.models import Draft, DraftFile
from helpdesk.forms.schema import Condition, Kind, Question
from helpdesk.notifications.handlers import handle
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.portal.report.filing import file_report
from helpdesk.portal.report.state import Report
from helpdesk.tickets import facts
from helpdesk.tickets.domain.access import find_by_access_code
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.links import status_token, status_url
from helpdesk.tickets.models import Article, Attachment, Category, PlaceNeed, Ticket
from helpdesk.ui.qr import qr_svg
from tests.factories.house import House, make_house
from tests.helpdesk.portal.report.walking import (
    TEXT,
    Walk,
    ask,
    calm,
    choice,
    make_lamp,
    make_topic,
    only_ticket,
    photo,
    proof_on,
    walk_to_check,
    words,
)

pytestmark = pytest.mark.django_db
MAIL = {"way": "mail", "email": "aylin@example.org", "name": "Aylin Yıldız"}


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def lamp(house: House) -> Category:
    return make_lamp(house)


def test_a_report_becomes_one_request_with_all_that_was_answered(lamp: Category) -> None:
    walk = walk_to_check(lamp, MAIL, upload=photo())
    calm()

    walk.send()

    ticket = only_ticket()
    article = Article.objects.get()
    assert walk.path == "/melden/angekommen/"
    assert ticket.reference in walk.html
    assert (ticket.category, ticket.team, ticket.channel) == (lamp, lamp.team, Channel.WEB)
    assert ticket.title == "Die Straßenlaterne vor der Lindenstraße 12 ist dunkel"
    assert ticket.answers == {"state": "dunkel", "since": "2025-11-24", "number": "17"}
    assert ticket.form_version == lamp.form.versions.get()  # type: ignore[union-attr]  # it has one
    assert (ticket.place, ticket.language) == ("Lindenstraße 12", "de")
    assert article.text.startswith(f"{TEXT}\n\nWas ist mit der Lampe?\nDunkel")
    assert "Seit wann?\n24. November 2025" in article.text
    assert article.text.endswith("Ort\nLindenstraße 12")
    assert Attachment.objects.get().public_file is not None
    assert ticket.citizen == Citizen.objects.get(name="Aylin Yıldız")


def test_each_page_has_one_question_a_heading_and_a_title(lamp: Category) -> None:
    walk = Walk().open("/melden/")
    titles = [walk.title]
    for values in (
        {"text": TEXT},
        {"topic": str(lamp.pk)},
        {"answer": "dunkel"},
        {},
        {},
        {"place": "Lindenstraße 12"},
        {},
        MAIL,
    ):
        walk.send(values)
        titles.append(walk.title)
        assert walk.html.count("<h1") == 1

    assert [title.partition(" – ")[0] for title in titles] == [
        "Worum geht es?",
        "Passt dieses Thema?",
        "Was ist mit der Lampe?",
        "Seit wann?",
        "Welche Nummer steht am Mast?",
        "Wo ist es?",
        "Haben Sie Fotos?",
        "Wie erreichen wir Sie?",
        "Prüfen und senden",
    ]
    assert all("Anliegen melden – Stadt Musterstadt" in title for title in titles)


def test_a_question_is_left_out_when_its_condition_does_not_hold(lamp: Category) -> None:
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": str(lamp.pk)})

    walk.send({"answer": "beschädigt"})

    assert "Welche Nummer steht am Mast?" in walk.title


def test_changing_an_answer_returns_to_the_check_or_asks_what_is_new(lamp: Category) -> None:
    walk = walk_to_check(lamp, MAIL)

    walk.open("/melden/ort/").send({"place": "Ahornweg 3"})
    after_place = walk.path
    walk.open("/melden/frage/state/").send({"answer": "beschädigt"})
    calm()
    walk.send()

    assert after_place == "/melden/pruefen/"
    assert "since" not in only_ticket().answers
    assert only_ticket().place == "Ahornweg 3"


def test_another_topic_asks_its_own_questions_and_the_first_ones_come_back(
    house: House, lamp: Category
) -> None:
    other = make_topic(house, "Ampel", choice("which", "Welche Ampel?", "Fußgänger", "Auto"))
    walk = walk_to_check(lamp, MAIL)

    walk.open("/melden/thema/alle/").send({"topic": str(other.pk)})
    asked = walk.title
    walk.open("/melden/thema/alle/").send({"topic": str(lamp.pk)})

    assert asked.startswith("Welche Ampel?")
    assert walk.path == "/melden/pruefen/"


def test_an_edition_stays_with_the_draft_that_began_with_it(house: House, lamp: Category) -> None:
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": str(lamp.pk)})
    ask(house.authority, lamp.form.key, choice("new", "Neue Frage?", "Ja", "Nein"))  # type: ignore[union-attr]  # it has one

    walk.send({"answer": "beschädigt"})

    assert "Welche Nummer steht am Mast?" in walk.title
    fresh = Walk().open("/melden/").send({"text": TEXT}).send({"topic": str(lamp.pk)})
    assert "Neue Frage?" in fresh.title


@pytest.mark.usefixtures("lamp")
def test_whoever_comes_too_early_is_led_to_what_is_missing() -> None:
    for path in ("thema/", "thema/alle/", "ort/", "fotos/", "kontakt/", "pruefen/", "frage/x/"):
        assert Walk().open(f"/melden/{path}").path == "/melden/"
    walk = Walk().open("/melden/").send({"text": TEXT})
    assert walk.open("/melden/pruefen/").path == "/melden/thema/"


def test_a_link_to_a_topic_skips_the_choice(lamp: Category) -> None:
    walk = Walk().open(f"/melden/thema/{lamp.pk}/")
    assert "Straßenbeleuchtung" in walk.html

    walk.send({"text": "Dunkel."})

    assert walk.title.startswith("Was ist mit der Lampe?")


def test_a_link_to_a_topic_that_is_not_offered_is_not_there(house: House) -> None:
    hidden = make_topic(house, "Intern", in_portal=False)
    off = make_topic(house, "Alt", is_active=False)

    codes = [
        Client().get(f"/melden/thema/{key}/").status_code for key in (hidden.pk, off.pk, 99_999)
    ]

    assert codes == [404, 404, 404]


@pytest.mark.usefixtures("lamp")
def test_something_else_leads_to_all_topics_and_none_of_them_will_do(house: House) -> None:
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": "other"})
    assert walk.path == "/melden/thema/alle/"

    walk.send({"topic": "none"}).send({"place": ""}).send().send({"way": "anonymous"})
    calm()
    walk.send()

    ticket = only_ticket()
    assert (ticket.category, ticket.team) == (None, house.roads)


def test_words_that_fit_no_topic_lead_straight_to_all_of_them(lamp: Category) -> None:
    walk = Walk().open("/melden/").send({"text": "Xylophon Quarktasche"})

    assert walk.path == "/melden/thema/alle/"
    assert lamp.name in walk.html


def test_the_search_narrows_the_topics(house: House, lamp: Category) -> None:
    make_topic(house, "Sperrmüll", keywords="Sofa abholen")
    walk = Walk().open("/melden/").send({"text": TEXT})

    found = walk.open("/melden/thema/alle/?q=laternen").html
    nothing = walk.open("/melden/thema/alle/?q=quark").html

    assert lamp.name in found
    assert "Sperrmüll" not in found
    assert "Kein Thema mit „quark“" in nothing
    assert "Nichts davon" in nothing


def test_a_topic_asks_only_for_what_it_needs(house: House) -> None:
    topic = make_topic(
        house,
        "Personalausweis",
        place=PlaceNeed.NONE,
        asks_photos=False,
        allows_anonymous=False,
    )

    walk = Walk().open(f"/melden/thema/{topic.pk}/").send({"text": "Ausweis verloren"})

    assert walk.path == "/melden/kontakt/"
    assert 'value="anonymous"' not in walk.html
    assert walk.send({"way": "anonymous"}).errors == ["Wählen Sie, wie wir Sie erreichen"]


def test_an_anonymous_report_gets_a_code_that_opens_it(house: House, lamp: Category) -> None:
    walk = walk_to_check(lamp, {"way": "anonymous"})
    calm()
    walk.send()

    ticket = only_ticket()
    code = walk.page.context["code"]
    assert ticket.citizen is None
    assert code in walk.html
    opened = find_by_access_code(
        authority_id=house.authority.pk, reference=ticket.reference, code=code
    )
    assert opened == ticket


def test_who_leaves_a_number_or_an_address_gets_a_code_and_a_contact_point(
    lamp: Category,
) -> None:
    walk = walk_to_check(lamp, {"way": "phone", "phone": "0171 5550132", "email": "x@example.org"})
    calm()
    walk.send()

    point = ContactPoint.objects.get()
    assert walk.page.context["code"]
    assert (point.kind, point.normalised) == ("phone", "+491715550132")
    assert "Antwort per Telefon\n0171 5550132" in Article.objects.get().text
    assert "x@example.org" not in Article.objects.get().text


def test_the_confirmation_survives_a_reload_and_names_link_and_date(lamp: Category) -> None:
    walk = walk_to_check(lamp, MAIL)
    calm()
    walk.send()
    first = walk.html

    again = walk.open("/melden/angekommen/").html

    assert only_ticket().reference in again
    assert "/s/" in first
    assert walk.page.context["promised"] is not None
    assert walk.page["Referrer-Policy"] == "same-origin"
    assert "no-store" in walk.page["Cache-Control"]


def test_the_confirmation_can_be_closed_on_a_device_that_others_use(lamp: Category) -> None:
    walk = walk_to_check(lamp, MAIL)
    calm()
    walk.send()

    assert 'action="/melden/neu/"' in walk.html

    walk.send(to="/melden/neu/").open("/melden/angekommen/")

    assert walk.path == "/melden/"
    assert only_ticket().reference not in walk.html


def test_no_mail_is_promised_that_does_not_come(lamp: Category) -> None:
    pages = []
    for _ in range(2):
        walk = walk_to_check(lamp, MAIL)
        calm()
        pages.append(walk.send().html)
        handle(event=Event.objects.filter(kind=facts.CREATED).latest("id"))
    pages.append(walk.open("/melden/angekommen/").html)

    assert OutgoingMessage.objects.count() == 1, "one an hour, since anybody types any address"
    assert ["Eine E-Mail mit Ihrer Nummer" in page for page in pages] == [True, False, False]
    assert ["Notieren Sie" in page for page in pages] == [False, True, True]


def test_sending_again_changes_nothing_and_a_new_report_begins_empty(lamp: Category) -> None:
    walk = walk_to_check(lamp, MAIL)
    calm()
    proof = proof_on(walk.page)
    walk.send()

    again = walk.client.post("/melden/pruefen/", {"proof": proof, "homepage": ""}, follow=True)
    walk.open("/melden/")

    assert again.request["PATH_INFO"] == "/melden/angekommen/"
    assert Ticket.objects.count() == 1
    assert TEXT not in walk.html
    assert Draft.objects.get().data == {}
    assert not DraftFile.objects.filter(removed_at=None).exists()


def test_a_new_report_after_a_sent_one_is_a_request_of_its_own(lamp: Category) -> None:
    walk = walk_to_check(lamp, MAIL)
    calm()
    walk.send().open("/melden/").send({"text": "Noch eine Laterne"}).send({"topic": "other"})
    walk.send({"topic": "none"}).send().send().send({"way": "anonymous"})
    calm()
    walk.send()

    assert Ticket.objects.count() == 2


def test_what_another_window_adds_at_the_last_moment_is_in_the_request(
    house: House, lamp: Category
) -> None:
    walk = walk_to_check(lamp, MAIL)
    checked = Report(house.authority, Draft.objects.get())
    walk.open("/melden/").send({"text": "Auch die Laterne daneben ist dunkel."})
    walk.open("/melden/fotos/").send({"upload": photo(), "do": "add"})

    file_report(checked)

    assert "Auch die Laterne daneben" in Article.objects.get().text
    assert [file.name for file in Attachment.objects.all()] == ["laterne.jpg"]


def test_what_is_incomplete_by_now_is_not_filed_and_not_forgotten(
    house: House, lamp: Category
) -> None:
    walk_to_check(lamp, MAIL)
    checked = Report(house.authority, Draft.objects.get())
    choose_edition(draft_id=Draft.objects.get().pk, version_id=None, values={"topic": 0})

    file_report(checked)

    assert not Ticket.objects.exists()
    assert Draft.objects.get().data["text"] == TEXT


def test_nothing_is_sent_that_the_last_page_does_not_show(house: House) -> None:
    topic = make_topic(
        house,
        "Fund",
        choice("state", "Haben Sie einen Beleg?", "Ja", "Nein"),
        Question("proof", Kind.FILE, words("Beleg"), only_if=(Condition("state", ("ja",)),)),
        place=PlaceNeed.OPTIONAL,
    )
    other = make_topic(house, "Rat", place=PlaceNeed.NONE, asks_photos=False)
    walk = Walk().open(f"/melden/thema/{topic.pk}/").send({"text": TEXT}).send({"answer": "ja"})
    walk.send({"upload": photo("beleg.jpg")}).send({"place": "Lindenstraße 12"})
    walk.send({"upload": photo("fund.jpg")}).send(MAIL)
    walk.open("/melden/frage/state/").send({"answer": "nein"})
    walk.open("/melden/thema/alle/").send({"topic": str(other.pk)})
    shown = walk.html
    calm()
    walk.send()

    assert "fund.jpg" in shown, "a photo is not dropped because the topic changed"
    assert "beleg.jpg" not in shown
    assert "Lindenstraße 12" not in shown.replace(TEXT, "")
    assert [file.name for file in Attachment.objects.all()] == ["fund.jpg"]
    assert only_ticket().place == ""


@pytest.mark.django_db(transaction=True)
def test_twenty_sendings_at_once_are_one_request(lamp: Category) -> None:
    walk = walk_to_check(lamp, MAIL, upload=photo())
    calm()
    data = {"proof": proof_on(walk.page), "homepage": ""}
    cookies = {name: each.value for name, each in walk.client.cookies.items()}

    def press(_number: int) -> str:
        client = Client()
        client.cookies.load(cookies)
        try:
            return client.post("/melden/pruefen/", data)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        places = set(pool.map(press, range(20)))

    assert places == {"/melden/angekommen/"}
    assert Ticket.objects.count() == Article.objects.count() == 1
    assert Attachment.objects.count() == 1


@pytest.mark.usefixtures("lamp")
def test_begin_anew_forgets_what_was_typed() -> None:
    walk = Walk().open("/melden/").send({"text": TEXT}).open("/melden/")
    assert TEXT in walk.html

    walk.send(to="/melden/neu/")

    assert walk.path == "/melden/"
    assert TEXT not in walk.html


def test_the_link_to_a_request_stands_there_for_a_camera_and_on_paper(lamp: Category) -> None:
    walk = walk_to_check(lamp, {"way": "anonymous"})
    calm()
    arrived = walk.send().html
    ticket = only_ticket()
    page = f"/s/{status_token(ticket)}/"
    walk.client.post(f"{page}oeffnen/")

    paper = walk.client.get(f"{page}drucken/").content.decode()

    code = qr_svg(status_url(ticket), "QR-Code des Links zu Ihrem Anliegen")
    assert [str(code) in shown for shown in (arrived, paper)] == [True, True]
