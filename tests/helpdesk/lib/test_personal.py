"""What tells of a person in a text is found, whole and without overlaps."""

import pytest

from helpdesk.lib.personal import find_personal


def found(text: str, *names: str) -> list[tuple[str, str]]:
    return [(str(one.kind), one.text) for one in find_personal(text, names=names)]


@pytest.mark.parametrize(
    "text,wanted",
    [
        ("Schreiben Sie an petra.l+x@mail.example.org.", [("mail", "petra.l+x@mail.example.org")]),
        (
            "Tel. 0171 2345678 oder +49 (30) 123-456",
            [("phone", "0171 2345678"), ("phone", "+49 (30) 123-456")],
        ),
        ("IBAN DE89 3704 0044 0532 0130 00 bitte", [("account", "DE89 3704 0044 0532 0130 00")]),
        ("Kennzeichen MU-PL 471 und B AB 1234E", [("plate", "MU-PL 471"), ("plate", "B AB 1234E")]),
        (
            "vor der Lindenstraße 14a, 12345 Musterstadt",
            [("address", "Lindenstraße 14a, 12345 Musterstadt")],
        ),
        ("Am Alten Markt 3", [("address", "Am Alten Markt 3")]),
        ("Guten Tag Frau Dr. Yıldız-Öztürk,", [("name", "Yıldız-Öztürk")]),
        ("Hallo Herr Łukasz Wolański", [("name", "Łukasz Wolański")]),
        ("Mit freundlichen Grüßen\nPetra Lindner\nRathaus", [("name", "Petra Lindner")]),
        ("Aktenzeichen AZ-2026-00471", [("number", "AZ-2026-00471")]),
    ],
)  # fmt: skip
def test_each_kind_is_found(text: str, wanted: list[tuple[str, str]]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Die Gebühr beträgt 13,50 Euro. Bitte bringen Sie 2 Fotos mit.",
        "Montag bis Freitag von 8:00 bis 12:30 Uhr, ab 01.01.2027.",
        "Frau oder Mann, das ist egal. Der Weg dauert 5 Minuten.",
        "Nach § 12 Absatz 3 BMG brauchen Sie den Ausweis.",
        "",
    ],
)
def test_what_tells_of_nobody_stays(text: str) -> None:
    assert found(text) == []


def test_known_names_are_found_in_parts_and_in_any_case() -> None:
    text = "PETRA war hier, sagt Lindner. Die Linde steht. Li auch."

    assert found(text, "Petra Lindner", "Li") == [("name", "PETRA"), ("name", "Lindner")]


def test_what_lies_within_another_finding_is_found_once() -> None:
    assert found("petra.lindner@example.org", "Petra Lindner") == [
        ("mail", "petra.lindner@example.org")
    ]


@pytest.mark.parametrize(
    "piece", ["a.", "Aa ", "0 ", "Straße ", "-", "Frau ", "12345 ", "A1-", "Grüße\n"]
)
def test_texts_made_to_be_slow_end(piece: str) -> None:
    assert isinstance(find_personal(piece * 20_000, names=["Petra Lindner"]), list)
