"""The table of screens: which pages there are, in which states, and how one is looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Error, Page, Route, ViewportSize

from channels_in.models import Account
from helpdesk.accounts.domain.identities import ProviderDetails, save_provider
from helpdesk.accounts.domain.links import Wish, account_of_address, make_link, open_account
from helpdesk.accounts.domain.sessions import enter
from helpdesk.agents.domain.invite import renew_invitation
from helpdesk.agents.models import Authority, Membership, User
from helpdesk.desk.account.recovery import HashedRecoveryCodes
from helpdesk.events.models import Event
from helpdesk.files.store import put
from helpdesk.forms.domain.drafts import keep_for_later, start_draft
from helpdesk.lib.languages import WHOLE
from helpdesk.notifications.notices import make_notices
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.pages.domain.notices import NoticeDetails, save_notice
from helpdesk.pages.enums import Readers
from helpdesk.portal.report.state import PATH, cookie_name
from helpdesk.portal.views.own import own_token
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.deadline import set_due
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Channel, Outcome, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Attachment, Ticket
from tests.attack.town import World, make_world
from tests.e2e.desk_data import WITHOUT_SOCKET, answer
from tests.e2e.knowledge_data import make_answers
from tests.e2e.portal_data import make_nearby, make_variants
from tests.e2e.support import Watch, accessibility_faults, faults_of_large_text, overflows
from tests.e2e.walking import faults_of_focus
from tests.factories.accounts import with_accounts
from tests.factories.house import (
    PASSWORD,
    House,
    make_administrator,
    make_agent,
    make_authority,
    make_ticket,
)
from tests.helpdesk.desk.account.steps import give_code
from tests.helpdesk.desk.account.steps import sign_in as give_password
from tests.helpdesk.portal.report.walking import photo

HERE = Path(__file__).parent
TABLE: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "screens.yaml").read_text())
RIGHTS: dict[str, dict[str, Any]] = yaml.safe_load(
    (HERE.parent / "attack" / "rights.yaml").read_text()
)
NO_PAGE = "no_page"
PORTAL = "portal:"
PDF = b"%PDF-1.7\n%%EOF"
HELD = ("status", "status_of_ended", "status_of_question")
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: tuple[ViewportSize, ...] = (
    PHONE,
    {"width": 320, "height": 640},
)
WIDE: ViewportSize = {"width": 1440, "height": 900}
THEMES = ("light", "dark")
LANGUAGES = ("de", "en")
REFUSED = 422
LOST = "can't be brought into its state"


@dataclass(frozen=True, slots=True)
class Screen:
    """One page in one state."""

    route: str
    state: str
    town: str
    persona: str
    path: str = ""
    kwargs: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    submit: str = ""
    press: str = ""
    in_place: bool = False
    fill: dict[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    status: int = 200
    speaks: str = ""
    long: bool = False

    @property
    def name(self) -> str:
        """Return how a failure names it."""
        return f"{self.route} {self.state}"

    def address(self, objects: dict[str, Any]) -> str:
        """Return the path, with the objects of the town in it."""
        kwargs = {
            name: objects[value[1:]] if str(value).startswith("$") else value
            for name, value in self.kwargs.items()
        }
        path = self.path or reverse(self.route, kwargs=kwargs)
        return f"{path}?{self.query}" if self.query else path


def screens() -> list[Screen]:
    """Return every page of the table in each of its states."""
    return [
        _screen(route, state, given)
        for route, states in TABLE.items()
        if NO_PAGE not in states
        for state, given in states.items()
    ]


def _screen(route: str, state: str, given: dict[str, Any]) -> Screen:
    rights = RIGHTS.get(route, {"class": "public"})
    own = {name: value for name, value in given.items() if name not in {"as", "town"}}
    return Screen(
        route=route,
        state=state,
        town=given.get("town", "empty" if state == "empty" else "filled"),
        persona=given.get("as", "X" if rights["class"] == "public" else "ADM"),
        **({"kwargs": rights.get("kwargs", {})} | own | {"keys": tuple(own.get("keys", ()))}),
    )


def routes(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    """Return the names of all routes."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


def all_routes() -> set[str]:
    """Return the names of all routes of the product."""
    return set(routes(get_resolver().url_patterns))


def make_town(kind: str) -> World:
    """Return the town of the rights tests with what only pages need, or one with nothing yet."""
    return _filled() if kind == "filled" else _empty()


