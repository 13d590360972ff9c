"""What servers say, in plain words, and the names under which they queue mail."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from helpdesk.outbox.replies import in_plain_words, queue_id_of


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    "reply,words",
    [
        ("550 5.1.1 <x@y>: Recipient address rejected: User unknown", "does not exist there"),
        ("550 No such user here", "does not exist there"),
        ("552 5.2.2 mailbox full", "is full"),
        ("452 4.2.2 over quota", "is full"),
        ("552 5.3.4 message size exceeds fixed limit", "too large"),
        ("550 5.7.26 unauthenticated mail is prohibited", "forged"),
        ("554 5.7.1 Spam message rejected", "by its rules"),
        ("535 5.7.8 authentication failed", "refuses our login"),
        ("451 4.7.1 greylisted, see http://x", "tried again by itself"),
        ("421 too many connections", "tried again by itself"),
        ("553 5.1.8 sender address rejected", "send from this address"),
        ("no reply within 60 s", "stopped answering"),
        ("nobody answers at this port", "Nobody answers"),
        ("the certificate is not valid: expired", "certificate"),
        ("the sending process ended half way", "Our own service"),
    ],
)
def test_a_reply_is_said_in_plain_words(reply: str, words: str) -> None:
    assert words in in_plain_words(reply)


@pytest.mark.parametrize("reply", ["", "OperationalError", "250 2.0.0 Ok", "599 gibberish"])
def test_what_nobody_knows_is_not_explained(reply: str) -> None:
    assert in_plain_words(reply) == ""


@pytest.mark.parametrize(
    "reply,name",
    [
        ("250 2.0.0 Ok: queued as 4Xk2Yz1abcz9rB", "4Xk2Yz1abcz9rB"),
        ("250 OK id=1xXuLX-0002SO-1e", "1xXuLX-0002SO-1e"),
        ("250 2.0.0 w1A2b3C4 Message accepted for delivery", "w1A2b3C4"),
        (
            "250 2.6.0 <a@b> [InternalId=12345678, Hostname=X] Queued mail for delivery",
            "12345678",
        ),
        ("250 ok 1234567890 qp 4711", "4711"),
        ("250 2.0.0 OK  1612345678 abc123def.45 - gsmtp", "abc123def.45"),
        ("250 2.0.0 OK: kept", ""),
        ("550 id=nothing-was-queued", ""),
    ],
)
def test_the_queue_id_is_read_as_each_server_writes_it(reply: str, name: str) -> None:
    assert queue_id_of(reply) == name
