"""Tries a stored mailbox both ways: receive, send to itself, see it arrive."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext

from channels_in.accounts import MailboxDetails, new_folders
from channels_in.mail.alignment import proof_step
from channels_in.mail.check import Check, check_mailbox, position_of, wait_for_test_mail
from channels_in.mail.fetchers import server_of as way_in_of
from channels_in.mail.mailbox import MailboxError
from channels_in.models import Account
from helpdesk.lib.secretbox import SecretUnreadableError
from helpdesk.outbox.check import Step, check_sender
from helpdesk.outbox.models import Sender
from helpdesk.outbox.senders import is_loopback, lacks_password, leads_elsewhere
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
    except (SecretUnreadableError, NoTransportError, MailboxError) as error:
        return Probe(way_in=(_no_login(error),))


def _no_login(error: Exception) -> Step:
    if isinstance(error.__cause__, SecretUnreadableError) or not str(error):
        words = gettext("The stored password can't be read. Enter it again.")
        return Step("login", gettext("Sign in"), is_ok=False, words=words)
    words = gettext("There is no token to sign in with. Check the application and its secret.")
    quote = error.message if isinstance(error, MailboxError) else str(error)
    return Step("login", gettext("Sign in"), is_ok=False, words=words, quote=quote)


def _probe(account: Account) -> Probe:
    way_in: tuple[Step, ...] = ()
    waiting = None
    if account.kind == Account.Kind.IMAP:
        check = _check(account, account.import_since)
        way_in, waiting = check.steps, check.count
    way_out = _send(account, receives=waiting is not None) if _really_sends(account.sender) else ()
    return Probe(way_in, way_out, waiting)


def _check(account: Account, since: datetime | None) -> Check:
    return check_mailbox(
        way_in_of(account),
        folder=account.folder,
        further=account.further_folders,
        move_to=account.move_to if account.after_filing == Account.AfterFiling.MOVE else "",
        since=since,
    )


def count_older(*, authority_id: int, account_id: int | None, details: MailboxDetails) -> Check:
    """Count what a mailbox that is about to be saved would import at its first connect.

    A check without a step means that nothing would be: it begins from now on, is
    switched off, its folders were read before, or it can't be saved as it is, since a
    stored secret would go to another server. Blocks, and never raises.
    """
    fetching = details.fetching
    tried = _tried(authority_id, account_id, details)
    if _would_tell(tried, details):
        return Check(())
    names = new_folders(tried, fetching) if details.kind == Account.Kind.IMAP else []
    if not (names and fetching.start.takes_older and details.is_active):
        return Check(())
    tried.folder, tried.further_folders = names[-1], names[:-1]
    for name, value in fetching.server.values().items():
        setattr(tried, name, value)
    if details.grant is None:
        tried.grant_id = None
    try:
        return _check(tried, fetching.start.since)
    except (SecretUnreadableError, MailboxError) as error:
        return Check((_no_login(error),))


def _would_tell(tried: Account, details: MailboxDetails) -> bool:
    """Tell whether a secret that was entered for one server would be shown to another."""
    server = details.fetching.server
    if tried.grant_id is not None and details.grant is not None:
        return leads_elsewhere(tried, server)
    return lacks_password(tried, server)


def _tried(authority_id: int, account_id: int | None, details: MailboxDetails) -> Account:
    """Return the account as it is stored, or a new one; it is never saved."""
    if account_id is None:
        tried = Account(authority_id=authority_id)
    else:
        tried = Account.objects.get(pk=account_id, authority_id=authority_id)
    tried.after_filing = details.fetching.after_filing
    tried.move_to = details.fetching.move_to
    return tried


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
        arrival, head = wait_for_test_mail(
            way_in_of(account), folder=account.folder, first=first, seconds=ARRIVAL_SECONDS
        )
        proof = proof_step(head, authserv_id=account.authserv_id, address=sender.email)
        steps += [arrival, *([proof] if head and proof else [])]
    return tuple(steps)


def _next_uid(account: Account) -> int | None:
    try:
        return position_of(way_in_of(account), account.folder).uidnext
    except MailboxError:
        return None
