"""The pages of a citizen and an organisation: who sees whom, what is changed, the way back."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.citizens.models import Caution, Citizen, ContactPoint, Organisation
from helpdesk.events.models import Event
from helpdesk.privacy.domain.handing_out import HANDED_OUT
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.trash import trash_ticket
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, counted_queries, make_tickets, page_of, signed_in

pytestmark = pytest.mark.django_db
PAGE_QUERIES = 16


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_tickets(house, 1)[0]


def address(ticket: Ticket, name: str = "desk:citizen") -> str:
    return reverse(name, args=[ticket.citizen_id])


def citizen_of(ticket: Ticket) -> Citizen:
    return Citizen.objects.get(tickets=ticket)


def filled(**values: str) -> dict[str, str]:
    given = {"name": "Citizen 1", "mails": "citizen1@example.org", "phones": "", "addresses": ""}
    return given | {"preferred_channel": "", "language": "", "organisation": ""} | values


def test_the_page_shows_only_the_requests_one_may_see(house: House, ticket: Ticket) -> None:
    foreign = make_ticket(house, message_id="<f@example.org>", subject="Fremde Sache")
    Ticket.objects.filter(pk=foreign.pk).update(team=house.waste, citizen=ticket.citizen_id)

    own = signed_in(house.anna).get(address(ticket)).content.decode()
    messages = signed_in(house.anna).get(address(ticket), {"show": "messages"}).content.decode()

    assert page_of(ticket) in own
    assert "Fremde Sache" not in own
    assert page_of(ticket) in messages
    assert page_of(foreign) not in messages


def test_a_citizen_of_others_alone_is_not_there(house: House, ticket: Ticket) -> None:
    client = signed_in(house.bert)

    nobody = client.get(reverse("desk:citizen", args=[987654])).content
    for name in ("desk:citizen", "desk:citizen_edit", "desk:citizen_caution"):
        response = client.get(address(ticket, name))
        assert (response.status_code, response.content) == (404, nobody)


def test_a_change_is_undone_with_the_proof_of_the_address(house: House, ticket: Ticket) -> None:
    client = signed_in(house.anna)
    sent = filled(name="Carla Beispiel", mails="", phones="0171 5550132", organisation="TSV")
    response = client.post(address(ticket, "desk:citizen_edit"), sent)
    citizen = citizen_of(ticket)
    assert response["Location"] == address(ticket)
    assert (citizen.name, str(citizen.organisation)) == ("Carla Beispiel", "TSV")
    undo = client.session["undo"]["url"]

    assert client.post(undo, headers=FETCH).status_code == 200

    citizen = citizen_of(ticket)
    assert (citizen.name, citizen.organisation) == ("Citizen 1", None)
    (point,) = citizen.contact_points.all()
    assert (point.value, point.is_claimed) == ("citizen1@example.org", False)
    assert client.post(undo, headers=FETCH).status_code == 409
    history = client.get(address(ticket), {"show": "history"}).context["history"]
    assert [line.who for line in history] == [house.anna.name] * 3


def test_an_undo_after_a_colleagues_change_changes_nothing(house: House, ticket: Ticket) -> None:
    client = signed_in(house.anna)
    client.post(address(ticket, "desk:citizen_edit"), filled(name="Anders"))
    undo = client.session["undo"]["url"]
    Citizen.objects.filter(tickets=ticket).update(name="Wieder anders")

    assert client.post(undo, headers=FETCH).status_code == 409

    assert citizen_of(ticket).name == "Wieder anders"


def test_an_address_that_somebody_wrote_from_meanwhile_comes_back_as_a_claim(
    house: House, ticket: Ticket
) -> None:
    client = signed_in(house.anna)
    client.post(address(ticket, "desk:citizen_edit"), filled(mails=""))
    other = make_ticket(house, message_id="<o@example.org>")
    ContactPoint.objects.filter(citizen=other.citizen_id).update(
        value="citizen1@example.org", normalised="citizen1@example.org"
    )

    client.post(client.session["undo"]["url"], headers=FETCH)

    assert citizen_of(ticket).contact_points.get().is_claimed


@pytest.mark.parametrize(
    "values,field",
    [
        ({"mails": "keine Adresse"}, "mails"),
        ({"phones": "zwölf"}, "phones"),
        ({"name": "", "mails": ""}, "name"),
        ({"mails": "\n".join(f"m{n}@example.org" for n in range(11))}, "mails"),
        ({"language": "klingonisch"}, "language"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_kept(
    house: House, ticket: Ticket, values: dict[str, str], field: str
) -> None:
    response = signed_in(house.anna).post(address(ticket, "desk:citizen_edit"), filled(**values))

    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert form[field].value() == values[field]
    assert citizen_of(ticket).name == "Citizen 1"


def test_the_address_of_another_known_citizen_is_refused(house: House, ticket: Ticket) -> None:
    other = make_ticket(house, message_id="<o@example.org>")
    taken = other.citizen.contact_points.get().value if other.citizen else ""

    response = signed_in(house.anna).post(address(ticket, "desk:citizen_edit"), filled(mails=taken))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["mails"]


def test_who_may_only_read_sees_no_way_to_change(house: House, ticket: Ticket) -> None:
    house.anna.memberships.update(can_change=False)
    client = signed_in(house.anna)

    assert client.get(address(ticket)).status_code == 200
    assert client.get(address(ticket, "desk:citizen_edit")).status_code == 404
    assert client.post(address(ticket, "desk:citizen_caution"), {"end": "1"}).status_code == 404


def test_a_warning_needs_a_reason_and_an_end_and_ends_by_itself(
    house: House, ticket: Ticket
) -> None:
    client, url = signed_in(house.anna), address(ticket, "desk:citizen_caution")
    today = timezone.localdate()

    assert client.post(url, {"reason": "", "until": str(today)}).status_code == 422
    late = {"reason": "Drohung am Telefon", "until": str(today + timedelta(days=400))}
    assert client.post(url, late).status_code == 422
    client.post(url, late | {"until": str(today + timedelta(days=30))})
    assert "Drohung am Telefon" in client.get(address(ticket)).content.decode()

    Caution.objects.update(until=today - timedelta(days=1))
    assert "Drohung am Telefon" not in client.get(address(ticket)).content.decode()
    fact = Event.objects.get(kind="citizen.caution_set")
    assert fact.data == {"until": str(today + timedelta(days=30))}


def test_a_new_warning_replaces_the_old_one_and_can_be_ended(house: House, ticket: Ticket) -> None:
    client, url = signed_in(house.anna), address(ticket, "desk:citizen_caution")
    day = str(timezone.localdate() + timedelta(days=3))
    client.post(url, {"reason": "Erstens", "until": day})
    client.post(url, {"reason": "Zweitens", "until": day})
    page = client.get(address(ticket)).content.decode()
    assert ("Erstens" in page, "Zweitens" in page) == (False, True)

    client.post(url, {"end": "1"})

    assert "Zweitens" not in client.get(address(ticket)).content.decode()


def test_perhaps_the_same_person_names_known_people_only(house: House, ticket: Ticket) -> None:
    known = make_ticket(house, message_id="<k@example.org>")
    foreign = make_ticket(house, message_id="<f@example.org>")
    for _ in (known, foreign):
        Citizen.objects.create(authority=house.authority, name="Citizen 1")
    one, two = Citizen.objects.filter(name="Citizen 1").exclude(tickets=ticket)
    Ticket.objects.filter(pk=known.pk).update(citizen=one)
    Ticket.objects.filter(pk=foreign.pk).update(citizen=two, team=house.waste)

    found = signed_in(house.anna).get(address(ticket)).context["alike"]

    assert [line.pk for line in found] == [one.pk]


def test_an_organisation_shows_its_known_people_and_their_requests(
    house: House, ticket: Ticket
) -> None:
    other = make_ticket(house, message_id="<o@example.org>", subject="Fremd")
    Ticket.objects.filter(pk=other.pk).update(team=house.waste)
    club = Organisation.objects.create(authority=house.authority, name="TSV")
    Citizen.objects.filter(pk__in=[ticket.citizen_id, other.citizen_id]).update(organisation=club)
    url = reverse("desk:organisation", args=[club.pk])
    client = signed_in(house.anna)

    page = client.get(url)
    client.post(url, {"name": "TSV Musterstadt", "domain": "@TSV.example"})

    assert [person["line"].pk for person in page.context["people"]] == [ticket.citizen_id]
    assert page.context["people"][0]["asked"] == 1
    assert "Fremd" not in page.content.decode()
    club.refresh_from_db()
    assert (club.name, club.domain) == ("TSV Musterstadt", "tsv.example")
    empty = Organisation.objects.create(authority=house.authority, name="Leer")
    assert client.get(reverse("desk:organisation", args=[empty.pk])).status_code == 404


def test_typing_the_name_of_an_organisation_that_others_know_tells_nothing_of_it(
    house: House, ticket: Ticket
) -> None:
    club = Organisation.objects.create(
        authority=house.authority, name="TSV", domain="tsv-geheim.example"
    )
    theirs = make_ticket(
        house,
        message_id="<o@example.org>",
        person=Person("Berta", "berta@example.org"),
        team_id=house.waste.pk,
    )
    Citizen.objects.filter(pk=theirs.citizen_id or 0).update(organisation=club)
    client = signed_in(house.anna)

    client.post(address(ticket, "desk:citizen_edit"), filled(organisation="tsv"))
    first = citizen_of(ticket).organisation
    client.post(address(ticket, "desk:citizen_edit"), filled(organisation="TSV"))

    assert first is not None
    assert (first.name, first.domain) == ("tsv", "")
    assert first != club
    assert citizen_of(ticket).organisation == first
    assert client.get(reverse("desk:organisation", args=[club.pk])).status_code == 404


def test_who_changes_something_else_of_a_person_leaves_them_in_their_organisation(
    house: House, ticket: Ticket
) -> None:
    other = make_ticket(
        house, message_id="<o@example.org>", person=Person("Berta", "berta@example.org")
    )
    older, own = (
        Organisation.objects.create(authority=house.authority, name="TSV") for _ in range(2)
    )
    Citizen.objects.filter(pk=other.citizen_id or 0).update(organisation=older)
    Citizen.objects.filter(pk=ticket.citizen_id or 0).update(organisation=own)

    signed_in(house.anna).post(
        address(ticket, "desk:citizen_edit"), filled(organisation="TSV", phones="0171 5550132")
    )

    citizen = citizen_of(ticket)
    assert citizen.contact_points.filter(value="0171 5550132").exists()
    assert citizen.organisation == own


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_equally_often(house: House, count: int) -> None:
    tickets = make_tickets(house, count)
    Ticket.objects.update(citizen=tickets[0].citizen_id)
    client = signed_in(house.anna)
    client.get("/a/")

    with counted_queries() as queries:
        client.get(address(tickets[0]))

    assert len(queries) == PAGE_QUERIES


def test_a_colleague_of_a_foreign_team_is_not_named_in_the_history(
    house: House, ticket: Ticket
) -> None:
    foreign = make_ticket(house, message_id="<f@example.org>")
    Ticket.objects.filter(pk=foreign.pk).update(team=house.waste, citizen=ticket.citizen_id)
    signed_in(house.bert).post(address(ticket, "desk:citizen_edit"), filled(name="Anders"))

    def who_by(user: User) -> set[str]:
        page = signed_in(user).get(address(ticket), {"show": "history"})
        return {line.who for line in page.context["history"]}

    assert who_by(house.bert) == {house.bert.name}
    assert who_by(house.anna) == {"jemand aus der Verwaltung"}


def test_two_entries_are_found_alike_combined_by_two_steps_and_parted(house: House) -> None:
    client = signed_in(house.anna)
    work = make_ticket(house)
    own = make_ticket(
        house, message_id="<o@example.net>", person=Person("Clara Citizen", "privat@example.net")
    )
    sheet = reverse("desk:combine", args=[own.citizen_id])
    ids = {"other": str(work.citizen_id), "stays": str(own.citizen_id)}

    offered = client.get(sheet, headers=FETCH).context["offers"]
    preview = client.get(sheet, {"other": ids["other"]}, headers=FETCH).context
    swapped = client.get(sheet, ids).context
    answer = client.post(
        sheet,
        {"other": ids["other"], "stays": ids["other"], "ticket": own.number},
        headers=FETCH,
    )

    assert [(each.pk, each.asked) for each in offered] == [(work.citizen_id, 1)]
    assert (preview["stays"].pk, preview["goes"].pk) == (work.citizen_id, own.citizen_id)
    assert [point.value for point in preview["points"]] == ["privat@example.net"]
    assert swapped["stays"].pk == own.citizen_id
    assert answer.json() == {"error": "", "url": page_of(own)}
    assert client.get(reverse("desk:citizen", args=[own.citizen_id])).status_code == 404
    undo = client.session["undo"]["url"]
    assert client.post(undo, headers=FETCH).json() == {"url": address(work)}
    assert client.get(reverse("desk:citizen", args=[own.citizen_id])).status_code == 200
    assert client.post(undo, headers=FETCH).status_code == 409


def test_somebody_unknown_or_the_same_can_not_be_combined_with(
    house: House, ticket: Ticket
) -> None:
    client = signed_in(house.anna)
    foreign = make_ticket(house, message_id="<f@example.org>", team_id=house.waste.pk)
    sheet = address(ticket, "desk:combine")

    for other in (foreign.citizen_id, ticket.citizen_id, 987654, "x"):
        assert client.post(sheet, {"other": other, "stays": other}).status_code == 422
    assert client.get(reverse("desk:combine", args=[foreign.citizen_id])).status_code == 404


def test_a_warning_stands_on_each_request_of_its_citizen_as_long_as_it_holds(
    house: House, ticket: Ticket
) -> None:
    client, today = signed_in(house.anna), timezone.localdate()
    assert ticket.citizen is not None
    caution = Caution.objects.create(
        citizen=ticket.citizen, reason="Beißt der Hund", until=today, created_by=house.anna
    )

    assert client.get(page_of(ticket)).context["caution"] == "Beißt der Hund"

    Caution.objects.filter(pk=caution.pk).update(until=today - timedelta(days=1))
    assert client.get(page_of(ticket)).context["caution"] == ""


def test_the_tab_of_data_counts_what_one_may_see_and_when_the_bin_is_emptied(
    house: House,
) -> None:
    ticket = make_ticket(house)
    binned = make_ticket(house, message_id="<2@example.org>")
    make_ticket(house, message_id="<3@example.org>", team_id=house.waste.pk)
    write_note(ticket_id=ticket.pk, user=house.anna, text="Nur für uns")
    trash_ticket(ticket_id=binned.pk, user=house.anna)
    Ticket.objects.filter(pk=binned.pk).update(resolved_at=datetime(2026, 11, 1, 12, tzinfo=UTC))

    page = signed_in(house.anna).get(address(ticket), {"show": "data"})

    kept = page.context["kept"]
    assert (kept.requests, kept.unfinished, kept.in_bin) == (2, 1, 1)
    assert (kept.contributions, kept.internal) == (3, 1)
    assert kept.next_gone_at == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert "Das nächste wird am 1. Dezember 2026 gelöscht." in page.content.decode()


def test_what_is_kept_is_handed_out_without_what_is_internal_and_the_history_tells_of_it(
    house: House,
) -> None:
    ticket = make_ticket(house)
    write_note(ticket_id=ticket.pk, user=house.anna, text="Kanarienvogel intern")
    make_ticket(house, message_id="<3@example.org>", team_id=house.waste.pk, text="Kanarienvogel")
    anna = signed_in(house.anna)

    response = anna.post(reverse("desk:citizen_file", args=[ticket.citizen_id]))

    found = json.loads(response.content)
    assert response["Content-Disposition"].startswith('attachment; filename="daten-')
    assert found["person"]["name"] == "Clara Citizen"
    assert [point["value"] for point in found["contacts"]] == ["clara@example.org"]
    assert [each["reference"] for each in found["requests"]] == [ticket.reference]
    assert [each["text"] for each in found["requests"][0]["messages"]] == [
        "Vor Nummer 14 ist ein tiefes Loch."
    ]
    assert "Kanarienvogel" not in response.content.decode()
    history = anna.get(address(ticket), {"show": "history"}).content.decode()
    assert "hat ausgehändigt, was gespeichert ist" in history


def test_who_may_only_read_can_not_hand_out_anything(house: House, ticket: Ticket) -> None:
    reader = signed_in(make_agent(house.authority, "Rita Reader", house.roads, can_change=False))

    page = reader.get(address(ticket), {"show": "data"}).content.decode()
    response = reader.post(reverse("desk:citizen_file", args=[ticket.citizen_id]))

    assert reverse("desk:citizen_file", args=[ticket.citizen_id]) not in page
    assert response.status_code == 404
    assert Event.objects.filter(kind=HANDED_OUT).count() == 0
