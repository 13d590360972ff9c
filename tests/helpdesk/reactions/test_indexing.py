"""The index follows the facts by itself: in batches, from where it was, and mends what is odd."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from helpdesk.citizens.domain.contacts import PersonDetails
from helpdesk.events import feed
from helpdesk.reactions import indexing
from helpdesk.reactions.dispatch import seal_committed
from helpdesk.search import document
from helpdesk.search.document import Document, register_source
from helpdesk.search.engines import engine
from helpdesk.search.find import Scope, search
from helpdesk.search.models import SearchTerm
from helpdesk.search.vocabulary import similar
from helpdesk.tickets.documents import KIND, TicketSource
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.people import change_person
from helpdesk.tickets.models import Article, Ticket
from knowledgebase.domain.sections import SectionDetails, change_section
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.desk.pages import make_tickets
from tests.helpdesk.search.making import begin_anew

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]


@pytest.fixture
def house() -> House:
    begin_anew()
    return make_house()


def index() -> None:
    seal_committed()
    indexing.run(until=time.monotonic() + 60)


def found(text: str) -> list[int]:
    return [hit.id for hit in search(text, kind=KIND, scope=Scope()).hits]


def known_words() -> set[str]:
    return set(SearchTerm.objects.values_list("word", flat=True))


def empty(ticket: Ticket) -> None:
    """Leave nothing of what was written in a request, and let the index follow."""
    Article.objects.filter(ticket=ticket).update(text="", full_text="", subject="")
    Ticket.objects.filter(pk=ticket.pk).update(title="Gelöscht", snippet="")
    engine_meta = engine().meta()
    assert engine_meta is not None
    indexing._write(engine(), {KIND: [ticket.pk]}, engine_meta)


def test_run_builds_a_missing_index_and_then_follows_the_facts(house: House) -> None:
    first = make_ticket(house, subject="Laterne")
    index()
    second = make_ticket(house, subject="Ampel", message_id="<2@example.org>")
    index()
    write_note(ticket_id=first.pk, user=house.anna, text="Elektriker bestellt")
    index()

    assert (found("Laterne"), found("Ampel"), found("Elektriker")) == (
        [first.pk],
        [second.pk],
        [first.pk],
    )


def test_run_takes_out_what_is_no_longer_there(house: House) -> None:
    ticket = make_ticket(house, subject="Laterne")
    write_note(ticket_id=ticket.pk, user=house.anna, text="Geheimnis")
    index()
    note = Article.objects.get(kind="note")
    Article.objects.filter(pk=note.pk).update(is_withdrawn=True)
    write_note(ticket_id=ticket.pk, user=house.anna, text="Neues")
    index()

    assert (found("Geheimnis"), found("Neues")) == ([], [ticket.pk])


def test_step_reads_at_most_a_batch(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_sources", {})
    register_source(TicketSource())
    monkeypatch.setattr(indexing, "DOCUMENTS", 2)
    make_tickets(house, 5)
    seal_committed()
    here = engine()

    sizes = []
    while indexing.step(here):
        sizes.append(len(list(here.ids(KIND))))

    assert sizes[:4] == [0, 2, 4, 5]


def test_a_restored_database_makes_the_index_anew(house: House) -> None:
    make_ticket(house, subject="Laterne")
    index()
    here = engine()
    meta = here.meta()
    assert meta is not None
    foreign = replace(meta, seal="0" * 64)
    here.write(documents=(), gone=(), meta=foreign)
    indexing._reader.__init__()  # type: ignore[misc] # a new process

    indexing.step(here)

    begun = here.meta()
    assert begun is not None
    assert begun.building is not None


def test_sweep_finds_what_is_missing_and_what_is_too_many(house: House) -> None:
    kept, lost = make_tickets(house, 2)
    index()
    here = engine()
    meta = here.meta()
    assert meta is not None
    here.write(documents=(), gone=[(KIND, lost.pk)], meta=meta)

    mended = indexing.sweep(here)

    assert (mended, sorted(here.ids(KIND))) == (1, [kept.pk, lost.pk])
    assert indexing.sweep(here) == 0


def test_sweep_takes_words_out_of_the_vocabulary_that_no_document_holds_any_more(
    house: House,
) -> None:
    make_ticket(house, subject="Laterne", text="Herr Quittenbaum")
    erased = make_ticket(house, subject="Laterne", text="Kanarienvogel", message_id="<2@x>")
    index()
    known = known_words()

    empty(erased)
    indexing.sweep(engine())

    assert {"laterne", "quittenbaum", "kanarienvogel"} <= known
    assert {"laterne", "quittenbaum"} <= known_words()
    assert "kanarienvogel" not in known_words()
    assert similar("kanarienvogal") == ()
    assert similar("quittenbaun") == ("quittenbaum",)


def test_a_word_that_was_taken_out_is_learnt_again(house: House) -> None:
    erased = make_ticket(house, subject="Kanarienvogel")
    index()
    empty(erased)
    indexing.sweep(engine())

    make_ticket(house, subject="Kanarienvogel", message_id="<2@x>")
    index()

    assert "kanarienvogel" in known_words()


def test_run_follows_what_becomes_of_citizens_and_sections(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "DOCUMENTS", 1)
    tickets = make_tickets(house, 3)
    section = make_section(house.authority, "Ausweise")
    answer = make_answer(section)
    index()
    citizen = tickets[0].citizen
    assert citizen is not None
    details = PersonDetails("Frau Sonnenblume", "de", ())
    change_person(citizen_id=citizen.pk, user=house.anna, details=details)
    change_section(section_id=section.pk, details=SectionDetails("Reisen"), user=house.anna)

    index()

    named = search("Sonnenblume", kind=KIND, scope=Scope()).hits
    placed = search("Reisen", kind="answer", scope=Scope()).hits
    asked = [ticket.pk for ticket in tickets if ticket.citizen_id == citizen.pk]
    assert sorted(hit.id for hit in named) == asked
    assert [hit.id for hit in placed] == [answer.pk]


def test_run_reads_again_what_a_slower_writer_has_put_back(house: House) -> None:
    ticket = make_ticket(house, subject="Laterne")
    index()
    before = engine().meta()
    assert before is not None
    (late,) = [indexing._prepared(one) for one in TicketSource().documents([ticket.pk])]
    write_note(ticket_id=ticket.pk, user=house.anna, text="Elektriker bestellt")
    index()
    # Another process had read its batch before the note, and comes to write only now.
    engine().write(documents=[late], gone=(), meta=before)

    index()

    assert found("Elektriker") == [ticket.pk]


class _Odd(TicketSource):
    """Hands over tickets, but chokes on one."""

    def __init__(self, odd: int) -> None:
        self.odd = odd

    def documents(self, ids: Sequence[int]) -> Iterator[Document]:
        if self.odd in ids:
            raise ValueError("choked")
        yield from super().documents(ids)


def test_one_odd_document_is_told_of_and_keeps_no_other_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, odd = make_tickets(house, 2)
    monkeypatch.setattr(document, "_sources", {})
    register_source(_Odd(odd.pk))

    index()

    meta = engine().meta()
    assert meta is not None
    assert meta.failed == (f"{KIND}:{odd.pk}",)
    assert list(engine().ids(KIND)) == [good.pk]


def test_unread_counts_only_what_concerns_documents(house: House) -> None:
    make_ticket(house)
    index()
    meta = engine().meta()
    assert meta is not None
    ticket = Ticket.objects.get()
    write_note(ticket_id=ticket.pk, user=house.anna, text="x")
    seal_committed()

    assert indexing.unread(meta) == 1
    assert feed.head() > meta.seq
