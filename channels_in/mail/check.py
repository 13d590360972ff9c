"""Tries a mailbox's settings step by step and says which step fails and why (mail.md 18)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from channels_in.mail.connect import open_mailbox
from channels_in.mail.mailbox import Folder, Mailbox, MailboxError, Server
from channels_in.trace import find_message_id
from helpdesk.outbox.advice import Cause, cause_of, root_of, sentence, system_words
from helpdesk.outbox.check import TEST_SCOPE, Step
from helpdesk.outbox.identity import scope_of

STEPS = ("dns", "tcp", "tls", "login", "folder", "permission")
HEAD_BYTES = 32 * 1024
LOOK_SECONDS = 1.0


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
    server: Server,
    *,
    folder: str,
    further: Sequence[str] = (),
    move_to: str = "",
    since: datetime | None = None,
) -> Check:
    """Connect as a fetcher would, change nothing, and report; no server makes it raise.

    Of the folders to be read the mails are counted, since ``since`` if it is given.
    """
    try:
        mailbox = open_mailbox(server)
    except MailboxError as error:
        return Check(_steps(error, error.step))
    count, shut = 0, list[str]()
    try:
        for name in (folder, *further):
            if not mailbox.select(name).is_writable:
                shut.append(name)
            count += len(mailbox.search_uids(first=1, since=since.date() if since else None))
        if move_to and not mailbox.select(move_to).is_writable:
            shut.append(move_to)
    except MailboxError as error:
        return Check(_steps(error, "folder"))
    finally:
        mailbox.close()
    if shut:
        refusal = MailboxError("permission", f"read-only: {', '.join(shut)}")
        return Check(_steps(refusal, "permission"), count=count)
    return Check(_steps(None, ""), count=count)


def position_of(server: Server, folder: str) -> Folder:
    """Return where a folder stands before a test mail is sent; raises MailboxError."""
    mailbox = open_mailbox(server)
    try:
        return mailbox.select(folder)
    finally:
        mailbox.close()


def wait_for_test_mail(
    server: Server, *, folder: str, first: int, seconds: float
) -> tuple[Step, bytes]:
    """Wait until the mail that the sender's test sent to itself is there, by its signed ID.

    Returns the step and the head of the mail, empty if it did not arrive.

    ``first`` is the UIDNEXT from before the sending. The fetcher may take the
    mail meanwhile: moved away it is not found here, so test before switching
    an account on, or with "mark as read".
    """
    end = time.monotonic() + seconds
    try:
        mailbox = open_mailbox(server)
    except MailboxError as error:
        return _failed("arrival", error), b""
    try:
        while time.monotonic() < end:
            mailbox.select(folder)
            if head := _find_test_mail(mailbox, first):
                return _arrival(is_ok=True, words=""), head
            time.sleep(LOOK_SECONDS)
    except MailboxError as error:
        return _failed("arrival", error), b""
    finally:
        mailbox.close()
    return _arrival(is_ok=False, words=gettext("The test mail did not arrive in time.")), b""


def _find_test_mail(mailbox: Mailbox, first: int) -> bytes:
    uids = mailbox.search_uids(first=first, since=None)
    heads = (mailbox.fetch_head(uid, HEAD_BYTES) for uid in uids)
    ours = (head for head in heads if scope_of(find_message_id(head) or "") == TEST_SCOPE)
    return next(ours, b"")


def _arrival(*, is_ok: bool, words: str) -> Step:
    return Step("arrival", _titles()["arrival"], is_ok, words)


def _steps(error: MailboxError | None, at: str) -> tuple[Step, ...]:
    failed = len(STEPS)
    if error is not None:
        failed = STEPS.index(at if at in STEPS else "folder")
    return tuple(_step(place, failed, error) for place in range(len(STEPS)))


def _step(place: int, failed: int, error: MailboxError | None) -> Step:
    key = STEPS[place]
    if error is not None and place == failed:
        return _failed(key, error)
    if place < failed:
        return Step(key, _titles()[key], is_ok=True)
    return Step(key, _titles()[key], is_ok=None, words=gettext("Not reached"))


def _failed(key: str, error: MailboxError) -> Step:
    # An error that nothing led to is the server's answer, in our own exception.
    cause = Cause.ANSWER if error.__cause__ is None else cause_of(error)
    quote = error.message if cause == Cause.ANSWER else system_words(root_of(error))
    return Step(key, _titles()[key], is_ok=False, words=sentence(key, cause), quote=quote)


def _titles() -> dict[str, str]:
    return {
        "dns": gettext("Find the server's name"),
        "tcp": gettext("Reach the server"),
        "tls": gettext("Encrypt the connection"),
        "login": gettext("Sign in"),
        "folder": gettext("Open the folder"),
        "permission": gettext("May change mails there"),
        "arrival": gettext("The test mail arrives in the mailbox"),
    }
