"""Attack case 41: signing in, a forgotten password, an invitation, a token tell of nobody.

The work is counted in statements and in hashed passwords: a clock on a busy machine
proves nothing.
"""

import re

import pytest
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client

from helpdesk.agents.models import User
from tests.factories.house import PASSWORD, House, make_house
from tests.helpdesk.api.client import Program, token_for
from tests.helpdesk.desk.pages import counted_queries

pytestmark = pytest.mark.django_db
NOBODY = "niemand@musterstadt.example"
_OF_ONE_PAGE = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


@pytest.fixture
def anna(house: House) -> User:
    return house.anna


def post(path: str, **data: str) -> tuple[int, str, list[str]]:
    """Send a form from a browser of its own: status, page and shapes of the statements."""
    cache.clear()
    with counted_queries() as statements:
        page = Client().post(path, data, follow=True)
    text = _OF_ONE_PAGE.sub("", page.content.decode())
    for typed in data.values():
        text = text.replace(typed, "…")
    shapes = [re.sub(r"'[^']*'|\b\d+\b", "?", sql) for sql in statements]
    return page.status_code, text, shapes


def test_a_wrong_password_and_an_unknown_address_get_the_same_page_for_the_same_work(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def counting(self: hashers.MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counting)

    known = post("/a/konto/anmelden/", login=anna.email, password="falsch und lang")
    for_known = len(hashed)
    unknown = post("/a/konto/anmelden/", login=NOBODY, password="falsch und lang")

    assert known[:2] == unknown[:2]
    assert known[2] == unknown[2]
    assert (for_known, len(hashed)) == (1, 2)


def test_a_forgotten_password_says_and_does_the_same_for_anybody(anna: User) -> None:
    known = post("/a/konto/passwort/vergessen/", email=anna.email)
    unknown = post("/a/konto/passwort/vergessen/", email=NOBODY)

    assert known[:2] == unknown[:2]


@pytest.mark.parametrize("secret", ["anl_unknown1_{}", "{}x", "anl_", "nonsense"])
def test_a_token_that_is_wrong_in_any_way_gets_the_same_answer(anna: User, secret: str) -> None:
    good = token_for(anna)
    of_known_prefix = f"{good[:-1]}{'a' if good[-1] != 'a' else 'b'}"

    def asked(token: str) -> tuple[int, bytes]:
        cache.clear()
        answer = Program(token).get("/me")
        return answer.status_code, answer.content

    wrong = asked(secret.format(good))

    assert wrong == asked(of_known_prefix)
    assert wrong[0] == 401


def test_a_known_prefix_costs_no_more_statements_than_an_unknown_one(anna: User) -> None:
    good = token_for(anna)

    def work(token: str) -> int:
        cache.clear()
        with counted_queries() as statements:
            Program(token).get("/me")
        return len(statements)

    assert work(good[:-1] + "~") == work("anl_nobody00_" + good[-30:])


def test_the_right_password_still_opens(anna: User) -> None:
    cache.clear()
    page = Client().post("/a/konto/anmelden/", {"login": anna.email, "password": PASSWORD})

    assert page.status_code == 302
