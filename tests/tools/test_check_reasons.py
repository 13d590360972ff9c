"""Exemptions need a code and a reason."""

from pathlib import Path

import pytest

from tools.check_reasons import check, fault_of


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: S101 - a sentence that tells why",
        "# noqa: S101, D100 - a sentence that tells why",
        "# type: ignore[arg-type]  # the stub is wrong",
        "# ruff: noqa: RUF001 - words of many alphabets",
        "# lazy: a remark without any exemption",
    ],
)
def test_fault_of_accepts_a_code_with_its_reason(comment: str) -> None:
    assert fault_of(comment) is None


@pytest.mark.parametrize(
    "comment",
    [
        "# " + "noqa",
        "# " + "noqa: S101",
        "# " + "noqa: S101 - x",
        "# " + "type: ignore",
        "# " + "type: ignore[arg-type]",
        "# " + "ruff: noqa",
        "# " + "mypy: ignore-errors",
    ],
)
def test_fault_of_names_what_is_missing(comment: str) -> None:
    assert fault_of(comment) is not None


def test_check_reports_place_and_spares_strings(tmp_path: Path) -> None:
    (tmp_path / "helpdesk").mkdir()
    exemption = "# " + "noqa: F401"
    (tmp_path / "helpdesk" / "a.py").write_text(f"text = '{exemption}'\nimport os  {exemption}\n")

    assert check(tmp_path) == ["helpdesk/a.py:2: write it as noqa: CODE - reason"]