def _empty() -> World:
    authority = with_accounts(make_authority())
    return World(None, {"X": None, "ADM": make_administrator(authority)})  # type: ignore[arg-type]  # no page of an empty town asks for its house


def _filled() -> World:
    world = make_world()
    house, administrator = world.house, world.personas["ADM"]
    assert administrator is not None
    Membership.objects.create(user=administrator, team=house.roads)
    Account.objects.update(is_active=True)
    house.authority.contact_phone = "0123 456-0"
    house.authority.contact_address = "Marktplatz 1, 12345 Musterstadt"
    house.authority.save()
    # Two of them: a code that is asked for would be used up by the other.
    world.personas |= {name: _with_code(house, name) for name in ("CODE", "PASSWORD")}
    world.objects |= _links(house, administrator) | _tickets(world) | make_answers(house)
    make_variants(house)
    _tell(world, administrator)
    return world


def _tell(world: World, reader: User) -> None:
    """Name the reader in a note, of which the bell then tells; all are told of maintenance."""
    now, words = timezone.now(), "Am Freitag ab 15 Uhr wird gewartet: Bitte melden Sie sich ab."
    told = NoticeDetails(words, now, now + timedelta(days=7), readers=Readers.STAFF)
    key = world.house.authority.pk
    save_notice(authority_id=key, notice_id=None, details=told, user=reader)
    note = f"@{reader.name}: bitte ansehen."
    write_note(ticket_id=world.objects["ticket"], user=world.house.anna, text=note)
    make_notices(event=Event.objects.filter(kind=facts.NOTE_ADDED).latest("id"))


def _with_code(house: House, name: str) -> User:
    user = make_agent(house.authority, f"{name.title()} Cohn", house.roads)
    give_code(user)
    HashedRecoveryCodes.activate(user)
    return user


def _links(house: House, administrator: User) -> dict[str, Any]:
    _, token = renew_invitation(user_id=house.bert.pk, user=administrator)
    return {
        "reset_uid": user_pk_to_url_str(house.anna),
        "reset_key": default_token_generator.make_token(house.anna),
        "invitation": token,
        "me": administrator.pk,
        "busy_team": house.roads.pk,
    }


def _tickets(world: World) -> dict[str, Any]:
    fresh, ended, asked, late = (
        make_ticket(
            world.house,
            person=Person(name, f"{name.lower()}@example.org"),
            subject=f"Anliegen von {name} mit einer langen Überschrift, die umbrechen muss",
            message_id=f"<{name}@example.org>",
        )
        for name in ("Rosa", "Paul", "Otto", "Lena")
    )
    change_status(ticket_id=asked.pk, user=world.house.anna, to=Status.WAITING_CITIZEN)
    missed = timezone.now() - timedelta(days=1)
    set_due(ticket_id=late.pk, due_at=missed, kind="first_answer", paused=False)
    nobody = make_ticket(world.house, person=Person(), channel=Channel.WEB, message_id="<0@x>")
    change_status(
        ticket_id=ended.pk, user=world.house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED
    )
    sent = answer(world.house, fresh, "Wir sehen es uns an.")
    OutgoingMessage.objects.filter(pk=sent.pk).update(state=MessageState.SENT)
    return {
        "fresh": fresh.number,
        "ended": ended.number,
        "with_files": _with_files(world.house),
        "demo_mail": sent.pk,
        "sending": sent.pk,
        "report": _report(world.house),
        "draft_link": _draft_link(world.house),
        **make_nearby(world.house),
        **_accounts(world.house),
        "status": status_token(Ticket.objects.get(pk=world.objects["ticket"])),
        "status_of_ended": status_token(ended),
        "status_of_question": status_token(asked),
        "status_of_missed": status_token(late),
        "status_of_anonymous": status_token(nobody),
    }


def _with_files(house: House) -> str:
    """Return the number of a request with a picture and a paper."""
    sent = Person("Pia", "pia@example.org")
    ticket = make_ticket(house, person=sent, subject="Mit Anlagen", message_id="<pia@example.org>")
    files = {"loch.jpg": ("image/jpeg", photo().read()), "Plan.pdf": ("application/pdf", PDF)}
    for name, (kind, content) in files.items():
        Attachment.objects.create(
            article=ticket.articles.get(),
            file=put(content, kind),
            name=name,
            content_type=kind,
            size=len(content),
        )
    return ticket.number


