"""What the tests of notes share: a form as the dialog sends it, and a note by the doors."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from channels_in.phone.parse import Note, parse_note
from helpdesk.agents.models import Team, User
from helpdesk.citizens.domain.identify import take_in
from helpdesk.citizens.models import Citizen
from helpdesk.tickets.domain.call_notes import Decision, take_note
from helpdesk.tickets.enums import Channel, Result
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House

DONE = Decision(Result.DONE)
OPEN = Decision(Result.OPEN)
KEEP = Decision(Result.KEEP)


def callback(**duration: float) -> Decision:
    """Return a promised call after this time."""
    until = timezone.now() + timedelta(**(duration or {"days": 1}))
    return Decision(Result.CALLBACK, until=until, phone="0171 5550132")


def note_call(
    house: House,
    decision: Decision = DONE,
    *,
    user: User | None = None,
    team: Team | None = None,
    **values: Any,
) -> Article:
    """Let Anna note a call of Petra Lindner for the roads team."""
    user = user or house.anna
    given: dict[str, Any] = {
        "channel": Channel.PHONE,
        "caller": Person("Petra Lindner", phone="0171 5550132"),
        "text": "Schlagloch vor Nummer 14\nSehr tief.",
        "request_key": f"key-{Article.objects.count()}",
        "received_at": timezone.now(),
    }
    inbound = parse_note(
        Note(**given | values),
        authority_id=house.authority.pk,
        team_id=(team or house.roads).pk,
        user_id=user.pk,
    )
    receipt = take_note(inbound=inbound, decision=decision, user=user)
    return Article.objects.select_related("ticket").get(pk=receipt.article_id)


def make_citizen(house: House, name: str, phone: str = "", address: str = "") -> Citizen:
    """Return somebody the town knows, but no team yet."""
    return take_in(authority_id=house.authority.pk, name=name, phone=phone, address=address)


def with_ticket(house: House, citizen: Citizen, team: Team | None = None) -> Ticket:
    """Return an open request of a citizen in a team."""
    return Ticket.objects.create(
        authority=house.authority,
        team=team or house.roads,
        citizen=citizen,
        citizen_name=citizen.name,
        number=f"2026-{Ticket.objects.count() + 500:06d}",
        reference=f"MU-{Ticket.objects.count():06d}",
        title=f"Anliegen von {citizen.name}",
        channel=Channel.MAIL,
        status="open",
        received_at=timezone.now(),
        link_nonce="n",
    )
