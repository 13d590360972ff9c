"""Writing accounts: a way in with the sender that answers from the same address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_in.filters.doors import renew_marks
from channels_in.models import Account, FolderState
from helpdesk.agents.changes import demand_unused, save_setting
from helpdesk.agents.models import Team, User
from helpdesk.outbox.grants import GrantDetails, save_grant
from helpdesk.outbox.models import Grant, Sender
from helpdesk.outbox.senders import (
    NO_SERVER,
    SenderDetails,
    Server,
    check_security,
    enter_anew,
    lacks_password,
    leads_elsewhere,
    save_sender,
    server_values,
)


@dataclass(frozen=True, slots=True)
class Start:
    """Where the first connect to a folder begins: now, at a day, or with the oldest mail."""

    takes_older: bool = False
    since: datetime | None = None

    def moment(self) -> datetime | None:
        """Return what ``import_since`` holds: None means everything."""
        return self.since if self.takes_older else timezone.now()


FROM_NOW = Start()


@dataclass(frozen=True, slots=True)
class Fetching:
    """What is fetched from an IMAP server, and what happens there after filing."""

    server: Server = NO_SERVER
    folder: str = "INBOX"
    further_folders: tuple[str, ...] = ()
    after_filing: str = Account.AfterFiling.SEEN
    move_to: str = ""
    authserv_id: str = ""
    start: Start = FROM_NOW
    tells_oversize: bool = False
    sent_folder: str = ""


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
    leaves_out_automatic: bool = False
    leaves_out_copies: bool = False
    # How one signs in by OAuth 2.0, for both ways; None: by the passwords.
    grant: GrantDetails | None = None


def accounts_of(authority_id: int) -> QuerySet[Account]:
    """Return the accounts of an authority by name, with team and sender."""
    accounts = Account.objects.filter(authority_id=authority_id)
    return accounts.select_related("team", "sender", "grant").order_by("-is_active", "name", "id")


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

    Passwords of None keep what is stored, unless it would go to another server: then it has
    to be entered anew. A changed server or user forgets what is known of its folders, so that
    the next fetch starts afresh there, as a new folder does; what was already kept is known
    by its content and not stored again.
    """
    account = _account(authority_id, account_id)
    _check(account, details)
    former = _former_sender(account, details)
    check_secrets(account, former, details)
    former_id = account.grant_id
    grant_id = _save_grant(account, former, details, user)
    sender = save_sender(
        authority_id=authority_id,
        sender_id=former.pk,
        details=replace(details.sender, grant_id=grant_id),
        user=user,
    )
    values = _values(details) | {"sender_id": sender.pk, "grant_id": grant_id}
    if former_id is not None and grant_id is None:
        # Its secrets are of no more use; account and sender forget it by themselves.
        Grant.objects.filter(pk=former_id).delete()
        account.grant_id = None
    if details.kind != Account.Kind.IMAP:
        return _saved(account, values, user)
    names = new_folders(account, details.fetching)
    is_elsewhere = _is_elsewhere(account, details.fetching)
    values |= _fetching_values(account, details)
    saved = _saved(account, values, user)
    _note_starts(saved, names, is_elsewhere=is_elsewhere)
    return saved


def _saved(account: Account, values: dict[str, object], user: User | None) -> Account:
    """Save an account; a new one gets the filters that are for all mailboxes."""
    saved = save_setting(instance=account, values=values, subject_kind="account", user=user)
    renew_marks(authority_id=saved.authority_id)
    return saved


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


def check_secrets(account: Account, sender: Sender, details: MailboxDetails) -> None:
    """Demand the passwords that would go to another server than they were entered for.

    Whoever may change a mailbox may not by that alone get to know its password.
    """
    if details.grant is not None:
        return
    ways = _ways(account, sender, details)
    missing = {field: [enter_anew()] for field, way in ways.items() if lacks_password(*way)}
    if missing:
        raise ValidationError(missing)


def _ways(
    account: Account, sender: Sender, details: MailboxDetails
) -> dict[str, tuple[Account | Sender, Server]]:
    """Return the field of each password with the row that holds it and the server to come."""
    ways: dict[str, tuple[Account | Sender, Server]] = {}
    if details.kind == Account.Kind.IMAP:
        ways["password"] = (account, details.fetching.server)
    if details.sender.transport == Sender.Transport.SMTP:
        ways["smtp_password"] = (sender, details.sender.server)
    return ways


