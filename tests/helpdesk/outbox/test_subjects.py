import pytest

from helpdesk.outbox.subjects import reply_subject, strip_prefixes

TAG = "[AN#2026-77]"


@pytest.mark.parametrize(
    "subject",
    [
        "Sperrmüll",
        "Re: Sperrmüll",
        "AW: Re: AW: Sperrmüll",
        "SV: TR: Antwort: Sperrmüll",
        "Re[2]: Sperrmüll",
        "AW: Sperrmüll [AN#2026-77]",
        "AW: [AN#2026-77] Re: Sperrmüll",
        "回复:Sperrmüll",
        "RE : Sperrmüll",
    ],
)
def test_reply_subject_has_one_prefix_and_one_tag(subject: str) -> None:
    assert reply_subject(subject, TAG) == "Re: Sperrmüll [AN#2026-77]"


@pytest.mark.parametrize("subject", ["Wg: Sperrmüll", "Antrag: Hund", "Rest: 3", "Regen"])
def test_strip_prefixes_leaves_words_that_only_look_alike(subject: str) -> None:
    assert strip_prefixes(subject) == subject


def test_reply_subject_without_subject_or_tag_still_is_one() -> None:
    assert reply_subject("", "") == "Re:"
    assert reply_subject("AW:", TAG) == "Re: [AN#2026-77]"


def test_reply_subject_drops_line_breaks_and_shortens() -> None:
    subject = reply_subject("Hund\r\nBcc: x@evil.example " + "ä" * 400, TAG)

    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) <= 305
    assert subject.endswith(f"… {TAG}")
