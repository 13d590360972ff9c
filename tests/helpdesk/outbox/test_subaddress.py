import pytest

from helpdesk.outbox.headers import clean_address
from helpdesk.outbox.subaddress import (
    bounce_address,
    read_bounced_message,
    read_reply_scope,
    reply_address,
    without_tag,
)

AMT = "buergeramt@stadt.example"


def test_reply_address_proves_its_ticket_whatever_the_case() -> None:
    address = reply_address(AMT, "t17")

    assert address.startswith("buergeramt+rt17")
    assert clean_address(address) == address
    assert without_tag(address) == AMT
    assert read_reply_scope(["x@y.example", address]) == "t17"
    assert read_reply_scope([address.upper()]) == "t17"


def test_bounce_address_names_one_message() -> None:
    for message_id in (1, 35, 36, 123_456_789_012):
        assert read_bounced_message([bounce_address(AMT, message_id)]) == message_id


def test_tag_of_another_ticket_purpose_or_hand_proves_nothing() -> None:
    reply, bounce = reply_address(AMT, "t17"), bounce_address(AMT, 17)

    assert read_reply_scope([reply.replace("+rt17", "+rt18")]) is None
    assert read_reply_scope([bounce, bounce.replace("+b", "+r")]) is None
    assert read_bounced_message([reply, reply.replace("+r", "+b")]) is None
    assert read_reply_scope(["amt+rudi@stadt.example", "", "+@", "amt+r@stadt.example"]) is None
    assert read_reply_scope([f"amt+rt17{'a' * 16}@stadt.example"]) is None


def test_tag_holds_in_every_domain_since_mail_is_forwarded() -> None:
    tagged = reply_address(AMT, "t17")

    assert read_reply_scope([tagged.replace("stadt.example", "kreis.example")]) == "t17"


@pytest.mark.parametrize(
    "address",
    [
        f"{'a' * 44}@stadt.example",
        '"zwei worte"@stadt.example',
        "amt+formular@stadt.example",
        f"amt@{'sehr-lange-stadt.' * 14}example",
        "nobody",
    ],
)
def test_address_that_cannot_bear_a_tag_stays_as_it_is(address: str) -> None:
    assert reply_address(address, "t999999999999") == address
    assert bounce_address(address, 10**18) == address


def test_tag_without_a_mailbox_before_it_is_no_tag_to_take_away() -> None:
    assert without_tag("+49301234@fax.example") == "+49301234@fax.example"
