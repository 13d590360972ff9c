"""The page of one ticket: what it shows, to whom, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.agents.models import Membership, User
from helpdesk.desk.shell import forget_counts
from helpdesk.files.models import StoredFile
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.tickets.domain.access import issue_access_code
from helpdesk.tickets.domain.articles import Answer, write_answer, write_note
from helpdesk.tickets.domain.assign import assign, rename, set_category, set_priority
from helpdesk.tickets.domain.requester import Verdict, rate_request
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import ArticleKind, Channel, Priority, Solved, Status, Trust
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Attachment, Category, Ticket, TicketSeen
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import (
    TICKET_QUERIES,
    counted_queries,
    make_tickets,
    page_of,
    signed_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def answer(ticket: Ticket, house: House, number: int) -> Article:
    return write_answer(
        answer=Answer(
            ticket_id=ticket.pk,
            text=f"Answer {number}",
            form_key=f"key{number}",
            despite_newer=True,
        ),
        user=house.anna,
    )


def make_long_ticket(house: House) -> Ticket:
    """A ticket with thirty articles of three kinds and more than ten events."""
    ticket = make_ticket(house)
    colleague = make_agent(house.authority, "Carla Cohn", house.roads)
    topic = Category.objects.create(authority=house.authority, name="Straßen")
    for number in range(10):
        answer(ticket, house, number)
        write_note(ticket_id=ticket.pk, user=colleague, text=f"Note {number}")
        Article.objects.create(
            ticket=ticket,
            kind=ArticleKind.MESSAGE,
            channel=Channel.MAIL,
            author_citizen=ticket.citizen,
            from_address="clara@example.org",
            text=f"Message {number}",
            received_at=timezone.now(),
        )
        rename(ticket_id=ticket.pk, user=colleague, title=f"Title {number}")
    set_priority(ticket_id=ticket.pk, user=colleague, priority=Priority.HIGH)
    set_category(ticket_id=ticket.pk, user=colleague, category_id=topic.pk)
    assign(ticket_id=ticket.pk, user=colleague, owner_id=house.anna.pk, team_id=house.waste.pk)
    assign(ticket_id=ticket.pk, user=house.bert, owner_id=None, team_id=house.roads.pk)
    ticket.refresh_from_db()
    return ticket


def test_a_long_ticket_opened_from_its_list_costs_twelve_queries(house: House) -> None:
    ticket = make_long_ticket(house)
    client = signed_in(house.anna)
    client.get("/a/v/all/")
    forget_counts(house.anna)

    with counted_queries() as queries:
        response = client.get(page_of(ticket) + "?view=all")

    shown = response.context["thread"]
    entries = [*shown.first, *shown.folded, *shown.entries]
    assert sum(1 for entry in entries if entry.article) == 31
    assert sum(1 for entry in entries if entry.event) >= 14
    assert len(queries) <= TICKET_QUERIES, "\n".join(queries)


def test_a_ticket_costs_no_more_with_more_articles(house: House) -> None:
    short, long = make_ticket(house, message_id="<short@example.org>"), make_long_ticket(house)
    answer(short, house, 99)
    client = signed_in(house.anna)
    client.get("/a/v/all/")
    counts = []

    for ticket in (short, long):
        client.get(page_of(ticket))
        with counted_queries() as queries:
            client.get(page_of(ticket))
        counts.append(len(queries))

    # The long one once read the names of teams and topics that its events mention.
    assert counts[1] <= counts[0] + 1


def test_the_page_shows_three_kinds_of_articles_unmistakably(house: House) -> None:
    ticket = make_ticket(house)
    answer(ticket, house, 1)
    write_note(ticket_id=ticket.pk, user=house.anna, text="Nur für uns")

    page = signed_in(house.anna).get(page_of(ticket)).content.decode()

    assert page.count("art art-citizen") == 1
    assert page.count("art art-answer") == 1
    assert page.count("art art-internal") == 1


@pytest.mark.parametrize(
    "part", ["", "articles/?after=0", "head/", "panel/", "modules/?q=", "answer/", "note/"]
)
def test_a_foreign_ticket_answers_byte_for_byte_as_one_that_is_not_there(
    house: House, part: str
) -> None:
    ticket = make_ticket(house, subject="Kanarienvogel")
    client = signed_in(house.bert)

    foreign = client.get(f"{page_of(ticket)}{part}")
    nowhere = client.get(f"/a/t/2026-999999/{part}")

    assert (foreign.status_code, nowhere.status_code) == (404, 404)
    assert foreign.content == nowhere.content
    assert b"Kanarienvogel" not in foreign.content


def test_opening_a_ticket_marks_it_as_seen_up_to_its_newest_article(house: House) -> None:
    ticket = make_ticket(house)

    response = signed_in(house.anna).get(page_of(ticket))

    seen = TicketSeen.objects.get(ticket=ticket, user=house.anna)
    assert seen.article_id == ticket.last_article_id
    assert response.context["thread"].entries[0].is_first_unread


def test_history_names_people_teams_and_topics(house: House) -> None:
    ticket = make_long_ticket(house)

    page = signed_in(house.anna).get(page_of(ticket))
    thread = page.context["thread"]

    lines = [
        f"{entry.event.who}: {entry.event.what}"
        for entry in [*thread.first, *thread.folded, *thread.entries]
        if entry.event
    ]
    assert lines[-5:] == [
        "Carla Cohn: Priorität: hoch",
        "Carla Cohn: Thema: Straßen",
        "Carla Cohn: an Team Abfall abgegeben",
        "Carla Cohn: niemand ist mehr zuständig",
        "Bert Berg: an Team Tiefbau abgegeben",
    ]


def test_old_entries_are_folded_but_never_unread_ones(house: House) -> None:
    ticket = make_long_ticket(house)
    anna = signed_in(house.anna)
    carla = signed_in(User.objects.get(name="Carla Cohn"))
    anna.get(page_of(ticket))

    seen, unseen = (client.get(page_of(ticket)).context["thread"] for client in (anna, carla))

    assert len(seen.entries) == 8
    assert [one.article is not None for one in seen.first] == [True]
    assert seen.folded_articles + sum(1 for one in seen.entries if one.article) == 30
    assert list(unseen.folded) == []


def test_what_is_folded_comes_when_it_is_asked_for_and_all_at_once_without_scripts(
    house: House,
) -> None:
    ticket = make_long_ticket(house)
    anna = signed_in(house.anna)
    anna.get(page_of(ticket))
    folded = anna.get(page_of(ticket))
    thread = folded.context["thread"]
    names = [f'id="a-{one.article.pk}"' for one in thread.folded if one.article]
    assert names[0] not in folded.content.decode()

    address = reverse("desk:articles", args=[ticket.number])
    older = anna.get(address, {"older": thread.place}).content.decode()
    whole = anna.get(page_of(ticket), {"older": "all"}).content.decode()

    drawn = re.findall(r'id="a-\d+"', older)
    assert drawn == names
    assert re.findall(r'id="a-\d+"', whole)[1 : 1 + len(names)] == names
    assert anna.get(address, {"older": "x-y"}).content.strip() == b""


def test_a_logo_of_the_first_mail_is_folded_in_those_that_were_unfolded(house: House) -> None:
    ticket = make_long_ticket(house)
    logo = StoredFile.objects.create(sha256="0" * 64, size=1, content_type="image/png")
    first, second = ticket.articles.order_by("pk")[:2]
    for article in (first, second):
        Attachment.objects.create(
            article=article, file=logo, name="logo.png", content_type="image/png", size=1
        )
    anna = signed_in(house.anna)
    anna.get(page_of(ticket))

    entries = anna.get(page_of(ticket), {"older": "all"}).context["thread"].entries

    files = {each.article: each.files for each in entries if each.article}
    assert (len(files[first].listed), len(files[first].folded)) == (1, 0)
    assert (len(files[second].listed), len(files[second].folded)) == (0, 1)


def test_a_failed_delivery_stands_on_the_answer_with_a_way_to_send_again(house: House) -> None:
    ticket = make_ticket(house)
    sent = answer(ticket, house, 1)
    OutgoingMessage.objects.filter(article=sent).update(
        state=MessageState.FAILED, last_error="550 mailbox unknown"
    )
    client = signed_in(house.anna)

    page = client.get(page_of(ticket)).content.decode()
    response = client.post(f"/a/articles/{sent.pk}/retry/")

    assert "is-failed" in page
    assert "550 mailbox unknown" in page
    assert f"/a/articles/{sent.pk}/retry/" in page
    assert response.status_code == 302
    assert OutgoingMessage.objects.get(article=sent).state == MessageState.QUEUED


def test_a_third_persons_mail_is_marked(house: House) -> None:
    ticket = make_ticket(house)
    Article.objects.filter(ticket=ticket).update(trust=Trust.THIRD_PERSON)

    entry = signed_in(house.anna).get(page_of(ticket)).context["thread"].entries[0]

    assert len(entry.marks) == 1


def test_the_citizens_other_tickets_stand_beside_it_but_not_those_of_foreign_teams(
    house: House,
) -> None:
    ticket = make_ticket(house)
    known = make_ticket(house, message_id="<2@example.org>", subject="Bekannt")
    make_ticket(house, message_id="<3@example.org>", subject="Fremd", team_id=house.waste.pk)

    context = signed_in(house.anna).get(page_of(ticket)).context

    assert [other.pk for other in context["related"]().others] == [known.pk]


def test_a_ticket_knows_its_neighbours_in_the_list_it_was_opened_from(house: House) -> None:
    first, second, third = make_tickets(house, 3)
    client = signed_in(house.anna)
    client.get("/a/v/all/")

    from_list = client.get(page_of(second) + "?view=all").context["place"]
    by_address = client.get(page_of(second)).context["place"]

    assert (from_list.position, from_list.total) == (2, 3)
    assert (from_list.previous, from_list.next) == (first.number, third.number)
    assert by_address is None


def test_who_may_only_read_gets_neither_composer_nor_properties(house: House) -> None:
    ticket = make_ticket(house)
    reader = make_agent(house.authority, "Lea Leser")
    Membership.objects.create(
        user=reader, team=house.roads, can_answer=False, can_change=False, can_create=False
    )
    client = signed_in(reader)

    page = client.get(page_of(ticket)).content.decode()
    answers = [
        client.post(f"{page_of(ticket)}answer/", {"body": "Nein"}).status_code,
        client.post(f"{page_of(ticket)}change/priority/", {"priority": "40"}).status_code,
    ]

    assert 'id="answer-form"' not in page
    # To watch is a reader's own business.
    assert page.count("data-autosave") == 1
    assert "change/watch/" in page
    assert answers == [404, 404]


def test_without_an_address_the_composer_publishes_and_says_who_can_read_it(house: House) -> None:
    ticket = make_ticket(house, person=Person("Ohne Adresse", ""))
    client = signed_in(house.anna)

    before = client.get(page_of(ticket))
    client.post(f"{page_of(ticket)}change/code/")
    after = client.get(page_of(ticket))

    assert (before.context["publishes"], before.context["is_reader_missing"]) == (True, True)
    assert 'id="answer-form"' in before.content.decode()
    assert 'id="no-reader"' in before.content.decode()
    assert issue_access_code(ticket) in after.content.decode()
    assert 'id="no-reader"' not in after.content.decode()


def test_a_published_answer_says_that_it_was_not_sent(house: House) -> None:
    ticket = make_ticket(house, person=Person("Ohne Adresse", ""))
    client = signed_in(house.anna)

    client.post(
        f"{page_of(ticket)}answer/",
        {"body": "Guten Tag", "form_key": "k", "then": "open", "seen": ticket.last_article_id},
    )
    page = client.get(page_of(ticket)).content.decode()

    assert "Auf der Statusseite veröffentlicht, nicht per E-Mail gesendet" in page


def test_the_panel_shows_what_the_citizen_says_of_the_end(house: House) -> None:
    ticket = make_ticket(house)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome="fixed")
    rate_request(
        ticket_id=ticket.pk, verdict=Verdict(Solved.PARTLY, 3, "Nur eine <b>Seite</b> geräumt.")
    )

    page = signed_in(house.anna).get(page_of(ticket)).content.decode()

    assert "Teilweise" in page
    assert "3 von 5" in page
    assert "Nur eine &lt;b&gt;Seite&lt;/b&gt; geräumt." in page


def test_the_tail_of_a_thread_holds_newer_articles_and_events_only(house: House) -> None:
    ticket = make_ticket(house)
    note = write_note(ticket_id=ticket.pk, user=house.anna, text="Eins")
    set_priority(ticket_id=ticket.pk, user=house.anna, priority=Priority.HIGH)
    newest = write_note(ticket_id=ticket.pk, user=house.anna, text="Zwei")

    page = signed_in(house.anna).get(f"{page_of(ticket)}articles/?after={note.pk}")
    html = page.content.decode()

    assert f'data-article="{newest.pk}"' in html
    assert f'data-article="{note.pk}"' not in html
    assert html.count('class="event"') == 1


@pytest.mark.parametrize("number", ["²", "٣", "9" * 30, "-1", "x"])
def test_what_is_no_number_is_no_error(house: House, number: str) -> None:
    ticket = make_ticket(house)
    anna = signed_in(house.anna)

    codes = [
        anna.get(f"{page_of(ticket)}articles/", {"after": number}).status_code,
        anna.post(f"{page_of(ticket)}draft/note/", {"body": "x", "seen": number}).status_code,
        anna.post(f"{page_of(ticket)}change/owner/", {"owner": number}).status_code,
    ]

    assert codes == [200, 204, 404]


def test_the_earliest_clock_is_red_under_an_hour(house: House) -> None:
    ticket = make_ticket(house)
    ticket.clocks.create(
        agreement=house.authority.agreements.get(),
        kind="first_answer",
        target_minutes=480,
        due_at=timezone.now() + timedelta(minutes=38, seconds=30),
    )

    clock = signed_in(house.anna).get(page_of(ticket)).context["clocks"][0]

    assert (clock.state, clock.due.level, clock.due.label) == ("running", "urgent", "0:38")


def test_the_print_view_holds_notes_only_when_they_are_wanted(house: House) -> None:
    ticket = make_ticket(house)
    write_note(ticket_id=ticket.pk, user=house.anna, text="Nur für uns", form_key="n")
    for kind, trust, text in (
        ("forward", "participant", "Ans Kreisamt"),
        ("message", "third_person", "Vom Nachbarn"),
    ):
        moment = timezone.now()
        Article.objects.create(
            ticket=ticket, kind=kind, channel="mail", trust=trust, text=text, received_at=moment
        )
    anna = signed_in(house.anna)
    address = reverse("desk:paper", args=[ticket.number])

    plain, whole = (anna.get(address, {"notes": wanted}) for wanted in ("0", "1"))

    assert address in anna.get(page_of(ticket)).content.decode()
    assert [each["article"].kind for each in plain.context["articles"]] == ["message"]
    assert "Vor Nummer 14 ist ein tiefes Loch." in plain.content.decode()
    for words in ("Nur für uns", "Ans Kreisamt", "Vom Nachbarn"):
        assert words not in plain.content.decode()
        assert words in whole.content.decode()
