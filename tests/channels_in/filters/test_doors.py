"""Saving filters and addresses: what is refused, in which order they stand, what is kept."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from channels_in.accounts import Fetching, MailboxDetails, save_mailbox
from channels_in.filters import doors
from channels_in.filters.compiled import rules_of
from channels_in.filters.doors import Condition, FilterDetails
from channels_in.models import Account, FurtherAddress, MailFilter
from helpdesk.agents.hindrances import hindrances_of
from helpdesk.agents.models import Team
from helpdesk.events.models import Event
from helpdesk.outbox.senders import SenderDetails
from helpdesk.tickets.domain.categories import delete_category
from helpdesk.tickets.models import Category
from tests.channels_in.filters.making import SUBJECT_HOLE, make_filter
from tests.factories.house import House, make_authority

pytestmark = pytest.mark.django_db


def refused(house: House, **values: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        make_filter(house, **values)
    return caught.value.message_dict


@pytest.mark.parametrize(
    "row, words",
    [
        (Condition("subject", "regex", "x"), "passt nicht"),
        (Condition("nichts", "is", "x"), "passt nicht"),
        (Condition("subject", "at_least", "1"), "passt nicht"),
        (Condition("header", "is", "x"), "Nennen Sie die Kopfzeile"),
        (Condition("subject", "contains", "  "), "womit verglichen"),
        (Condition("spam", "is", "vielleicht"), "Wählen Sie einen"),
        (Condition("file_size", "at_least", "viel"), "ganze Zahl"),
    ],
)
def test_save_filter_refuses_a_senseless_condition_by_its_number(
    house: House, row: Condition, words: str
) -> None:
    errors = refused(house, team_id=house.waste.pk, conditions=[SUBJECT_HOLE, row])

    (message,) = errors["conditions"]
    assert message.startswith("Bedingung 2:")
    assert words in message
    assert not MailFilter.objects.exists()


def test_save_filter_refuses_what_does_nothing_or_stands_on_nothing(house: House) -> None:
    make_filter(house, "Da", team_id=house.waste.pk)

    with pytest.raises(ValidationError, match="Sagen Sie, was"):
        make_filter(house, "x")
    assert list(refused(house, team_id=house.waste.pk, conditions=[])) == ["conditions"]
    assert list(refused(house, team_id=house.waste.pk, conditions=[SUBJECT_HOLE] * 21)) == [
        "conditions"
    ]
    many = ", ".join(f"Wort {number}" for number in range(21))
    assert list(refused(house, tags=many)) == ["tags"]
    assert list(refused(house, name="DA", team_id=house.waste.pk)) == ["name"]


def test_save_filter_refuses_team_topic_and_mailbox_of_another_town(
    house: House, account: Account
) -> None:
    other = make_authority("Anderswo", "AW")
    team = Team.objects.create(authority=other, name="Fremd", slug="fremd")
    topic = Category.objects.create(authority=other, name="Fremd")
    Account.objects.filter(pk=account.pk).update(authority=other)

    assert list(refused(house, team_id=team.pk)) == ["team"]
    assert list(refused(house, category_id=topic.pk)) == ["category"]
    assert list(refused(house, account_id=account.pk, priority=10)) == ["account"]


def test_filters_stand_in_their_order_and_move_by_place(house: House) -> None:
    made = [make_filter(house, name, priority=10) for name in "abc"]

    doors.move_filter(filter_id=made[2].pk, to=0, user=house.anna)
    doors.move_filter(filter_id=made[0].pk, to=99, user=house.anna)

    assert [each.name for each in doors.filters_of(house.authority.pk)] == ["c", "b", "a"]
    assert doors.place_of(made[1]) == 1


def test_each_change_of_a_filter_is_a_fact_and_renews_the_mark(
    account: Account, house: House
) -> None:
    marks = [account.rules_mark]

    def note() -> None:
        account.refresh_from_db()
        marks.append(account.rules_mark)

    made = make_filter(house, priority=10)
    note()
    details = FilterDetails("Filter", (SUBJECT_HOLE, SUBJECT_HOLE), priority=10)
    doors.save_filter(
        authority_id=house.authority.pk, filter_id=made.pk, details=details, user=house.anna
    )
    note()
    doors.delete_filter(filter_id=made.pk, user=house.anna)
    note()

    assert marks[0] == marks[3] == ""
    assert len({*marks}) == 3
    assert rules_of(account) is None
    actions = [e.data["action"] for e in Event.objects.filter(subject_kind="mail_filter")]
    assert actions == ["created", "changed", "changed", "deleted"]


def test_a_new_mailbox_knows_the_filters_of_all_mailboxes(house: House) -> None:
    make_filter(house, priority=10)
    details = MailboxDetails(
        name="Rathaus",
        address="rathaus@musterstadt.example",
        kind=Account.Kind.LISTENER,
        team_id=house.roads.pk,
        fetching=Fetching(),
        sender=SenderDetails("Rathaus", "rathaus@musterstadt.example", "demo", house.roads.pk),
    )

    made = save_mailbox(
        authority_id=house.authority.pk, account_id=None, details=details, user=house.anna
    )

    made.refresh_from_db()
    rules = rules_of(made)
    assert rules is not None
    assert [each.stored.name for each in rules.filters] == ["Filter"]


def add(account: Account, house: House, address: str, **values: Any) -> FurtherAddress:
    given = {"team_id": house.waste.pk, "category_id": None} | values
    return doors.add_address(account_id=account.pk, address=address, user=house.anna, **given)


@pytest.mark.parametrize("address", ["", "kein", "Tiefbau@MUSTERSTADT.example", "da@stadt.example"])
def test_add_address_refuses_what_is_none_or_known(
    account: Account, house: House, address: str
) -> None:
    add(account, house, "da@stadt.example")

    with pytest.raises(ValidationError) as caught:
        add(account, house, address)

    assert list(caught.value.message_dict) == ["address"]


def test_address_is_known_until_it_is_removed(account: Account, house: House) -> None:
    made = add(account, house, "Bau@stadt.example")
    account.refresh_from_db()
    rules = rules_of(account)
    assert rules is not None
    assert rules.destination(["BAU+x@stadt.example"]) == made

    doors.remove_address(address_id=made.pk, user=house.anna)

    account.refresh_from_db()
    assert rules_of(account) is None


def test_team_and_topic_that_rules_lead_to_are_not_taken_away(
    account: Account, house: House
) -> None:
    topic = Category.objects.create(authority=house.authority, name="Straßen")
    make_filter(house, team_id=house.waste.pk, category_id=topic.pk)
    add(account, house, "bau@stadt.example")

    with pytest.raises(ValidationError, match="Regeln für E-Mails"):
        delete_category(category_id=topic.pk, user=house.anna)

    assert "2 Regeln für E-Mails" in hindrances_of(house.waste.pk)
    assert Category.objects.filter(pk=topic.pk).exists()
