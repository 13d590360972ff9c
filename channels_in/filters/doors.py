"""Writing filters and further addresses; each change renews the marks by which they are kept."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_in.filters.fields import FIELDS
from channels_in.filters.screening import actions_of
from channels_in.models import Account, FilterCondition, FurtherAddress, MailFilter
from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.models import Team, User
from helpdesk.lib.addresses import is_valid, normalise
from helpdesk.lib.conditions import NUMBER, OPERATORS
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets.domain.tags import MAX_TAGS, read_tags
from helpdesk.tickets.models import Category

MAX_FILTERS = 200
MAX_CONDITIONS = 20
MAX_ADDRESSES = 50
KEEP_DAYS = range(7, 366)
STEP = 10
SUBJECT_KIND = "mail_filter"


@dataclass(frozen=True, slots=True)
class SpamPolicy:
    """Whose marks of spam count, and how many days held mail is kept (mail.md 88)."""

    marks: str = Account.SpamMarks.NONE
    hop: str = ""
    limit: int | None = None
    keep_days: int = 30

    def values(self) -> dict[str, object]:
        """Return the columns of the account."""
        return {
            "spam_marks": self.marks,
            "spam_hop": self.hop.strip().rstrip(".").lower(),
            "spam_limit": self.limit,
            "spam_keep_days": self.keep_days,
        }


@dataclass(frozen=True, slots=True)
class Condition:
    """One row as an administrator fills it in."""

    field: str
    operator: str
    value: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True)
class FilterDetails:
    """A filter as an administrator sees it; None and "" leave things as they are."""

    name: str
    conditions: tuple[Condition, ...]
    account_id: int | None = None
    matching: str = MailFilter.Matching.ALL
    team_id: int | None = None
    category_id: int | None = None
    priority: int | None = None
    tags: str = ""
    takes_reply_to: bool = False
    withholds_receipt: bool = False
    verdict: str = MailFilter.Verdict.NONE
    is_last: bool = False
    is_active: bool = True

    def values(self) -> dict[str, object]:
        """Return the columns of the filter's row."""
        names = ("name", "account_id", "matching", "team_id", "category_id", "priority", "verdict")
        tags = {"tags": ",".join(read_tags(self.tags))}
        flags = ("takes_reply_to", "withholds_receipt", "is_last", "is_active")
        return {name: getattr(self, name) for name in (*names, *flags)} | tags


def filters_of(authority_id: int) -> QuerySet[MailFilter]:
    """Return an authority's filters in their order, with what a list shows."""
    found = MailFilter.objects.filter(authority_id=authority_id)
    return found.select_related("account", "team", "category").prefetch_related("conditions")


def draft_filter(authority_id: int, details: FilterDetails) -> MailFilter:
    """Return an unsaved filter of these details; raises ValidationError by field."""
    _check(authority_id, details)
    return MailFilter(authority_id=authority_id, **details.values())


def draft_conditions(details: FilterDetails) -> list[FilterCondition]:
    """Return the unsaved rows of these details."""
    return [
        FilterCondition(
            position=place,
            field=each.field,
            header=each.header if each.field == "header" else "",
            operator=each.operator,
            value=each.value if OPERATORS[each.operator].takes_value else "",
        )
        for place, each in enumerate(details.conditions)
    ]


@transaction.atomic
def save_filter(
    *, authority_id: int, filter_id: int | None, details: FilterDetails, user: User
) -> MailFilter:
    """Create a filter at the end of the order, or change one; raises ValidationError by field."""
    _check(authority_id, details)
    rows = MailFilter.objects.select_for_update().filter(authority_id=authority_id)
    if filter_id is None:
        if rows.count() >= MAX_FILTERS:
            raise ValidationError(_("There are too many filters. Delete one that is not needed."))
        last = max(rows.values_list("position", flat=True), default=0)
        found = MailFilter(authority_id=authority_id, position=last + STEP)
    else:
        found = rows.get(pk=filter_id)
    demand_unused(rows, instance=found, field="name", value=details.name)
    saved = save_setting(
        instance=found, values=details.values(), subject_kind=SUBJECT_KIND, user=user
    )
    _write_conditions(saved, draft_conditions(details), user)
    renew_marks(authority_id=authority_id)
    return saved


