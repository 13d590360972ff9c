"""Drafts: what they keep beside the text, and how a colleague goes on with one."""

from functools import partial
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from helpdesk.files.models import WaitingFile
from helpdesk.files.store import put, sweep_waiting
from helpdesk.tickets.domain.articles import Answer, withdraw_answer, write_answer
from helpdesk.tickets.domain.drafts import (
    Typed,
    drafts_of,
    load_drafts,
    save_draft,
    take_over_draft,
)
from helpdesk.tickets.domain.finish import finish_with_note
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import ArticleDraft, DraftFile, Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.locks import Beside

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


def a_file(name: str) -> InboundFile:
    stored = put(name.encode(), "text/plain")
    return InboundFile(stored.pk, name, "text/plain", stored.size)


def test_a_draft_keeps_copies_and_files_in_their_order(house: House, ticket: Ticket) -> None:
    files = (a_file("b.txt"), a_file("a.txt"))
    fields = {"cc": "rosa@example.org", "bcc": ""}

    save_draft(
        typed=Typed(ticket.pk, "answer", "Halb", fields=fields, files=files), user=house.anna
    )

    draft = load_drafts(ticket_id=ticket.pk, user=house.anna)["answer"]
    assert draft.fields == {"cc": "rosa@example.org"}
    assert [each.name for each in draft.files.all()] == ["b.txt", "a.txt"]


def test_a_file_alone_is_worth_a_draft_and_an_empty_form_is_none(
    house: House, ticket: Ticket
) -> None:
    save_draft(typed=Typed(ticket.pk, "answer", " ", files=(a_file("a.txt"),)), user=house.anna)
    assert ArticleDraft.objects.count() == 1

    save_draft(typed=Typed(ticket.pk, "answer", " ", fields={"cc": ""}), user=house.anna)
    assert ArticleDraft.objects.count() == 0


def test_a_file_that_a_draft_lets_go_of_may_be_swept_some_time_later(
    house: House, ticket: Ticket
) -> None:
    typed = Typed(ticket.pk, "answer", "Halb", files=(a_file("a.txt"),))
    save_draft(typed=typed, user=house.anna)

    save_draft(typed=Typed(ticket.pk, "answer", "Halb"), user=house.anna)

    assert DraftFile.objects.count() == 0
    assert WaitingFile.objects.count() == 1
    assert sweep_waiting() == 0


def test_a_note_that_was_begun_outlives_another_that_ends_the_request(
    house: House, ticket: Ticket
) -> None:
    save_draft(typed=Typed(ticket.pk, "note", "Noch zu klären: wer zahlt?"), user=house.anna)

    finish_with_note(ticket_id=ticket.pk, user=house.anna, text="Loch verfüllt", form_key="k1")

    assert ticket.articles.get(kind="note").text == "Loch verfüllt"
    assert ArticleDraft.objects.get().body == "Noch zu klären: wer zahlt?"


def test_a_sent_answer_takes_its_draft_along(house: House, ticket: Ticket) -> None:
    save_draft(typed=Typed(ticket.pk, "answer", "Halb", files=(a_file("a.txt"),)), user=house.anna)

    answer = Answer(ticket.pk, "Ganz", "k1", seen_article_id=ticket.last_article_id)
    write_answer(answer=answer, user=house.anna)

    assert ArticleDraft.objects.count() == 0


def test_an_answer_taken_back_stands_above_what_its_writer_has_begun_since(
    house: House, ticket: Ticket
) -> None:
    plan = (a_file("plan.pdf"),)
    sent = Answer(ticket.pk, "Wird verfüllt.", "k1", ticket.last_article_id, files=plan)
    article = write_answer(answer=sent, user=house.anna)
    begun = Typed(
        ticket.pk,
        "answer",
        "Noch eine Frage dazu",
        "k2",
        fields={"cc": "bauhof@stadt.example"},
        files=(a_file("foto.jpg"),),
    )
    save_draft(typed=begun, user=house.anna)

    withdraw_answer(article_id=article.pk, user=house.anna)

    draft = load_drafts(ticket_id=ticket.pk, user=house.anna)["answer"]
    assert draft.body == "Wird verfüllt.\n\nNoch eine Frage dazu"
    assert draft.fields["cc"] == "bauhof@stadt.example"
    assert [file.name for file in draft.files.all()] == ["plan.pdf", "foto.jpg"]


