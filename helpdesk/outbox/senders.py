"""Writing senders: the addresses we write from, and the servers that take their mail."""

import ipaddress
from dataclasses import dataclass
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.agents.changes import demand_unused, save_setting
from helpdesk.agents.models import User
from helpdesk.lib.secretbox import seal
from helpdesk.outbox.models import Security, Sender


@dataclass(frozen=True, slots=True)
class Server:
    """How a mail server is reached; ``password`` None keeps the stored one."""

    host: str = ""
    port: int = 0
    security: str = Security.TLS
    username: str = ""
    password: str | None = None

    def values(self) -> dict[str, object]:
        """Return the columns to write; the password goes in sealed, or not at all."""
        values: dict[str, object] = {
            "host": self.host,
            "port": self.port,
            "security": self.security,
            "username": self.username,
        }
        return values if self.password is None else values | {"password": seal(self.password)}


NO_SERVER = Server()
# How well the way to a server is guarded: STARTTLS begins in clear text (RFC 8314, 3).
PROTECTION = {Security.TLS.value: 2, Security.STARTTLS.value: 1, Security.NONE.value: 0}


@dataclass(frozen=True, slots=True)
class SenderDetails:
    """An address with its name as citizens see it, and the server for its mail."""

    name: str
    email: str
    transport: str
    team_id: int | None = None
    server: Server = NO_SERVER
    is_active: bool = True
    subaddresses: bool = False
    name_template: str = ""
    quotes_history: bool = True
    grant_id: int | None = None


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by name or by address, without asking DNS."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_security(server: Server, field: str) -> None:
    """Refuse to send a password in clear text over a network."""
    if server.security == Security.NONE and not is_loopback(server.host):
        text = _("Without encryption only a server on this machine may be used.")
        raise ValidationError({field: text})


class Stored(Protocol):
    """A row that holds how a server is reached, with a sealed password."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def security(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...


def leads_elsewhere(stored: Stored, server: Server) -> bool:
    """Tell whether a stored password would go where it was not entered for.

    That is to another server or port, for another login, or with less protection on the way.
    """
    kept = (stored.host.casefold(), stored.port, stored.username)
    if (server.host.casefold(), server.port, server.username) != kept:
        return True
    return PROTECTION[server.security] < PROTECTION[stored.security]


def lacks_password(stored: Stored, server: Server) -> bool:
    """Tell whether the password has to be entered anew before the server may be asked."""
    is_kept = bool(stored.password) and server.password is None
    return is_kept and leads_elsewhere(stored, server)


def enter_anew() -> str:
    """Return what is said at the field of such a password."""
    return _("The server, its port, the encryption or the login changed. Enter the password again.")


def server_values(stored: Stored, server: Server, *, by_token: bool) -> dict[str, object]:
    """Return the columns to write, with no password for a server that it was not meant for.

    Where tokens are used none is asked for, so what is stored is forgotten instead.
    """
    forgets = by_token and lacks_password(stored, server)
    return server.values() | ({"password": ""} if forgets else {})


@transaction.atomic
def save_sender(
    *, authority_id: int, sender_id: int | None, details: SenderDetails, user: User | None
) -> Sender:
    """Create or change a sender; the first of an authority becomes its default.

    Raises ValidationError by field, also when a stored password would go to another server.
    """
    of_authority = Sender.objects.filter(authority_id=authority_id)
    sender = (
        Sender(authority_id=authority_id)
        if sender_id is None
        else of_authority.select_for_update().get(pk=sender_id)
    )
    email = details.email.strip().lower()
    demand_unused(of_authority, instance=sender, field="email", value=email)
    if details.transport == Sender.Transport.SMTP:
        check_security(details.server, "smtp_security")
        if details.grant_id is None and lacks_password(sender, details.server):
            raise ValidationError({"smtp_password": enter_anew()})
    values: dict[str, object] = {
        "name": details.name,
        "email": email,
        "transport": details.transport,
        "team_id": details.team_id,
        "is_active": details.is_active,
        "subaddresses": details.subaddresses,
        "name_template": details.name_template,
        "quotes_history": details.quotes_history,
        "grant_id": details.grant_id,
    }
    if details.transport == Sender.Transport.SMTP:
        by_token = details.grant_id is not None
        values |= server_values(sender, details.server, by_token=by_token)
    if not of_authority.filter(is_default=True).exists():
        values["is_default"] = True
    return save_setting(instance=sender, values=values, subject_kind="sender", user=user)


def default_sender(authority_id: int) -> Sender | None:
    """Return the sender for what belongs to no team, None while there is no sender."""
    usable = Sender.objects.filter(authority_id=authority_id, is_active=True)
    return usable.order_by("-is_default", "id").first()
