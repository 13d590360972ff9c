"""Tries a mailbox's settings step by step and says which step fails and why (mail.md 18)."""

import time
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from channels_in.mail.connect import open_mailbox
from channels_in.mail.mailbox import Folder, Mailbox, MailboxError, Server
from channels_in.trace import find_message_id
from helpdesk.outbox.check import TEST_SCOPE
from helpdesk.outbox.identity import scope_of

STEPS = ("dns", "tcp", "tls", "login", "folder")
HEAD_BYTES = 32 * 1024
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a test: ``is_ok`` None means that it was not reached."""

    key: str
    title: str
    is_ok: bool | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """The steps, and how many mails the first connect would import; None if unknown."""

    steps: tuple[Step, ...]
    count: int | None = None

    @property
    def is_ok(self) -> bool:
        """Tell whether every step went well."""
        return all(step.is_ok for step in self.steps)


def check_mailbox(
    server: Server, *, folder: str, move_to: str = "", since: datetime | None = None
) -> Check:
    """Connect as a fetcher would, change nothing, and report; no server makes it raise."""
    try:
        mailbox = open_mailbox(server)
    except MailboxError as error:
        return Check(_steps(error))
    try:
        mailbox.select(folder)
        found = mailbox.search_uids(first=1, since=since.date() if since else None)
        if move_to:
            mailbox.select(move_to)
    except MailboxError as error:
        return Check(_steps(MailboxError("folder", error.message)))
    finally:
        mailbox.close()
    return Check(_steps(None), count=len(found))


def position_of(server: Server, folder: str) -> Folder:
    """Return where a folder stands before a test mail is sent; raises MailboxError."""
    mailbox = open_mailbox(server)
    try:
        return mailbox.select(folder)
    finally:
        mailbox.close()


def wait_for_test_mail(server: Server, *, folder: str, first: int, seconds: float) -> Step:
    """Wait until the mail that the sender's test sent to itself is there, by its signed ID.

    ``first`` is the UIDNEXT from before the sending. The fetcher may take the
    mail meanwhile: moved away it is not found here, so test before switching
    an account on, or with "mark as read".
    """
    end = time.monotonic() + seconds
    try:
        mailbox = open_mailbox(server)
    except MailboxError as error:
        return _arrival(is_ok=False, words=error.message)
    try:
        while time.monotonic() < end:
            mailbox.select(folder)
            if _has_test_mail(mailbox, first):
                return _arrival(is_ok=True, words="")
            time.sleep(LOOK_SECONDS)
    except MailboxError as error:
        return _arrival(is_ok=False, words=error.message)
    finally:
        mailbox.close()
    return _arrival(is_ok=False, words=gettext("The test mail did not arrive in time."))


def _has_test_mail(mailbox: Mailbox, first: int) -> bool:
    return any(
        scope_of(find_message_id(mailbox.fetch_head(uid, HEAD_BYTES)) or "") == TEST_SCOPE
        for uid in mailbox.search_uids(first=first, since=None)
    )


def _arrival(*, is_ok: bool, words: str) -> Step:
    return Step("arrival", gettext("The test mail arrives in the mailbox"), is_ok, words)


def _steps(error: MailboxError | None) -> tuple[Step, ...]:
    titles = _titles()
    if error is None:
        return tuple(Step(key, titles[key], is_ok=True) for key in STEPS)
    failed = STEPS.index(error.step) if error.step in STEPS else len(STEPS) - 1
    return tuple(
        Step(key, titles[key], *_verdict(place, failed, error)) for place, key in enumerate(STEPS)
    )


def _verdict(place: int, failed: int, error: MailboxError) -> tuple[bool | None, str]:
    if place < failed:
        return True, ""
    if place > failed:
        return None, gettext("not reached")
    return False, f"{_advice()[STEPS[failed]]} ({error.message})"


def _titles() -> dict[str, str]:
    return {
        "dns": gettext("Find the server's name"),
        "tcp": gettext("Reach the server"),
        "tls": gettext("Encrypt the connection"),
        "login": gettext("Sign in"),
        "folder": gettext("Open the folder"),
    }


def _advice() -> dict[str, str]:
    return {
        "dns": gettext("No server of this name was found. Check the spelling."),
        "tcp": gettext("The server does not answer at this port. Check port and firewall."),
        "tls": gettext("No verified encryption. Check the kind of encryption and the certificate."),
        "login": gettext("The server refuses the sign-in. Check user name and password."),
        "folder": gettext("The folder is not there or may not be opened."),
    }
