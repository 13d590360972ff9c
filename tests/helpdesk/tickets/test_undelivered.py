"""An answer that did not arrive: another address, a letter, or nothing more, and the way back."""

import pytest

from helpdesk.citizens.domain.register import ChangedSinceError
from helpdesk.citizens.models import ContactPoint
from helpdesk.events.models import Event
from helpdesk.outbox.headers import InvalidAddressError
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient, SettledAs
from helpdesk.outbox.queries import delivery_state, failed_messages
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.letters import find_answer_address
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.trash import trash_ticket
from helpdesk.tickets.domain.undelivered import (
    HinderedError,
    NoNoteError,
    NotTroubledError,
    letter_address,
    missed_citizen,
    send_to_another,
    settle_delivery,
    take_back_settling,
)
from helpdesk.tickets.domain.writing import GoneError
from helpdesk.tickets.enums import Trust
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db
NEW = "neu@example.net"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def article(house: House) -> Article:
    """An answer to Clara that her server refused."""
    ticket = make_ticket(house)
    answer = Answer(ticket.pk, "Wir kommen.", "a", seen_article_id=ticket.last_article_id)
    written = write_answer(answer=answer, user=house.anna)
    OutgoingMessage.objects.update(state=MessageState.FAILED, last_error="550 unknown")
    Recipient.objects.update(state=Recipient.State.REFUSED)
    return Article.objects.get(pk=written.pk)


def again(article: Article) -> Article:
    return Article.objects.select_related("outgoing", "ticket").get(pk=article.pk)


def level_of(article: Article) -> str:
    outgoing = again(article).outgoing
    assert outgoing is not None
    return delivery_state(outgoing).level


def test_another_address_gets_the_same_words_as_a_mail_of_its_own(
    house: House, article: Article
) -> None:
    old = OutgoingMessage.objects.get()

    send_to_another(article_id=article.pk, user=house.anna, email=NEW)

    changed = again(article)
    new = changed.outgoing
    assert new is not None
    assert (new.text, new.subject, new.state) == (old.text, old.subject, MessageState.QUEUED)
    assert new.message_id != old.message_id
    assert [each.address for each in new.recipients.all()] == [NEW]
    assert changed.to == [{"name": "Clara Citizen", "email": NEW}]
    assert not failed_messages(house.authority).exists()
    answer_to = find_answer_address(Ticket.objects.get(pk=article.ticket_id))
    assert answer_to is not None
    assert answer_to.address == NEW


def test_the_form_of_an_answer_that_went_elsewhere_writes_no_second_one(
    house: House, article: Article
) -> None:
    send_to_another(article_id=article.pk, user=house.anna, email=NEW)

    twice = Answer(article.ticket_id, "Wir kommen.", "a", despite_newer=True)

    assert write_answer(answer=twice, user=house.anna) == article
    assert OutgoingMessage.objects.count() == 2


def test_a_copy_that_did_not_arrive_goes_elsewhere_and_makes_nobody_the_citizen(
    house: House, article: Article
) -> None:
    old = OutgoingMessage.objects.get()
    Recipient.objects.update(state=Recipient.State.ACCEPTED)
    Recipient.objects.create(
        message=old, address="bauhof@kreis.exmaple", field="cc", state=Recipient.State.REFUSED
    )

    key = send_to_another(article_id=article.pk, user=house.anna, email=NEW)

    changed = again(article)
    assert (changed.to, changed.cc) == (article.to, [{"name": "", "email": NEW}])
    answer_to = find_answer_address(Ticket.objects.get(pk=article.ticket_id))
    assert answer_to is not None
    assert answer_to.address == "clara@example.org"
    citizen = changed.ticket.citizen
    assert citizen is not None
    assert [point.value for point in citizen.contact_points.all()] == ["clara@example.org"]
    Recipient.objects.filter(address=NEW).update(state=Recipient.State.REFUSED)
    assert not missed_citizen(again(article))
    take_back_settling(article_id=article.pk, user=house.anna, key=key)
    assert (again(article).to, again(article).cc) == (article.to, [])


def test_a_reply_from_the_other_address_is_the_citizens(house: House, article: Article) -> None:
    send_to_another(article_id=article.pk, user=house.anna, email=NEW)

    make_ticket(
        house,
        person=Person("Clara", NEW),
        message_id="<r@example.net>",
        in_reply_to=again(article).message_id,
    )

    reply = Article.objects.get(message_id="<r@example.net>")
    assert (reply.ticket_id, reply.trust) == (article.ticket_id, Trust.PARTICIPANT)


def test_the_undo_sends_nothing_there_and_the_failure_stands_again(
    house: House, article: Article
) -> None:
    old = OutgoingMessage.objects.get()
    key = send_to_another(article_id=article.pk, user=house.anna, email=NEW)

    take_back_settling(article_id=article.pk, user=house.anna, key=key)

    back = again(article)
    assert (back.outgoing, back.to, back.message_id) == (old, article.to, old.message_id)
    assert level_of(article) == "bad"
    assert OutgoingMessage.objects.exclude(pk=old.pk).get().state == MessageState.CANCELLED
    citizen = back.ticket.citizen
    assert citizen is not None
    assert [point.value for point in citizen.contact_points.all()] == ["clara@example.org"]
    with pytest.raises(ChangedSinceError):
        take_back_settling(article_id=article.pk, user=house.anna, key=key)


