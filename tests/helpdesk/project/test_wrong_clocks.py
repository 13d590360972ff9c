"""What a clock that was wrong has left behind (F20): nothing waits for its time, no token lasts.

The whole product under wrong clocks is in tests/faults/test_clocks.py.
"""

import time
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from channels_in import outcome
from channels_in.limits import PROCESS_LEASE
from channels_in.mail import lease
from channels_in.models import Account, RawMessage, SentCopy
from channels_in.process import drain
from channels_in.sent_copies import due as due_copies
from helpdesk.agents.domain.invite import (
    LinkUsedUpError,
    accept_invitation,
    invite_agent,
    mint_administrator_link,
)
from helpdesk.agents.domain.membership import AgentDetails
from helpdesk.agents.domain.signin import session_goes_on
from helpdesk.agents.models import ApiToken
from helpdesk.agents.queries import find_link
from helpdesk.desk.health import RED, lights
from helpdesk.events.publish import SYSTEM
from helpdesk.outbox.claims import claim_next
from helpdesk.outbox.models import MessageState, OutgoingMessage, Sender
from helpdesk.outbox.upkeep import look_after
from helpdesk.reactions.dispatch import due, seal_committed
from helpdesk.reactions.models import Heartbeat, Reaction
from helpdesk.tickets import facts
from tests.attack.holder import address, opened
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.api.client import Program, token_for
from tests.helpdesk.desk.account.steps import ask_for_reset, link_in_mail
from tests.helpdesk.outbox.making import queue

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
SHIFTS = (timedelta(hours=1), timedelta(days=1), timedelta(days=3652))


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture(params=SHIFTS, ids=["hour", "day", "years"])
def ahead(request: pytest.FixtureRequest) -> datetime:
    """Return the time that a wrong clock showed, which is right again now."""
    shift: timedelta = request.param
    return timezone.now() + shift


def test_no_mail_waits_for_the_end_of_an_impossible_lease(house: House, ahead: datetime) -> None:
    row = kept(make_account(house), mail())
    held = kept(Account.objects.get(), mail(2))
    RawMessage.objects.filter(pk=row.pk).update(lease_until=ahead, attempts=1)
    outcome.claim(held.pk)

    drain()

    states = dict(RawMessage.objects.values_list("pk", "state"))
    assert states == {row.pk: "filed", held.pk: "stored"}
    assert max(PROCESS_LEASE, timedelta(minutes=5)) < timedelta(hours=1)


def test_no_mailbox_waits_for_a_fetcher_that_held_it_for_years(
    house: House, ahead: datetime
) -> None:
    account = make_account(house, lease_until=ahead, lease_owner="gone")

    assert lease.acquire(account.pk, "new")
    assert not lease.acquire(account.pk, "third")


def test_no_message_waits_for_a_time_that_a_wrong_clock_set(house: House, ahead: datetime) -> None:
    written = queue(house.sender, 1)
    put_off = queue(house.sender, 2)
    taken = queue(house.sender, 3)
    later = queue(house.sender, 4, not_before=timezone.now() + timedelta(hours=3))
    OutgoingMessage.objects.filter(pk=written.pk).update(
        created_at=ahead, not_before=ahead, next_attempt_at=ahead
    )
    OutgoingMessage.objects.filter(pk=put_off.pk).update(
        next_attempt_at=ahead + timedelta(hours=9), attempts_made=3
    )
    OutgoingMessage.objects.filter(pk=taken.pk).update(
        state=MessageState.SENDING, lease_until=ahead, attempts_made=1
    )
    Sender.objects.update(paused_until=ahead, failures=3)

    look_after()
    claimed = [claim_next(house.sender.pk) for _ in range(2)]
    OutgoingMessage.objects.filter(state=MessageState.SENDING).update(state=MessageState.SENT)
    claimed += [claim_next(house.sender.pk) for _ in range(2)]

    found = {claim.message.pk for claim in claimed if claim is not None}
    assert found == {written.pk, put_off.pk, taken.pk}
    later.refresh_from_db()
    assert (later.state, later.attempts_made) == (MessageState.QUEUED, 0)


def test_no_copy_waits_for_a_time_that_a_wrong_clock_set(house: House, ahead: datetime) -> None:
    copy = SentCopy.objects.create(
        message=queue(house.sender),
        account=make_account(house),
        next_attempt_at=ahead + timedelta(hours=4),
        lease_until=ahead,
    )

    assert list(due_copies()) == [copy]


def test_no_reaction_waits_for_a_time_that_a_wrong_clock_set(house: House, ahead: datetime) -> None:
    ticket = make_ticket(house)
    facts.record(ticket=ticket, kind=facts.LINK_REVOKED, actor=SYSTEM)
    seal_committed()
    Reaction.objects.update(next_attempt_at=ahead)

    assert [each.subject_id for each in due(limit=9)] == [ticket.pk]


def test_a_sign_of_life_from_a_time_to_come_is_none(house: House, ahead: datetime) -> None:
    Heartbeat.objects.update_or_create(name="sweep", defaults={"at": ahead})

    worker = next(one for one in lights(house.authority) if one.key == "worker")

    assert worker.level == RED


def test_no_token_that_was_made_in_a_time_to_come_opens_anything(
    house: House, ahead: datetime
) -> None:
    # By seconds: a moment with a zone would change the zone as well.
    with time_machine.travel(ahead.timestamp(), tick=True):
        token = token_for(house.anna)
        details = AgentDetails(email="neu@musterstadt.example", name="Neu")
        _agent, invitation = invite_agent(
            authority_id=house.authority.pk, details=details, role_ids=(), rights={}, user=None
        )
        administrator = mint_administrator_link()
        ask_for_reset(Client(), house.bert.email)
        reset = link_in_mail("password_reset")
        ticket = make_ticket(house)
        browser = opened(ticket)
        session: dict[str, object] = {}
        session_goes_on(session)
        then = [Program(token).get("/me").status_code, find_link(invitation) is not None]

    now = [Program(token).get("/me").status_code, find_link(invitation) is not None]
    with pytest.raises(LinkUsedUpError):
        accept_invitation(token=invitation, password="sonnig-und-trocken-8")
    page = Client().get(reset, follow=True)

    assert (then, now) == ([200, True], [401, False])
    assert find_link(administrator) is None
    assert not session_goes_on(session)
    assert b'name="password1"' not in page.content
    assert b"Ein tiefes Loch" not in browser.get(address(ticket)).content


def test_tokens_of_now_open_what_they_are_for_though_clocks_differ_by_a_minute(
    house: House,
) -> None:
    with time_machine.travel(time.time() + 60, tick=True):
        token = token_for(house.anna)
        ask_for_reset(Client(), house.bert.email)
        session: dict[str, object] = {}
        session_goes_on(session)

    page = Client().get(link_in_mail("password_reset"), follow=True)

    assert Program(token).get("/me").status_code == 200
    assert session_goes_on(session)
    assert b'name="password1"' in page.content
    assert ApiToken.objects.filter(created_at__gt=Now()).exists()