def _report(house: House) -> str:
    """Return the key of a report that only has to be sent."""
    values: dict[str, Any] = {
        "text": "Vor Nummer 14 ist ein Loch.",
        "topic": None,
        "place": {},
        "photos": True,
    }
    contact = {"contact": {"way": "anonymous"}}
    return start_draft(authority_id=house.authority.pk, values=values | contact)[1]


def _draft_link(house: House) -> str:
    """Return the token of a mailed link to a report that was begun."""
    values = {"text": "Vor Nummer 14 ist ein Loch."}
    draft, _key = start_draft(authority_id=house.authority.pk, values=values)
    return keep_for_later(draft_id=draft.pk)


def _accounts(house: House) -> dict[str, Any]:
    """Return keys of the account with the canary's requests and of one with none, and links."""
    known = account_of_address(authority_id=house.authority.pk, email="kanarie@example.org")
    assert known is not None
    details = ProviderDetails(True, "BundID", "https://login.example", "portal")
    save_provider(authority_id=house.authority.pk, details=details, user=None)
    new = open_account(authority_id=house.authority.pk, email="neu@example.org", language="de")
    wishes = {
        "sign_in_link": Wish(house.authority.pk, "rosa@example.org"),
        "address_link": Wish(house.authority.pk, "zweite@example.org", account=known),
    }
    keys = {"ACCOUNT": enter(account=known).key, "NEW_ACCOUNT": enter(account=new).key}
    own = own_token(Ticket.objects.get(citizen__contact_points__normalised="kanarie@example.org"))
    return keys | {name: make_link(wish=wish) for name, wish in wishes.items()} | {"own": own}


def session_of(world: World, persona: str) -> str:
    """Return a session cookie: signed in, or after the password and before the code."""
    client, user = Client(), world.personas[persona]
    assert user is not None
    if persona == "PASSWORD":
        give_password(client, user.email, PASSWORD)
    else:
        client.force_login(user)
    return client.cookies["session"].value


def opened_by(world: World, url: str) -> list[Any]:
    """Return the cookies of somebody who has opened the requests of the town by their links."""
    cookies: list[Any] = []
    for name in HELD:
        path = reverse("portal:status", args=[world.objects[name]])
        client = Client()
        client.post(f"{path}oeffnen/")
        value, host = client.cookies["request"].value, urlsplit(url).hostname or ""
        cookies.append({"name": "request", "value": value, "domain": host, "path": path})
    return cookies


