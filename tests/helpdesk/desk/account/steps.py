"""What the tests of signing in do again and again, as a browser would."""

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from helpdesk.agents.models import Authority, User
from helpdesk.desk.account.adapters import SecondFactorAdapter
from helpdesk.outbox.models import OutgoingMessage

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response


PASSWORD = "sonnig-und-trocken-7"
LOGIN = "/a/konto/anmelden/"
PROFILE = "/a/konto/profil/"


def make_user(authority: Authority, email: str) -> User:
    user = User(authority=authority, email=email, name=email.partition("@")[0].title())
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(
    client: Client, email: str, password: str = PASSWORD, address: str = "192.0.2.1", **query: str
) -> "Response":
    return client.post(LOGIN, {"login": email, "password": password} | query, REMOTE_ADDR=address)


def is_signed_in(client: Client) -> bool:
    return client.get(PROFILE).status_code == 200


def link_in_mail(kind: str) -> str:
    text = OutgoingMessage.objects.filter(kind=kind).latest("id").text
    found = re.search(r"https?://\S+", text)
    assert found
    return urlsplit(found.group()).path


def give_code(user: User) -> str:
    secret = str(generate_totp_secret())
    data = {"secret": SecondFactorAdapter().encrypt(secret)}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    return secret


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def wrong_code_of(secret: str) -> str:
    return str((int(code_of(secret)) + 1) % 1_000_000).zfill(6)


def ask_for_reset(client: Client, email: str) -> "Response":
    return client.post("/a/konto/passwort/vergessen/", {"email": email})
