"""Every example of docs/api runs, page by page, against the product as people serve it."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from helpdesk.api.problems import CODES
from tests.servers.anliegen import ROOT, Anliegen, anliegen, environment, manage

PAGES = sorted((ROOT / "docs/api").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Somebody who may do everything in some team.
AGENT = (
    "SELECT u.email FROM agents_user u JOIN agents_membership m ON m.user_id = u.id"
    " WHERE u.kind = 'staff' AND u.is_active AND m.can_read AND m.can_create AND m.can_answer"
    " AND m.can_change ORDER BY u.id LIMIT 1"
)


@dataclass(frozen=True)
class Served:
    program: Anliegen
    token: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("examples") / "data"
    with anliegen(data, tables=tables) as program:
        path = f"file:{data}/anliegen.sqlite3?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as database:
            email = database.execute(AGENT).fetchone()[0]
        made = manage(data, "api_token", email, "--name", "Beispiele")
        assert made.returncode == 0, made.stderr
        yield Served(program, made.stdout.decode().strip())


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text())


def script(page: Path) -> tuple[list[str], str]:
    """Return the command that runs a page's examples, one after the other, and their text."""
    languages = {language for language, _ in blocks(page)}
    text = "\n".join(code for _, code in blocks(page))
    assert languages in ({"sh"}, {"python"}), page.name
    if languages == {"sh"}:
        return ["bash", "-euo", "pipefail", "-s"], text
    return [sys.executable, "-"], text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(served: Served, page: Path, tmp_path: Path) -> None:
    command, text = script(page)
    own = {"ANLIEGEN_URL": served.program.url, "ANLIEGEN_TOKEN": served.token}

    done = subprocess.run(
        command,
        input=text,
        env=environment() | own,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}"


def test_a_body_that_comes_in_chunks_is_read_up_to_the_bound(served: Served) -> None:
    """Attack case 61: there is no Content-Length to be believed."""
    url = f"{served.program.url}/api/v1/citizens"
    headers = {"Authorization": f"Bearer {served.token}", "Content-Type": "application/json"}

    def chunks(name: bytes) -> Iterator[bytes]:
        yield b'{"name": "'
        yield from (name[at : at + 4096] for at in range(0, len(name), 4096))
        yield b'"}'

    small = requests.post(url, data=chunks(b"Kai"), headers=headers, timeout=30)
    large = requests.post(url, data=chunks(b"x" * 2_000_000), headers=headers, timeout=30)

    assert (small.status_code, large.status_code) == (201, 413)
    assert large.json()["code"] == "too_large"


def test_no_page_is_without_examples() -> None:
    assert len(PAGES) >= 6
    assert [page.name for page in PAGES if not blocks(page)] == []


def test_the_page_of_errors_names_every_code_with_its_status() -> None:
    text = (ROOT / "docs/api/errors.md").read_text()
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", text, re.MULTILINE)

    named = {code: int(status) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}

    assert named == {code: status for code, (status, _) in CODES.items()}
