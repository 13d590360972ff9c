"""One answer to many requests: filled in for each, looked at first, sent as each one's own."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import Membership
from helpdesk.files.store import put
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.tickets.domain.bulk import work_off
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.enums import ArticleKind, Channel, Status, Trust
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.models import Article, ArticleDraft, BulkItem, BulkJob, DraftFile, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, Page, make_tickets, signed_in

pytestmark = pytest.mark.django_db
TEXT = "{{buerger.anrede}},\nzu {{anliegen.nummer}}: Wir kommen morgen."


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


@pytest.fixture
def tickets(house: House) -> list[Ticket]:
    return make_tickets(house, 4)


def send(client: Client, step: str, *tickets: Ticket, text: str = TEXT, **more: object) -> Page:
    data: dict[str, object] = {
        "text": text,
        "step": step,
        "ids": [each.pk for each in tickets],
        "then": "keep",
    }
    data["seen"] = Article.objects.order_by("-id").values_list("pk", flat=True)[0]
    address = reverse("desk:bulk_answer", args=["all"])
    if step == "send" and "shown" not in more:
        looked_at = client.post(address, data | more | {"step": "preview"})
        data["shown"] = looked_at.context["preview"].digest
    return client.post(address, data | more)


def answers() -> list[str]:
    found = Article.objects.filter(kind=ArticleKind.ANSWER, is_withdrawn=False)
    return list(found.order_by("id").values_list("text", flat=True))


def test_the_first_three_are_shown_as_each_would_get_it_and_nothing_is_sent(
    tickets: list[Ticket], anna: Client
) -> None:
    page = send(anna, "preview", *tickets)

    texts = [letter.text for letter in page.context["preview"].first]
    assert texts == [
        f"Guten Tag Citizen {place},\nzu {ticket.number}: Wir kommen morgen."
        for place, ticket in enumerate(tickets[:3], start=1)
    ]
    assert "4 Antworten senden" in " ".join(page.content.decode().split())
    assert "an citizen1@example.org" in " ".join(page.content.decode().split())
    assert answers() == []
    assert not BulkJob.objects.exists()


def test_what_a_citizen_wrote_is_no_mark_in_the_letters_to_many(
    tickets: list[Ticket], anna: Client
) -> None:
    Ticket.objects.filter(pk=tickets[0].pk).update(
        citizen_name="*Max* [Gewinn](https://boese.example)", title="- **eins**\n- zwei"
    )
    text = (
        "{{buerger.anrede}},\n\n**Betreff:**\n{{anliegen.betreff}}\n"
        "[Ihr Anliegen]({{anliegen.link}}) *{{buerger.name}}*"
    )

    shown = send(anna, "preview", tickets[0], text=text).context["preview"].first[0].shown
    send(anna, "send", tickets[0], text=text)

    letter = Article.objects.get(kind=ArticleKind.ANSWER)
    assert shown == letter.html
    assert "<strong>Betreff:</strong>" in letter.html
    assert ">Ihr Anliegen</a>" in letter.html
    assert "Guten Tag *Max* [Gewinn](<a" in letter.html
    assert "- **eins**<br>- zwei" in letter.html
    assert "<em>*Max* [Gewinn]" in letter.html
    assert "\n- **eins**\n- zwei\n" in letter.text
    assert letter.text.startswith("Guten Tag *Max* [Gewinn](https://boese.example),")
    assert holds_no_signs(letter.text + letter.html + letter.source)


def holds_no_signs(text: str) -> bool:
    """Tell whether nothing is left of what enclosed the values."""
    return not any("\ufdd0" <= letter <= "\ufdef" for letter in text)


def test_each_gets_a_mail_of_their_own_which_waits_until_all_is_done(
    tickets: list[Ticket], anna: Client
) -> None:
    done = send(anna, "send", *tickets, then="resolve")

    mails = OutgoingMessage.objects.order_by("id")
    assert done["Location"] == "/a/v/all/"
    assert anna.session["undo"]["text"] == "4 Antworten gesendet."
    assert [mail.recipients.get().address for mail in mails] == [
        f"citizen{number}@example.org" for number in (1, 2, 3, 4)
    ]
    assert all((mail.not_before - mail.created_at).total_seconds() > 80 for mail in mails)
    assert set(Ticket.objects.values_list("status", "outcome")) == {("resolved", "answered")}


@pytest.mark.parametrize("then", ["keep", "resolve"])
def test_a_form_that_is_sent_twice_sends_no_mail_twice(
    tickets: list[Ticket], anna: Client, then: str
) -> None:
    seen = Article.objects.order_by("-id").values_list("pk", flat=True)[0]
    first = send(anna, "send", *tickets[:3], seen=seen, then=then)

    again = send(anna, "send", *tickets[:3], seen=seen, then=then)
    wider = send(anna, "send", *tickets, seen=seen, then=then)

    assert first["Location"] == again["Location"] == wider["Location"]
    assert (len(answers()), OutgoingMessage.objects.count()) == (4, 4)


def test_what_was_taken_back_can_be_sent_as_it_was(tickets: list[Ticket], anna: Client) -> None:
    seen = Article.objects.order_by("-id").values_list("pk", flat=True)[0]
    send(anna, "send", *tickets, seen=seen)
    anna.post(anna.session["undo"]["url"], headers=FETCH)

    send(anna, "send", *tickets, seen=seen)

    assert len(answers()) == 4


def test_what_was_sent_is_brought_back_and_nobodys_draft_is_lost(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    file = InboundFile(put(b"Plan", "text/plain").pk, "plan.txt", "text/plain", 4)
    typed = Typed(tickets[0].pk, "answer", "Angefangen", files=(file,))
    save_draft(typed=typed, user=house.anna)
    send(anna, "send", *tickets[:2], then="wait")
    draft_after = ArticleDraft.objects.get().body
    files_after = list(DraftFile.objects.values_list("name", flat=True))

    anna.post(anna.session["undo"]["url"], headers=FETCH)

    assert answers() == []
    assert set(OutgoingMessage.objects.values_list("state", flat=True)) == {MessageState.CANCELLED}
    assert set(Ticket.objects.values_list("status", flat=True)) == {Status.NEW}
    assert (draft_after, files_after) == ("Angefangen", ["plan.txt"])
    assert list(DraftFile.objects.values_list("name", flat=True)) == ["plan.txt"]
    assert list(ArticleDraft.objects.values_list("body", flat=True)) == ["Angefangen"]


def test_what_is_on_its_way_stays_and_is_named(tickets: list[Ticket], anna: Client) -> None:
    send(anna, "send", *tickets[:2])
    OutgoingMessage.objects.filter(pk=OutgoingMessage.objects.order_by("id")[0].pk).update(
        state=MessageState.SENT
    )

    back = anna.post(anna.session["undo"]["url"])
    page = anna.get(back["Location"]).content.decode()

    assert len(answers()) == 1
    assert "Nicht zurückgenommen" in page
    assert tickets[0].title in page


def test_a_request_whose_placeholder_stays_empty_is_left_out_and_listed(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    nameless = make_ticket(
        house, person=Person("", "nobody@example.org"), message_id="<n@x>", subject="Ohne Namen"
    )
    Ticket.objects.filter(pk=nameless.pk).update(citizen_name="")

    page = send(anna, "preview", nameless, tickets[0], text="Guten Tag {{buerger.name}}")
    send(anna, "send", nameless, tickets[0], text="Guten Tag {{buerger.name}}")

    left_out = [(ticket.pk, reason) for ticket, reason in page.context["preview"].left_out]
    assert left_out == [(nameless.pk, "{{buerger.name}} ist leer")]
    assert answers() == ["Guten Tag Citizen 1"]


def test_whom_no_way_leads_to_is_left_out(
    house: House, anna: Client, tickets: list[Ticket]
) -> None:
    silent = make_ticket(
        house, person=Person("Karl Klein", phone="0171 1"), channel=Channel.PHONE, message_id=""
    )

    page = send(anna, "preview", silent, tickets[0], text="Ja.")

    reasons = [reason for _ticket, reason in page.context["preview"].left_out]
    assert reasons == [
        "keine E-Mail-Adresse, und die Statusseite ist der Bürgerin oder dem Bürger nicht bekannt"
    ]


def test_an_answer_among_many_goes_to_no_address_that_a_forged_reply_named(
    tickets: list[Ticket], anna: Client
) -> None:
    tickets[0].articles.update(trust=Trust.UNVERIFIED, reply_address="fremd@example.net")

    page = send(anna, "preview", *tickets[:2], text="Ja.")
    send(anna, "send", *tickets[:2], text="Ja.")

    left_out = page.context["preview"].left_out
    reason = "die letzte Nachricht kam von einer unbewiesenen Adresse; antworten Sie einzeln"
    assert [(ticket.pk, why) for ticket, why in left_out] == [(tickets[0].pk, reason)]
    sent_to = [mail.recipients.get().address for mail in OutgoingMessage.objects.all()]
    assert sent_to == ["citizen2@example.org"]


@pytest.mark.parametrize(
    "text, then, said",
    [
        (" ", "keep", "Schreiben Sie die Antwort."),
        ("Am {{termin}}", "keep", "{{termin}}"),
        ("Für {{unbekannt}}", "keep", "{{unbekannt}}"),
        ("x" * 20_001, "keep", "zu lang"),
        ("Ja.", "burn", "Wählen Sie, was aus den Anliegen wird."),
    ],
)
@pytest.mark.parametrize("step", ["preview", "send"])
def test_what_is_wrong_is_said_and_the_text_is_kept(
    tickets: list[Ticket], anna: Client, text: str, then: str, said: str, step: str
) -> None:
    page = send(anna, step, *tickets, text=text, then=then)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert text.strip() in page.content.decode()
    assert answers() == []


def test_so_many_at_once_and_no_more(
    tickets: list[Ticket], anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.desk.views.bulk_answer.MOST_ANSWERS", 3)

    page = send(anna, "send", *tickets)

    assert page.status_code == 422
    assert answers() == []


def test_whoever_may_not_answer_sends_nothing(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    Membership.objects.filter(user=house.anna).update(can_answer=False)

    page = send(anna, "send", *tickets)

    assert page.status_code == 422
    assert "Keines dieser Anliegen" in page.content.decode()


def test_foreign_requests_get_no_answer(house: House, tickets: list[Ticket], anna: Client) -> None:
    Ticket.objects.filter(pk=tickets[0].pk).update(team=house.waste)

    send(anna, "send", *tickets[:2])

    assert list(BulkItem.objects.values_list("ticket_id", flat=True)) == [tickets[1].pk]
    assert len(answers()) == 1


def test_what_came_after_the_preview_stops_the_answer_to_it(
    tickets: list[Ticket], anna: Client
) -> None:
    seen = send(anna, "preview", *tickets[:2]).context["seen"]
    Article.objects.create(
        ticket=tickets[0],
        kind=ArticleKind.MESSAGE,
        channel=Channel.MAIL,
        trust="participant",
        text="Hat sich erledigt.",
        received_at=tickets[0].received_at,
    )

    done = send(anna, "send", *tickets[:2], seen=seen)
    page = anna.get(done["Location"]).content.decode()

    assert "inzwischen ist etwas Neues gekommen" in page
    assert len(answers()) == 1


def test_of_a_whole_view_only_those_are_sent_to_who_were_looked_at(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    page = anna.post("/a/v/all/sammeln/antwort/", {"text": "Ja.", "step": "preview", "all": "1"})
    make_ticket(house, subject="Später", message_id="<later@x>")
    carried = {
        name: value
        for name, value in (("ids", page.context["chosen"].ids), ("all", ""))
        if f'name="{name}"' in page.content.decode()
    }

    send(anna, "send", text="Ja.", shown=page.context["preview"].digest, **carried)

    assert sorted(BulkItem.objects.values_list("ticket_id", flat=True)) == [
        ticket.pk for ticket in tickets
    ]


@pytest.mark.parametrize("text", ["Ja.", "Nein."])
def test_what_nobody_looked_at_is_shown_again_and_not_sent(
    tickets: list[Ticket], anna: Client, text: str
) -> None:
    shown = send(anna, "preview", *tickets[:2], text="Ja.").context["preview"].digest

    page = send(anna, "send", *tickets[: 3 if text == "Ja." else 2], text=text, shown=shown)

    assert page.status_code == 409
    assert "Es wurde nichts gesendet" in page.content.decode()
    assert {letter.text for letter in page.context["preview"].letters} == {text}
    assert answers() == []


def test_a_job_worked_off_twice_sends_each_once(tickets: list[Ticket], anna: Client) -> None:
    send(anna, "send", *tickets[:2])
    BulkItem.objects.update(state=BulkItem.State.WAITING)
    job = BulkJob.objects.get()
    BulkJob.objects.update(finished_at=None)

    work_off(job, until=float("inf"))

    assert len(answers()) == 2
