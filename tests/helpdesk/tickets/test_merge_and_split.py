"""Requests that become one, two again, or another one; where later mails go (mail.md 65, 70)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from helpdesk.events.models import Event
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.portal.timeline import timeline
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import Answer, write_answer, write_note
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.domain.intake import _join, _look_at, accept
from helpdesk.tickets.domain.link import link_tickets, unlink_tickets
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.merge import (
    CannotMergeError,
    OtherPersonError,
    merge_tickets,
    unmerge_ticket,
)
from helpdesk.tickets.domain.split import CannotSplitError, split_message
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.domain.watch import watch_ticket
from helpdesk.tickets.domain.writing import GoneError
from helpdesk.tickets.enums import LinkKind, Status, Trust
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, ArticleDraft, Ticket, TicketLink
from helpdesk.tickets.queries import public_thread
from helpdesk.tickets.watching import watchers_of
from tests.factories.house import House, make_agent, make_house, make_inbound, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
STRANGER = Person("Sam Stranger", "sam@elsewhere.example")


@pytest.fixture
def house() -> House:
    return make_house()


def reply(house: House, message_id: str, to: str, **values: Any) -> Article:
    receipt = accept(make_inbound(house, in_reply_to=to, message_id=message_id, **values))
    return Article.objects.get(pk=receipt.article_id)


def answer(house: House, ticket: Ticket) -> OutgoingMessage:
    written = Answer(ticket.pk, "Wir kommen.", f"k{Article.objects.count()}", despite_newer=True)
    article = write_answer(answer=written, user=house.anna)
    assert article.outgoing is not None
    return article.outgoing


def two(house: House) -> tuple[Ticket, Ticket]:
    return make_ticket(house), make_ticket(house, message_id="<second@example.org>")


def merge(house: House, source: Ticket, target: Ticket) -> None:
    merge_tickets(ticket_id=source.pk, into_id=target.pk, user=house.anna)
    source.refresh_from_db()
    target.refresh_from_db()


# -- merge ------------------------------------------------------------------------------------


def test_a_merged_ticket_brings_all_it_holds_and_ends(house: House) -> None:
    target, source = two(house)
    note = write_note(ticket_id=source.pk, user=house.anna, text="Notiz")

    merge(house, source, target)

    assert source.articles.count() == 0
    assert target.articles.count() == 3
    assert (source.status, source.merged_into) == (Status.MERGED, target)
    assert target.last_article_id == note.pk
    kinds = set(Event.objects.filter(subject_id=source.pk).values_list("kind", flat=True))
    assert {"ticket.merged", "ticket.status_changed"} <= kinds
    assert Event.objects.filter(subject_id=target.pk, kind="ticket.merged_in").count() == 1


def test_replies_to_a_merged_ticket_go_where_it_went(house: House) -> None:
    target, source = two(house)
    ours = answer(house, source)
    merge(house, source, target)

    by_ours = reply(house, "<3@x>", ours.message_id)
    by_theirs = reply(house, "<4@x>", "<second@example.org>")

    assert {by_ours.ticket, by_theirs.ticket} == {target}


def test_an_open_request_opens_the_ended_one_it_goes_into(house: House) -> None:
    target, source = two(house)
    change_status(ticket_id=target.pk, user=house.anna, to=Status.RESOLVED, outcome="fixed")

    merge(house, source, target)

    assert (target.status, target.outcome, target.resolved_at) == (Status.OPEN, "", None)


def test_requests_of_different_people_stay_apart(house: House) -> None:
    mine = make_ticket(house)
    theirs = make_ticket(house, person=STRANGER, message_id="<s@elsewhere.example>")

    with pytest.raises(OtherPersonError):
        merge_tickets(ticket_id=theirs.pk, into_id=mine.pk, user=house.anna)

    assert theirs.articles.count() == mine.articles.count() == 1


def test_nothing_is_merged_into_itself_or_twice(house: House) -> None:
    target, source = two(house)

    with pytest.raises(CannotMergeError):
        merge_tickets(ticket_id=target.pk, into_id=target.pk, user=house.anna)
    merge(house, source, target)
    for one, other in ((source, target), (target, source)):
        with pytest.raises(CannotMergeError):
            merge_tickets(ticket_id=one.pk, into_id=other.pk, user=house.anna)


def test_both_tickets_need_the_right_to_change_them(house: House) -> None:
    mine = make_ticket(house)
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<w@example.org>")

    for one, other in ((mine, foreign), (foreign, mine)):
        with pytest.raises(TicketNotThereError):
            merge_tickets(ticket_id=one.pk, into_id=other.pk, user=house.anna)


def test_unmerging_takes_out_what_was_brought_and_leaves_what_came_since(house: House) -> None:
    target, source = two(house)
    merge(house, source, target)
    since = reply(house, "<since@x>", "<first@example.org>")

    unmerge_ticket(ticket_id=source.pk, user=house.anna)

    source.refresh_from_db()
    target.refresh_from_db()
    assert [each.message_id for each in source.articles.all()] == ["<second@example.org>"]
    assert list(target.articles.values_list("message_id", flat=True)) == [
        "<first@example.org>",
        "<since@x>",
    ]
    assert (source.status, source.merged_into, source.resolved_at) == (Status.NEW, None, None)
    assert target.last_article_id == since.pk
    assert reply(house, "<5@x>", "<second@example.org>").ticket == source
    assert reply(house, "<6@x>", "<since@x>").ticket == target
    with pytest.raises(CannotMergeError):
        unmerge_ticket(ticket_id=source.pk, user=house.anna)


def test_parting_locks_in_the_same_order_as_joining(house: House) -> None:
    target, source = two(house)
    locking = re.compile(r'SELECT .* JOIN "agents_team" .*"tickets_ticket"\."id" = (\d+)')
    found = []

    for work in (
        lambda: merge(house, source, target),
        lambda: unmerge_ticket(ticket_id=source.pk, user=house.anna),
    ):
        with CaptureQueriesContext(connection) as queries:
            work()
        keys = [locking.match(each["sql"]) for each in queries]
        found.append([int(key[1]) for key in keys if key])

    assert found == [[target.pk, source.pk]] * 2
    assert target.pk < source.pk


def test_what_comes_in_while_its_ticket_is_merged_joins_the_other(house: House) -> None:
    target, source = two(house)
    to_source = make_inbound(house, in_reply_to="<second@example.org>", message_id="<late@x>")
    with transaction.atomic():
        arrival = _look_at(to_source)
        merge(house, source, target)

        receipt = _join(arrival)

    source.refresh_from_db()
    assert receipt.ticket_id == target.pk
    assert source.status == Status.MERGED
    assert not source.articles.exists()


def test_what_is_written_to_a_merged_ticket_of_somebody_else_stays_with_the_staff(
    house: House,
) -> None:
    ticket = make_ticket(house)
    foreign = reply(house, "<s@x>", "<first@example.org>", person=STRANGER)
    split = split_message(article_id=foreign.pk, user=house.anna)
    merge(house, split, ticket)

    receipt = accept(make_inbound(house, ticket_id=split.pk, channel="web", person=STRANGER))

    written = Article.objects.get(pk=receipt.article_id)
    assert (written.ticket, written.trust) == (ticket, Trust.THIRD_PERSON)


def test_a_merge_is_undone_before_the_one_it_went_into(house: House) -> None:
    first, second = two(house)
    third = make_ticket(house, message_id="<third@example.org>")
    merge(house, third, second)
    merge(house, second, first)

    with pytest.raises(CannotMergeError):
        unmerge_ticket(ticket_id=third.pk, user=house.anna)
    unmerge_ticket(ticket_id=second.pk, user=house.anna)
    unmerge_ticket(ticket_id=third.pk, user=house.anna)

    assert [each.articles.count() for each in (first, second, third)] == [1, 1, 1]


# -- split ------------------------------------------------------------------------------------


def test_a_message_that_two_split_off_at_once_leaves_no_empty_ticket(house: House) -> None:
    make_ticket(house)
    message = reply(house, "<about-else@x>", "<first@example.org>")
    before = Ticket.objects.count()
    done: list[Ticket] = []

    def meanwhile(execute: Callable[..., object], sql: str, *rest: object) -> object:
        result = execute(sql, *rest)
        # Between the look where the message lies and the lock on that ticket.
        if not done and "tickets_article" in sql:
            done.append(message.ticket)
            done[0] = split_message(article_id=message.pk, user=house.anna)
        return result

    with connection.execute_wrapper(meanwhile), pytest.raises(CannotSplitError):
        split_message(article_id=message.pk, user=house.anna)

    # The other one worked in the same transaction here, so that it is undone as well.
    assert done != [message.ticket]
    assert Ticket.objects.count() == before


def test_a_message_about_something_else_gets_a_request_of_its_own(house: House) -> None:
    ticket = make_ticket(house)
    other = reply(house, "<2@x>", "<first@example.org>", subject="AW: Biotonne", text="Anders.")

    new = split_message(article_id=other.pk, user=house.anna)

    ticket.refresh_from_db()
    new.refresh_from_db()
    assert (new.title, new.citizen, new.team) == ("Biotonne", ticket.citizen, ticket.team)
    assert [each.pk for each in new.articles.all()] == [other.pk]
    assert (new.last_article_id, new.last_public_id) == (other.pk, other.pk)
    assert ticket.articles.count() == 1
    assert ticket.last_article_id == ticket.articles.get().pk
    link = TicketLink.objects.get(source=new)
    assert (link.target, link.kind) == (ticket, LinkKind.SPLIT)
    assert not OutgoingMessage.objects.exists()


def test_later_replies_follow_the_message_and_the_others_stay(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket)
    other = reply(house, "<2@x>", ours.message_id)
    new = split_message(article_id=other.pk, user=house.anna)

    followed = reply(house, "<3@x>", "<2@x>", references=(ours.message_id, "<2@x>"))
    stayed = reply(house, "<4@x>", ours.message_id)
    answered = reply(house, "<5@x>", answer(house, new).message_id)

    assert [each.ticket for each in (followed, stayed, answered)] == [new, ticket, new]


def test_a_third_persons_message_becomes_their_own_request(house: House) -> None:
    ticket = make_ticket(house)
    theirs = reply(house, "<s@elsewhere>", "<first@example.org>", person=STRANGER)

    new = split_message(article_id=theirs.pk, user=house.anna)

    theirs.refresh_from_db()
    assert new.citizen == theirs.author_citizen
    assert new.citizen != ticket.citizen
    assert theirs.trust == Trust.PARTICIPANT
    assert [each.pk for each in public_thread(new)] == [theirs.pk]


def test_a_split_is_undone_by_merging_back_even_for_a_third_person(house: House) -> None:
    ticket = make_ticket(house)
    theirs = reply(house, "<s@elsewhere>", "<first@example.org>", person=STRANGER)
    new = split_message(article_id=theirs.pk, user=house.anna)

    merge(house, new, ticket)

    assert ticket.articles.count() == 2
    assert not public_thread(ticket).filter(pk=theirs.pk).exists()
    assert [each.citizen for each in ticket.participants.all()] == [ticket.citizen]


def test_a_split_that_was_answered_does_not_go_back_to_another_person(house: House) -> None:
    ticket = make_ticket(house)
    theirs = reply(house, "<s@elsewhere>", "<first@example.org>", person=STRANGER)
    new = split_message(article_id=theirs.pk, user=house.anna)
    answer(house, new)

    with pytest.raises(OtherPersonError):
        merge_tickets(ticket_id=new.pk, into_id=ticket.pk, user=house.anna)


def test_only_one_of_several_messages_is_split_off(house: House) -> None:
    ticket = make_ticket(house)
    note = write_note(ticket_id=ticket.pk, user=house.anna, text="Notiz")

    for article_id in (ticket.articles.earliest("id").pk, note.pk):
        with pytest.raises(CannotSplitError):
            split_message(article_id=article_id, user=house.anna)


def test_nobody_of_another_team_splits_or_takes_apart(house: House) -> None:
    target, source = two(house)
    other = reply(house, "<2@x>", "<first@example.org>")
    merge(house, source, target)

    with pytest.raises(TicketNotThereError):
        split_message(article_id=other.pk, user=house.bert)
    with pytest.raises(TicketNotThereError):
        unmerge_ticket(ticket_id=source.pk, user=house.bert)


def test_watchers_and_what_was_typed_go_along_and_watchers_come_back(house: House) -> None:
    target, source = two(house)
    dora = make_agent(house.authority, "Dora Damm", house.roads)
    for ticket_id, user in ((source.pk, dora), (source.pk, house.anna), (target.pk, house.anna)):
        watch_ticket(ticket_id=ticket_id, user=user)
    save_draft(typed=Typed(source.pk, "answer", "Hier angefangen"), user=dora)
    save_draft(typed=Typed(source.pk, "note", "Zweite Notiz"), user=house.anna)
    save_draft(typed=Typed(target.pk, "note", "Erste Notiz"), user=house.anna)

    merge(house, source, target)

    assert set(watchers_of(target)) == {dora, house.anna}
    drafts = ArticleDraft.objects.order_by("body").values_list("ticket", "body")
    assert list(drafts) == [
        (target.pk, "Erste Notiz\n\nZweite Notiz"),
        (target.pk, "Hier angefangen"),
    ]
    unmerge_ticket(ticket_id=source.pk, user=house.anna)
    assert set(watchers_of(target)) == {house.anna}
    assert set(watchers_of(source)) == {dora, house.anna}


def test_taken_apart_an_ended_request_ended_when_it_did_and_its_page_tells_of_no_merge(
    house: House,
) -> None:
    target, source = two(house)
    change_status(ticket_id=source.pk, user=house.anna, to=Status.RESOLVED, outcome="fixed")
    source.refresh_from_db()
    ended_at, steps = source.resolved_at, timeline(source, None)
    merge(house, source, target)

    unmerge_ticket(ticket_id=source.pk, user=house.anna)

    source.refresh_from_db()
    assert (source.status, source.resolved_at) == (Status.RESOLVED, ended_at)
    assert timeline(source, None) == steps


def test_nothing_is_written_into_what_was_merged(house: House) -> None:
    target, source = two(house)
    merge(house, source, target)

    with pytest.raises(GoneError):
        write_note(ticket_id=source.pk, user=house.anna, text="Zu spät")


# -- link -------------------------------------------------------------------------------------


def test_two_tickets_are_linked_once_and_the_link_is_removed(house: House) -> None:
    one, other = two(house)

    def link() -> str:
        return link_tickets(ticket_id=one.pk, other_id=other.pk, user=house.anna)

    def unlink() -> str:
        return unlink_tickets(ticket_id=one.pk, other_id=other.pk, user=house.anna)

    done = list(map(bool, (link(), link(), unlink(), unlink())))

    assert done == [True, False, True, False]
    told = Event.objects.filter(kind__in=[facts.LINKED, facts.UNLINKED]).order_by("id")
    assert [(each.kind, each.subject_id, each.data["target_id"]) for each in told] == [
        (facts.LINKED, one.pk, other.pk),
        (facts.LINKED, other.pk, one.pk),
        (facts.UNLINKED, one.pk, other.pk),
        (facts.UNLINKED, other.pk, one.pk),
    ]
    assert not TicketLink.objects.exists()
    assert not link_tickets(ticket_id=one.pk, other_id=one.pk, user=house.anna)


def test_a_ticket_that_one_can_not_read_is_linked_to_nothing(house: House) -> None:
    mine = make_ticket(house)
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<w@example.org>")
    TicketLink.objects.all().delete()

    for one, other in ((mine, foreign), (foreign, mine)):
        with pytest.raises(TicketNotThereError):
            link_tickets(ticket_id=one.pk, other_id=other.pk, user=house.anna)

    assert not TicketLink.objects.exists()
