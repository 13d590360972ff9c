"""Tags: the same word however it is typed, and nobody learns from them what they may not know."""

import pytest

from helpdesk.events.models import Event, EventPayload
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.tags import (
    MAX_TAGS,
    NoTagError,
    TooManyTagsError,
    change_tags,
    names_of,
    suggest_tags,
)
from helpdesk.tickets.models import Tag, Ticket
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def tagged(house: House, ticket: Ticket, *names: str) -> list[str]:
    found = change_tags(ticket_id=ticket.pk, user=house.anna, add=names)
    assert sorted(use.tag.name for use in ticket.tags.all()) == sorted(names_of(found))
    return names_of(found)


def test_a_word_is_one_tag_however_it_is_typed(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, message_id="<2@example.org>")

    tagged(house, first, "Haftung", "Straße")
    shown = tagged(house, second, "#HAFTUNG", "  strasse ", "haftung,")

    assert shown == ["Haftung", "Straße"]
    assert Tag.objects.count() == 2


@pytest.mark.both_engines
def test_tags_come_and_go_and_the_history_knows_the_words(house: House) -> None:
    ticket = make_ticket(house)
    tagged(house, ticket, "Haftung", "Presse")

    change_tags(ticket_id=ticket.pk, user=house.anna, add=["Winter"], remove=["presse"])

    ticket.refresh_from_db()
    assert names_of(ticket) == ["Haftung", "Winter"]
    event = Event.objects.filter(kind=facts.TAGGED).latest("pk")
    words = EventPayload.objects.get(event=event).data
    assert (words["added"], words["removed"]) == (["Winter"], ["Presse"])
    assert "Winter" not in str(event.data)


def test_what_is_on_it_already_changes_nothing(house: House) -> None:
    ticket = make_ticket(house)
    tagged(house, ticket, "Haftung")
    before = Ticket.objects.get(pk=ticket.pk).version

    tagged(house, ticket, "haftung")

    assert Ticket.objects.get(pk=ticket.pk).version == before
    assert Event.objects.filter(kind=facts.TAGGED).count() == 1


@pytest.mark.parametrize("typed", ["", "  ", "#", ",", "\0"])
def test_no_word_is_no_tag(house: House, typed: str) -> None:
    with pytest.raises(NoTagError):
        change_tags(ticket_id=make_ticket(house).pk, user=house.anna, add=[typed])


def test_there_is_an_end_of_tags_and_of_their_length(house: House) -> None:
    ticket = make_ticket(house)
    names = tagged(house, ticket, *(f"wort {at}" for at in range(MAX_TAGS - 1)), "x" * 500)

    with pytest.raises(TooManyTagsError):
        change_tags(ticket_id=ticket.pk, user=house.anna, add=["eins mehr"])

    assert len(names) == MAX_TAGS
    assert max(map(len, names)) == 40


def test_only_who_may_change_a_ticket_tags_it(house: House) -> None:
    ticket = make_ticket(house)

    with pytest.raises(TicketNotThereError):
        change_tags(ticket_id=ticket.pk, user=house.bert, add=["Haftung"])

    assert not Tag.objects.exists()


def test_suggestions_begin_as_typed_and_leave_out_what_only_others_use(house: House) -> None:
    mine = make_ticket(house)
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<w@example.org>")
    tagged(house, mine, "Haftung", "Härtefall", "Presse")
    change_tags(ticket_id=foreign.pk, user=house.bert, add=["Haftbefehl", "Presse"])

    def found(typed: str) -> list[str]:
        return [tag.name for tag in suggest_tags(user=house.anna, typed=typed)]

    assert found("HAFT") == ["Haftung"]
    assert found("h") == ["Haftung", "Härtefall"]
    assert found("presse") == ["Presse"]
    assert found("%") == []