@pytest.mark.parametrize("state", [Recipient.State.BOUNCED, Recipient.State.REFUSED])
def test_a_copy_that_did_not_arrive_goes_elsewhere_and_the_citizen_keeps_their_address(
    house: House, state: Recipient.State
) -> None:
    ticket = make_ticket(house)
    seen = ticket.last_article_id
    answer = Answer(ticket.pk, "Ja.", "a", seen_article_id=seen, cc=("bauhof@example.com",))
    sent = write_answer(answer=answer, user=house.anna)
    is_back = state == Recipient.State.BOUNCED
    OutgoingMessage.objects.update(state=MessageState.SENT if is_back else MessageState.FAILED)
    Recipient.objects.update(state=Recipient.State.ACCEPTED)
    Recipient.objects.filter(field="cc").update(state=state)

    key = send_to_another(article_id=sent.pk, user=house.anna, email=NEW)

    assert again(sent).to == sent.to
    assert not ContactPoint.objects.filter(value=NEW).exists()
    answer_to = find_answer_address(Ticket.objects.get(pk=ticket.pk))
    assert answer_to is not None
    assert answer_to.address == "clara@example.org"
    take_back_settling(article_id=sent.pk, user=house.anna, key=key)
    assert level_of(sent) == "bad"


def test_what_has_left_to_the_other_address_can_not_be_taken_back(
    house: House, article: Article
) -> None:
    key = send_to_another(article_id=article.pk, user=house.anna, email=NEW)
    OutgoingMessage.objects.filter(state=MessageState.QUEUED).update(state=MessageState.SENT)

    with pytest.raises(ChangedSinceError):
        take_back_settling(article_id=article.pk, user=house.anna, key=key)


@pytest.mark.parametrize("how", [SettledAs.LETTER, SettledAs.NOTHING])
def test_a_letter_or_a_reason_settles_it_and_can_be_taken_back(
    house: House, article: Article, how: SettledAs
) -> None:
    key = settle_delivery(article_id=article.pk, user=house.anna, how=how, note="Weg 1\n12345 Ort")

    assert level_of(article) == "settled"
    assert not failed_messages(house.authority).exists()
    told = Event.objects.get(kind=facts.DELIVERY_SETTLED)
    assert (told.data["how"], told.payload.data) == (how, {"note": "Weg 1\n12345 Ort"})
    expected = "Weg 1\n12345 Ort" if how == SettledAs.LETTER else "Clara Citizen"
    assert letter_address(again(article)) == expected
    take_back_settling(article_id=article.pk, user=house.anna, key=key)
    assert level_of(article) == "bad"
    assert failed_messages(house.authority).count() == 1


def test_what_came_back_can_be_settled_too(house: House, article: Article) -> None:
    OutgoingMessage.objects.update(state=MessageState.SENT)
    Recipient.objects.update(state=Recipient.State.BOUNCED)

    settle_delivery(article_id=article.pk, user=house.anna, how=SettledAs.NOTHING, note="Angerufen")

    assert level_of(article) == "settled"


def test_what_is_no_way_out_changes_nothing(house: House, article: Article) -> None:
    for email, error in (
        ("keine Adresse", InvalidAddressError),
        (house.sender.email, HinderedError),
    ):
        with pytest.raises(error):
            send_to_another(article_id=article.pk, user=house.anna, email=email)
    with pytest.raises(NoNoteError):
        settle_delivery(article_id=article.pk, user=house.anna, how=SettledAs.LETTER, note=" ")
    with pytest.raises(TicketNotThereError):
        send_to_another(article_id=article.pk, user=house.bert, email=NEW)
    OutgoingMessage.objects.update(state=MessageState.SENT)
    with pytest.raises(NotTroubledError):
        send_to_another(article_id=article.pk, user=house.anna, email=NEW)
    assert OutgoingMessage.objects.count() == 1


def test_nothing_is_sent_elsewhere_from_the_bin_or_from_what_was_merged(
    house: House, article: Article
) -> None:
    trash_ticket(ticket_id=article.ticket_id, user=house.anna)

    with pytest.raises(GoneError):
        send_to_another(article_id=article.pk, user=house.anna, email=NEW)

    assert OutgoingMessage.objects.count() == 1


def test_whom_it_was_written_to_is_sent_no_letter_because_a_copy_did_not_arrive(
    house: House, article: Article
) -> None:
    Recipient.objects.update(state=Recipient.State.ACCEPTED)
    Recipient.objects.create(
        message=OutgoingMessage.objects.get(),
        address="bauhof@kreis.exmaple",
        field="cc",
        state=Recipient.State.REFUSED,
    )

    def settle(how: SettledAs) -> str:
        return settle_delivery(article_id=article.pk, user=house.anna, how=how, note="Markt 1")

    with pytest.raises(NotTroubledError):
        settle(SettledAs.LETTER)
    settle(SettledAs.NOTHING)

    assert level_of(article) != "bad"
