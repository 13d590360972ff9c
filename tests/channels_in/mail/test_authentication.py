"""Whose word on authenticity counts."""

import pytest

from channels_in.mail.authentication import has_failed, trusted_results


def test_trusted_results_reads_our_own_server_only() -> None:
    headers = ("mx.evil.example; dmarc=pass", "mx.town.example; dmarc=fail (p=reject) x=y")

    assert trusted_results(headers, "mx.town.example") == {"dmarc": "fail"}


def test_trusted_results_takes_the_topmost_of_ours() -> None:
    headers = ("mx.town.example; dmarc=fail", "mx.town.example; dmarc=pass")

    assert trusted_results(headers, "MX.Town.example") == {"dmarc": "fail"}


def test_trusted_results_trusts_nobody_without_a_configured_identity() -> None:
    assert trusted_results(("; dmarc=pass", "mx; dmarc=pass"), "") == {}


def test_trusted_results_is_not_fooled_by_comments_or_longer_names() -> None:
    headers = ("(mx.town.example;) mx.evil.example; dmarc=pass", "mx.town.example.evil; spf=pass")

    assert trusted_results(headers, "mx.town.example") == {}


def test_trusted_results_knows_version_and_several_signatures() -> None:
    header = "mx.town.example 1; dkim=fail header.d=a; dkim=pass header.d=b; spf=softfail"

    assert trusted_results((header,), "mx.town.example") == {"dkim": "pass", "spf": "softfail"}


@pytest.mark.parametrize(
    "rest, expected",
    [
        # Addresses and names that a sender may choose, and our server repeats.
        ("spf=pass smtp.mailfrom=dmarc=pass@evil.example", {"spf": "pass"}),
        ('spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example', {"spf": "pass"}),
        (r'spf=pass smtp.mailfrom="\"; dmarc=pass"@evil.example', {"spf": "pass"}),
        ("dkim=pass header.i=dmarc=pass@evil.example", {"dkim": "pass"}),
        ("spf=fail (of a; dmarc=pass (b; dmarc=pass) c) x=y", {"spf": "fail"}),
        (r"spf=fail (of \) ; dmarc=pass ) x=y", {"spf": "fail"}),
        ('spf=fail (of ") ; dmarc=fail header.from="a"', {"spf": "fail", "dmarc": "fail"}),
        ("x-dmarc=pass; dmarc-x=pass; arc=pass (dmarc=pass)", {}),
        # The same method twice: somebody wrote one of them.
        ("dmarc=pass; dmarc=fail", {"dmarc": "fail"}),
        ("dmarc=fail; dmarc=pass", {"dmarc": "fail"}),
        ("spf=none; spf=fail; spf=temperror", {"spf": "fail"}),
        ("dkim=fail; dkim=pass; dkim=none", {"dkim": "pass"}),
        # What is not written as it should be proves nothing good.
        ('spf=pass (of "a); dmarc=pass ("@evil) x="a); dmarc=pass ("@evil; dmarc=fail', None),
        ('dmarc=pass header.from="a', {}),
        ("dmarc=pass (p=none", {}),
        ("dmarc=pass p=none)", {}),
        # As servers write them.
        ("DMARC = Pass (p=none) header.from=a; dkim/1=pass", {"dmarc": "pass", "dkim": "pass"}),
        ('dkim=pass header.b="a+b/c="; spf=softfail', {"dkim": "pass", "spf": "softfail"}),
    ],
)
def test_trusted_results_believes_a_result_only_where_our_server_states_it(
    rest: str, expected: dict[str, str] | None
) -> None:
    found = trusted_results((f"mx.town.example; {rest}",), "mx.town.example")

    assert found.get("dmarc") != "pass" or expected == found
    assert expected is None or found == expected


def test_trusted_results_reads_to_the_end_whatever_stands_before() -> None:
    header = "mx.town.example; " + "dkim=pass header.d=evil.example; " * 1000 + "dmarc=fail"

    assert trusted_results((header,), "mx.town.example") == {"dkim": "pass", "dmarc": "fail"}


@pytest.mark.parametrize(
    "results, expected",
    [
        ({}, False),
        ({"dmarc": "fail"}, True),
        ({"dmarc": "pass", "spf": "fail"}, False),
        ({"spf": "fail"}, True),
        ({"spf": "fail", "dkim": "pass"}, False),
        ({"spf": "softfail"}, False),
    ],
)
def test_has_failed_goes_by_dmarc_first(results: dict[str, str], expected: bool) -> None:  # noqa: FBT001 - a case of the table
    assert has_failed(results) is expected
