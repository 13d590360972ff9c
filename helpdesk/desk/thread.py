"""The thread of a ticket as the page shows it: articles and events in one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from channels_in.reasons import describe_warning
from helpdesk.agents.models import User
from helpdesk.desk.history import Line, Names, history_lines
from helpdesk.desk.mail_files import Files, arrange
from helpdesk.outbox.models import MessageState
from helpdesk.outbox.queries import Delivery, delivery_state
from helpdesk.tickets.enums import ArticleKind, Trust
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import thread

# level of a delivery → icon
DELIVERY_ICONS = {
    "waiting": "clock",
    "good": "check",
    "delayed": "clock",
    "bad": "warning",
    "unsure": "warning",
    "settled": "check",
}
# Levels that may still change while the page is open.
UNDECIDED = frozenset({"waiting", "delayed"})
# What an agent must know of a message's sender.
TRUST_MARKS: dict[str, str] = {
    Trust.THIRD_PERSON: gettext_noop("From a third person: not visible to the citizen"),
    Trust.UNVERIFIED: gettext_noop("Sender not verified: only the number was quoted"),
    Trust.STAFF_CLAIM: gettext_noop("Claims the address of staff: treated as mail from outside"),
}
# What goes out and can be held back for a moment.
FOLDED = frozenset({ArticleKind.MESSAGE, ArticleKind.FORWARD})
SENT = frozenset({ArticleKind.ANSWER, ArticleKind.FORWARD})
# So many entries stay open at the end of a long thread; fewer than a few are not worth folding.
OPEN_ENTRIES = 8
WORTH_FOLDING = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the thread: an article, or an event between articles."""

    at: datetime
    article: Article | None = None
    quoted_lines: int = 0
    delivery: Delivery | None = None
    delivery_icon: str = ""
    can_undo: bool = False
    is_undecided: bool = False
    is_first_unread: bool = False
    marks: tuple[str, ...] = ()
    files: Files = field(default_factory=Files)
    event: Line | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """All entries of a ticket: the request itself, what lies folded, and the last ones.

    What is folded is drawn once somebody asks for it: a long thread has a hundred entries.
    """

    first: Sequence[Entry]
    folded: Sequence[Entry]
    entries: Sequence[Entry]

    @property
    def place(self) -> str:
        """Return where the folded entries begin and how many they are, for an address."""
        return f"{len(self.first)}-{len(self.folded)}"

    @property
    def folded_articles(self) -> int:
        """Return how many of the folded entries are articles."""
        return sum(1 for entry in self.folded if entry.article)

    @property
    def folded_events(self) -> int:
        """Return how many of the folded entries are events."""
        return len(self.folded) - self.folded_articles


def marks_of(article: Article) -> tuple[str, ...]:
    """Return the warnings an agent must see at a message."""
    found = []
    if article.kind == ArticleKind.ANSWER and article.trust != Trust.PARTICIPANT:
        found.append(gettext("Went to the former citizen: not visible to the present one"))
    elif article.trust in TRUST_MARKS:
        found.append(gettext(TRUST_MARKS[article.trust]))
    if article.is_automatic:
        found.append(gettext("Sent automatically"))
    if article.crypto == "encrypted":
        found.append(gettext("Encrypted: the content can't be shown here, see the attachments"))
    if article.crypto == "signed":
        found.append(gettext("Signed, signature not checked"))
    return (*found, *map(describe_warning, article.warnings))


def entry_of(article: Article, user: User, files: Files | None = None) -> Entry:
    """Return one article as the page shows it; ``files`` if those of its thread are arranged."""
    outgoing = article.outgoing
    delivery = delivery_state(outgoing) if outgoing else _published(article)
    return Entry(
        at=article.created_at,
        article=article,
        quoted_lines=_quoted_lines(article),
        delivery=delivery,
        delivery_icon=DELIVERY_ICONS[delivery.level] if delivery else "",
        can_undo=_can_undo(article, user),
        is_undecided=bool(delivery and delivery.level in UNDECIDED),
        marks=marks_of(article),
        files=arrange([article])[article.pk] if files is None else files,
    )


