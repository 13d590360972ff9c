"""The proof that nothing was lost finds each planted damage."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from channels_in import outcome, process, reconcile
from channels_in.models import Account, FolderState, RawMessage, Sighting
from channels_in.reasons import Ignored, Quarantine
from helpdesk.files import store as files
from helpdesk.files.models import StoredFile
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.tickets.models import Article, Ticket
from tests.channels_in.making import kept, mail
from tests.factories.house import House

pytestmark = pytest.mark.django_db
State = RawMessage.State
LONG_AGO = timezone.now() - timedelta(days=1)


@pytest.fixture
def mails(account: Account) -> list[RawMessage]:
    """Return one mail of each outcome: filed, filed from a file, ignored, quarantined."""
    filed, large = kept(account, mail(1)), kept(account, mail(2, body="x" * 70_000))
    process.drain()
    ignored, sick = kept(account, mail(3)), kept(account, mail(4))
    outcome.finish_ignored(ignored.pk, Ignored.OWN_MAIL)
    outcome.put_aside(sick.pk, Quarantine.UNREADABLE, "x")
    return [filed, large, ignored, sick]


def found() -> dict[str, tuple[int | str, ...]]:
    return {each.check: each.rows for each in reconcile.findings() if not each.is_clean}


def run(*options: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("reconcile", *options, stdout=out, stderr=io.StringIO())
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.usefixtures("mails")
def test_reconcile_is_content_when_every_mail_has_its_place(account: Account) -> None:
    assert found() == {}
    assert reconcile.balances() == [
        reconcile.Balance(
            account.name, seen=4, articles=2, quarantined=1, ignored=1, discarded=0, waiting=0
        )
    ]
    code, words = run()
    assert code == 0
    assert "Everything is where it belongs." in words


def lose_article(mails: list[RawMessage]) -> None:
    Article.objects.filter(raw_message_id=mails[0].pk).update(raw_message_id=None)


def double_article(mails: list[RawMessage]) -> None:
    article = Article.objects.get(raw_message_id=mails[0].pk)
    Article.objects.create(
        ticket=Ticket.objects.exclude(pk=article.ticket_id).get(),
        kind=article.kind,
        channel=article.channel,
        received_at=article.received_at,
        raw_message_id=mails[0].pk,
    )


def lose_raw(mails: list[RawMessage]) -> None:
    RawMessage.objects.filter(pk=mails[0].pk).delete()


def lose_reason(mails: list[RawMessage]) -> None:
    RawMessage.objects.filter(pk=mails[2].pk).update(reason="")


def strand(mails: list[RawMessage]) -> None:
    RawMessage.objects.filter(pk=mails[3].pk).update(state=State.STORED, stored_at=LONG_AGO)


def lose_file(_mails: list[RawMessage]) -> None:
    files.path_of(StoredFile.objects.get().sha256).unlink()


def change_file(_mails: list[RawMessage]) -> None:
    files.path_of(StoredFile.objects.get().sha256).write_bytes(b"x")


def change_row(mails: list[RawMessage]) -> None:
    RawMessage.objects.filter(pk=mails[0].pk).update(body=b"x")


def settle_early(mails: list[RawMessage]) -> None:
    RawMessage.objects.filter(pk=mails[3].pk).update(state=State.STORED)
    place(mails[3], settled_at=timezone.now())


def miss_on_server(mails: list[RawMessage]) -> None:
    place(mails[3], raw_message=None)


def place(row: RawMessage, **values: object) -> None:
    known: dict[str, object] = {"raw_message": row, "uidvalidity": 1, "uid": 1, "folder": "INBOX"}
    FolderState.objects.get_or_create(account=row.account, name=known["folder"])
    Sighting.objects.create(account=row.account, **(known | values))


@pytest.mark.parametrize(
    "damage, expected",
    [
        (lose_article, {"filed mails without an article"}),
        (double_article, {"mails with several articles"}),
        (lose_raw, {"articles whose raw mail is missing"}),
        (lose_reason, {"mails ignored or discarded without a reason"}),
        (strand, {"mails without outcome for long"}),
        (lose_file, {"stored files missing on disk"}),
        (
            change_file,
            {"stored files whose content has changed", "raw mails whose bytes have changed"},
        ),
        (change_row, {"raw mails whose bytes have changed"}),
        (settle_early, {"mails settled on the server before they had an outcome"}),
        (miss_on_server, {"mails that the server could not give us"}),
    ],
)
def test_reconcile_finds_each_damage(
    mails: list[RawMessage], damage: Callable[[list[RawMessage]], None], expected: set[str]
) -> None:
    damage(mails)

    assert set(found()) == expected
    assert run()[0] == 1


@pytest.mark.usefixtures("mails")
@pytest.mark.parametrize("reason", [Ignored.SPAM_PURGED, Ignored.PURGED])
def test_reconcile_misses_no_bytes_that_were_deleted_after_their_time(
    account: Account, reason: str
) -> None:
    gone = kept(account, mail(1))
    RawMessage.objects.filter(pk=gone.pk).update(
        state=State.DISCARDED, reason=reason, body=None, file=None
    )

    assert found() == {}


def test_reconcile_finds_a_message_that_nobody_sends(house: House) -> None:
    OutgoingMessage.objects.create(
        authority=house.authority,
        sender=house.sender,
        idempotency_key="stuck",
        message_id="<x@y>",
        state=MessageState.SENDING,
        lease_until=LONG_AGO,
    )

    assert set(found()) == {"outgoing messages that are stuck"}


def test_reconcile_shows_mail_that_is_lost_from_the_balance(
    mails: list[RawMessage],
) -> None:
    lose_article(mails)

    code, words = run("--quick")

    assert code == 1
    assert "UNEVEN" in words


def test_retry_quarantine_says_how_it_went(mails: list[RawMessage]) -> None:
    out = io.StringIO()

    call_command("retry_quarantine", stdout=out)

    assert out.getvalue() == "1 tried again, 0 are in quarantine still.\n"
    mails[3].refresh_from_db()
    assert mails[3].state == State.FILED