def _write_conditions(saved: MailFilter, rows: list[FilterCondition], user: User) -> None:
    before = [_shown(each) for each in saved.conditions.all()]
    if before == [_shown(each) for each in rows]:
        return
    saved.conditions.all().delete()
    for row in rows:
        row.filter = saved
    FilterCondition.objects.bulk_create(rows)
    _record(saved, user, "changed", "conditions")


def _shown(row: FilterCondition) -> tuple[str, str, str, str]:
    return row.field, row.header, row.operator, row.value


@transaction.atomic
def delete_filter(*, filter_id: int, user: User) -> None:
    """Delete a filter; what it did stays in the history of its tickets."""
    found = MailFilter.objects.select_for_update().get(pk=filter_id)
    _record(found, user, "deleted")
    found.delete()
    renew_marks(authority_id=found.authority_id)


@transaction.atomic
def move_filter(*, filter_id: int, to: int, user: User) -> None:
    """Put a filter at a place of the order, counted from nought; beyond the ends is the end."""
    found = MailFilter.objects.get(pk=filter_id)
    rows = MailFilter.objects.select_for_update().filter(authority_id=found.authority_id)
    before = [row.pk for row in rows]
    order = [pk for pk in before if pk != filter_id]
    order.insert(min(max(to, 0), len(order)), filter_id)
    if order == before:
        return
    for place, key in enumerate(order, start=1):
        MailFilter.objects.filter(pk=key).update(position=place * STEP)
    _record(found, user, "changed", "position")
    renew_marks(authority_id=found.authority_id)


def place_of(found: MailFilter) -> int:
    """Return at which place of the order a filter stands, counted from nought."""
    rows = MailFilter.objects.filter(authority_id=found.authority_id)
    return list(rows.values_list("pk", flat=True)).index(found.pk)


@transaction.atomic
def add_address(
    *, account_id: int, address: str, team_id: int | None, category_id: int | None, user: User
) -> FurtherAddress:
    """Give a mailbox a further address and say where its mail goes; ValidationError by field."""
    account = Account.objects.select_for_update().get(pk=account_id)
    address = address.strip().lower()
    if not is_valid(address):
        raise ValidationError({"address": _("Enter a mail address such as bau@musterstadt.de.")})
    own = normalise(account.address)
    known = {normalise(each) for each in _addresses(account).values_list("address", flat=True)}
    if normalise(address) in {own, *known}:
        raise ValidationError({"address": _("This mailbox has this address already.")})
    if len(known) >= MAX_ADDRESSES:
        raise ValidationError({"address": _("A mailbox has at most 50 further addresses.")})
    _check_places(account.authority_id, team_id, category_id)
    made = FurtherAddress.objects.create(
        account=account, address=address, team_id=team_id, category_id=category_id
    )
    _record_address(account, user)
    return made


@transaction.atomic
def remove_address(*, address_id: int, user: User) -> None:
    """Take a further address away; requests that came by it stay where they are."""
    found = FurtherAddress.objects.select_related("account").get(pk=address_id)
    found.delete()
    _record_address(found.account, user)


@transaction.atomic
def set_spam_policy(*, account_id: int, policy: SpamPolicy, user: User) -> Account:
    """Say whose marks of spam count for a mailbox; raises ValidationError by field."""
    account = Account.objects.select_for_update().get(pk=account_id)
    if policy.marks == Account.SpamMarks.ABOVE and not policy.hop.strip():
        raise ValidationError({"hop": _("Name the server whose marks count.")})
    if policy.keep_days not in KEEP_DAYS:
        raise ValidationError({"keep_days": _("Enter a number of days from 7 to 365.")})
    saved = save_setting(
        instance=account, values=policy.values(), subject_kind="account", user=user
    )
    renew_marks(authority_id=account.authority_id)
    return saved


def _addresses(account: Account) -> QuerySet[FurtherAddress]:
    return FurtherAddress.objects.filter(account=account)


