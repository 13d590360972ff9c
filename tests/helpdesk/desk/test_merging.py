"""Merge, link and split by the ticket's menu."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_in.models import Account, RawMessage
from helpdesk.agents.models import Team
from helpdesk.events.models import Event
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets import facts
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.domain.split import SplitDetails, split_message
from helpdesk.tickets.enums import Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket, TicketLink
from helpdesk.tickets.queries import public_thread
from helpdesk.tickets.similar import find_similar
from tests.factories.house import (
    NOON,
    House,
    make_agent,
    make_house,
    make_inbound,
    make_ticket,
)
from tests.helpdesk.desk.pages import FETCH, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    client = Client()
    client.force_login(house.anna)
    return client


def change(client: Client, ticket: Ticket, what: str, **data: object) -> str:
    """Press a button of the ticket's page, and return the page that follows."""
    address = reverse("desk:change", args=[ticket.number, what])
    response = client.post(address, data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def merge_page(ticket: Ticket) -> str:
    return reverse("desk:merge", args=[ticket.number])


def test_a_typed_number_is_shown_merged_and_taken_apart(house: House, anna: Client) -> None:
    target = make_ticket(house)
    source = make_ticket(house, message_id="<second@example.org>")

    preview = anna.get(merge_page(source), {"number": target.number[-6:].lstrip("0")})
    merged = anna.post(
        merge_page(source), {"other": target.number, "keep": target.number}, follow=True
    )
    source.refresh_from_db()
    into = source.merged_into
    apart = change(anna, source, "unmerge")

    assert "1 Beitrag und 0 Dateien wandern" in preview.content.decode()
    assert into == target
    assert merged.redirect_chain == [(reverse("desk:ticket", args=[target.number]), 302)]
    assert reverse("desk:change", args=[source.number, "unmerge"]) in merged.content.decode()
    source.refresh_from_db()
    assert source.status == Status.NEW
    assert merge_page(source) in apart
    assert not OutgoingMessage.objects.filter(link_id=target.pk).exists()


def test_the_older_request_stays_unless_swapped(house: House, anna: Client) -> None:
    older = make_ticket(house)
    younger = make_ticket(
        house, message_id="<second@example.org>", received_at=NOON + timedelta(days=1)
    )

    def stays(ticket: Ticket, other: Ticket, swap: str) -> str:
        query = {"other": other.number, "swap": swap}
        page = anna.get(merge_page(ticket), query).content.decode()
        return page.split('name="keep"')[1].split('value="')[1].split('"')[0]

    found = [stays(older, younger, ""), stays(younger, older, ""), stays(younger, older, "1")]

    assert found == [older.number, older.number, younger.number]


def test_the_citizen_is_told_after_half_a_minute_unless_it_is_undone(
    house: House, anna: Client
) -> None:
    target = make_ticket(house)
    source = make_ticket(house, message_id="<second@example.org>")
    before = Ticket.objects.get(pk=target.pk)
    form = {"other": target.number, "keep": target.number, "tell": "on", "form_key": "k1"}

    anna.post(merge_page(source), form | {"notice": "Beides gehört zusammen."})
    sent = OutgoingMessage.objects.get(link_id=target.pk)
    after = Ticket.objects.get(pk=target.pk)
    anna.post(reverse("desk:change", args=[source.number, "unmerge"]), headers=FETCH)

    assert "Beides gehört zusammen." in sent.text
    assert sent.not_before > timezone.now() + timedelta(seconds=25)
    # Being told of it is no answer: nobody's promise is kept by it.
    assert (after.first_answer_at, after.owner_id, after.status) == (None, None, before.status)
    sent.refresh_from_db()
    assert sent.state == "cancelled"
    assert public_thread(target).count() == 1


def test_requests_of_two_people_are_only_linked(house: House, anna: Client) -> None:
    mine = make_ticket(house)
    other = make_ticket(
        house, message_id="<s@example.org>", person=Person("Sam", "sam@elsewhere.example")
    )

    preview = anna.get(merge_page(mine), {"other": other.number}).content.decode()
    forced = anna.post(merge_page(mine), {"other": other.number, "keep": other.number})

    assert reverse("desk:change", args=[mine.number, "connect"]) in preview
    assert 'name="keep"' not in preview
    assert forced.status_code == 422
    assert not Ticket.objects.filter(status=Status.MERGED).exists()


def test_what_is_alike_is_ranked_with_its_reasons_and_nothing_foreign(
    house: House, anna: Client
) -> None:
    place = {"place": "Lindenstraße 14", "latitude": "51.000000", "longitude": "7.000000"}
    mine = make_ticket(house)
    same = make_ticket(house, message_id="<2@example.org>")
    near = make_ticket(
        house, message_id="<3@example.org>", person=Person("Sam", "sam@elsewhere.example")
    )
    far = make_ticket(house, message_id="<4@example.org>", person=Person("Eva", "eva@e.example"))
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<w@example.org>")
    Ticket.objects.filter(pk__in=[mine.pk, foreign.pk]).update(**place)
    Ticket.objects.filter(pk=near.pk).update(**place | {"place": "Lindenstr. 20"})
    Ticket.objects.filter(pk=far.pk).update(latitude="51.010000", longitude="7.000000")
    mine.refresh_from_db()

    found = find_similar(house.anna, mine)

    assert [(each.ticket.pk, each.why) for each in found] == [
        (near.pk, "0 m entfernt, gleiche Straße"),
        (same.pk, "gleiche Person"),
    ]
    page = anna.get(merge_page(mine)).content.decode()
    assert page.index(near.number) < page.index(same.number)
    assert foreign.number not in page


def test_a_foreign_number_is_refused_as_one_that_is_not_there(house: House, anna: Client) -> None:
    mine = make_ticket(house)
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<w@example.org>")
    TicketLink.objects.all().delete()

    refusals = [
        change(anna, mine, what, other=number).count("Es gibt kein Anliegen mit dieser Nummer")
        for what in ("connect", "disconnect")
        for number in (foreign.number, "2026-999999", "", "x" * 500)
    ]

    merging = [
        anna.get(merge_page(mine), {"number": number}).content.decode()
        for number in (foreign.number, "2026-999999", "x" * 500)
    ]

    assert refusals == [1] * 8
    assert ["Es gibt kein Anliegen mit dieser Nummer" in page for page in merging] == [True] * 3
    assert not TicketLink.objects.exists()


def test_a_link_is_made_and_removed(house: House, anna: Client) -> None:
    one = make_ticket(house)
    other = make_ticket(house, message_id="<second@example.org>")

    change(anna, one, "connect", other=other.number)
    made = TicketLink.objects.count()
    change(anna, one, "disconnect", other=other.number)

    assert (made, TicketLink.objects.count()) == (1, 0)


def test_a_link_that_was_removed_comes_back_as_it_was(house: House, anna: Client) -> None:
    one = make_ticket(house)
    other = make_ticket(house, message_id="<second@example.org>")
    page = reverse("desk:link", args=[one.number])
    anna.post(page, {"number": other.number, "kind": "part_of", "reason": "Ein Unfall"})

    anna.post(reverse("desk:change", args=[one.number, "disconnect"]), {"other": other.number})
    gone = TicketLink.objects.count()
    undo = anna.session["undo"]["url"]
    back = anna.post(undo, headers=FETCH).status_code

    link = TicketLink.objects.get()
    said = (link.source, link.target, link.kind, link.reason)
    assert (gone, back) == (0, 200)
    assert said == (one, other, "part_of", "Ein Unfall")
    told = Event.objects.filter(kind=facts.LINKED).order_by("id").values_list("data", flat=True)
    assert [each["kind"] for each in told] == ["part_of"] * 4
    assert anna.post(undo, headers=FETCH).status_code == 409


def test_a_link_is_taken_back_unless_it_was_changed_since(house: House, anna: Client) -> None:
    one = make_ticket(house)
    other = make_ticket(house, message_id="<second@example.org>")
    page = reverse("desk:link", args=[one.number])
    anna.post(page, {"number": other.number})
    changed = anna.session["undo"]["url"]
    TicketLink.objects.update(reason="Von einer Kollegin")

    too_late = anna.post(changed, headers=FETCH).status_code
    TicketLink.objects.update(reason="")
    foreign = signed_in(house.bert).post(changed, headers=FETCH).status_code
    in_time = anna.post(changed, headers=FETCH).status_code

    assert (too_late, foreign, in_time) == (409, 404, 200)
    assert not TicketLink.objects.exists()


def test_a_message_is_split_off_but_never_one_of_another_ticket(house: House, anna: Client) -> None:
    ticket = make_ticket(house)
    receipt = accept(
        make_inbound(
            house,
            in_reply_to="<first@example.org>",
            message_id="<2@example.org>",
            received_at=NOON + timedelta(hours=1),
        )
    )
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<w@example.org>")

    def page(article_id: int | None) -> str:
        return reverse("desk:split", args=[ticket.number, article_id])

    shown = anna.get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    stolen = anna.post(page(foreign.articles.get().pk))
    sheet = anna.get(page(receipt.article_id)).content.decode()
    form = {"title": "Etwas anderes", "team": house.roads.pk, "category": ""}
    anna.post(page(receipt.article_id), form)
    new = Article.objects.get(pk=receipt.article_id).ticket
    undo = anna.session["undo"]["url"]
    back = anna.post(undo, headers=FETCH)

    assert shown.count(page(receipt.article_id)) == 1
    assert page(ticket.articles.order_by("id")[0].pk) not in shown
    assert stolen.status_code == 404
    assert 'value="Schlagloch in der Lindenstraße"' in sheet
    assert new not in {ticket, foreign}
    assert (new.title, new.links_out.get().target) == ("Etwas anderes", ticket)
    assert back.status_code == 200
    assert Article.objects.get(pk=receipt.article_id).ticket == ticket
    assert anna.post(undo, headers=FETCH).status_code == 409


def test_a_split_refuses_a_team_out_of_use_and_keeps_what_was_typed(
    house: House, anna: Client
) -> None:
    ticket = make_ticket(house)
    receipt = accept(make_inbound(house, in_reply_to="<first@example.org>", message_id="<2@e.org>"))
    Team.objects.filter(pk=house.waste.pk).update(is_active=False)

    refused = anna.post(
        reverse("desk:split", args=[ticket.number, receipt.article_id]),
        {"title": "Neuer Titel", "team": house.waste.pk},
    )

    assert refused.status_code == 422
    assert "Dieses Team ist nicht in Gebrauch." in refused.content.decode()
    assert 'value="Neuer Titel"' in refused.content.decode()


def test_a_link_has_a_kind_and_a_reason_and_is_no_link_twice(house: House, anna: Client) -> None:
    one = make_ticket(house)
    other = make_ticket(house, message_id="<second@example.org>")
    address = reverse("desk:link", args=[one.number])
    form = {"number": other.number, "kind": "caused_by", "reason": "Baustelle am Markt"}

    made = anna.post(address, form, follow=True)
    again = anna.post(address, form)
    unknown = anna.post(address, form | {"number": "2026-999999"})

    link = TicketLink.objects.get()
    assert (link.source, link.target, link.kind) == (one, other, "caused_by")
    page = made.content.decode()
    assert "Baustelle am Markt" in page
    assert "verursacht durch" in page
    assert (again.status_code, unknown.status_code) == (422, 422)
    assert 'value="Baustelle am Markt"' in unknown.content.decode()
    assert anna.post(address, form | {"kind": "split"}).status_code == 404


def test_the_bytes_of_a_mail_are_for_those_who_read_its_message_now(
    house: House, anna: Client
) -> None:
    ticket = make_ticket(house)
    receipt = accept(
        make_inbound(house, message_id="<2@example.org>", in_reply_to="<first@example.org>")
    )
    account = Account.objects.create(
        authority=house.authority, name="Rathaus", team=house.roads, sender=house.sender
    )
    RawMessage.objects.create(
        account=account,
        message_id="<2@example.org>",
        content_hash="2",
        sha256="2",
        size=3,
        body=b"abc",
        received_at=timezone.now(),
        state=RawMessage.State.FILED,
        ticket=ticket,
        article_id=receipt.article_id,
    )
    bert = Client()
    bert.force_login(house.bert)
    address = reverse("desk:raw", args=[receipt.article_id])
    before = [client.get(address).status_code for client in (anna, bert)]

    details = SplitDetails(team_id=house.waste.pk)
    split_message(article_id=receipt.article_id, user=house.anna, details=details)

    assert before == [200, 404]
    assert [client.get(address).status_code for client in (anna, bert)] == [404, 200]


def test_an_answer_to_what_was_merged_meanwhile_is_kept_and_not_sent(
    house: House, anna: Client
) -> None:
    target = make_ticket(house)
    source = make_ticket(house, message_id="<second@example.org>")
    others = Typed(source.pk, "answer", "Bertas Anfang")
    save_draft(typed=others, user=make_agent(house.authority, "Berta Bach", house.roads))
    merge_tickets(ticket_id=source.pk, into_id=target.pk, user=house.anna)

    form = {"body": "Wir kommen morgen.", "form_key": "k1", "seen": "1"}
    refused = anna.post(reverse("desk:send", args=[source.number]), form)
    goes_on = anna.get(reverse("desk:ticket", args=[target.number])).content.decode()

    assert refused.status_code == 422
    assert not OutgoingMessage.objects.exists()
    assert "Wir kommen morgen." in refused.content.decode()
    assert "Wir kommen morgen." in goes_on
    assert "Bertas Anfang" in goes_on


def test_what_was_typed_to_merge_goes_on_where_a_colleague_has_merged_it_meanwhile(
    house: House, anna: Client
) -> None:
    ticket, other, home = (make_ticket(house, message_id=f"<{n}@example.org>") for n in range(3))
    merge_tickets(ticket_id=ticket.pk, into_id=home.pk, user=house.anna)
    form = {
        "other": other.number,
        "keep": ticket.number,
        "tell": "on",
        "notice": "Beides in einem.",
    }

    refused = anna.post(merge_page(ticket), form)
    settled = anna.post(merge_page(ticket), form | {"other": home.number, "keep": home.number})

    shown = refused.context
    assert (refused.status_code, shown["source"], shown["target"]) == (422, other, home)
    assert home.number in shown["error"]
    assert shown["notice"] == settled.context["notice"] == "Beides in einem."
    assert f'action="{merge_page(home)}"' in refused.content.decode()
    # It is one with the very request that it was to go into.
    assert (settled.status_code, settled.context["target"]) == (422, home)
    other.refresh_from_db()
    assert other.merged_into is None
    assert not OutgoingMessage.objects.filter(kind="answer").exists()


def test_a_link_of_a_request_merged_meanwhile_keeps_what_was_chosen_and_why(
    house: House, anna: Client
) -> None:
    ticket, other, home = (make_ticket(house, message_id=f"<{n}@example.org>") for n in range(3))
    merge_tickets(ticket_id=ticket.pk, into_id=home.pk, user=house.anna)
    form = {"other": other.number, "kind": "caused_by", "reason": "Baustelle am Markt"}
    address = reverse("desk:link", args=[ticket.number])

    refused = anna.post(address, form)

    shown = refused.context
    assert (refused.status_code, shown["ticket"], shown["typed"]) == (422, home, other.number)
    assert (shown["kind_now"], shown["reason"]) == ("caused_by", "Baustelle am Markt")
    assert home.number in shown["error"]
    assert not TicketLink.objects.exists()
    assert anna.get(address).status_code == 404


def test_a_message_that_moved_with_its_request_is_split_off_where_it_lies_now(
    house: House, anna: Client
) -> None:
    ticket = make_ticket(house)
    home = make_ticket(house, message_id="<2@example.org>")
    message = ticket.articles.get()
    merge_tickets(ticket_id=ticket.pk, into_id=home.pk, user=house.anna)
    form = {"title": "Etwas anderes", "team": house.roads.pk, "category": ""}

    refused = anna.post(reverse("desk:split", args=[ticket.number, message.pk]), form)
    anna.post(reverse("desk:split", args=[home.number, message.pk]), form)

    shown = refused.context
    assert (refused.status_code, shown["ticket"], shown["title"]) == (422, home, "Etwas anderes")
    assert home.number in shown["error"]
    message.refresh_from_db()
    assert message.ticket.title == "Etwas anderes"