def _save_grant(
    account: Account, sender: Sender, details: MailboxDetails, user: User | None
) -> int | None:
    if details.grant is None:
        return None
    ways = _ways(account, sender, details).values()
    grant = save_grant(
        authority_id=account.authority_id,
        grant_id=account.grant_id,
        details=details.grant,
        user=user,
        is_for_another=any(leads_elsewhere(*way) for way in ways),
    )
    return grant.pk


def _former_sender(account: Account, details: MailboxDetails) -> Sender:
    """Return the sender that answers from the address so far, or a new one.

    A sender may outlive its account or exist before it; one address is one sender.
    """
    if account.pk:
        return account.sender
    authority_id = account.authority_id
    found = Sender.objects.filter(authority_id=authority_id, email__iexact=details.address)
    return found.first() or Sender(authority_id=authority_id)


def _check(account: Account, details: MailboxDetails) -> None:
    same_kind = Account.objects.filter(authority_id=account.authority_id, kind=details.kind)
    demand_unused(same_kind, instance=account, field="address", value=details.address)
    teams = Team.objects.filter(pk=details.team_id, authority_id=account.authority_id)
    if not teams.filter(is_active=True).exists():
        raise ValidationError({"team": _("This team does not exist.")})
    if details.kind != Account.Kind.IMAP:
        return
    check_security(details.fetching.server, "security")
    fetching = details.fetching
    moving = fetching.after_filing == Account.AfterFiling.MOVE
    if moving and not fetching.move_to:
        raise ValidationError({"move_to": _("Name the folder to move to.")})
    if moving and fetching.move_to in {fetching.folder, *fetching.further_folders}:
        raise ValidationError({"move_to": _("Choose another folder than the one that is read.")})
    if fetching.sent_folder in {fetching.folder, *fetching.further_folders}:
        raise ValidationError({"sent_folder": _("Choose a folder that is not read.")})


def _values(details: MailboxDetails) -> dict[str, object]:
    return {
        "name": details.name,
        "address": details.address.strip().lower(),
        "kind": details.kind,
        "team_id": details.team_id,
        "is_active": details.is_active,
        "cc_watch": details.cc_watch,
        "leaves_out_automatic": details.leaves_out_automatic,
        "leaves_out_copies": details.leaves_out_copies,
    }


def _fetching_values(account: Account, details: MailboxDetails) -> dict[str, object]:
    fetching = details.fetching
    by_token = details.grant is not None
    further = [name for name in dict.fromkeys(fetching.further_folders) if name != fetching.folder]
    values = server_values(account, fetching.server, by_token=by_token) | {
        "folder": fetching.folder,
        "further_folders": further,
        "after_filing": fetching.after_filing,
        "move_to": fetching.move_to,
        "authserv_id": fetching.authserv_id,
        "sent_folder": fetching.sent_folder,
        "tells_oversize": fetching.tells_oversize,
    }
    if fetching.sent_folder and not account.sent_folder:
        # Copies are made of what is sent from now on.
        values["sent_seq"] = None
    if new_folders(account, fetching):
        values["import_since"] = fetching.start.moment()
    return values


def new_folders(account: Account, fetching: Fetching) -> list[str]:
    """Return the folders that were never read yet, at this server as this user."""
    wanted = list(dict.fromkeys((fetching.folder, *fetching.further_folders)))
    if _is_elsewhere(account, fetching):
        return wanted
    read = account.folder_states.filter(uidvalidity__isnull=False)
    known = set(read.values_list("name", flat=True))
    return [name for name in wanted if name not in known]


def _is_elsewhere(account: Account, fetching: Fetching) -> bool:
    # A new account has no host yet, so it is always another place.
    return any(
        getattr(account, name) != getattr(fetching.server, name)
        for name in ("host", "port", "username")
    )


def _note_starts(account: Account, names: Sequence[str], *, is_elsewhere: bool) -> None:
    """Let new folders begin where it was chosen; of a former server nothing is kept."""
    if is_elsewhere:
        account.folder_states.all().delete()
    for name in names:
        FolderState.objects.update_or_create(
            account=account, name=name, defaults={"import_since": account.import_since}
        )
    account.folder_states.exclude(name__in=account.folders).delete()
