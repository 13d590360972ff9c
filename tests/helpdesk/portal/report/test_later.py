"""Going on later: the link that is mailed, what it opens and for how long."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from helpdesk.forms.domain.drafts import MOST_LINKS, keep_for_later, sweep
from helpdesk.forms.models import Draft, DraftLink
from helpdesk.lib.tokens import digest
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.project.logs import without_secrets
from helpdesk.tickets.models import Category, Ticket
from tests.factories.house import House, make_house
from tests.helpdesk.portal.report.walking import TEXT, Walk, calm, make_topic

pytestmark = pytest.mark.django_db
ADDRESS = {"email": "aylin@example.org"}
MONTH = timedelta(days=30)


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def topic(house: House) -> Category:
    return make_topic(house, "Kurz", place="none", asks_photos=False)


@pytest.fixture
def begun(topic: Category) -> Walk:
    return Walk().open(f"/melden/thema/{topic.pk}/").send({"text": TEXT})


def ask(walk: Walk, **values: str) -> Walk:
    return walk.open("/melden/spaeter/").send(ADDRESS | values)


def mailed_link() -> str:
    message = OutgoingMessage.objects.filter(kind="draft_link").latest("id")
    found = re.search(r"https?://[^/]+(/melden/weiter/\S+)", message.text)
    assert found is not None
    return found.group(1)


def test_the_link_goes_on_where_one_stopped_also_on_another_device(begun: Walk) -> None:
    stopped = begun.path
    ask(begun)

    other = Walk().open(mailed_link())
    shown = other.html
    other.send()

    assert "Weitermachen" in shown
    assert TEXT not in shown
    assert other.path == stopped
    assert TEXT in other.open("/melden/").html
    assert TEXT in begun.open("/melden/").html


def test_looking_at_the_link_opens_nothing_and_changes_nothing(begun: Walk) -> None:
    ask(begun)
    before = list(Draft.objects.values()), list(DraftLink.objects.values())
    scanner = Client()

    pages = [scanner.get(mailed_link()), scanner.head(mailed_link())]

    assert [page.status_code for page in pages] == [200, 200]
    assert "report" not in scanner.cookies
    assert pages[0].headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in pages[0].headers["Cache-Control"]
    assert (list(Draft.objects.values()), list(DraftLink.objects.values())) == before


def test_a_draft_with_a_link_lives_for_30_days_and_no_step_shortens_that(begun: Walk) -> None:
    ask(begun)
    begun.open("/melden/").send({"text": f"{TEXT} Seit Montag."})

    left = Draft.objects.get().expires_at - timezone.now()

    assert timedelta(days=29, hours=23) < left <= MONTH


def test_a_draft_without_a_link_lives_for_24_hours(begun: Walk) -> None:
    del begun

    left = Draft.objects.get().expires_at - timezone.now()

    assert timedelta(hours=23) < left <= timedelta(hours=24)


def test_after_its_time_the_link_says_so_and_the_draft_is_swept_away(begun: Walk) -> None:
    ask(begun)
    Draft.objects.update(expires_at=timezone.now())

    page = Client().get(mailed_link())
    sweep()

    assert page.status_code == 410
    assert "Dieser Link öffnet nichts mehr" in page.content.decode()
    assert not DraftLink.objects.exists()


def test_a_sent_report_is_not_opened_by_its_link_and_sent_no_second_time(begun: Walk) -> None:
    ask(begun)
    other = Walk().open(mailed_link()).send()
    other.send({"way": "anonymous"})
    calm()
    other.send()

    page = Client().post(mailed_link())

    assert Ticket.objects.count() == 1
    assert page.status_code == 410
    assert begun.open("/melden/pruefen/").path == "/melden/angekommen/"


def test_whoever_goes_on_by_the_link_and_sends_is_told_the_number_as_anybody(begun: Walk) -> None:
    ask(begun)
    other = Walk().open(mailed_link()).send()
    other.send({"way": "anonymous"})
    calm()

    other.send()

    assert other.path == "/melden/angekommen/"
    assert Ticket.objects.get().reference in other.html
    assert other.open("/melden/pruefen/").path == "/melden/angekommen/"


def test_the_token_alone_shows_nothing_of_what_was_sent(begun: Walk) -> None:
    ask(begun)
    begun.open("/melden/kontakt/").send({"way": "anonymous"})
    calm()
    begun.send()
    forger = Client()
    token = mailed_link().split("/")[-2]

    for value in (token, f"{token}.", f"{token}.aaaa"):
        forger.cookies["report"] = value
        assert forger.get("/melden/angekommen/").headers["Location"] == "/melden/"
    assert Ticket.objects.count() == 1


def test_the_mail_repeats_no_word_of_the_writer_and_the_rows_hold_no_token(begun: Walk) -> None:
    ask(begun)

    message = OutgoingMessage.objects.get(kind="draft_link")
    token = mailed_link().split("/")[-2]
    assert TEXT not in message.text + message.html + message.subject
    assert len(token) >= 32
    assert DraftLink.objects.get().digest == digest(token)


def test_few_mails_go_to_one_address_and_none_to_a_mailbox_of_ours(
    house: House, begun: Walk
) -> None:
    pages = [ask(begun).page.status_code for _ in range(4)]
    ours = ask(begun, email=house.sender.email)

    assert pages == [200, 200, 200, 422]
    assert ours.page.status_code == 422
    assert OutgoingMessage.objects.filter(kind="draft_link").count() == 3
    assert DraftLink.objects.count() == 3


@pytest.mark.parametrize("typed", ["", "aylin", "aylin@example", "a@b.de\nBcc: x@y.de"])
def test_what_is_no_address_is_refused_in_words(begun: Walk, typed: str) -> None:
    walk = ask(begun, email=typed)

    assert walk.page.status_code == 422
    assert walk.errors
    assert not OutgoingMessage.objects.exists()


def test_without_a_sender_the_page_says_what_is_kept_here(begun: Walk) -> None:
    Sender.objects.update(is_active=False)

    page = begun.open("/melden/spaeter/").html

    assert "Wir können gerade keine E-Mails senden." in page
    assert 'name="email"' not in page


def test_whoever_has_typed_nothing_is_led_to_the_beginning(topic: Category) -> None:
    del topic

    assert Walk().open("/melden/spaeter/").path == "/melden/"
    assert Walk().open("/melden/spaeter/gesendet/").path == "/melden/"


def test_the_oldest_of_many_links_ends(begun: Walk) -> None:
    del begun
    draft = Draft.objects.get()
    tokens = [keep_for_later(draft_id=draft.pk) for _ in range(MOST_LINKS + 1)]

    pages = [Client().get(f"/melden/weiter/{token}/").status_code for token in tokens]

    assert pages == [410, *[200] * MOST_LINKS]


def test_the_log_keeps_no_token_of_such_a_link() -> None:
    assert without_secrets('"GET /melden/weiter/abcdef234567/ 200') == '"GET /melden/weiter/…/ 200'