def test_copies_of_both_stand_together_where_an_answer_comes_back(
    house: House, ticket: Ticket
) -> None:
    cc = ("a@stadt.example", "b@stadt.example")
    sent = Answer(ticket.pk, "Wird verfüllt.", "k1", ticket.last_article_id, cc=cc)
    article = write_answer(answer=sent, user=house.anna)
    begun = Typed(
        ticket.pk, "answer", "Wird verfüllt. Und mehr.", fields={"cc": "b@stadt.example, c@x.de"}
    )
    save_draft(typed=begun, user=house.anna)

    withdraw_answer(article_id=article.pk, user=house.anna)

    draft = load_drafts(ticket_id=ticket.pk, user=house.anna)["answer"]
    assert draft.body == "Wird verfüllt. Und mehr."
    assert draft.fields["cc"] == "a@stadt.example, b@stadt.example, c@x.de"


def test_copies_alone_are_kept_where_an_answer_comes_back(house: House, ticket: Ticket) -> None:
    sent = Answer(ticket.pk, "Verfüllt.", "k1", ticket.last_article_id, cc=("a@stadt.example",))
    article = write_answer(answer=sent, user=house.anna)
    begun = Typed(ticket.pk, "answer", "", fields={"cc": "b@stadt.example"})
    save_draft(typed=begun, user=house.anna)

    withdraw_answer(article_id=article.pk, user=house.anna)

    draft = load_drafts(ticket_id=ticket.pk, user=house.anna)["answer"]
    assert draft.body == "Verfüllt."
    assert draft.fields["cc"] == "a@stadt.example, b@stadt.example"


def test_a_colleague_sees_a_draft_and_goes_on_with_it(house: House, ticket: Ticket) -> None:
    carla = make_agent(house.authority, "Carla Cohn", house.roads)
    typed = Typed(ticket.pk, "answer", "Von Carla", files=(a_file("a.txt"),))
    theirs = save_draft(typed=typed, user=carla)
    assert theirs is not None

    mine, others = drafts_of(ticket, house.anna)
    assert (mine, [draft.body for draft in others]) == ({}, ["Von Carla"])

    take_over_draft(draft_id=theirs.pk, user=house.anna)

    mine, others = drafts_of(ticket, house.anna)
    assert mine["answer"].body == "Von Carla"
    assert [each.name for each in mine["answer"].files.all()] == ["a.txt"]
    assert others == []


def test_what_one_has_typed_oneself_stands_above_what_is_taken_over(
    house: House, ticket: Ticket
) -> None:
    carla = make_agent(house.authority, "Carla Cohn", house.roads)
    save_draft(typed=Typed(ticket.pk, "answer", "Von Anna"), user=house.anna)
    typed = Typed(ticket.pk, "answer", "Von Carla", files=(a_file("a.txt"),))
    theirs = save_draft(typed=typed, user=carla)
    assert theirs is not None

    take_over_draft(draft_id=theirs.pk, user=house.anna)

    (draft,) = ArticleDraft.objects.all()
    assert (draft.user, draft.body) == (house.anna, "Von Anna\n\nVon Carla")
    assert [each.name for each in draft.files.all()] == ["a.txt"]


def test_not_a_sign_of_two_long_drafts_is_cut_off(house: House, ticket: Ticket) -> None:
    carla = make_agent(house.authority, "Carla Cohn", house.roads)
    mine, others = "a" * 150_000, "b" * 250_000
    save_draft(typed=Typed(ticket.pk, "answer", mine), user=house.anna)
    theirs = save_draft(typed=Typed(ticket.pk, "answer", others), user=carla)
    assert theirs is not None

    take_over_draft(draft_id=theirs.pk, user=house.anna)

    assert ArticleDraft.objects.get().body == f"{mine}\n\n{others}"


def test_whoever_may_not_answer_sees_no_draft_of_an_answer(house: House, ticket: Ticket) -> None:
    reader = make_agent(house.authority, "Rita Rat", house.roads, can_answer=False)
    answer = save_draft(typed=Typed(ticket.pk, "answer", "Von Anna"), user=house.anna)
    save_draft(typed=Typed(ticket.pk, "note", "Notiz von Anna"), user=house.anna)
    assert answer is not None

    assert [draft.body for draft in drafts_of(ticket, reader)[1]] == ["Notiz von Anna"]
    with pytest.raises(TicketNotThereError):
        take_over_draft(draft_id=answer.pk, user=reader)
    with pytest.raises(TicketNotThereError):
        take_over_draft(draft_id=answer.pk, user=house.bert)


