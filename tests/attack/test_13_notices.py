"""Attack 13, of notices: nothing that is told crosses a wall, neither when it is made nor later.

Anna of the roads team has a request full of canaries. Bert of the waste team, the
administrator without a team and another town hear of it by no bell, no mail and no screen.
"""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from helpdesk.agents.domain.absence import AbsenceDetails, set_absence
from helpdesk.agents.models import Membership, User
from helpdesk.notifications.mailing import mail_due
from helpdesk.notifications.models import Notice, NoticeChoices, Reason
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.models import Mention, Ticket, Watcher
from tests.attack.town import CANARY, World, make_world
from tests.factories.house import make_agent, make_inbound
from tests.fakes.clock import Clock
from tests.helpdesk.notifications.making import happen

pytestmark = pytest.mark.django_db
STRANGERS = ("B", "ADM", "ADM2")
PAGES = ("/a/mitteilungen/", "/a/mitteilungen/neu/", "/a/counts/")


@pytest.fixture
def world(clock: Clock) -> World:
    clock.advance(hours=1)
    world = make_world()
    for user in (world.personas[name] for name in (*STRANGERS, "A")):
        assert user is not None
        NoticeChoices.objects.create(user=user, **dict.fromkeys(Reason.values, "mail"))
    return world


def persona(world: World, name: str) -> User:
    user = world.personas[name]
    assert user is not None
    return User.objects.get(pk=user.pk)


def everything_happens(world: World, ticket: Ticket) -> None:
    """Let all that anybody is told of happen, with the strangers as near to it as can be."""
    anna = persona(world, "A")
    strangers = [persona(world, name) for name in STRANGERS]
    Watcher.objects.bulk_create(Watcher(ticket=ticket, user=user) for user in strangers)
    names = " ".join(f"@{user.name}" for user in strangers)
    happen(lambda: write_note(ticket_id=ticket.pk, user=anna, text=f"{names} {CANARY} @Abfall"))
    article = ticket.articles.filter(kind="note").latest("id")
    # As if rights had been there when it was written.
    Mention.objects.bulk_create(
        [Mention(article=article, user=user) for user in strangers], ignore_conflicts=True
    )
    mail = make_inbound(
        world.house,
        text=f"{CANARY} noch etwas",
        message_id="<again@example.org>",
        in_reply_to="<first@example.org>",
    )
    happen(lambda: accept(mail))


def seen_by(user: User) -> dict[str, str]:
    cache.clear()
    browser = Client()
    browser.force_login(user)
    return {page: browser.get(page).content.decode() for page in PAGES}


def test_nobody_behind_the_wall_is_told_of_anything(world: World, clock: Clock) -> None:
    ticket = Ticket.objects.get(pk=world.objects["ticket"])
    today = timezone.localdate()
    bert = persona(world, "B")
    anna = persona(world, "A")
    set_absence(user_id=anna.pk, details=AbsenceDetails(today, today, bert.pk), by=anna)
    happen(lambda: assign(ticket_id=ticket.pk, user=anna, owner_id=anna.pk))

    everything_happens(world, ticket)
    clock.advance(minutes=30)
    mail_due()

    strangers = [persona(world, name) for name in STRANGERS]
    assert Notice.objects.filter(user=anna).exists()
    assert not Notice.objects.filter(user__in=strangers).exists()
    written_to = OutgoingMessage.objects.filter(kind__startswith="notice")
    assert not written_to.filter(recipients__address__in=[u.email for u in strangers]).exists()
    leaks = [
        (user.name, page)
        for user in strangers
        for page, html in seen_by(user).items()
        if CANARY in html or ticket.number in html
    ]
    assert leaks == []


@pytest.mark.parametrize("wall", ["moved", "no right", "no member", "team shut", "locked out"])
def test_what_one_was_told_is_gone_with_the_right_to_read_it(
    world: World, clock: Clock, wall: str
) -> None:
    ticket = Ticket.objects.get(pk=world.objects["ticket"])
    anna = persona(world, "A")
    jana = make_agent(world.house.authority, "Jana Weber", world.house.roads)
    happen(lambda: write_note(ticket_id=ticket.pk, user=anna, text=f"@Jana Weber {CANARY}"))
    before = seen_by(jana)["/a/counts/"]

    if wall == "moved":
        assign(ticket_id=ticket.pk, user=anna, owner_id=None, team_id=world.house.waste.pk)
    elif wall == "no right":
        Membership.objects.filter(user=jana).update(can_read=False)
    elif wall == "no member":
        Membership.objects.filter(user=jana).delete()
    elif wall == "team shut":
        type(world.house.roads).objects.filter(pk=world.house.roads.pk).update(is_active=False)
    else:
        User.objects.filter(pk=jana.pk).update(is_active=False)
    clock.advance(minutes=1)

    assert '"notices": 1' in before
    assert mail_due() == 0
    seen = seen_by(jana)
    assert not any(CANARY in html or ticket.number in html for html in seen.values())
    assert '"notices": 1' not in seen["/a/counts/"]


def test_a_mail_that_waits_for_its_server_is_held_when_its_request_moves_away(
    world: World, clock: Clock
) -> None:
    ticket = Ticket.objects.get(pk=world.objects["ticket"])
    anna = persona(world, "A")
    jana = make_agent(world.house.authority, "Jana Weber", world.house.roads)
    happen(lambda: write_note(ticket_id=ticket.pk, user=anna, text=f"@Jana Weber {CANARY}"))
    clock.advance(minutes=1)
    queued = mail_due()

    happen(
        lambda: assign(ticket_id=ticket.pk, user=anna, owner_id=None, team_id=world.house.waste.pk)
    )

    states = OutgoingMessage.objects.filter(link_id=jana.pk, kind="notice")
    assert queued == 1
    assert list(states.values_list("state", flat=True)) == ["cancelled"]


def test_the_bell_of_one_is_not_the_bell_of_another(world: World) -> None:
    ticket = Ticket.objects.get(pk=world.objects["ticket"])
    anna = persona(world, "A")
    jana = make_agent(world.house.authority, "Jana Weber", world.house.roads)
    happen(lambda: write_note(ticket_id=ticket.pk, user=anna, text="@Jana Weber"))
    browser = Client()
    browser.force_login(persona(world, "B"))

    browser.post("/a/mitteilungen/gelesen/", {"upto": 10**9})

    assert Notice.objects.filter(user=jana, read_at=None).count() == 1
