"""What is kept of somebody who has an account in the portal, for them to read and take away.

It is read by the account's proved addresses, and holds what its pages show: of requests only what
their citizen may read, of what others have reported only that it is followed, of a report that was
begun only that it names the address, for whoever typed it there may be anybody (docs/adr/0114).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from helpdesk.accounts.models import AccountLink, PortalAccount
from helpdesk.accounts.queries import requests_of
from helpdesk.forms.queries import drafts_naming
from helpdesk.notifications.models import Follower
from helpdesk.notifications.portal_mails import mails_to
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_of

FORMAT: Final = 1
# So many requests are read at once; the page shows no more, the file holds all.
AT_ONCE: Final = 500
Rows = list[dict[str, Any]]


def holdings_of(account: PortalAccount) -> dict[str, Any]:
    """Return everything about an account and its holder, fit for JSON but for its moments."""
    return _about(account) | {"requests": list(_with_messages(account))}


def overview_of(account: PortalAccount) -> dict[str, Any]:
    """Return the same without what was written, for a page; of very many requests the latest."""
    tickets = _tickets_of(account)
    shown = [_request(ticket) for ticket in tickets[:AT_ONCE]]
    count = len(shown) if len(shown) < AT_ONCE else tickets.count()
    return _about(account) | {"requests": shown, "requests_in_all": count}


def _about(account: PortalAccount) -> dict[str, Any]:
    addresses = list(account.addresses.all())
    emails = [each.normalised for each in addresses]
    return {
        "format": FORMAT,
        "made_at": timezone.now(),
        "authority": account.authority.name,
        "account": _row(account, "name", "language", "created_at", "signed_in_at"),
        "addresses": [_row(each, "email", "is_main", "verified_at") for each in addresses],
        **_ways_in(account, emails),
        "followed": _followed(account, emails),
        "drafts": _drafts(account, emails),
        "mails": [
            {"kind": kind, "to": address, "made_at": at}
            for kind, address, at in mails_to(account.authority_id, emails)
        ],
    }


def _row(instance: object, *names: str) -> dict[str, Any]:
    return {name: getattr(instance, name) for name in names}


def _ways_in(account: PortalAccount, emails: list[str]) -> dict[str, Rows]:
    links = AccountLink.objects.filter(authority_id=account.authority_id, normalised__in=emails)
    return {
        "passkeys": [
            _row(each, "name", "created_at", "used_at") for each in account.passkeys.all()
        ],
        "identities": [
            _row(each, "issuer", "subject", "created_at") for each in account.identities.all()
        ],
        "sessions": [_row(each, "created_at", "expires_at") for each in account.sessions.all()],
        "links": [
            _row(each, "purpose", "email", "created_at", "expires_at")
            for each in links.order_by("id")
        ],
    }


def _followed(account: PortalAccount, emails: list[str]) -> Rows:
    rows = Follower.objects.filter(
        ticket__authority_id=account.authority_id, email__in=emails
    ).order_by("id")
    return [_row(each, "email", "language", "created_at", "confirmed_at") for each in rows]


def _drafts(account: PortalAccount, emails: list[str]) -> Rows:
    drafts = drafts_naming(authority_id=account.authority_id, emails=emails)
    return [_row(each, "created_at", "expires_at") for each in drafts]


def _tickets_of(account: PortalAccount) -> QuerySet[Ticket]:
    return requests_of(account).order_by("-received_at", "-pk")


def _with_messages(account: PortalAccount) -> Iterator[dict[str, Any]]:
    """Yield all requests with what was written in them, by some questions for each few hundred."""
    keys = list(_tickets_of(account).values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        tickets = list(_tickets_of(account).filter(pk__in=keys[begin : begin + AT_ONCE]))
        said = messages_of(tickets)
        yield from ({**_request(ticket), "messages": said[ticket.pk]} for ticket in tickets)


def _request(ticket: Ticket) -> dict[str, Any]:
    return _row(ticket, "reference", "title", "place", "received_at", "resolved_at")


def messages_of(tickets: Iterable[Ticket]) -> dict[int, Rows]:
    """Return what the citizen may read of each request, by one question for all of them."""
    found: dict[int, Rows] = defaultdict(list)
    articles = public_of(Article.objects.filter(ticket__in=[ticket.pk for ticket in tickets]))
    for article in articles.prefetch_related("attachments").order_by("id"):
        found[article.ticket_id].append(
            {
                "from": "authority" if article.kind == ArticleKind.ANSWER else "citizen",
                "at": article.received_at,
                "text": article.text,
                "files": [each.name for each in article.attachments.all() if not each.is_inline],
            }
        )
    return found


def as_text(value: object) -> str:
    """Return a moment as JSON has it (RFC 3339)."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)
