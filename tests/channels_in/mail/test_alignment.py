"""What the server that received our own test mail says of its sender, and what to publish."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from channels_in.mail.alignment import proof_step

ADDRESS = "info@stadt.example"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def head(*results: str) -> bytes:
    lines = (f"Authentication-Results: {each}\r\n" for each in results)
    return "".join([*lines, "From: info@stadt.example\r\n\r\n"]).encode()


def test_mail_that_proves_its_sender_is_fine() -> None:
    raw = head("mx.stadt.example; spf=pass smtp.mailfrom=x; dkim=pass; dmarc=pass (p=reject)")

    step = proof_step(raw, authserv_id="mx.stadt.example", address=ADDRESS)

    assert step is not None
    assert (step.is_ok, step.words, step.quote) == (True, "", "spf=pass dkim=pass dmarc=pass")


def test_what_is_missing_is_named_with_what_to_publish() -> None:
    raw = head("mx.stadt.example; spf=softfail; dkim=none")

    step = proof_step(raw, authserv_id="MX.stadt.example", address=ADDRESS)

    assert step is not None
    assert step.is_ok is False
    assert "TXT record of stadt.example" in step.words
    assert "sign for stadt.example" in step.words
    assert "_dmarc.stadt.example" in step.words
    assert step.quote == "spf=softfail dkim=none"


def test_only_our_own_server_is_believed() -> None:
    raw = head("mx.evil.example; spf=pass; dkim=pass; dmarc=pass")

    step = proof_step(raw, authserv_id="mx.stadt.example", address=ADDRESS)

    assert step is not None
    assert step.is_ok is None
    assert "wrote no result" in step.words


def test_without_a_name_of_the_server_nothing_is_said() -> None:
    assert proof_step(head(), authserv_id=" ", address=ADDRESS) is None
