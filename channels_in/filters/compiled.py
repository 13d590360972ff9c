"""Filters and addresses of a mailbox, compiled once and kept until one of them changes.

An account carries a mark that changes with its rules: a mail costs no statement to find
out that nothing changed, and none at all where there are no rules.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from channels_in.filters.fields import FIELDS, MailView
from channels_in.filters.marks import Trust
from channels_in.models import Account, FilterCondition, FurtherAddress, MailFilter
from helpdesk.lib.addresses import normalise
from helpdesk.lib.conditions import compile_condition
from helpdesk.outbox.subaddress import without_tag

logger = logging.getLogger(__name__)

Check = Callable[[MailView], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """A condition with its compiled check."""

    field: str
    header: str
    operator: str
    value: str
    check: Check


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that is ready to be asked; ``stored`` holds its actions."""

    stored: MailFilter
    rows: tuple[Row, ...]

    def results(self, view: MailView) -> tuple[bool, ...]:
        """Return for each condition whether the mail meets it."""
        return tuple(row.check(view) for row in self.rows)

    def is_met(self, results: Iterable[bool]) -> bool:
        """Tell whether these results are enough; a filter without conditions never is."""
        found = tuple(results)
        if self.stored.matching == MailFilter.Matching.ANY:
            return any(found)
        return bool(found) and all(found)


@dataclass(frozen=True, slots=True)
class Rules:
    """All that is decided about the mails of one account, and whose marks it trusts."""

    filters: tuple[Filter, ...] = ()
    addresses: tuple[tuple[str, FurtherAddress], ...] = ()
    trust: Trust | None = None

    def destination(self, recipients: Iterable[str]) -> FurtherAddress | None:
        """Return where the first of these addresses leads that is one of ours (mail.md 90).

        One with its plus tag is looked for before the same without it.
        """
        known = dict(self.addresses)
        for address in map(normalise, recipients) if known else ():
            found = known.get(address) or known.get(without_tag(address))
            if found is not None:
                return found
        return None

    def asked(self, view: MailView) -> Iterator[tuple[Filter, tuple[bool, ...], bool]]:
        """Ask the filters in order; one that is met and the last ends it."""
        for each in self.filters:
            results = each.results(view)
            is_met = each.is_met(results)
            yield each, results, is_met
            if is_met and each.stored.is_last:
                return


_kept: dict[int, tuple[str, Rules]] = {}


def rules_of(account: Account) -> Rules | None:
    """Return an account's rules, None where there are none; read again only when they changed."""
    mark = account.rules_mark
    if not mark:
        return None
    kept = _kept.get(account.pk)
    if kept is None or kept[0] != mark:
        kept = _kept[account.pk] = (mark, read_rules(account))
    return kept[1]


def read_rules(account: Account) -> Rules:
    """Read and compile the rules of an account as they are now."""
    ours = Q(account=account) | Q(account=None, authority_id=account.authority_id)
    stored = MailFilter.objects.filter(ours, is_active=True).prefetch_related("conditions")
    addresses = FurtherAddress.objects.filter(account=account).select_related("team", "category")
    return Rules(
        filters=tuple(filter(None, map(_compiled, stored))),
        addresses=tuple((normalise(each.address), each) for each in addresses),
        trust=trust_of(account),
    )


def trust_of(account: Account) -> Trust | None:
    """Return whose marks of spam an account trusts."""
    if not account.spam_marks:
        return None
    return Trust(account.spam_marks, account.spam_hop, account.spam_limit)


def compile_filter(stored: MailFilter, conditions: Iterable[FilterCondition]) -> Filter:
    """Return a filter that is ready; raises KeyError or ValueError for a senseless condition."""
    return Filter(stored, tuple(_row(each) for each in conditions))


def _compiled(stored: MailFilter) -> Filter | None:
    """Return a stored filter, or None for one that can't be: mail comes in all the same."""
    try:
        return compile_filter(stored, stored.conditions.all())
    except (KeyError, ValueError):
        logger.exception("mail filter %s can't be used", stored.pk)
        return None


def _row(condition: FilterCondition) -> Row:
    name, header = condition.field, condition.header
    if condition.operator not in FIELDS[name].operators:
        raise ValueError(f"{condition.operator} does not fit {name}")
    test = compile_condition(condition.operator, condition.value)
    return Row(
        field=name,
        header=header,
        operator=condition.operator,
        value=condition.value,
        check=lambda view: test(view.texts(name, header)),
    )
