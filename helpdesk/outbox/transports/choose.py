"""Which way out a sender has; in the demo nothing leaves the machine."""

from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings

from helpdesk.lib.secretbox import SecretUnreadableError, unseal
from helpdesk.outbox.models import Sender
from helpdesk.outbox.oauth import GrantError, access_token, forget_token
from helpdesk.outbox.transports.base import Transport
from helpdesk.outbox.transports.demo import DemoTransport
from helpdesk.outbox.transports.mail import MailTransport
from helpdesk.outbox.transports.server import Server, Timeouts, is_loopback


class NoTransportError(Exception):
    """The sender can't send at all; the message says why."""


def transport_for(sender: Sender) -> Transport:
    """Return the sender's way out; raise NoTransportError if its settings forbid any.

    In the demo only a server on this very machine is spoken to; every other
    sender's mail goes to the demo mailbox. Outside of it there is none.
    """
    is_demo_sender = sender.transport == Sender.Transport.DEMO
    if settings.DEMO and (is_demo_sender or not is_loopback(sender.host)):
        return DemoTransport()
    if is_demo_sender:
        raise NoTransportError("this sender is one of the demo: enter a mail server")
    return MailTransport(server_of(sender))


def server_of(sender: Sender) -> Server:
    """Return where this sender's mail is handed over, with the password opened or a token."""
    server = Server(
        host=sender.host,
        port=sender.port,
        security=sender.security,
        username=sender.username,
        helo=helo_name(),
        timeouts=timeouts(),
    )
    if sender.grant_id is not None:
        return _with_token(server, sender.grant_id)
    try:
        return replace(server, password=unseal(sender.password))
    except SecretUnreadableError as error:
        raise NoTransportError(
            "the stored password can't be read with this installation's key: enter it again"
        ) from error


def _with_token(server: Server, grant_id: int) -> Server:
    try:
        token = access_token(grant_id)
    except GrantError as error:
        raise NoTransportError(str(error)) from error
    return replace(server, token=token, forget=partial(forget_token, grant_id, token))


def helo_name() -> str:
    """Return the name by which we greet: our own host's, or an address literal."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    return host if "." in host and not host.replace(".", "").isdigit() else "[127.0.0.1]"


def timeouts() -> Timeouts:
    """Return the deadlines of each stage, which the setting OUTBOX_TIMEOUTS may replace."""
    chosen = getattr(settings, "OUTBOX_TIMEOUTS", None)
    return chosen if isinstance(chosen, Timeouts) else Timeouts()
