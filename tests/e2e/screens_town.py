"""The towns that screens are looked at in, and who looks: rows, links and cookies."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_in.models import Account
from helpdesk.accounts.domain.identities import ProviderDetails, save_provider
from helpdesk.accounts.domain.links import Wish, account_of_address, make_link, open_account
from helpdesk.accounts.domain.sessions import enter
from helpdesk.agents.domain.invite import renew_invitation
from helpdesk.agents.models import Membership, User
from helpdesk.desk.account.recovery import HashedRecoveryCodes
from helpdesk.events.models import Event
from helpdesk.files.store import put
from helpdesk.forms.domain.drafts import keep_for_later, start_draft
from helpdesk.notifications.notices import make_notices
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.pages.domain.notices import NoticeDetails, save_notice
from helpdesk.pages.enums import Readers
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
from tests.e2e.desk_data import answer
from tests.e2e.knowledge_data import make_answers
from tests.e2e.portal_data import make_nearby, make_variants
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

PDF = b"%PDF-1.7\n%%EOF"
HELD = ("status", "status_of_ended", "status_of_question")


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
    for at, placed in enumerate((fresh, late)):
        spot = {"latitude": f"50.11{at}000", "longitude": "8.680000"}
        Ticket.objects.filter(pk=placed.pk).update(**spot)
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
