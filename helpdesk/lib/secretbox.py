"""Secrets at rest: authenticated encryption of mailbox passwords, failing closed."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models

from helpdesk.lib.keys import derive_key


class SecretUnreadableError(Exception):
    """The stored secret was not written with this installation's key."""


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive_key(settings.MASTER_KEY, "secretbox")))


def seal(plain: str) -> str:
    """Encrypt ``plain``; the empty string stays empty."""
    return _fernet().encrypt(plain.encode()).decode() if plain else ""


def unseal(sealed: str) -> str:
    """Decrypt what :func:`seal` wrote; raise SecretUnreadableError for anything else."""
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadableError from error


class SealedTextField(models.TextField[str, str]):
    """A text column whose value is encrypted in the database; read it by :func:`unseal`.

    The attribute holds the sealed form, so that no list, log or debugger shows a secret.
    """