def renew_marks(*, authority_id: int) -> None:
    """Give every account with rules a new mark, and those without none.

    Belongs into each transaction that changes a filter, an address or what an account trusts.
    """
    active = MailFilter.objects.filter(authority_id=authority_id, is_active=True)
    of_accounts = set(active.values_list("account_id", flat=True))
    with_addresses = set(
        FurtherAddress.objects.filter(account__authority_id=authority_id).values_list(
            "account_id", flat=True
        )
    )
    for account in Account.objects.filter(authority_id=authority_id):
        has_rules = (
            None in of_accounts
            or account.pk in of_accounts | with_addresses
            or account.spam_marks != Account.SpamMarks.NONE
        )
        mark = new_nonce() if has_rules else ""
        if mark or account.rules_mark:
            Account.objects.filter(pk=account.pk).update(rules_mark=mark)


def filters_of_team(team_id: int) -> str:
    """Say how many active filters and addresses lead to a team, "" for none."""
    count = MailFilter.objects.filter(team_id=team_id, is_active=True).count()
    count += FurtherAddress.objects.filter(team_id=team_id, account__is_active=True).count()
    if not count:
        return ""
    return ngettext("%(count)d rule for mail", "%(count)d rules for mail", count) % {"count": count}


def _check(authority_id: int, details: FilterDetails) -> None:
    if not details.conditions:
        raise ValidationError({"conditions": _("Name at least one condition.")})
    if len(details.conditions) > MAX_CONDITIONS:
        raise ValidationError({"conditions": _("A filter has at most 20 conditions.")})
    for number, each in enumerate(details.conditions, start=1):
        _check_condition(number, each)
    if len(read_tags(details.tags)) > MAX_TAGS:
        raise ValidationError({"tags": _("A request has at most 20 tags.")})
    _check_places(authority_id, details.team_id, details.category_id)
    accounts = Account.objects.filter(authority_id=authority_id)
    if details.account_id and not accounts.filter(pk=details.account_id).exists():
        raise ValidationError({"account": _("This mailbox does not exist.")})
    if not actions_of(MailFilter(**details.values())) and not details.is_last:
        raise ValidationError(_("Say what is to happen to such a mail."))


def _check_condition(number: int, row: Condition) -> None:
    problem = _problem_of(row)
    if problem:
        # The number tells faces which row it is about.
        refused = ValidationError(
            f"{_('Condition %(number)d')}: {problem}", params={"number": number}
        )
        raise ValidationError({"conditions": refused})


def _problem_of(row: Condition) -> str:
    field = FIELDS.get(row.field)
    value = row.value.strip()
    if field is None or row.operator not in field.operators:
        return _("this comparison does not fit the field.")
    if row.field == "header" and not row.header.strip():
        return _("name the header, such as List-Id.")
    if OPERATORS[row.operator].takes_value and not value:
        return _("say what to compare with.")
    if field.choices and value not in dict(field.choices):
        return _("choose one of the values offered.")
    if row.operator in NUMBER and not value.isdecimal():
        return _("enter a whole number.")
    return ""


def _check_places(authority_id: int, team_id: int | None, category_id: int | None) -> None:
    teams = Team.objects.filter(authority_id=authority_id, is_active=True)
    if team_id and not teams.filter(pk=team_id).exists():
        raise ValidationError({"team": _("This team does not exist.")})
    topics = Category.objects.filter(authority_id=authority_id, is_active=True)
    if category_id and not topics.filter(pk=category_id).exists():
        raise ValidationError({"category": _("This topic does not exist.")})


def _record(found: MailFilter, user: User, action: str, *fields: str) -> None:
    record_setting(
        subject=(SUBJECT_KIND, found.pk),
        authority_id=found.authority_id,
        user=user,
        action=action,
        fields=fields,
    )


def _record_address(account: Account, user: User) -> None:
    record_setting(
        subject=("account", account.pk),
        authority_id=account.authority_id,
        user=user,
        action="changed",
        fields=("further_addresses",),
    )
    renew_marks(authority_id=account.authority_id)
