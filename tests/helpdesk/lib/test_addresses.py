"""Address lists as mailers write them, compared and checked."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.lib.addresses import (
    MAX_RECIPIENTS,
    domain_of,
    is_valid,
    looks_like_address,
    normalise,
    parse_list,
)

LISTS = {
    "hans@example.org": [("", "hans@example.org")],
    "<hans@example.org>": [("", "hans@example.org")],
    "Hans Beispiel <hans@example.org>": [("Hans Beispiel", "hans@example.org")],
    '"Beispiel, Hans" <hans@example.org>': [("Beispiel, Hans", "hans@example.org")],
    "Beispiel, Hans <hans@example.org>": [("Beispiel, Hans", "hans@example.org")],
    '"Hans \\"Hannes\\" B." <hans@example.org>': [('Hans "Hannes" B.', "hans@example.org")],
    "hans@example.org (Hans (der Erste))": [("Hans (der Erste)", "hans@example.org")],
    "Hans (Chef) Beispiel <hans@example.org>": [("Hans Beispiel", "hans@example.org")],
    "Hans <hans(privat)@example(.org).org>": [("Hans", "hans@example.org")],
    '"hans b"@example.org': [("", '"hans b"@example.org')],
    "hans @ example.org": [("", "hans@example.org")],
    "<@a.example,@b.example:hans@example.org>": [("", "hans@example.org")],
    "<mailto:hans@example.org?subject=x>": [("", "hans@example.org")],
    "<<hans@example.org>>": [("", "hans@example.org")],
    "Hans Beispiel hans@example.org": [("Hans Beispiel", "hans@example.org")],
    "Hans [mailto:hans@example.org]": [("Hans", "hans@example.org")],
    "Hans <hans@example.org": [("Hans", "hans@example.org")],
    '"Hans <hans@example.org>': [("Hans", "hans@example.org")],
    "a@example.org;b@example.org": [("", "a@example.org"), ("", "b@example.org")],
    "a@example.org,,b@example.org,": [("", "a@example.org"), ("", "b@example.org")],
    "Amt: a@example.org, B <b@example.org>;": [("", "a@example.org"), ("B", "b@example.org")],
    "undisclosed-recipients:;": [],
    "<undisclosed-recipients:@mail.example;>": [],
    "Hans Beispiel": [("Hans Beispiel", "")],
    "hans, b@example.org": [("hans", ""), ("", "b@example.org")],
    "": [],
    "=?utf-8?Q?a,b?= <hans@example.org>": [("=?utf-8?Q?a,b?=", "hans@example.org")],
    "=?utf-8?Q?x?Q?agent?=@victim.example": [("", "=?utf-8?Q?x?Q?agent?=@victim.example")],
    "jörg@straße.example": [("", "jörg@straße.example")],
}
HOSTILE = {
    char: char * 200_000 for char in ("(", ")", '"', "<", ">", "@", ",", ";", ":", "=?", "\\", "a ")
}


@pytest.mark.parametrize("text", LISTS)
def test_parse_list_takes_apart(text: str) -> None:
    assert parse_list(text) == LISTS[text]


def test_parse_list_stops_at_its_limit() -> None:
    text = ", ".join(f"n{number}@example.org" for number in range(40_000))

    found = parse_list(text)

    assert len(found) == MAX_RECIPIENTS
    assert found[-1] == ("", "n19999@example.org")


@pytest.mark.parametrize("char", HOSTILE)
def test_parse_list_is_linear_on_hostile_text(char: str) -> None:
    started = time.process_time()

    parse_list(HOSTILE[char] + " hans@example.org")

    assert time.process_time() - started < 5


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='ab@.,;:<>()"\\=?Q_ \t', max_size=60))
def test_parse_list_never_raises_and_never_invents(text: str) -> None:
    for _, address in parse_list(text):
        assert not address or "@" in address


@pytest.mark.parametrize(
    "one,other",
    [
        ("Hans@Example.ORG", "hans@example.org"),
        (" hans@example.org. ", "hans@example.org"),
        ("jörg@Straße.example", "JÖRG@xn--strae-oqa.example"),
    ],
)
def test_normalise_makes_spellings_equal(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


def test_normalise_keeps_different_people_apart() -> None:
    assert normalise("hans@straße.example") != normalise("hans@strasse.example")
    assert normalise("hans+amt@example.org") != normalise("hans@example.org")


def test_normalise_survives_domains_that_can_not_be() -> None:
    assert normalise("hans@-\u2603..example") == "hans@-\u2603..example"


@pytest.mark.parametrize(
    "address",
    ["hans@example.org", '"h b"@example.org', "jörg@straße.example", "a@[192.0.2.1]", "a+b@c.de"],
)
def test_is_valid_accepts(address: str) -> None:
    assert is_valid(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hans",
        "@example.org",
        "hans@",
        "a b@example.org",
        "a@b@c",
        "a@exa mple.org",
        "hans@example.org\nBcc: x@example.net",
        "a@.example",
        "x" * 400 + "@example.org",
    ],
)
def test_is_valid_refuses(address: str) -> None:
    assert not is_valid(address)


def test_looks_like_address_finds_pretenders_only() -> None:
    pretenders = ["bauamt@stadt.example", "Amt <bauamt@stadt.example>", "'a@b.de'"]
    names = ["Hans Beispiel", "Hans @ Amt", "@amt", "Tel. 5@7"]

    assert [looks_like_address(name) for name in pretenders] == [True] * 3
    assert [looks_like_address(name) for name in names] == [False] * 4


def test_domain_of_is_comparable() -> None:
    assert domain_of("hans@Straße.example") == "xn--strae-oqa.example"
    assert domain_of("hans") == ""
