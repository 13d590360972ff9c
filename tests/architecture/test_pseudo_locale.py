"""Every page and mail in a language that brackets each translated text: nothing stands bare."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.template import Engine
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from helpdesk.agents.models import Authority, User
from helpdesk.desk.templatetags import desk_calls, desk_rows
from helpdesk.notifications.account_mails import AccountMail, queue_account_mail
from helpdesk.notifications.compose import receipt
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Article, Ticket
from helpdesk.ui.templatetags import ui
from tests.architecture.pseudo import LANGUAGE, stored_texts, untranslated, write_pseudo_locale
from tests.attack.town import World, make_world

pytestmark = pytest.mark.django_db

RIGHTS = Path(__file__).parents[1] / "attack" / "rights.yaml"
MATRIX: dict[str, dict[str, Any]] = yaml.safe_load(RIGHTS.read_text())
LISTS = ("all", "unassigned", "mine", "due", "done")
STAFF = ("A", "ADM")
RESOLVED = Status.RESOLVED.value
# These would end the walk, or go on in another language.
LEAVING = {"account_logout", "portal:language"}


@pytest.fixture(scope="module")
def bracketed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a language that brackets what is translated."""
    folder = tmp_path_factory.mktemp("locale")
    write_pseudo_locale(folder)
    return folder


@pytest.fixture
def world(bracketed: Path) -> Iterator[World]:
    """The town of the rights tests, speaking in brackets from now on."""
    world = make_world()
    forget_drawn()
    with override_settings(LOCALE_PATHS=[bracketed], DEMO=True), translation.override(LANGUAGE):
        yield world
    forget_drawn()


def forget_drawn() -> None:
    """Components and templates remember what they drew in a language; this is another German."""
    drawn = (ui._icon, ui._status_badge, ui._relative_time, ui._avatar, ui._due_badge)
    for remembered in (*drawn, desk_rows._channel_icon, desk_calls._dialog):
        remembered.cache_clear()
    for loader in Engine.get_default().template_loaders:
        loader.reset()


def signed_in(user: User | None) -> Client:
    client = Client(headers={"Accept-Language": LANGUAGE}, raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def addresses(world: World) -> dict[str, str]:
    """Return the address of every route, whether it is asked by GET or not."""
    return {
        route: reverse(
            route,
            kwargs={
                name: world.objects[value[1:]] if str(value).startswith("$") else value
                for name, value in row.get("kwargs", {}).items()
            },
        )
        for route, row in MATRIX.items()
        # The interface for programs and its description speak English alone.
        if not route.startswith("api:")
    }


def bare(client: Client, method: str, url: str, known: list[str]) -> list[str]:
    """Return the untranslated words of a page; what is no page has none."""
    response = client.get(url) if method == "GET" else client.post(url, {})
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        deque(response, maxlen=0)  # a file is closed when it has been read
        return []
    html = response.content.decode()
    # Reading what is stored takes long, and only few pages show what came after the start.
    return untranslated(html, known) and untranslated(html, stored_texts())


@pytest.mark.parametrize("persona", ["X", *STAFF])
def test_no_page_shows_an_untranslated_text(world: World, persona: str) -> None:
    client, known = signed_in(world.personas[persona]), stored_texts()
    urls = [
        url
        for route, url in addresses(world).items()
        if "method" not in MATRIX[route] and route not in LEAVING
    ]
    lists = [reverse("desk:list", args=[slug]) for slug in LISTS] if persona in STAFF else []

    found = {url: words for url in (*urls, *lists) if (words := bare(client, "GET", url, known))}

    assert found == {}


@pytest.mark.parametrize("persona", ["X", *STAFF])
def test_no_page_says_untranslated_what_is_wrong(world: World, persona: str) -> None:
    """Send every form empty; pages that take none say so."""
    known = stored_texts()

    found = {
        route: words
        for route, url in addresses(world).items()
        if (words := bare(signed_in(world.personas[persona]), "POST", url, known))
    }

    assert found == {}


def test_no_state_of_a_request_is_shown_untranslated(world: World) -> None:
    ticket, known = Ticket.objects.get(pk=world.objects["ticket"]), stored_texts()
    pages = [
        (signed_in(None), status_url(ticket)),
        (signed_in(world.house.anna), reverse("desk:ticket", args=[ticket.number])),
        (signed_in(world.house.anna), reverse("desk:list", args=["done"])),
        (signed_in(world.house.anna), reverse("desk:list", args=["all"])),
    ]
    states = [*((state, "") for state in Status.values), *((RESOLVED, o) for o in Outcome.values)]
    found = {}

    for status, outcome in states:
        Ticket.objects.filter(pk=ticket.pk).update(status=status, outcome=outcome)
        for client, url in pages:
            if words := bare(client, "GET", url, known):
                found[status, outcome, url] = words

    assert found == {}


def test_no_page_of_citizens_lacks_a_text_in_a_language_that_the_desk_does_not_speak(
    tmp_path: Path,
) -> None:
    """French has what is public (tools.catalogs.PUBLIC); what is missing there shows here."""
    world = make_world()
    Authority.objects.update(further_languages=["fr"])
    write_pseudo_locale(tmp_path, "fr")
    reader, found = Client(headers={"Accept-Language": "fr"}), {}
    forget_drawn()

    with override_settings(LOCALE_PATHS=[tmp_path], DEMO=True), translation.override("fr"):
        known = stored_texts()
        for route, url in addresses(world).items():
            if not route.startswith("portal:") or route in LEAVING:
                continue
            for method in ("GET", "POST"):
                if words := bare(reader, method, url, known):
                    found[route, method] = words
    forget_drawn()

    assert found == {}


@pytest.mark.parametrize("name", ["400", "403", "404", "429", "500", "503"])
@pytest.mark.usefixtures("world")
def test_no_error_page_shows_an_untranslated_text(name: str) -> None:
    html = render_to_string(f"errors/{name}.html", {"request_id": "4711"})

    found = untranslated(html, stored_texts())

    assert found == []


@pytest.mark.parametrize("kind", ["invitation", "password_reset", "security_notice"])
def test_no_mail_to_staff_has_an_untranslated_text(world: World, kind: str) -> None:
    user = world.house.anna
    what = translation.gettext("The password of your access was changed.")

    message = queue_account_mail(
        mail=AccountMail(kind, user, link="https://example.org/link", what=what)
    )

    assert words_of(message) == []


def test_no_answer_has_an_untranslated_text(world: World) -> None:
    ticket = Ticket.objects.get(pk=world.objects["ticket"])

    answer = write_answer(
        answer=Answer(ticket.pk, "Danke", "k2", ticket.last_article_id), user=world.house.anna
    )

    assert answer.outgoing is not None
    assert words_of(answer.outgoing) == []


def test_no_receipt_has_an_untranslated_text(world: World) -> None:
    message = Article.objects.get(pk=world.objects["message"])

    letter = receipt(article=message, sender=world.house.sender, address="clara@example.org")

    known = [*stored_texts(), message.ticket.title]
    assert untranslated(f"<p>{letter.subject}\n{letter.text}</p>{letter.html}", known) == []


def words_of(message: OutgoingMessage) -> list[str]:
    known = stored_texts(but=OutgoingMessage)
    return untranslated(f"<p>{message.subject}\n{message.text}</p>{message.html}", known)


def test_untranslated_finds_text_and_labels_outside_of_brackets() -> None:
    html = '<p title="Hint">Bare <b>⟦Fett <i>Clara</i>⟧</b> Clara</p><script>let x</script>'

    found = untranslated(html, ["Clara"])

    assert found == ["Hint", "Bare"]
