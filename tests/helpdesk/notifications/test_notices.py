"""Who is told of what: exactly once, and never beyond a wall."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from helpdesk.agents.domain.absence import AbsenceDetails, set_absence
from helpdesk.agents.models import Membership, User
from helpdesk.events.models import Event
from helpdesk.events.publish import SYSTEM
from helpdesk.notifications.models import Notice
from helpdesk.notifications.notices import clear_all, clear_ticket, forget_old, make_notices
from helpdesk.notifications.queries import Own, groups_of, notices_of, own_of
from helpdesk.notifications.ways import save_choices
from helpdesk.notifications.wording import sentence
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import Answer, withdraw_answer, write_answer
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.watch import watch_ticket
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_agent, make_house, make_inbound
from tests.fakes.clock import Clock
from tests.helpdesk.notifications.making import give, happen, note, owned, take_in, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(clock: Clock) -> House:
    clock.advance(minutes=5)
    return make_house()


@pytest.fixture
def jana(house: House) -> User:
    return make_agent(house.authority, "Jana Weber", house.roads)


@pytest.fixture
def ticket(house: House) -> Ticket:
    return owned(house, house.anna)


def reply(house: House, **values: Any) -> None:
    """Let the citizen answer by mail."""
    mail = {"message_id": "<second@example.org>", "in_reply_to": "<first@example.org>"}
    happen(lambda: accept(make_inbound(house, **(mail | values))))


def away(user: User, substitute: User | None) -> None:
    today = timezone.localdate()
    details = AbsenceDetails(today, today, substitute.pk if substitute else None)
    set_absence(user_id=user.pk, details=details, by=user)


def test_who_gets_a_ticket_is_told_and_who_takes_one_is_not(
    house: House, jana: User, ticket: Ticket
) -> None:
    before = told()

    give(ticket, house.anna, jana)

    assert before == []
    assert told() == [("Jana Weber", "assigned")]


def test_an_assignment_that_was_taken_back_unread_is_gone(
    house: House, jana: User, ticket: Ticket
) -> None:
    give(ticket, house.anna, jana)

    give(ticket, house.anna, None)

    assert told() == []


def test_whom_a_note_names_is_told_once_although_they_follow_it_too(
    house: House, jana: User, ticket: Ticket
) -> None:
    watch_ticket(ticket_id=ticket.pk, user=jana)

    note(ticket, house.anna, "@Jana Weber und @Tiefbau, bitte.")

    assert told() == [("Jana Weber", "mentioned")]


def test_a_reply_tells_its_owner_and_those_who_follow(
    house: House, jana: User, ticket: Ticket
) -> None:
    watch_ticket(ticket_id=ticket.pk, user=jana)

    reply(house)

    assert sorted(told()) == [("Anna Abend", "replied"), ("Jana Weber", "watched")]


def test_what_a_machine_writes_tells_nobody(house: House, ticket: Ticket) -> None:
    reply(house, is_automatic=True)

    assert Article.objects.filter(ticket=ticket, is_automatic=True).exists()
    assert told() == []


def test_a_new_mail_concerns_nobody_yet(house: House) -> None:
    happen(lambda: take_in(house))

    assert told() == []


@pytest.mark.parametrize("kind", [facts.DEADLINE_NEAR, facts.DEADLINE_MISSED])
def test_a_deadline_tells_its_owner(ticket: Ticket, kind: str) -> None:
    record(ticket, kind)

    assert told() == [("Anna Abend", "deadline")]


def record(ticket: Ticket, kind: str, **data: Any) -> None:
    def publish() -> None:
        with transaction.atomic():
            facts.record(ticket=ticket, kind=kind, actor=SYSTEM, data=data)

    happen(publish)


def test_a_request_that_was_put_off_tells_its_owner_when_it_is_back(ticket: Ticket) -> None:
    record(ticket, facts.STATUS_CHANGED, **{"from": "waiting_date", "to": "open"})

    assert told() == [("Anna Abend", "deadline")]


def test_an_answer_that_was_taken_back_leaves_no_notice(
    house: House, jana: User, ticket: Ticket
) -> None:
    watch_ticket(ticket_id=ticket.pk, user=jana)
    answer = Answer(ticket.pk, "Wir kommen.", "k1", ticket.last_article_id)
    happen(lambda: write_answer(answer=answer, user=house.anna))
    written = told()

    article = Article.objects.get(kind="answer")
    happen(lambda: withdraw_answer(article_id=article.pk, user=house.anna))

    assert written == [("Jana Weber", "watched")]
    assert Notice.objects.filter(fact=facts.ANSWERED).count() == 0


def test_who_wants_to_know_nothing_of_a_kind_is_not_told(
    house: House, jana: User, ticket: Ticket
) -> None:
    save_choices(user=jana, values={"mentioned": "off"})

    note(ticket, house.anna, "@Jana Weber")

    assert told() == []


def test_nobody_behind_a_wall_is_told(house: House, jana: User, ticket: Ticket) -> None:
    watch_ticket(ticket_id=ticket.pk, user=jana)
    Membership.objects.filter(user=jana).update(can_read=False)

    note(ticket, house.anna, "@Jana Weber @Bert Berg")

    assert told() == []


def test_a_notice_about_a_ticket_that_went_behind_a_wall_is_not_there_any_more(
    house: House, jana: User, ticket: Ticket
) -> None:
    note(ticket, house.anna, "@Jana Weber")
    before = (own_of(jana).requests, len(groups_of(jana)))

    give(ticket, house.anna, None, team_id=house.waste.pk)

    assert before == (1, 1)
    assert Notice.objects.filter(user=jana).count() == 1
    jana = User.objects.get(pk=jana.pk)
    assert (own_of(jana), groups_of(jana), list(notices_of(jana))) == (Own(), [], [])


@pytest.mark.usefixtures("jana")
def test_a_fact_that_is_reacted_to_again_makes_no_second_notice(
    house: House, ticket: Ticket
) -> None:
    note(ticket, house.anna, "@Jana Weber")

    with transaction.atomic():
        make_notices(event=Event.objects.get(kind=facts.NOTE_ADDED))

    assert told() == [("Jana Weber", "mentioned")]


@pytest.mark.usefixtures("ticket")
def test_who_stands_in_is_told_as_far_as_their_own_rights_reach(house: House, jana: User) -> None:
    away(house.anna, jana)
    reply(house)
    by_substitute = told()

    away(house.anna, house.bert)
    reply(house, message_id="<third@example.org>")

    assert by_substitute == [("Anna Abend", "replied"), ("Jana Weber", "replied")]
    assert told() == [*by_substitute, ("Anna Abend", "replied")]
    notice = Notice.objects.get(user=jana)
    assert notice.away == house.anna
    assert "Anna Abend" in sentence(notice)


def test_opening_a_ticket_answers_what_was_told_of_it_and_nothing_else(
    house: House, jana: User, ticket: Ticket
) -> None:
    other = take_in(house, message_id="<other@example.org>")
    for each in (ticket, other):
        note(each, house.anna, "@Jana Weber")

    cleared = clear_ticket(user=jana, ticket_id=ticket.pk)

    assert cleared == 1
    assert own_of(jana) == Own(requests=1, mentioned=1)
    assert [(group.ticket, group.is_unread) for group in groups_of(jana)] == [
        (other, True),
        (ticket, False),
    ]


def test_what_is_unread_is_shown_however_much_was_read_since(
    house: House, jana: User, ticket: Ticket
) -> None:
    note(ticket, house.anna, "@Jana Weber")
    unread = Notice.objects.get()
    other = take_in(house, message_id="<other@example.org>")
    for _ in range(5):
        note(other, house.anna, "@Jana Weber")
    clear_ticket(user=jana, ticket_id=other.pk)

    assert [group.ticket for group in groups_of(jana, limit=1)] == [unread.ticket]


def test_what_comes_after_a_page_was_made_stays_unread(
    house: House, jana: User, ticket: Ticket
) -> None:
    note(ticket, house.anna, "@Jana Weber")
    upto = Notice.objects.get().pk
    note(ticket, house.anna, "@Jana Weber, noch etwas")

    clear_all(user=jana, upto=upto)
    clear_all(user=house.anna, upto=10**9)

    assert list(Notice.objects.filter(read_at=None).values_list("user", flat=True)) == [jana.pk]


@pytest.mark.usefixtures("jana")
def test_old_notices_go_and_new_ones_stay(house: House, ticket: Ticket) -> None:
    for text in ("@Jana Weber 1", "@Jana Weber 2", "@Jana Weber 3"):
        note(ticket, house.anna, text)
    old, unread, new = Notice.objects.order_by("id")
    for row, days, read in ((old, 31, True), (unread, 31, False), (new, 29, True)):
        Notice.objects.filter(pk=row.pk).update(
            created_at=timezone.now() - timedelta(days=days),
            read_at=timezone.now() if read else None,
        )

    assert forget_old() == 1
    assert set(Notice.objects.all()) == {unread, new}
