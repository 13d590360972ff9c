import pytest

from helpdesk.textmodules.placeholders import Filled, find_placeholders, substitute


def test_substitute_fills_known_placeholders_with_plain_text() -> None:
    filled = substitute(
        "{{buerger.anrede}}, zu {{ anliegen.nummer }}",
        {
            "buerger.anrede": "Guten Tag <b>Kim</b>",
            "anliegen.nummer": "2026-000001",
        },
    )

    assert filled == Filled("Guten Tag <b>Kim</b>, zu 2026-000001")


def test_substitute_leaves_unknown_ones_and_reports_them() -> None:
    filled = substitute("{{buerger.iban}} {{termin}}", {"buerger.iban": "DE00"})

    assert filled == Filled(
        "{{buerger.iban}} {{termin}}", unknown=("buerger.iban",), empty=("termin",)
    )


def test_substitute_never_looks_into_values() -> None:
    filled = substitute(
        "{{buerger.name}}", {"buerger.name": "{{mitarbeiter.name}}", "mitarbeiter.name": "Jana"}
    )

    assert filled.text == "{{mitarbeiter.name}}"


@pytest.mark.parametrize(
    "text",
    [
        "{% load x %}",
        "{{ settings.SECRET_KEY }}",
        "{{ ''.__class__ }}",
        "{{" * 5000,
        "{{a" + " " * 50000 + "}}",
    ],
)
def test_template_syntax_is_only_text(text: str) -> None:
    assert substitute(text, {"buerger.name": "Kim"}).text == text


def test_find_placeholders_names_each_once() -> None:
    assert find_placeholders("{{heute}} {{HEUTE}} {{frist}}") == ("heute", "frist")