@dataclass
class Gallery:
    """A town, the server that shows it, and one browser page for each persona."""

    world: World
    url: str
    open_page: Callable[..., Page]
    watch: Watch
    # Whether axe looks at the phone's width as well.
    is_thorough: bool = False
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    _pages: dict[str, Page] = field(default_factory=dict)

    def look(self, screen: Screen, theme: str, language: str) -> list[str]:
        """Look at a screen and return what is wrong with it, one line a fault."""
        page = self._page(screen.persona)
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of THEMES
        found = self._show(page, screen, language, WIDE)
        if not any(line.startswith(LOST) for line in found):
            found += self._faults_of(page, screen, language)
        self.watch.faults.clear()
        return found

    def walk(self, screen: Screen, size: ViewportSize) -> list[str]:
        """Go through a screen by Tab alone and return where the focus is not seen."""
        page = self._page(screen.persona)
        found = self._show(page, screen, LANGUAGES[0], size)
        return found or faults_of_focus(page)

    def _show(self, page: Page, screen: Screen, language: str, size: ViewportSize) -> list[str]:
        """Bring a page into its state; return why it is not, one line a fault."""
        page.set_viewport_size(size)
        self._speak(page, language)
        self.watch.faults.clear()
        address = f"{self.url}{screen.address(self.world.objects)}"
        response = page.goto(address)
        if response and "sandbox" in response.headers.get("content-security-policy", ""):
            _open_unlocked(page, address)
        try:
            status = self._act(page, screen, response.status if response else 0)
        except Error as error:
            return [f"{LOST}: {error.message.splitlines()[0]}"]
        return [f"status {status}"] if status != screen.status else []

    def _page(self, persona: str) -> Page:
        if persona not in self._pages:
            page = self.open_page()
            if persona == "HOLDER":
                page.context.add_cookies(opened_by(self.world, self.url))
            elif persona in {"ACCOUNT", "NEW_ACCOUNT"}:
                key = {"name": "citizen", "value": self.world.objects[persona]}
                page.context.add_cookies([key | {"url": self.url}])  # type: ignore[list-item]  # the same
            elif persona in {"REPORT", "NEARBY"}:
                value = self.world.objects["report" if persona == "REPORT" else persona]
                report = {"name": cookie_name(), "value": value}
                page.context.add_cookies([report | {"url": f"{self.url}{PATH}"}])  # type: ignore[list-item]  # the same
            elif persona != "X":
                session = {"name": "session", "value": session_of(self.world, persona)}
                page.context.add_cookies([session | {"url": self.url}])  # type: ignore[list-item]  # a cookie's dict
            self._pages[persona] = page
        return self._pages[persona]

    def _speak(self, page: Page, language: str) -> None:
        """Staff has a language of its own; for everybody else it is in a cookie."""
        if language in WHOLE:
            User.objects.exclude(language=language).update(language=language)
        else:
            Authority.objects.update(further_languages=[language])
        name = settings.LANGUAGE_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": language, "url": self.url}])

    def _act(self, page: Page, screen: Screen, status: int) -> int:
        """Do what brings the page into its state, and return the status it has then."""
        for selector, text in screen.fill.items():
            page.fill(selector, text)
        for key in screen.keys:
            page.keyboard.press(key)
        if screen.submit:
            send = _sent_in_place if screen.in_place else _sent
            return send(page, lambda: page.evaluate(SEND_EMPTY, screen.submit))
        if screen.press and page.locator(screen.press).get_attribute("type") == "submit":
            return _sent(page, page.locator(screen.press).click)
        if screen.press:
            page.click(screen.press)
        return status

    def _faults_of(self, page: Page, screen: Screen, language: str) -> Iterator[str]:
        if page.locator("h1").count() != 1:
            yield f"{page.locator('h1').count()} h1"
        if page.get_attribute("html", "lang") != (screen.speaks or language):
            yield f"lang is {page.get_attribute('html', 'lang')}"
        yield from self._same_title(page, screen, language)
        yield from accessibility_faults(page)
        for size in NARROW:
            page.set_viewport_size(size)
            if overflows(page):
                yield f"scrolls sideways at {size['width']} px"
            if self.is_thorough and size == PHONE:
                yield from (f"{line} (phone)" for line in accessibility_faults(page))
        if screen.route.startswith(PORTAL):
            yield from faults_of_large_text(page, NARROW[-1]["width"])
        yield from (line for line in self.watch.faults if not _is_expected(line, screen))

    def _same_title(self, page: Page, screen: Screen, language: str) -> Iterator[str]:
        """Two routes must not share a title; states of one may."""
        other = self.titles.setdefault((page.title(), language), screen.route)
        if other != screen.route or not page.title().strip():
            yield f"title {page.title()!r} is that of {other}"


def _open_unlocked(page: Page, address: str) -> None:
    """Open a page that may run no script without that lock: axe is a script itself."""

    def unlock(route: Route) -> None:
        response = route.fetch()
        policy = response.headers["content-security-policy"].split(";")
        kept = ";".join(rule for rule in policy if not rule.strip().startswith("sandbox"))
        headers = {**response.headers, "content-security-policy": kept}
        route.fulfill(response=response, headers=headers)

    page.route(address, unlock)
    page.goto(address)
    page.unroute(address)


# Every text of a form is emptied, and the browser's own checks are left out.
SEND_EMPTY = """selector => {
    const form = document.querySelector(selector);
    for (const field of form.elements)
        if (field.matches("textarea, input:not([type=hidden], [type=checkbox], [type=radio])"))
            field.value = "";
    form.noValidate = true;
    form.requestSubmit();
}"""


def _sent(page: Page, send: Callable[[], object]) -> int:
    """Send a form and return the status of the page that follows; 422 is how a refusal looks."""
    with page.expect_navigation() as navigation:
        send()
    response = navigation.value
    return 200 if response and response.status == REFUSED else (response.status if response else 0)


def _sent_in_place(page: Page, send: Callable[[], object]) -> int:
    """Send a form that a script sends, and wait until the page shows what came of it."""
    with page.expect_response(lambda response: response.request.method == "POST") as answered:
        send()
    page.wait_for_load_state("networkidle")
    return 200 if answered.value.status == REFUSED else answered.value.status


def _is_expected(line: str, screen: Screen) -> bool:
    # A browser writes each answer from 400 on into its console; the server of tests has no socket.
    refused = screen.submit or screen.press or screen.status != 200
    return any(part in line for part in WITHOUT_SOCKET) or bool(
        refused and "Failed to load resource" in line
    )
