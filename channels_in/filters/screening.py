"""Decides about a parsed mail before it is filed: address, marks of spam, then the filters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from channels_in.filters.compiled import Filter, Rules, rules_of
from channels_in.filters.fields import MailView
from channels_in.filters.marks import find_mark
from channels_in.mail.authentication import trusted_results
from channels_in.mail.inbound import REPLY_TO_DIFFERS
from channels_in.mail.parsed import ParsedMail
from channels_in.models import Account, MailFilter, RawMessage
from channels_in.reasons import LET_THROUGH
from channels_in.trace import fields_of
from helpdesk.outbox.identity import is_own_loop_mark
from helpdesk.outbox.subaddress import read_reply_scope
from helpdesk.tickets.domain.tags import read_tags
from helpdesk.tickets.domain.threading import token_ticket_id
from helpdesk.tickets.inbound import Applied, Inbound, Sorting

Verdict = MailFilter.Verdict
# What an address did, in the history; a rule of no filter has no id.
ADDRESS = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """What the rules say of one mail; ``cause`` is why it is held or left out."""

    sorting: Sorting = field(default_factory=Sorting)
    team_written_to: int | None = None
    takes_reply_to: bool = False
    verdict: str = Verdict.NONE
    cause: str = ""

    @property
    def is_kept_out(self) -> bool:
        """Tell whether the mail becomes no request."""
        return self.verdict in {Verdict.SPAM, Verdict.DROP}


def screen(raw: RawMessage, mail: ParsedMail, content: bytes) -> Decided | None:
    """Return what an account's rules say of a mail that is about to be filed, None for nothing.

    What a reply proves by a Message-ID or an address of ours, and what somebody let through by
    hand, is filed whatever the rules say.
    """
    rules = rules_of(raw.account)
    if rules is None:
        return None
    view = make_view(rules, raw.account, mail, content, raw.envelope_to)
    decided = decide(rules, view)
    if decided.is_kept_out and (raw.reason in LET_THROUGH or is_proven_reply(view)):
        return replace(decided, verdict=Verdict.NONE)
    return decided


def is_proven_reply(view: MailView) -> bool:
    """Tell whether a mail names a Message-ID, or was written to an address, that we signed."""
    return proves_reply(view.mail, view.recipients)


def proves_reply(mail: ParsedMail, recipients: Iterable[str]) -> bool:
    """Tell the same of a mail and of those to whom it was written or delivered."""
    ids = filter(None, (mail.in_reply_to, *mail.references))
    return token_ticket_id(ids) is not None or read_reply_scope(recipients) is not None


def recipients_of(mail: ParsedMail, envelope_to: Iterable[str]) -> tuple[str, ...]:
    """Return every address a mail came to: what servers say goes before what its sender wrote."""
    written = (each.email for each in (*mail.to, *mail.cc) if each.email)
    return tuple(dict.fromkeys((*envelope_to, *mail.delivered_to, *written)))


def make_view(
    rules: Rules,
    account: Account,
    mail: ParsedMail,
    content: bytes,
    envelope_to: Iterable[str] = (),
) -> MailView:
    """Return a mail as the conditions see it; headers are read only where marks count."""
    return MailView(
        mail=mail,
        raw=content,
        recipients=recipients_of(mail, envelope_to),
        results=trusted_results(mail.authentication_results, account.authserv_id),
        spam_mark=find_mark(fields_of(content), rules.trust) if rules.trust else "",
    )


def decide(rules: Rules, view: MailView) -> Decided:
    """Return what the rules say of a mail: the address goes before the content (mail.md 90)."""
    decided = by_address(rules, view)
    if view.spam_mark:
        decided = replace(decided, verdict=Verdict.SPAM, cause=view.spam_mark)
    for each, _results, is_met in rules.asked(view):
        if is_met:
            decided = by_filter(each, decided)
    return decided


def by_address(rules: Rules, view: MailView) -> Decided:
    """Return where a further address leads."""
    found = rules.destination(view.recipients)
    if found is None or not (found.team_id or found.category_id):
        return Decided()
    did = tuple(name for name in ("team", "category") if getattr(found, f"{name}_id"))
    sorting = Sorting(
        team_id=found.team_id,
        category_id=found.category_id,
        applied=(Applied(ADDRESS, found.address, did),),
    )
    return Decided(sorting, team_written_to=found.team_id)


# Name of an action in the history → whether a filter has it.
ACTIONS: dict[str, Callable[[MailFilter], bool]] = {
    "team": lambda stored: stored.team_id is not None,
    "category": lambda stored: stored.category_id is not None,
    "priority": lambda stored: stored.priority is not None,
    "tags": lambda stored: bool(stored.tags),
    "requester": lambda stored: stored.takes_reply_to,
    "no_receipt": lambda stored: stored.withholds_receipt,
    "spam": lambda stored: stored.verdict == Verdict.SPAM,
    "wanted": lambda stored: stored.verdict == Verdict.WANTED,
    "drop": lambda stored: stored.verdict == Verdict.DROP,
}


def actions_of(stored: MailFilter) -> tuple[str, ...]:
    """Return the names of what a filter does."""
    return tuple(name for name, has in ACTIONS.items() if has(stored))


def by_filter(met: Filter, before: Decided) -> Decided:
    """Return what is decided once one more filter was met; a later one overrules."""
    stored, sorting = met.stored, before.sorting
    return replace(
        before,
        sorting=Sorting(
            team_id=stored.team_id or sorting.team_id,
            category_id=stored.category_id or sorting.category_id,
            priority=stored.priority or sorting.priority,
            tags=tuple(dict.fromkeys((*sorting.tags, *read_tags(stored.tags)))),
            withholds_receipt=stored.withholds_receipt or sorting.withholds_receipt,
            applied=(*sorting.applied, Applied(stored.pk or 0, stored.name, actions_of(stored))),
        ),
        takes_reply_to=stored.takes_reply_to or before.takes_reply_to,
        verdict=stored.verdict or before.verdict,
        cause=stored.name if stored.verdict else before.cause,
    )


def sort(decided: Decided, inbound: Inbound, mail: ParsedMail) -> Inbound:
    """Return an Inbound with what was decided about it."""
    if decided.takes_reply_to and not is_own_loop_mark(mail.loop_mark or ""):
        inbound = from_reply_to(inbound)
    if decided.team_written_to:
        inbound = replace(inbound, team_id=decided.team_written_to)
    return replace(inbound, sorting=decided.sorting) if decided.sorting.applied else inbound


def from_reply_to(inbound: Inbound) -> Inbound:
    """Take the address for answers for the person who asks: of a form that writes as ours.

    Not of a mail that a machine answered with, nor of one whose sender is disowned: else
    anybody could open requests in a stranger's name (mail.md 51).
    """
    person = inbound.reply_to
    if person is None or inbound.is_automatic or inbound.authentication_failed:
        return inbound
    warnings = tuple(code for code in inbound.warnings if code != REPLY_TO_DIFFERS)
    return replace(inbound, person=person, reply_to=None, is_own_loop=False, warnings=warnings)
