"""Which ticket a mail belongs to: small finders, from the surest to the weakest sign.

The order is mail.md 61: our signed Message-ID, our signed reply address, Message-IDs we
know, Message-IDs that stored mails refer to, and last the number in the subject with our full tag.
A number alone is public and never lets anybody in.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from django.db.models import QuerySet

from helpdesk.citizens.models import ContactKind
from helpdesk.lib.addresses import normalise
from helpdesk.lib.statements import Lookup
from helpdesk.lib.subjects import is_forwarded
from helpdesk.outbox.identity import scope_of
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.subaddress import read_bounced_message, read_reply_scope
from helpdesk.outbox.subjects import strip_prefixes
from helpdesk.tickets.inbound import Inbound
from helpdesk.tickets.models import Article, MessageReference, Ticket

MAX_REFERENCES = 200
MAX_TAGS = 3
# So many mails are looked at where some program uses one Message-ID for all it sends.
MAX_HOLDERS = 500
_TICKET = Lookup(
    lambda pk, authority_id: Ticket.objects.filter(pk=pk, authority_id=authority_id),
    "pk",
    "authority_id",
)
_TAG = re.compile(r"\[\s*([A-Za-z]{1,10})#(\d{4}-\d{6})\s*\]")
# "t17", and "t17u5" in what one agent was told of the ticket.
_SCOPE = re.compile(r"t([0-9]{1,18})(?:u[0-9]{1,18})?")
MERGE_DEPTH = 10


class Sign(Enum):
    """By what a mail was matched to a ticket."""

    SIGNED_ID = "signed_id"
    REPLY_ADDRESS = "reply_address"
    KNOWN_ID = "known_id"
    SIBLING = "sibling"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Match:
    """A ticket and the sign that led to it."""

    ticket: Ticket
    sign: Sign


def reference_ids(inbound: Inbound) -> tuple[str, ...]:
    """Return the Message-IDs a mail refers to, newest first and each once."""
    thread = inbound.threading
    newest_first = [thread.in_reply_to, *reversed(thread.references)]
    return tuple(dict.fromkeys(filter(None, newest_first)))[:MAX_REFERENCES]


def refers(inbound: Inbound) -> bool:
    """Tell whether a mail names another or a request of ours, so that it may join one."""
    return bool(reference_ids(inbound)) or _TAG.search(inbound.subject) is not None


def _ticket(inbound: Inbound, ticket_id: int | None) -> Ticket | None:
    if ticket_id is None:
        return None
    found: Ticket | None = _TICKET.one(pk=ticket_id, authority_id=inbound.authority_id)
    return found


def token_ticket_id(ids: Iterable[str]) -> int | None:
    """Return the ticket that a Message-ID signed by us proves, without a look at the database."""
    return next(filter(None, (_ticket_id(scope_of(message_id)) for message_id in ids)), None)


def _ticket_id(scope: str | None) -> int | None:
    found = _SCOPE.fullmatch(scope or "")
    return int(found.group(1)) if found else None


def find_by_token(inbound: Inbound) -> Match | None:
    """Match by a Message-ID of ours whose signature holds."""
    ids = reference_ids(inbound)
    ticket = _ticket(inbound, token_ticket_id(ids))
    if ticket is None:
        return None
    if ticket.has_given_away:
        ticket = _where_it_went(inbound, ids) or ticket
    return Match(ticket, Sign.SIGNED_ID)


def _where_it_went(inbound: Inbound, ids: Sequence[str]) -> Ticket | None:
    """Return where the newest message that is referred to lies now (mail.md 70)."""
    rows = Article.objects.filter(message_id__in=ids, ticket__authority_id=inbound.authority_id)
    held = dict(rows.values_list("message_id", "ticket_id"))
    found = (held.get(each) or token_ticket_id([each]) for each in ids)
    return _ticket(inbound, next(filter(None, found), None))


def find_by_reply_address(inbound: Inbound) -> Match | None:
    """Match by an address of ours, written to, whose tag holds; headers may have been lost."""
    scope = read_reply_scope(inbound.threading.recipients)
    ticket = _ticket(inbound, _ticket_id(scope))
    return Match(ticket, Sign.REPLY_ADDRESS) if ticket else None


def find_by_bounce_address(inbound: Inbound) -> Match | None:
    """Match by the return address of one mail of ours, to which out-of-office replies go."""
    message_id = read_bounced_message(inbound.threading.recipients)
    if message_id is None:
        return None
    linked = OutgoingMessage.objects.filter(pk=message_id, link_kind="ticket")
    ticket = _ticket(inbound, linked.values_list("link_id", flat=True).first())
    return Match(ticket, Sign.REPLY_ADDRESS) if ticket else None


def find_by_known_id(inbound: Inbound) -> Match | None:
    """Match by the Message-ID of an article we hold, the newest reference first.

    Of several tickets the one in which the sender takes part: Message-IDs are no secret, and
    a stranger's mail under the same would else draw the sender's to theirs. One mail to two
    mailboxes is two tickets: then the one of the team written to now.
    """
    ids = reference_ids(inbound)
    if not ids:
        return None
    articles = Article.objects.filter(
        message_id__in=ids, ticket__authority_id=inbound.authority_id
    ).order_by("-id")
    held, is_cut = _teams_by_id(articles)
    if is_cut:
        # One that many mails have crowds out the others, of which a newer one goes first.
        known = (each for each in ids if articles.filter(message_id=each).exists())
        held, _ = _teams_by_id(articles.filter(message_id=next(known, "")))
    first = next((each for each in ids if each in held), "")
    teams = held.get(first, {})
    if len(teams) > 1:
        own = articles.filter(message_id=first, **_takes_part(inbound, "ticket__"))
        teams = _teams_by_id(own)[0].get(first) or teams
    ranked = sorted(teams, key=lambda ticket_id: (teams[ticket_id] == inbound.team_id, ticket_id))
    ticket = _ticket(inbound, ranked[-1] if ranked else None)
    return Match(ticket, Sign.KNOWN_ID) if ticket else None


def _teams_by_id(articles: QuerySet[Article]) -> tuple[dict[str, dict[int, int]], bool]:
    """Return by Message-ID which tickets hold such a mail, with their teams.

    Of many the newest; and whether there may be more.
    """
    held: dict[str, dict[int, int]] = defaultdict(dict)
    rows = articles.values_list("message_id", "ticket_id", "ticket__team_id")[:MAX_HOLDERS]
    for message_id, ticket_id, team_id in rows:
        held[message_id][ticket_id] = team_id
    return held, len(rows) == MAX_HOLDERS


def _takes_part(inbound: Inbound, path: str) -> dict[str, object]:
    """Return the condition that the sender takes part in the ticket at ``path``."""
    points = f"{path}participants__citizen__contact_points__"
    return {
        f"{points}kind": ContactKind.MAIL,
        f"{points}normalised": normalise(inbound.person.email),
    }


def find_by_sibling(inbound: Inbound) -> Match | None:
    """Match by an ancestor we never saw but that a stored mail also refers to (mail.md 68).

    Of several tickets the one in which the sender takes part: else whoever was last to
    refer to a mail that went round would draw the answers of others to their ticket.
    """
    ids = reference_ids(inbound)
    if not ids:
        return None
    rows = (
        MessageReference.objects.filter(
            message_id__in=ids, article__ticket__authority_id=inbound.authority_id
        )
        .order_by("-id")
        .values_list("article__ticket_id", flat=True)
    )
    of_sender = rows.filter(**_takes_part(inbound, "article__ticket__"))
    newest = rows.first()
    ticket = _ticket(inbound, newest and (of_sender.first() or newest))
    return Match(ticket, Sign.SIBLING) if ticket else None


def find_by_subject(inbound: Inbound) -> Match | None:
    """Match by our full tag in the subject; who sent it decides what that is worth."""
    tags = _TAG.findall(inbound.subject)[:MAX_TAGS]
    found = (
        Ticket.objects.filter(
            authority_id=inbound.authority_id,
            authority__reference_prefix__iexact=prefix,
            number=number,
        ).first()
        for prefix, number in tags
    )
    ticket = next(filter(None, found), None)
    return Match(ticket, Sign.SUBJECT) if ticket else None


FINDERS: tuple[Callable[[Inbound], Match | None], ...] = (
    find_by_token,
    find_by_reply_address,
    find_by_bounce_address,
    find_by_known_id,
    find_by_sibling,
    find_by_subject,
)


def find_match(inbound: Inbound) -> Match | None:
    """Return the ticket a mail belongs to by the surest sign, followed through merges."""
    for finder in FINDERS:
        match = finder(inbound)
        if match:
            return Match(follow_merges(match.ticket), match.sign)
    return None


def follow_merges(ticket: Ticket) -> Ticket:
    """Return the ticket that a merged one went into, however often that happened."""
    for _ in range(MERGE_DEPTH):
        if ticket.merged_into is None:
            break
        ticket = ticket.merged_into
    return ticket


def is_forward(inbound: Inbound) -> bool:
    """Tell whether the subject begins as a forwarded mail's does, answered before or not."""
    return is_forwarded(inbound.subject) or is_forwarded(strip_prefixes(inbound.subject))
