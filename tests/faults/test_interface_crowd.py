"""A thousand sendings of one key against the served product make one ticket (quality.md F27)."""

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.helpdesk.api.test_examples import AGENT
from tests.servers.anliegen import anliegen, manage

pytestmark = pytest.mark.faults
SENDINGS = 1000
AT_ONCE = 32


def test_a_thousand_sendings_of_one_key_make_one_ticket(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with anliegen(data) as program:
        path = f"file:{data}/anliegen.sqlite3?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as database:
            email = database.execute(AGENT).fetchone()[0]
            token = manage(data, "api_token", email, "--name", "Menge").stdout.decode().strip()
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "einer"}
            root = f"{program.url}/api/v1"
            teams = requests.get(f"{root}/teams", headers=headers, timeout=30).json()["results"]
            team = next(team["id"] for team in teams if team["rights"]["create"])
            body = {"title": "Einmaliges Anliegen", "text": "Nur einmal.", "team": team}

            def send(_number: int) -> tuple[int, str]:
                answer = requests.post(f"{root}/tickets", json=body, headers=headers, timeout=60)
                return answer.status_code, answer.text if answer.ok else ""

            with ThreadPoolExecutor(AT_ONCE) as pool:
                answers = list(pool.map(send, range(SENDINGS)))

            count = "SELECT count(*) FROM tickets_ticket WHERE title = 'Einmaliges Anliegen'"
            made = database.execute(count).fetchone()[0]

    statuses = Counter(status for status, _ in answers)
    assert made == 1
    assert set(statuses) <= {201, 409, 429}
    assert statuses[201] > 0
    assert len({text for status, text in answers if status == 201}) == 1
