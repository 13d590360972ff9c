"""Filters for tests, as an administrator would save them."""

from typing import Any

from channels_in.filters.doors import Condition, FilterDetails, save_filter
from channels_in.models import Account, MailFilter, RawMessage
from channels_in.process import process_raw
from tests.channels_in.making import kept
from tests.factories.house import House

SUBJECT_HOLE = Condition("subject", "contains", "schlagloch")


def make_filter(house: House, name: str = "Filter", **values: Any) -> MailFilter:
    """Return a stored filter; without conditions it meets "Schlagloch" in the subject."""
    rows = values.pop("conditions", (SUBJECT_HOLE,))
    details = FilterDetails(name=name, conditions=tuple(rows), **values)
    return save_filter(
        authority_id=house.authority.pk, filter_id=None, details=details, user=house.anna
    )


def processed(account: Account, raw: bytes, **values: Any) -> RawMessage:
    """Keep a mail and bring it to its outcome, as a fetcher does that has just begun."""
    account.refresh_from_db()
    row = kept(account, raw, **values)
    process_raw(row.pk)
    row.refresh_from_db()
    return row
