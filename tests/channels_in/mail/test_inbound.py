"""The mapping of a parsed mail to an Inbound."""

from dataclasses import replace

from channels_in.mail.inbound import Arrival, to_inbound
from channels_in.mail.parsed import Mailbox, ParsedMail
from helpdesk.outbox.identity import loop_mark
from helpdesk.tickets.inbound import Inbound, Person, Threading
from tests.channels_in.making import NOON

CLARA = Mailbox("Clara Citizen", "clara@example.org")
MAIL = ParsedMail(
    subject="Schlagloch",
    sender=CLARA,
    senders=(CLARA,),
    to=(Mailbox("", "tiefbau@musterstadt.example"),),
    message_id="<1@example.org>",
    text="Loch\n> alt",
    visible_text="Loch",
    language="de",
)
ARRIVAL = Arrival(
    authority_id=1,
    team_id=2,
    sender_id=3,
    authserv_id="mx.town.example",
    raw_message_id=4,
    received_at=NOON,
    own_addresses=frozenset({"tiefbau@musterstadt.example"}),
)


def test_to_inbound_carries_everything_over() -> None:
    assert to_inbound(MAIL, ARRIVAL) == Inbound(
        authority_id=1,
        team_id=2,
        channel="mail",
        person=Person("Clara Citizen", "clara@example.org"),
        subject="Schlagloch",
        text="Loch",
        full_text="Loch\n> alt",
        language="de",
        received_at=NOON,
        sender_id=3,
        raw_message_id=4,
        threading=Threading("<1@example.org>", recipients=("tiefbau@musterstadt.example",)),
        to=(Person("", "tiefbau@musterstadt.example"),),
    )


def test_to_inbound_takes_the_envelope_only_for_a_mail_without_from() -> None:
    arrival = replace(ARRIVAL, envelope_from="bounce@list.example")

    assert to_inbound(MAIL, arrival).person.email == "clara@example.org"
    nobody = replace(MAIL, sender=None, senders=())
    assert to_inbound(nobody, arrival).person == Person("", "bounce@list.example")


def test_to_inbound_calls_a_null_sender_automatic() -> None:
    assert to_inbound(MAIL, replace(ARRIVAL, envelope_from="")).is_automatic
    assert not to_inbound(MAIL, replace(ARRIVAL, envelope_from="x@y.example")).is_automatic


def test_to_inbound_gathers_every_recipient_once() -> None:
    mail = replace(MAIL, cc=(Mailbox("", "cc@example.org"),), delivered_to=("cc@example.org",))
    arrival = replace(ARRIVAL, envelope_to=("tiefbau+abc@musterstadt.example",))

    assert to_inbound(mail, arrival).threading.recipients == (
        "tiefbau@musterstadt.example",
        "cc@example.org",
        "tiefbau+abc@musterstadt.example",
    )


def test_to_inbound_records_a_reply_to_and_warns_of_it() -> None:
    mail = replace(MAIL, reply_to=(CLARA, Mailbox("", "other@example.org")))

    inbound = to_inbound(mail, ARRIVAL)

    assert inbound.reply_to == Person("", "other@example.org")
    assert inbound.warnings == ("reply_to_differs",)
    assert to_inbound(replace(MAIL, reply_to=(CLARA,)), ARRIVAL).reply_to is None


def test_to_inbound_warns_of_a_name_that_is_another_address() -> None:
    mail = replace(MAIL, sender=Mailbox("bauamt@stadt.example", "evil@example.net"))
    same = replace(MAIL, sender=Mailbox("CLARA@example.org", "clara@example.org"))

    assert to_inbound(mail, ARRIVAL).warnings == ("name_is_another_address",)
    assert to_inbound(same, ARRIVAL).warnings == ()


def test_to_inbound_warns_of_several_senders() -> None:
    mail = replace(MAIL, senders=(CLARA, Mailbox("", "evil@example.net")))

    assert to_inbound(mail, ARRIVAL).warnings == ("several_senders",)


def test_to_inbound_believes_our_server_that_a_sender_is_forged() -> None:
    mail = replace(MAIL, authentication_results=("mx.town.example; dmarc=fail",))

    inbound = to_inbound(mail, ARRIVAL)

    assert inbound.authentication_failed
    assert inbound.warnings == ("authentication_failed",)


def test_to_inbound_knows_our_own_mail_by_mark_or_address() -> None:
    own = replace(MAIL, sender=Mailbox("", "Tiefbau@Musterstadt.example"))

    assert to_inbound(own, ARRIVAL).is_own_loop
    ours = replace(MAIL, loop_header=True, loop_mark=loop_mark(1))
    strangers = replace(MAIL, loop_header=True, loop_mark="1.aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert to_inbound(ours, ARRIVAL).is_own_loop
    assert not to_inbound(strangers, ARRIVAL).is_own_loop
    assert not to_inbound(MAIL, ARRIVAL).is_own_loop
