"""A citizen who reports something to a served installation, over the wire as a browser would."""

import re
import sqlite3
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import requests

PROOF = re.compile(r'name="proof" value="([^"]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TIMEOUT = 120
CHECK = "/melden/pruefen/"
DONE = "/melden/angekommen/"


class Reporter:
    """One browser; the address of the installation may change between two of its steps."""

    def __init__(self, url: str) -> None:
        """Begin without a cookie."""
        self.url = url
        self.session = requests.Session()

    def page(self, path: str) -> str:
        """Return a page, wherever its address leads."""
        found = self.session.get(f"{self.url}{path}", timeout=TIMEOUT)
        assert found.status_code == 200, (path, found.status_code)
        return found.text

    def hidden(self, path: str) -> dict[str, str]:
        """Return what the form of a page carries unseen."""
        page = self.page(path)
        proof, token = PROOF.search(page), TOKEN.search(page)
        assert proof, f"no form on {path}"
        assert token, f"no token on {path}"
        return {"proof": proof[1], "csrfmiddlewaretoken": token[1], "homepage": ""}

    def send(self, path: str, **values: str) -> str:
        """Send the form of a page and return where it leads."""
        data = self.hidden(path) | values
        answer = self.session.post(
            f"{self.url}{path}", data=data, timeout=TIMEOUT, allow_redirects=False
        )
        assert answer.status_code == 302, (path, answer.status_code)
        return answer.headers["Location"]

    def fill_in(self, text: str) -> None:
        """Take all steps up to the last look."""
        self.send("/melden/", text=text)
        self.send("/melden/thema/alle/", topic="none")
        self.send("/melden/ort/", place="Lindenstraße 12")
        self.send("/melden/fotos/", do="go")
        assert self.send("/melden/kontakt/", way="anonymous") == CHECK

    def press(self, times: int, at_once: int) -> list[tuple[int, str]]:
        """Press the last button so often, some at the same time; return what came of each."""
        data = self.hidden(CHECK)
        cookies = self.session.cookies

        def once(_number: int) -> tuple[int, str]:
            answer = requests.post(
                f"{self.url}{CHECK}",
                data=data,
                cookies=cookies,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
            return answer.status_code, answer.headers.get("Location", "")

        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(once, range(times)))


def filed(data: Path, texts: Iterable[str]) -> list[int]:
    """Return how many requests there are with each text, read from the database's file."""
    count = "SELECT count(*) FROM tickets_article WHERE text LIKE ?"
    with closing(sqlite3.connect(f"file:{data}/anliegen.sqlite3?mode=ro", uri=True)) as database:
        return [int(database.execute(count, (f"%{text}%",)).fetchone()[0]) for text in texts]
