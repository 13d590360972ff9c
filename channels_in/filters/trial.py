"""Trying filters out: what they would do with a mail, without doing it."""

import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from channels_in.filters.compiled import Filter, Row, Rules, read_rules, trust_of
from channels_in.filters.screening import Decided, decide, is_proven_reply, make_view
from channels_in.mail.parsed import ParsedMail
from channels_in.mail.parser_process import ParserProcess
from channels_in.models import Account, RawMessage
from channels_in.spam import held_visible_to
from channels_in.store import read_raw
from helpdesk.agents.models import User
from helpdesk.files.store import FileMissingError
from helpdesk.permissions.registry import can
from helpdesk.tickets.queries import visible_to

State = RawMessage.State
LATEST = 50
# After this time a dry run ends with what it has: somebody waits for the page.
TRIAL_SECONDS = 8.0
MAIL_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What one filter said to a mail, row by row; not asked where an earlier one was the last."""

    filter: Filter
    rows: tuple[tuple[Row, bool], ...]
    is_met: bool
    is_asked: bool = True


@dataclass(frozen=True, slots=True)
class Trial:
    """A mail, the answers of all filters, and what would become of it."""

    mail: ParsedMail
    answers: tuple[Answer, ...]
    decided: Decided
    is_proven_reply: bool

    @property
    def is_kept_out(self) -> bool:
        """Tell whether the mail would become no request."""
        return self.decided.is_kept_out and not self.is_proven_reply


def mails_visible_to(user: User) -> QuerySet[RawMessage]:
    """Return the stored mails that ``user`` may read, the newest first.

    Those of tickets they see and the spam of their teams; what is ignored or in
    quarantine belongs to those who operate.
    """
    seen = Q(state=State.FILED, ticket__in=visible_to(user))
    seen |= Q(state=State.SPAM, pk__in=held_visible_to(user).values("raw_message_id"))
    if can(user, "operate"):
        seen |= Q(state__in=(State.IGNORED, State.QUARANTINED))
    mails = RawMessage.objects.filter(seen, account__authority_id=user.authority_id)
    return mails.select_related("account", "file", "ticket", "held").order_by("-id")


def latest_mails(user: User, account_id: int | None = None) -> list[RawMessage]:
    """Return the newest mails that ``user`` may read."""
    mails = mails_visible_to(user)
    if account_id is not None:
        mails = mails.filter(account_id=account_id)
    return list(mails[:LATEST])


def try_rules(account: Account, content: bytes, envelope_to: Iterable[str] = ()) -> Trial:
    """Return what the rules of a mailbox, as they are now, say to a mail. Nothing is written."""
    rules = read_rules(account)
    mail = parse_apart(content)
    view = make_view(rules, account, mail, content, envelope_to)
    asked = [
        Answer(each, tuple(zip(each.rows, results, strict=True)), is_met)
        for each, results, is_met in rules.asked(view)
    ]
    unasked = [
        Answer(each, tuple((row, False) for row in each.rows), is_met=False, is_asked=False)
        for each in rules.filters[len(asked) :]
    ]
    return Trial(mail, (*asked, *unasked), decide(rules, view), is_proven_reply(view))


@dataclass(frozen=True, slots=True)
class DryRun:
    """Which of the newest mails one filter would be met by; ``left`` were not reached in time."""

    mails: tuple[tuple[RawMessage, ParsedMail, bool], ...]
    left: int

    @property
    def met(self) -> int:
        """Return how many mails met the filter."""
        return sum(is_met for _raw, _mail, is_met in self.mails)


def try_filter(tried: Filter, user: User) -> DryRun:
    """Return which of the newest mails that ``user`` may read would meet a filter."""
    found: list[tuple[RawMessage, ParsedMail, bool]] = []
    mails = latest_mails(user, tried.stored.account_id)
    end = time.monotonic() + TRIAL_SECONDS
    with closing(_parser()) as parser:
        for raw in mails:
            if time.monotonic() > end:
                break
            try:
                content = read_raw(raw)
            except FileMissingError:
                continue
            mail = parser.parse(content)
            rules = Rules(filters=(tried,), trust=trust_of(raw.account))
            view = make_view(rules, raw.account, mail, content, raw.envelope_to)
            found.append((raw, mail, tried.is_met(tried.results(view))))
    return DryRun(tuple(found), len(mails) - len(found))


def parse_apart(content: bytes) -> ParsedMail:
    """Parse a mail for somebody who waits for a page."""
    with closing(_parser()) as parser:
        return parser.parse(content)


def _parser() -> ParserProcess:
    """Return a parser of one's own, so that no trial holds up the mail that comes in."""
    return ParserProcess(wall_seconds=MAIL_SECONDS, cpu_seconds=MAIL_SECONDS)
