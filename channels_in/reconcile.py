"""Proves that nothing was lost: every mail has its place, every row its bytes (I9)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now

from channels_in import queries
from channels_in.models import Account, FolderState, RawMessage, Sighting
from channels_in.reasons import EMPTIED
from channels_in.store import read_raw
from helpdesk.events import chain
from helpdesk.events.models import Event, Unsealed
from helpdesk.files import store as files
from helpdesk.files.models import StoredFile
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.reactions.models import Reaction
from helpdesk.tickets import facts
from helpdesk.tickets.models import Article, Ticket

State = RawMessage.State
STUCK_AFTER = timedelta(minutes=10)
UNSEALED_AFTER = timedelta(minutes=1)
MAX_NAMED = 20
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Balance:
    """One account's mails by what became of them; uneven means that some were lost."""

    account: str
    seen: int
    articles: int
    quarantined: int
    ignored: int
    discarded: int
    waiting: int
    spam: int = 0

    @property
    def is_even(self) -> bool:
        """Tell whether every mail seen has its place."""
        return self.seen == (
            self.articles
            + self.quarantined
            + self.ignored
            + self.discarded
            + self.waiting
            + self.spam
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what it found wrong, by row; nothing found is what one wants."""

    check: str
    rows: tuple[int | str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing was found."""
        return not self.rows


def balances() -> list[Balance]:
    """Count for each account what was seen and where it went; articles are counted as such."""
    has_article = Exists(Article.objects.filter(raw_message_id=OuterRef("pk")))
    counted = (
        RawMessage.objects.values("account_id", "account__name")
        .annotate(
            seen=Count("pk"),
            articles=Count("pk", filter=Q(has_article, state=State.FILED)),
            quarantined=Count("pk", filter=Q(state=State.QUARANTINED)),
            ignored=Count("pk", filter=Q(state=State.IGNORED) & ~Q(reason="")),
            discarded=Count("pk", filter=Q(state=State.DISCARDED) & ~Q(reason="")),
            waiting=Count("pk", filter=Q(state=State.STORED)),
            in_spam=Count("pk", filter=Q(state=State.SPAM, held__isnull=False)),
        )
        .order_by("account_id")
    )
    return [
        Balance(
            account=row["account__name"],
            seen=row["seen"],
            articles=row["articles"],
            quarantined=row["quarantined"],
            ignored=row["ignored"],
            discarded=row["discarded"],
            waiting=row["waiting"],
            spam=row["in_spam"],
        )
        for row in counted
    ]


def findings(*, read_bytes: bool = True) -> Iterator[Finding]:
    """Yield every check's result; ``read_bytes`` False leaves out the reading of all files."""
    checks: list[tuple[str, Callable[[], Iterable[int | str]]]] = [
        ("filed mails without an article", _filed_without_article),
        ("mails with several articles", _several_articles),
        ("articles whose raw mail is missing", _articles_without_raw),
        ("mails without outcome for long", _overdue),
        ("mails ignored or discarded without a reason", _without_reason),
        ("mails settled on the server before they had an outcome", _settled_early),
        ("mails that the server could not give us", _unfetchable),
        ("tickets without an article", _empty_tickets),
        ("tickets without their first event", _eventless_tickets),
        ("outgoing messages that are stuck", _stuck_messages),
        ("events waiting for their seal for long", _unsealed),
        ("events written past the door", _stray_events),
        ("broken seals", _broken_seals),
        ("reactions that are parked or late", _late_reactions),
        ("stored files missing on disk", _missing_files),
    ]
    if read_bytes:
        checks += [
            ("stored files whose content has changed", _changed_files),
            ("raw mails whose bytes have changed", _changed_raws),
        ]
    for name, check in checks:
        yield Finding(name, tuple(check()))


def _filed_without_article() -> Iterable[int]:
    article = Article.objects.filter(raw_message_id=OuterRef("pk"))
    return RawMessage.objects.filter(~Exists(article), state=State.FILED).values_list(
        "pk", flat=True
    )


def _several_articles() -> Iterable[int]:
    counted = (
        Article.objects.filter(raw_message_id__isnull=False)
        .values("raw_message_id")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
    )
    return [row["raw_message_id"] or 0 for row in counted]


def _articles_without_raw() -> Iterable[int]:
    raw = RawMessage.objects.filter(pk=OuterRef("raw_message_id"))
    return Article.objects.filter(~Exists(raw), raw_message_id__isnull=False).values_list(
        "pk", flat=True
    )


def _overdue() -> Iterable[int]:
    return queries.overdue().values_list("pk", flat=True)


def _without_reason() -> Iterable[int]:
    return RawMessage.objects.filter(
        state__in=(State.IGNORED, State.DISCARDED), reason=""
    ).values_list("pk", flat=True)


def _settled_early() -> Iterable[int]:
    """Look at present places only: those of a former server were never settled there."""
    present = FolderState.objects.filter(account=OuterRef("account"), name=OuterRef("folder"))
    return Sighting.objects.filter(
        Exists(present), settled_at__isnull=False, raw_message__state=State.STORED
    ).values_list("pk", flat=True)


def _unfetchable() -> Iterable[str]:
    places = Sighting.objects.filter(raw_message__isnull=True).select_related("account")
    return (f"{place.account.name} {place.folder} {place.uid}" for place in places)


def _empty_tickets() -> Iterable[int]:
    article = Article.objects.filter(ticket=OuterRef("pk"))
    return Ticket.objects.filter(~Exists(article)).values_list("pk", flat=True)


def _eventless_tickets() -> Iterable[int]:
    event = Event.objects.filter(
        subject_kind="ticket", subject_id=OuterRef("pk"), kind=facts.CREATED
    )
    return Ticket.objects.filter(~Exists(event)).values_list("pk", flat=True)


def _stuck_messages() -> Iterable[int]:
    long_ago = Now() - STUCK_AFTER
    return OutgoingMessage.objects.filter(
        Q(state=MessageState.QUEUED, next_attempt_at__lt=long_ago)
        | Q(state=MessageState.SENDING, lease_until__lt=long_ago),
        sender__is_active=True,
    ).values_list("pk", flat=True)


def _unsealed() -> Iterable[int]:
    return Unsealed.objects.filter(event__created_at__lt=Now() - UNSEALED_AFTER).values_list(
        "pk", flat=True
    )


def _stray_events() -> Iterable[int | str]:
    count = chain.strays()
    return [f"{count} events"] if count else []


def _broken_seals() -> Iterable[int]:
    broken = chain.verify()
    return [] if broken is None else [broken]


def _late_reactions() -> Iterable[int]:
    late = Q(state=Reaction.State.PENDING, next_attempt_at__lt=Now() - STUCK_AFTER)
    return Reaction.objects.filter(late | Q(state=Reaction.State.PARKED)).values_list(
        "seq", flat=True
    )


def _missing_files() -> Iterable[int]:
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=CHUNK):
        if not files.path_of(stored.sha256).is_file():
            yield stored.pk


def _changed_files() -> Iterable[int]:
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=CHUNK):
        if files.find_damage(stored) == "changed":
            yield stored.pk


def _changed_raws() -> Iterable[int]:
    emptied = Q(state=State.DISCARDED, reason__in=EMPTIED)
    rows = RawMessage.objects.select_related("file").exclude(emptied).order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        try:
            content = read_raw(row)
        except files.FileMissingError:
            continue
        if hashlib.sha256(content).hexdigest() != row.sha256:
            yield row.pk


def accounts_without_success() -> list[str]:
    """Name active mailboxes that were never read: a warning, not a difference."""
    return list(
        Account.objects.filter(
            is_active=True, kind=Account.Kind.IMAP, last_success_at__isnull=True
        ).values_list("name", flat=True)
    )
