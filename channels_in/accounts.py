"""Writing accounts: a way in with the sender that answers from the same address."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_in.models import Account
from helpdesk.agents.changes import demand_unused, save_setting
from helpdesk.agents.models import Team, User
from helpdesk.outbox.models import Sender
from helpdesk.outbox.senders import (
    NO_SERVER,
    SenderDetails,
    Server,
    check_security,
    save_sender,
)


@dataclass(frozen=True, slots=True)
class Fetching:
    """What is fetched from an IMAP server, and what happens there after filing."""

    server: Server = NO_SERVER
    folder: str = "INBOX"
    after_filing: str = Account.AfterFiling.SEEN
    move_to: str = ""
    authserv_id: str = ""
    take_older: bool = False


@dataclass(frozen=True, slots=True)
class MailboxDetails:
    """A mailbox as an administrator sees it: one address, its way in and its way out."""

    name: str
    address: str
    kind: str
    team_id: int
    fetching: Fetching
    sender: SenderDetails
    is_active: bool = True
    cc_watch: bool = False


def accounts_of(authority_id: int) -> QuerySet[Account]:
    """Return the accounts of an authority by name, with team and sender."""
    accounts = Account.objects.filter(authority_id=authority_id)
    return accounts.select_related("team", "sender").order_by("-is_active", "name", "id")


def mailboxes_of_team(team_id: int) -> str:
    """Say how many active mailboxes deliver to a team, "" for none."""
    count = Account.objects.filter(team_id=team_id, is_active=True).count()
    if not count:
        return ""
    return ngettext("%(count)d mailbox", "%(count)d mailboxes", count) % {"count": count}


@transaction.atomic
def save_mailbox(
    *, authority_id: int, account_id: int | None, details: MailboxDetails, user: User | None
) -> Account:
    """Create or change an account together with its sender; raises ValidationError by field.

    Passwords of None keep what is stored. A changed server or folder forgets the
    UIDVALIDITY, so that the next fetch starts afresh there; what was already kept
    is known by its content and not stored again.
    """
    account = _account(authority_id, account_id)
    _check(account, details)
    sender_id = account.sender_id if account.pk else _sender_of(authority_id, details.address)
    sender = save_sender(
        authority_id=authority_id, sender_id=sender_id, details=details.sender, user=user
    )
    values = _values(details) | {"sender_id": sender.pk}
    if details.kind == Account.Kind.IMAP:
        values |= _fetching_values(account, details.fetching)
    return save_setting(instance=account, values=values, subject_kind="account", user=user)


@transaction.atomic
def set_mailbox_active(*, account_id: int, is_active: bool, user: User) -> None:
    """Stop or start fetching; what arrived stays, and answers still go out by the sender."""
    account = Account.objects.select_for_update().get(pk=account_id)
    values = {"is_active": is_active}
    save_setting(instance=account, values=values, subject_kind="account", user=user)


def _account(authority_id: int, account_id: int | None) -> Account:
    if account_id is None:
        return Account(authority_id=authority_id)
    return Account.objects.select_for_update().get(pk=account_id, authority_id=authority_id)


def _sender_of(authority_id: int, address: str) -> int | None:
    # A sender may outlive its account or exist before it; one address is one sender.
    found = Sender.objects.filter(authority_id=authority_id, email__iexact=address).first()
    return found.pk if found else None


def _check(account: Account, details: MailboxDetails) -> None:
    same_kind = Account.objects.filter(authority_id=account.authority_id, kind=details.kind)
    demand_unused(same_kind, instance=account, field="address", value=details.address)
    teams = Team.objects.filter(pk=details.team_id, authority_id=account.authority_id)
    if not teams.filter(is_active=True).exists():
        raise ValidationError({"team": _("This team does not exist.")})
    if details.kind != Account.Kind.IMAP:
        return
    check_security(details.fetching.server, "security")
    moving = details.fetching.after_filing == Account.AfterFiling.MOVE
    if moving and not details.fetching.move_to:
        raise ValidationError({"move_to": _("Name the folder to move to.")})
    if moving and details.fetching.move_to == details.fetching.folder:
        raise ValidationError({"move_to": _("Choose another folder than the one that is read.")})


def _values(details: MailboxDetails) -> dict[str, object]:
    return {
        "name": details.name,
        "address": details.address.strip().lower(),
        "kind": details.kind,
        "team_id": details.team_id,
        "is_active": details.is_active,
        "cc_watch": details.cc_watch,
    }


def _fetching_values(account: Account, fetching: Fetching) -> dict[str, object]:
    values = fetching.server.values() | {
        "folder": fetching.folder,
        "after_filing": fetching.after_filing,
        "move_to": fetching.move_to,
        "authserv_id": fetching.authserv_id,
    }
    # A new account has no host yet, so it is always another place.
    place = ("host", "port", "username", "folder")
    if any(getattr(account, name) != values[name] for name in place):
        values["uidvalidity"] = None
        values["import_since"] = None if fetching.take_older else timezone.now()
    return values
