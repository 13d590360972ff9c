"""Tries a stored mailbox both ways: receive, send to itself, see it arrive."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext

from channels_in.mail.check import check_mailbox, position_of, wait_for_test_mail
from channels_in.mail.fetchers import server_of as way_in_of
from channels_in.mail.mailbox import MailboxError
from channels_in.models import Account
from helpdesk.lib.secretbox import SecretUnreadableError
from helpdesk.outbox.check import Step, check_sender
from helpdesk.outbox.models import Sender
from helpdesk.outbox.senders import is_loopback
from helpdesk.outbox.transports.choose import NoTransportError
from helpdesk.outbox.transports.choose import server_of as way_out_of

ARRIVAL_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Probe:
    """The steps of both ways; ``waiting`` counts mails that would be fetched, None if unknown."""

    way_in: tuple[Step, ...] = ()
    way_out: tuple[Step, ...] = ()
    waiting: int | None = None

    @property
    def is_ok(self) -> bool:
        """Tell whether nothing failed."""
        return all(step.is_ok for step in (*self.way_in, *self.way_out))


def probe_mailbox(account: Account) -> Probe:
    """Connect as the fetcher and the outbox would; blocks for their timeouts, never raises.

    Only what is served by a server of its own is tried: not the built-in
    listener, and not the demo mailbox, since then nothing leaves the machine.
    """
    try:
        return _probe(account)
    except (SecretUnreadableError, NoTransportError):
        words = gettext("The stored password can't be read. Enter it again.")
        return Probe(way_in=(Step("login", gettext("Sign in"), is_ok=False, words=words),))


def _probe(account: Account) -> Probe:
    way_in: tuple[Step, ...] = ()
    waiting = None
    if account.kind == Account.Kind.IMAP:
        move_to = account.move_to if account.after_filing == Account.AfterFiling.MOVE else ""
        check = check_mailbox(
            way_in_of(account), folder=account.folder, move_to=move_to, since=account.import_since
        )
        way_in, waiting = check.steps, check.count
    way_out = _send(account, receives=waiting is not None) if _really_sends(account.sender) else ()
    return Probe(way_in, way_out, waiting)


def _really_sends(sender: Sender) -> bool:
    # In the demonstration nothing leaves the machine.
    by_server = sender.transport == Sender.Transport.SMTP
    return by_server and (not settings.DEMO or is_loopback(sender.host))


def _send(account: Account, *, receives: bool) -> tuple[Step, ...]:
    first = _next_uid(account) if receives else None
    sender = account.sender
    steps: list[Step] = list(
        check_sender(way_out_of(sender), address=sender.email, authority_id=sender.authority_id)
    )
    if first is not None and all(step.is_ok for step in steps):
        steps.append(
            wait_for_test_mail(
                way_in_of(account), folder=account.folder, first=first, seconds=ARRIVAL_SECONDS
            )
        )
    return tuple(steps)


def _next_uid(account: Account) -> int | None:
    try:
        return position_of(way_in_of(account), account.folder).uidnext
    except MailboxError:
        return None
