"""Following tickets, and naming colleagues in notes."""

import pytest

from helpdesk.agents.models import Team, User
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.mention import find_mentions
from helpdesk.tickets.domain.watch import unwatch_ticket, watch_ticket
from helpdesk.tickets.models import Mention, Ticket, Watcher
from helpdesk.tickets.queries import visible_to
from helpdesk.tickets.watching import (
    Named,
    is_mentioned,
    is_watched,
    is_watched_by,
    mentionable,
    watchers_of,
)
from tests.factories.house import House, make_agent, make_house, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def note(ticket: Ticket, user: User, text: str) -> list[tuple[str, str]]:
    """Write a note and return who is named in it, each with the team by which they were."""
    article = write_note(ticket_id=ticket.pk, user=user, text=text)
    rows = Mention.objects.filter(article=article).order_by("user__name")
    return [(row.user.name, row.team.name if row.team else "") for row in rows]


def test_watch_ticket_twice_is_once_and_ends_by_unwatch(house: House, ticket: Ticket) -> None:
    watch_ticket(ticket_id=ticket.pk, user=house.anna)
    watch_ticket(ticket_id=ticket.pk, user=house.anna)

    rows, is_followed = Watcher.objects.count(), is_watched_by(ticket, house.anna)
    listed = list(visible_to(house.anna).filter(is_watched(house.anna.pk)))
    unwatch_ticket(ticket_id=ticket.pk, user=house.anna)

    assert (rows, is_followed, listed) == (1, True, [ticket])
    assert not is_watched_by(ticket, house.anna)


def test_a_foreign_ticket_can_not_be_watched(house: House, ticket: Ticket) -> None:
    for door in (watch_ticket, unwatch_ticket):
        with pytest.raises(TicketNotThereError):
            door(ticket_id=ticket.pk, user=house.bert)

    assert Watcher.objects.count() == 0


def test_who_may_no_longer_read_a_ticket_watches_nothing_of_it(
    house: House, ticket: Ticket
) -> None:
    watch_ticket(ticket_id=ticket.pk, user=house.anna)

    assign(ticket_id=ticket.pk, user=house.anna, owner_id=None, team_id=house.waste.pk)
    ticket.refresh_from_db()

    assert list(watchers_of(ticket)) == []
    assert list(visible_to(house.anna).filter(is_watched(house.anna.pk))) == []


def test_a_note_names_agents_and_teams_that_may_read_the_ticket(
    house: House, ticket: Ticket
) -> None:
    make_agent(house.authority, "Jana Weber", house.roads)
    make_agent(house.authority, "Uwe Und", house.roads, house.waste)

    found = note(ticket, house.anna, "@jana weber und @Abfall: bitte ansehen. Auch @Bert Berg.")

    assert found == [("Jana Weber", ""), ("Uwe Und", "Abfall")]


def test_by_their_own_name_counts_more_than_by_that_of_their_team(
    house: House, ticket: Ticket
) -> None:
    make_agent(house.authority, "Jana Weber", house.roads)

    assert note(ticket, house.anna, "@Tiefbau, vor allem @Jana Weber") == [
        ("Anna Abend", "Tiefbau"),
        ("Jana Weber", ""),
    ]


def test_a_named_agent_finds_the_ticket_among_theirs(house: House, ticket: Ticket) -> None:
    jana = make_agent(house.authority, "Jana Weber", house.roads)
    make_ticket(house, message_id="<other@example.org>")

    note(ticket, house.anna, "@Jana Weber")

    assert list(visible_to(jana).filter(is_mentioned(jana.pk))) == [ticket]
    assert list(visible_to(house.anna).filter(is_mentioned(house.anna.pk))) == []


def test_mentionable_names_no_team_and_nobody_beyond_the_wall(house: House, ticket: Ticket) -> None:
    Team.objects.create(authority=house.authority, name="Leer", slug="leer")

    assert [(each.kind, each.name) for each in mentionable(ticket)] == [
        ("user", "Anna Abend"),
        ("team", "Tiefbau"),
    ]


def named(*names: str) -> list[Named]:
    return [Named("user", pk, name, frozenset({pk})) for pk, name in enumerate(names, 1)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("@Jana Weber", ["Jana Weber"]),
        ("(@JANA WEBER)", ["Jana Weber"]),
        ("@Jana Weber-Groß kommt", ["Jana Weber-Groß"]),
        ("@Jana Weber, @Ömer Öz", ["Jana Weber", "Ömer Öz"]),
        ("@Jana Weberin", []),
        ("jana@Jana Weber", []),
        ("@@Jana Weber", []),
        ("Jana Weber", []),
        ("@ Jana Weber", []),
        ("@jana.weber@stadt.example", []),
    ],
)
def test_find_mentions_reads_names_as_whole_words(text: str, expected: list[str]) -> None:
    among = named("Jana Weber", "Jana Weber-Groß", "Ömer Öz")

    assert [each.name for each in find_mentions(text, among)] == expected


def test_two_agents_of_one_name_are_both_meant() -> None:
    found = find_mentions("@Jana Weber", named("Jana Weber", "Jana Weber"))

    assert [each.pk for each in found] == [1, 2]