def merged_pair(house: House) -> tuple[Ticket, Ticket]:
    """Two requests of Clara, the first of which goes into the second while Anna writes."""
    source, target = (make_ticket(house, message_id=f"<{n}@example.org>") for n in (1, 2))
    save_draft(typed=Typed(source.pk, "answer", "Wir kom"), user=house.anna)
    merge_tickets(ticket_id=source.pk, into_id=target.pk, user=house.anna)
    return source, target


def drafts() -> list[tuple[int, str]]:
    return list(ArticleDraft.objects.order_by("ticket").values_list("ticket", "body"))


def test_what_is_typed_on_while_its_request_is_merged_goes_on_in_the_other(house: House) -> None:
    source, target = merged_pair(house)

    save_draft(typed=Typed(source.pk, "answer", "Wir kommen."), user=house.anna)

    assert drafts() == [(target.pk, "Wir kommen.")]


def test_a_late_draft_never_writes_over_what_its_writer_has_there(house: House) -> None:
    source, target = merged_pair(house)
    save_draft(typed=Typed(target.pk, "answer", "Etwas anderes"), user=house.anna)

    save_draft(typed=Typed(source.pk, "answer", "Wir kommen."), user=house.anna)

    assert drafts() == [(source.pk, "Wir kommen."), (target.pk, "Etwas anderes")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_a_late_draft_never_writes_over_what_is_typed_there_in_the_same_moment(
    house: House,
) -> None:
    source, target = (make_ticket(house, message_id=f"<{n}@example.org>") for n in (1, 2))
    merge_tickets(ticket_id=source.pk, into_id=target.pk, user=house.anna)

    typed = Typed(source.pk, "answer", "Wir kommen.")
    late = Beside(partial(save_draft, typed=typed, user=house.anna))
    with transaction.atomic():
        lock_ticket(ticket_id=target.pk, user=house.anna, verb="read_ticket")
        late.start()
        late.comes_to_the_lock()
        save_draft(typed=Typed(target.pk, "answer", "Etwas anderes"), user=house.anna)
    late.ends()

    assert late.error is None
    assert drafts() == [(source.pk, "Wir kommen."), (target.pk, "Etwas anderes")]


@pytest.mark.parametrize("has_file", [True, False])
def test_a_late_draft_takes_no_file_and_no_address_from_what_its_writer_has_there(
    house: House, *, has_file: bool
) -> None:
    source, target = (make_ticket(house, message_id=f"<{n}@example.org>") for n in (1, 2))
    files = (a_file("a.txt"),) if has_file else ()
    fields = {} if has_file else {"cc": "rosa@example.org"}
    typed = Typed(target.pk, "answer", "", fields=fields, files=files)
    save_draft(typed=typed, user=house.anna)
    merge_tickets(ticket_id=source.pk, into_id=target.pk, user=house.anna)

    save_draft(typed=Typed(source.pk, "answer", "Wir kommen."), user=house.anna)

    there = load_drafts(ticket_id=target.pk, user=house.anna)["answer"]
    assert (there.fields, there.files.count()) == (fields, len(files))
    assert drafts() == [(source.pk, "Wir kommen."), (target.pk, "")]


def test_a_draft_goes_along_only_where_its_writer_could_send_it(house: House) -> None:
    source, target = (make_ticket(house, message_id=f"<{n}@example.org>") for n in (1, 2))
    Ticket.objects.filter(pk=target.pk).update(team=house.waste)
    house.anna.memberships.create(team=house.waste, can_answer=False)
    for kind in ("answer", "note"):
        save_draft(typed=Typed(source.pk, kind, "Halb"), user=house.anna)

    merge_tickets(ticket_id=source.pk, into_id=target.pk, user=house.anna)

    held = ArticleDraft.objects.order_by("kind").values_list("kind", "ticket")
    assert list(held) == [("answer", source.pk), ("note", target.pk)]
