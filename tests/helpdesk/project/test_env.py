"""What an installation is given from outside is refused in one line where it can't be used."""

from pathlib import Path

import pytest

from helpdesk.project.env import PREFIX, SettingError, Settings


@pytest.mark.parametrize(
    "name, value",
    [
        ("DATABASE_CONNECTIONS", "²⁰"),
        ("DATABASE_CONNECTIONS", "9" * 5000),
        ("SMTP_LISTEN", "127.0.0.1:²⁵"),
        ("SCANNER", "127.0.0.1:³"),
        ("REPORT_LIMITS", "20,²40,5000"),
    ],
)
def test_a_figure_that_is_none_is_named_with_its_setting(
    tmp_path: Path, name: str, value: str
) -> None:
    given = {f"{PREFIX}DATA": str(tmp_path), f"{PREFIX}{name}": value}

    with pytest.raises(SettingError) as refused:
        Settings(given)

    assert str(refused.value).startswith(f"{PREFIX}{name}: write ")
