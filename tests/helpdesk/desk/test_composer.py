"""The composer around its text: what follows a sending, second looks, files, drafts of others."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from helpdesk.agents.models import AfterSend
from helpdesk.textmodules.models import TextModule, TextModuleText
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import ArticleDraft, Category, Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, Page, make_tickets, page_of, signed_in
from tests.helpdesk.desk.test_compose import answers_of, form, refusal_of, send

pytestmark = pytest.mark.django_db
LIST = "/a/v/unassigned/"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def ways(page: Page) -> list[str]:
    return [value for value, _label in page.context["send_ways"]]


@pytest.mark.parametrize("after", list(AfterSend))
def test_the_profile_says_where_a_writer_goes_after_sending(
    house: House, anna: Client, after: AfterSend
) -> None:
    tickets = make_tickets(house, 3)
    order = [row.number for row in anna.get(LIST).context["rows"]]
    first = next(one for one in tickets if one.number == order[0])
    second = next(one for one in tickets if one.number == order[1])
    house.anna.after_send = after
    house.anna.save()

    response = send(anna, first, then="resolve")

    places = {
        AfterSend.NEXT: f"{page_of(second)}?view=unassigned",
        AfterSend.STAY: f"{page_of(first)}?view=unassigned",
        AfterSend.LIST: LIST,
    }
    assert response["Location"] == places[after]


def test_the_last_of_a_list_leads_back_to_it(house: House, anna: Client) -> None:
    (only,) = make_tickets(house, 1)
    anna.get(LIST)

    assert send(anna, only, then="resolve")["Location"] == LIST


def test_what_was_chosen_last_is_at_hand_the_next_time_else_what_the_team_mostly_does(
    house: House, ticket: Ticket, anna: Client
) -> None:
    house.roads.send_then = "open"
    house.roads.save()
    assert ways(anna.get(page_of(ticket)))[0] == "open"

    send(anna, ticket, then="wait")

    assert ways(anna.get(page_of(ticket))) == ["wait", "resolve", "open"]


def test_showing_again_later_is_no_habit(ticket: Ticket, anna: Client) -> None:
    send(anna, ticket, then="later:week")

    ticket.refresh_from_db()
    assert ticket.waiting_until is not None
    assert timezone.localtime(ticket.waiting_until).hour == 8
    assert ways(anna.get(page_of(ticket)))[0] == "resolve"


def test_a_request_comes_back_on_a_day_of_ones_own(ticket: Ticket, anna: Client) -> None:
    day = timezone.localdate() + timedelta(days=40)

    send(anna, ticket, then="later:day", until=day.isoformat())

    ticket.refresh_from_db()
    assert ticket.status == Status.WAITING_DATE
    assert ticket.waiting_until is not None
    assert timezone.localtime(ticket.waiting_until).date() == day


@pytest.mark.parametrize("until", ["", "gestern", "2020-01-01", "2999-01-01"])
def test_a_day_that_is_none_or_over_is_refused_and_the_text_kept(
    ticket: Ticket, anna: Client, until: str
) -> None:
    response = send(anna, ticket, then="later:day", until=until)

    assert response.status_code == 422
    assert "Tag" in refusal_of(response)["error"]
    assert response.context["panes"]["answer"].text == "Wir kommen morgen."
    assert answers_of(ticket) == []


def test_whoever_answers_first_takes_a_request_only_where_that_is_wanted(
    house: House, ticket: Ticket, anna: Client
) -> None:
    house.authority.takes_by_answer = False
    house.authority.save()

    send(anna, ticket)

    ticket.refresh_from_db()
    assert ticket.owner is None


def test_a_script_is_told_where_to_go_and_the_undo_waits_there(
    ticket: Ticket, anna: Client
) -> None:
    response = anna.post(f"{page_of(ticket)}answer/", form(ticket), headers=FETCH)

    address = json.loads(response.content)["url"]
    assert address == f"{page_of(ticket)}?view=unassigned"
    assert b"data-undo-url" in anna.get(address).content


def test_what_is_doubted_is_asked_once_and_sent_when_its_writer_is_sure(
    house: House, ticket: Ticket, anna: Client
) -> None:
    words = "Die Kollegin vom Bauhof hält das für übertrieben."
    write_note(ticket_id=ticket.pk, user=house.anna, text=words)
    ticket.refresh_from_db()

    asked = send(anna, ticket, body=f"Guten Tag, {words}", then="wait")

    assert asked.status_code == 422
    (doubt,) = refusal_of(asked)["doubts"]
    page = asked.content.decode()
    assert 'name="then" value="wait"' in page
    assert f'name="sure" value="{doubt.key}"' in page
    assert answers_of(ticket) == []
    draft = ArticleDraft.objects.get()
    assert draft.body == f"Guten Tag, {words}"

    send(anna, ticket, body=f"Guten Tag, {words}", then="wait", sure=[doubt.key])
    assert len(answers_of(ticket)) == 1


def test_being_sure_of_one_thing_is_not_being_sure_of_another(ticket: Ticket, anna: Client) -> None:
    asked = send(anna, ticket, cc="fremd@example.net")
    (doubt,) = refusal_of(asked)["doubts"]

    again = send(anna, ticket, cc="ganz-fremd@example.net", sure=[doubt.key])

    assert again.status_code == 422
    assert answers_of(ticket) == []


@pytest.mark.parametrize("text", ["Am {{termin 2}}", "{{Buerger.Name}}", "{{ unbekannt }}"])
def test_whatever_stands_in_double_braces_never_leaves(
    ticket: Ticket, anna: Client, text: str
) -> None:
    response = send(anna, ticket, body=text)

    assert response.status_code == 422
    assert "{{" in refusal_of(response)["error"]


def test_a_file_is_kept_with_the_draft_and_stands_there_after_a_crash(
    ticket: Ticket, anna: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    plan = SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x", "application/pdf")
    (added,) = anna.post(f"{page_of(ticket)}dateien/", {"files": plan}).json()["files"]
    values = {"body": "Halb", "cc": "rosa@example.org", "kept": added["note"]}
    anna.post(f"{page_of(ticket)}draft/answer/", values)

    pane = anna.get(page_of(ticket)).context["panes"]["answer"]

    assert (added["name"], added["size"]) == ("Plan.pdf", 10)
    assert [file.name for file in pane.files] == ["Plan.pdf"]
    assert (pane.text, pane.fields) == ("Halb", {"cc": "rosa@example.org"})


def test_a_draft_of_the_same_second_is_told_from_an_older_one(
    house: House, ticket: Ticket, anna: Client
) -> None:
    # What the device keeps of the text wins only where it is newer; an undo follows at once.
    save_draft(typed=Typed(ticket.pk, "answer", "Begonnen"), user=house.anna)
    ArticleDraft.objects.update(updated_at=datetime(2026, 11, 18, 12, 0, 1, 250_000, tzinfo=UTC))

    page = anna.get(page_of(ticket)).content.decode()

    assert 'data-draft-at="1795003201.250000"' in page


def test_a_file_that_is_not_taken_is_refused_with_the_reason(
    ticket: Ticket, anna: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    harmful = SimpleUploadedFile("rechnung.exe", b"MZ", "application/x-msdownload")

    response = anna.post(f"{page_of(ticket)}dateien/", {"files": harmful})

    assert response.status_code == 422
    assert "rechnung.exe" in response.json()["problems"][0]


def test_a_note_takes_files_along(
    ticket: Ticket, anna: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    plan = SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x", "application/pdf")

    anna.post(f"{page_of(ticket)}note/", form(ticket) | {"files": plan})

    note = ticket.articles.get(kind="note")
    assert [each.name for each in note.attachments.all()] == ["Plan.pdf"]


def test_the_page_shows_a_draft_of_a_colleague_who_can_be_relieved_of_it(
    house: House, ticket: Ticket, anna: Client
) -> None:
    carla = make_agent(house.authority, "Carla Cohn", house.roads)
    theirs = save_draft(typed=Typed(ticket.pk, "answer", "Begonnen von Carla"), user=carla)
    assert theirs is not None
    assert "Begonnen von Carla" in anna.get(page_of(ticket)).content.decode()

    anna.post(f"{page_of(ticket)}entwurf/{theirs.pk}/")

    page = anna.get(page_of(ticket))
    assert page.context["panes"]["answer"].text == "Begonnen von Carla"
    assert page.context["other_drafts"] == []


def test_a_draft_of_another_request_is_not_there(
    house: House, ticket: Ticket, anna: Client
) -> None:
    carla = make_agent(house.authority, "Carla Cohn", house.roads)
    other = make_ticket(house, message_id="<2@example.org>")
    theirs = save_draft(typed=Typed(other.pk, "answer", "Text"), user=carla)
    assert theirs is not None

    assert anna.post(f"{page_of(ticket)}entwurf/{theirs.pk}/").status_code == 404


def module(house: House, title: str, body: str = "Text", **texts: str) -> TextModule:
    made = TextModule.objects.create(authority=house.authority, title=title)
    for language, words in {"de": body, **texts}.items():
        TextModuleText.objects.create(module=made, language=language, body=words)
    return made


def offered(client: Client, ticket: Ticket, typed: str = "") -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.get(f"{page_of(ticket)}modules/", {"q": typed}).json()[
        "results"
    ]
    return found


def test_modules_are_sorted_by_topic_then_by_habit_then_by_title(
    house: House, ticket: Ticket, anna: Client
) -> None:
    topic = Category.objects.create(authority=house.authority, name="Straße", team=house.roads)
    Ticket.objects.filter(pk=ticket.pk).update(category=topic)
    for title in ("Anfang", "Beleg", "Chaos", "Dank", "Ende", "Frist"):
        module(house, title)
    colleague = signed_in(make_agent(house.authority, "Carla Cohn", house.roads))
    plain = make_ticket(house, message_id="<2@example.org>")

    of_topic = next(one for one in offered(colleague, ticket, "ende"))
    colleague.post(of_topic["used"])
    mine = next(one for one in offered(anna, plain, "dank"))
    anna.post(mine["used"])

    assert [one["title"] for one in offered(anna, ticket)] == [
        "Ende",
        "Dank",
        "Anfang",
        "Beleg",
        "Chaos",
    ]
    assert [one["title"] for one in offered(anna, plain)][:2] == ["Dank", "Anfang"]


def test_a_module_in_the_wrong_language_carries_a_mark(house: House, anna: Client) -> None:
    english = make_ticket(house, language="en", message_id="<en@example.org>")
    module(house, "Haftung")
    module(house, "Dank", en="Thank you")

    found = {one["title"]: (one["mark"], one["body"]) for one in offered(anna, english)}

    assert found == {"Haftung": ("nur auf Deutsch", "Text"), "Dank": ("", "Thank you")}


def test_a_module_of_another_team_is_not_there(house: House, ticket: Ticket, anna: Client) -> None:
    made = module(house, "Abfall")
    made.team = house.waste
    made.save()

    assert anna.post(f"{page_of(ticket)}modules/{made.pk}/").status_code == 404


def test_messages_are_forwarded_from_the_page_and_can_be_taken_back(
    ticket: Ticket, anna: Client
) -> None:
    message = ticket.articles.get()
    values = form(ticket, to="bauhof@nachbarstadt.example", articles=[str(message.pk)])

    response = anna.post(f"{page_of(ticket)}weiterleiten/", values)

    article = ticket.articles.get(kind="forward")
    page = anna.get(response["Location"]).content.decode()
    assert "weitergeleitet an bauhof@nachbarstadt.example" in page
    assert f"/a/articles/{article.pk}/withdraw/" in page


@pytest.mark.parametrize(
    "values, words",
    [
        ({"to": ""}, "Adresse außerhalb"),
        ({"to": "kein at"}, "keine E-Mail-Adresse"),
        ({"to": "tiefbau@musterstadt.example"}, "Adresse außerhalb"),
        ({"to": "x@example.net", "body": " "}, "Wählen Sie Beiträge"),
        ({"to": "x@example.net", "body": "{{termin}}"}, "{{termin}}"),
    ],
)
def test_what_can_not_be_forwarded_stands_there_again_with_the_reason(
    ticket: Ticket, anna: Client, values: dict[str, str], words: str
) -> None:
    response = anna.post(f"{page_of(ticket)}weiterleiten/", form(ticket, **values))

    assert response.status_code == 422
    assert words in refusal_of(response, "forward")["error"]
    assert response.context["mode"] == "forward"
    assert response.context["panes"]["forward"].fields["to"] == values["to"]


def test_a_call_about_a_request_is_noted_in_it_and_ends_it(
    house: House, ticket: Ticket, anna: Client
) -> None:
    save_draft(typed=Typed(ticket.pk, "call", "Halb", "form-1"), user=house.anna)
    values = form(ticket, body="Ist behoben, sagt sie.", result="done")

    anna.post(f"{page_of(ticket)}telefonat/", values)
    anna.post(f"{page_of(ticket)}telefonat/", values)
    save_draft(typed=Typed(ticket.pk, "call", "Kommt zu spät", "form-1"), user=house.anna)

    ticket.refresh_from_db()
    (call,) = ticket.articles.filter(kind="phone_note")
    assert (call.text, call.author_user) == ("Ist behoben, sagt sie.", house.anna)
    assert ticket.status == Status.RESOLVED
    assert ArticleDraft.objects.count() == 0


def test_a_call_back_needs_its_day_and_keeps_what_was_typed(ticket: Ticket, anna: Client) -> None:
    values = form(ticket, body="Ruft zurück", result="callback", callback_phone="0171 55501")

    response = anna.post(f"{page_of(ticket)}telefonat/", values)

    assert response.status_code == 422
    assert "Tag" in refusal_of(response, "call")["error"]
    pane = response.context["panes"]["call"]
    assert (pane.text, pane.fields["callback_phone"]) == ("Ruft zurück", "0171 55501")


def test_a_note_can_name_whoever_reads_the_request_and_no_one_else(
    house: House, ticket: Ticket, anna: Client
) -> None:
    carla = make_agent(house.authority, "Carla Cohn", house.roads)

    def named(typed: str) -> list[str]:
        found = anna.get(f"{page_of(ticket)}namen/", {"q": typed}).json()["results"]
        return [one["body"] for one in found]

    assert named("co") == ["@Carla Cohn "]
    assert named("tief") == ["@Tiefbau "]
    assert named("bert") == []
    assert named("") == ["@Anna Abend ", "@Carla Cohn ", "@Tiefbau "]

    anna.post(f"{page_of(ticket)}note/", form(ticket, body=f"{named('ca')[0]}bitte ansehen"))

    note = ticket.articles.get(kind="note")
    assert list(note.mentions.values_list("user_id", flat=True)) == [carla.pk]
