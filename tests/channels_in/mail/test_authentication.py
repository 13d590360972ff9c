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
