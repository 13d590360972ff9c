import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.outbox.headers import (
    HeaderNotAllowedError,
    InvalidAddressError,
    clean_address,
    clean_headers,
    clean_name,
    one_line,
    trim_references,
    wire_address,
)


@given(st.text())
def test_one_line_never_lets_a_line_break_through(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in line)
    line.encode()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "erika",
        "@example.org",
        "erika@",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "a@b.example,c@d.example",
        "<a@b.example>",
        "Erika <a@b.example>",
        "a b@c.example",
        "a@b@c.example",
        "a@b..example",
        "a@[127.0.0.1]",
        "a@b.example>",
        "a;b@c.example",
        f"{'a' * 65}@b.example",
        f"a@{'b' * 64}.example",
    ],
)
def test_clean_address_refuses_what_is_no_single_address(address: str) -> None:
    with pytest.raises(InvalidAddressError):
        clean_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "erika@example.org",
        "e.muster+tag@sub.example.org",
        "jörg@müller.example",
        '"e m"@example.org',
        "scanner@rathaus",
        "x_y@under_score.example",
        "o'hara@example.org",
    ],
)
def test_clean_address_keeps_addresses_as_written(address: str) -> None:
    assert clean_address(f"  {address}\n") == address


def test_wire_address_writes_the_domain_in_a_labels() -> None:
    assert wire_address("jörg@Straße.example") == "jörg@xn--strae-oqa.example"


def test_clean_name_drops_breaks_and_direction_marks() -> None:
    assert clean_name("Erika\r\nBcc: x@y\u202eMuster\x00") == "Erika Bcc: x@yMuster"


def test_trim_references_keeps_first_and_last_twenty() -> None:
    ids = [f"<{number}@x.example>" for number in range(200)]

    kept = trim_references(ids, "<last@x.example>").split()

    assert kept == ["<0@x.example>", *ids[-19:], "<last@x.example>"]


def test_trim_references_stays_below_three_thousand_bytes() -> None:
    ids = [f"<{number:03d}{'x' * 230}@x.example>" for number in range(40)]

    kept = trim_references(ids)

    assert len(kept) <= 3000
    assert kept.split()[0] == ids[0]
    assert kept.split()[-1] == ids[-1]


def test_trim_references_leaves_out_junk_and_repetitions() -> None:
    assert trim_references(["prose", "<a@b>", "<a@b>", "<c\r\nd@e>"], "see <a@b> please") == "<a@b>"


def test_clean_headers_takes_only_named_ones() -> None:
    assert clean_headers({"Thread-Topic": "Hund\r\nX: y", "Thread-Index": ""}) == {
        "Thread-Topic": "Hund X: y"
    }
    with pytest.raises(HeaderNotAllowedError):
        clean_headers({"Bcc": "x@y.example"})