def _can_undo(article: Article, user: User) -> bool:
    """Tell whether the answer's writer can still take it back."""
    if article.kind not in SENT or article.author_user_id != user.pk:
        return False
    outgoing, now = article.outgoing, timezone.now()
    if outgoing:
        return outgoing.state == MessageState.QUEUED and outgoing.not_before > now
    return article.published_at is not None and article.published_at > now


def _published(article: Article) -> Delivery | None:
    """Return where an answer stands that is no mail: on the status page, and nowhere else."""
    if article.kind != ArticleKind.ANSWER or article.published_at is None:
        return None
    return Delivery("published", "good", gettext("Published on the status page, not sent by mail"))


def _quoted_lines(article: Article) -> int:
    """Return how many lines of a message are folded away as quote or signature."""
    if article.kind not in FOLDED or not article.full_text.strip():
        return 0
    whole, shown = (len(text.strip().splitlines()) for text in (article.full_text, article.text))
    return max(1, whole - shown)


def read_articles(ticket: Ticket, *, after: int = 0) -> list[Article]:
    """Return the articles after this id, oldest first, with what their entries need."""
    return thread(ticket, after=after)


def build_thread(
    ticket: Ticket, user: User, articles: Sequence[Article], names: Names, *, seen: int
) -> Thread:
    """Return the whole thread; ``seen`` is the newest article the reader had on the screen.

    What lies folded is put in its place and no more: it is drawn once somebody asks for it.
    """
    unread = next((one.pk for one in articles if one.pk > seen), None)
    placed = [Entry(one.created_at, one, is_first_unread=one.pk == unread) for one in articles]
    thread = _folded(_ordered(placed, history_lines(ticket, names)))
    files = arrange(articles)

    def whole(entries: Sequence[Entry]) -> list[Entry]:
        return [_whole(entry, user, files) for entry in entries]

    return Thread(whole(thread.first), thread.folded, whole(thread.entries))


def _whole(entry: Entry, user: User, files: Mapping[int, Files]) -> Entry:
    """Return an entry that stood in its place only, with all that is shown of it."""
    if entry.article is None:
        return entry
    found = entry_of(entry.article, user, files[entry.article.pk])
    return replace(found, is_first_unread=True) if entry.is_first_unread else found


def build_tail(ticket: Ticket, user: User, *, after: int) -> list[Entry]:
    """Return the articles after an id and the events since, for a page that is open."""
    articles = read_articles(ticket, after=after)
    before = ticket.articles.filter(pk__lte=after).order_by("-pk").first()
    since = before.created_at if before else None
    lines = history_lines(ticket, Names(), since=since)
    return _ordered(_entries(articles, user), lines)


def _entries(articles: Sequence[Article], user: User) -> list[Entry]:
    files = arrange(articles)
    return [entry_of(article, user, files[article.pk]) for article in articles]


def _ordered(articles: Sequence[Entry], lines: Sequence[Line]) -> list[Entry]:
    events = [Entry(at=line.at, event=line) for line in lines]
    return sorted([*articles, *events], key=lambda entry: entry.at)


def unfolded(thread: Thread, user: User) -> Thread:
    """Return the same thread with nothing folded."""
    entries = (*thread.first, *thread.folded, *thread.entries)
    files = arrange([entry.article for entry in entries if entry.article])
    folded = [_whole(entry, user, files) for entry in thread.folded]
    return Thread((), (), [*thread.first, *folded, *thread.entries])


def build_folded(ticket: Ticket, user: User, names: Names, place: str) -> Sequence[Entry]:
    """Return the entries at a ``place`` that a page has folded; what has come since stands behind.

    Nothing for what is no place.
    """
    start, _, count = place.partition("-")
    if not (start.isdecimal() and count.isdecimal()):
        return ()
    entries = _ordered(_entries(read_articles(ticket), user), history_lines(ticket, names))
    return entries[int(start[:6]) : int(start[:6]) + int(count[:6])]


def _folded(entries: list[Entry]) -> Thread:
    """Fold what lies between the request and the last few entries, but nothing that is unread."""
    unread = next((at for at, entry in enumerate(entries) if entry.is_first_unread), len(entries))
    begin = next((at for at, entry in enumerate(entries, start=1) if entry.article), 0)
    cut = min(len(entries) - OPEN_ENTRIES, unread)
    if cut - begin < WORTH_FOLDING:
        return Thread((), (), entries)
    return Thread(entries[:begin], entries[begin:cut], entries[cut:])
