"""The lights of the health page: what every room says of itself, as one list."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from channels_in.limits import MIN_FREE_BYTES
from channels_in.mail.parser_process import parse_bounded
from channels_in.models import Account
from channels_in.queries import (
    AccountHealth,
    account_health,
    late_copies,
    overdue,
    quarantined,
    unfetchable,
)
from helpdesk.agents.models import Authority
from helpdesk.events.models import Event
from helpdesk.files.sample import damaged_among_newest
from helpdesk.files.scan import scanner_health
from helpdesk.files.store import free_bytes
from helpdesk.outbox.grants import EXPIRY_NOTICE
from helpdesk.outbox.queries import (
    failing_senders,
    failures_to_mend,
    oldest_waiting,
    reply_domains_of_staff,
)
from helpdesk.pages.queries import missing_texts, statement_of
from helpdesk.reactions.heartbeat import last_beat
from helpdesk.reactions.indexing import oldest_unread
from helpdesk.reactions.queries import backlog
from helpdesk.search.engines import engine

GREEN, YELLOW, RED = "green", "yellow", "red"
# The most pressing first.
LEVELS = (RED, YELLOW, GREEN)
LATE = timedelta(minutes=2)
OUTBOX_LATE = timedelta(hours=1)
SILENT = timedelta(seconds=60)
# So many times the least free space, below which it is time to make room.
SOON_FULL = 20
PROBE = b"From: health@localhost\r\nSubject: probe\r\n\r\nprobe\r\n"


@dataclass(frozen=True, slots=True)
class Light:
    """One light: ``sentence`` says what is wrong and what to do, or that all is well.

    ``quote`` is what a server or the program said; ``figures`` are short facts beside it.
    """

    key: str
    name: str
    level: str
    sentence: str
    quote: str = ""
    figures: tuple[str, ...] = ()


def _database(_authority: Authority) -> Light:
    name = gettext("Database")
    try:
        Event.objects.order_by("-id").values_list("id", flat=True).first()
    except DatabaseError as error:
        return Light("database", name, RED, str(error))
    return Light("database", name, GREEN, gettext("Answers."))


def _disk(_authority: Authority) -> Light:
    name = gettext("Disk space")
    free = free_bytes()
    text = gettext("%(gigabytes).1f GB free.") % {"gigabytes": free / 1e9}
    if free < MIN_FREE_BYTES:
        advice = gettext("Mail is not taken in until there is room again.")
        return Light("disk", name, RED, f"{text} {advice}")
    return Light("disk", name, YELLOW if free < SOON_FULL * MIN_FREE_BYTES else GREEN, text)


def _files(_authority: Authority) -> Light:
    name = gettext("Stored files")
    folder = Path(settings.FILES_ROOT)
    if folder.exists() and not os.access(folder, os.W_OK):
        return Light("files", name, RED, gettext("The folder of files can't be written."))
    missing = damaged_among_newest()
    if missing:
        text = ngettext(
            "%(count)d file is missing or damaged. Run manage.py reconcile.",
            "%(count)d files are missing or damaged. Run manage.py reconcile.",
            missing,
        )
        return Light("files", name, RED, text % {"count": missing})
    return Light("files", name, GREEN, gettext("The newest files are there and whole."))


def _scanner(_authority: Authority) -> Light:
    name = gettext("Virus scanner")
    if settings.SCANNER is None:
        return Light("scanner", name, GREEN, gettext("None is set up: files are not scanned."))
    found = scanner_health()
    if found.problem and found.since:
        text = ngettext(
            "%(count)d file could not be scanned yet: %(problem)s.",
            "%(count)d files could not be scanned yet: %(problem)s.",
            found.waiting,
        )
        is_late = timezone.now() - found.since > LATE
        values = {"count": found.waiting, "problem": found.problem}
        return Light("scanner", name, RED if is_late else YELLOW, text % values)
    text = ngettext("%(count)d file is held back.", "%(count)d files are held back.", found.held)
    figures = (_too_large(found.too_large),) if found.too_large else ()
    return Light("scanner", name, GREEN, text % {"count": found.held}, figures=figures)


def _too_large(count: int) -> str:
    return ngettext(
        "%(count)d file was too large to be scanned",
        "%(count)d files were too large to be scanned",
        count,
    ) % {"count": count}


def _parser(_authority: Authority) -> Light:
    name = gettext("Mail parser")
    found = parse_bounded(PROBE)
    # What is salvaged from a mail that nobody could parse has a subject, too.
    if found.subject == "probe" and not found.error:
        return Light("parser", name, GREEN, gettext("Reads a test mail."))
    sentence = gettext("Can't read a test mail: mails go to quarantine.")
    return Light("parser", name, RED, f"{sentence} ({found.error})")


def _worker(_authority: Authority) -> Light:
    name = gettext("Background work")
    beat = last_beat()
    # One from a time to come was left by a clock that was wrong: nobody beats now.
    if beat is None or abs(timezone.now() - beat) > SILENT:
        when = _when(beat) if beat else gettext("never")
        text = gettext("No sign of life (last: %(when)s). Restart the service.")
        return Light("worker", name, RED, text % {"when": when})
    return Light("worker", name, GREEN, gettext("Is running."))


def _reactions(_authority: Authority) -> Light:
    name = gettext("Reactions to events")
    found = backlog()
    if found.parked:
        text = ngettext(
            "%(count)d event could not be worked off.",
            "%(count)d events could not be worked off.",
            found.parked,
        )
        return Light("reactions", name, RED, text % {"count": found.parked})
    if found.since and timezone.now() - found.since > LATE:
        text = gettext("Behind since %(when)s.") % {"when": _when(found.since)}
        return Light("reactions", name, RED, text)
    return Light("reactions", name, GREEN, gettext("Nothing is waiting."))


def _search(_authority: Authority) -> Light:
    name = gettext("Search index")
    meta = engine().meta()
    if meta is None:
        text = gettext("Is missing or broken. It is built anew in the background.")
        return Light("search", name, RED, text)
    if meta.building:
        return Light("search", name, YELLOW, gettext("Is being built anew."))
    if meta.failed:
        text = ngettext(
            "%(count)d document can't be read. Run manage.py search rebuild.",
            "%(count)d documents can't be read. Run manage.py search rebuild.",
            len(meta.failed),
        )
        return Light("search", name, RED, text % {"count": len(meta.failed)})
    oldest = oldest_unread(meta)
    if oldest and timezone.now() - oldest.event.created_at > LATE:
        text = gettext("Behind since %(when)s.") % {"when": _when(oldest.event.created_at)}
        return Light("search", name, RED, text)
    return Light("search", name, GREEN, gettext("Knows everything."))


def _mailboxes(authority: Authority) -> Iterable[Light]:
    for health in account_health(authority.pk):
        account = health.account
        name = gettext("Mailbox %(name)s") % {"name": account.name}
        level, sentence = _state(health)
        yield Light(
            key=f"mailbox-{account.pk}",
            name=name,
            level=level,
            sentence=sentence,
            quote=health.error if health.words else "",
            figures=_figures(account),
        )


def _state(health: AccountHealth) -> tuple[str, str]:
    account = health.account
    if health.words:
        return RED if health.alarm else YELLOW, health.words
    if account.kind == Account.Kind.IMAP and account.last_success_at is None:
        return YELLOW, gettext("Has not been asked yet.")
    ends = account.grant.expires_on if account.grant else None
    if ends and ends - timezone.localdate() <= EXPIRY_NOTICE:
        return _expiry(ends)
    return GREEN, gettext("Takes mail in.")


def _expiry(ends: date) -> tuple[str, str]:
    day = {"day": date_format(ends, "SHORT_DATE_FORMAT")}
    if ends < timezone.localdate():
        text = gettext("The secret of the application ended on %(day)s. Renew it at the provider.")
        return RED, text % day
    text = gettext("The secret of the application ends on %(day)s. Renew it at the provider.")
    return YELLOW, text % day


def _figures(account: Account) -> tuple[str, ...]:
    """Return when it was last read, when mail last came, and how much is waiting there."""
    figures = []
    if account.last_success_at:
        when = {"when": _when(account.last_success_at)}
        figures.append(gettext("last read %(when)s") % when)
    if account.last_mail_at:
        figures.append(gettext("last mail %(when)s") % {"when": _when(account.last_mail_at)})
    if account.failing_since:
        figures.append(gettext("failing since %(when)s") % {"when": _when(account.failing_since)})
    if account.backlog:
        text = ngettext("%(count)d mail waits there", "%(count)d mails wait there", account.backlog)
        figures.append(text % {"count": account.backlog})
    return tuple(figures)


def _intake(authority: Authority) -> Light:
    name = gettext("Filing of mails")
    late = overdue(authority.pk).count()
    if late:
        text = ngettext(
            "%(count)d mail waits too long to be filed.",
            "%(count)d mails wait too long to be filed.",
            late,
        )
        return Light("intake", name, RED, text % {"count": late})
    refused = unfetchable(authority.pk).count()
    if refused:
        text = ngettext(
            "%(count)d mail lies in its mailbox and could not be fetched. See what was given up.",
            "%(count)d mails lie in their mailboxes and could not be fetched. See what was "
            "given up.",
            refused,
        )
        return Light("intake", name, RED, text % {"count": refused})
    return Light("intake", name, GREEN, gettext("Nothing is waiting."))


def _quarantine(authority: Authority) -> Light:
    name = gettext("Quarantine")
    count = quarantined(authority.pk).count()
    if count:
        text = ngettext(
            "%(count)d mail waits for a person.", "%(count)d mails wait for a person.", count
        )
        return Light("quarantine", name, RED, text % {"count": count})
    return Light("quarantine", name, GREEN, gettext("Is empty."))


def _senders(authority: Authority) -> Light:
    name = gettext("Sending servers")
    failing = [s for s in failing_senders() if s.authority_id == authority.pk]
    if failing:
        first = failing[0]
        return Light("senders", name, RED, f"{first.email}: {first.last_error}")
    return Light("senders", name, GREEN, gettext("No failures."))


def _replies(authority: Authority) -> Light:
    name = gettext("Reply addresses")
    shared = reply_domains_of_staff(authority)
    if shared:
        text = gettext(
            "Replies come to tagged addresses at %(domains)s, where staff have their own. A "
            "service elsewhere could take such an address for one of staff. Give mailboxes a "
            "domain of their own, such as %(example)s."
        )
        values = {"domains": ", ".join(shared), "example": f"service.{shared[0]}"}
        return Light("replies", name, YELLOW, text % values)
    return Light("replies", name, GREEN, gettext("No address of staff looks like one of them."))


def _copies(authority: Authority) -> Light:
    name = gettext("Copies in the folders of sent mail")
    late = late_copies(authority.pk).first()
    if late is not None:
        return Light("copies", name, YELLOW, f"{late.account.name}: {late.error}")
    return Light("copies", name, GREEN, gettext("No failures."))


def _outbox(authority: Authority) -> Light:
    name = gettext("Sendings")
    failed = failures_to_mend(authority).count()
    if failed:
        text = ngettext(
            "%(count)d sending failed or is unsure.",
            "%(count)d sendings failed or are unsure.",
            failed,
        )
        return Light("outbox", name, RED, text % {"count": failed})
    waiting = oldest_waiting(authority)
    if waiting and waiting > OUTBOX_LATE:
        return Light("outbox", name, RED, gettext("A sending has waited for over an hour."))
    return Light("outbox", name, GREEN, gettext("Everything has been sent."))


def _pages(authority: Authority) -> Light:
    name = gettext("Pages that the law demands")
    missing = [str(kind.label) for kind in missing_texts(authority.pk)]
    if statement_of(authority.pk) is None:
        missing.append(gettext("Accessibility"))
    if missing:
        text = gettext("Nobody has written yet: %(pages)s. Write it in the settings of the portal.")
        return Light("pages", name, YELLOW, text % {"pages": ", ".join(missing)})
    return Light("pages", name, GREEN, gettext("All are written."))


def _when(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d.%m. %H:%M")


CHECKS: tuple[Callable[[Authority], Light], ...] = (
    _database,
    _worker,
    _intake,
    _quarantine,
    _parser,
    _reactions,
    _search,
    _outbox,
    _senders,
    _replies,
    _copies,
    _files,
    _scanner,
    _disk,
    _pages,
)


def lights(authority: Authority) -> list[Light]:
    """Return all lights; a check that fails itself is red and never hides the others."""
    found = [_guarded(check, authority) for check in CHECKS]
    return [*found, *_mailboxes(authority)]


def _guarded(check: Callable[[Authority], Light], authority: Authority) -> Light:
    try:
        return check(authority)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this light's news
        key = check.__name__.strip("_")
        return Light(key, key.title(), RED, f"{type(error).__name__}: {error}")
