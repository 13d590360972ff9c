"""Each light of the health page is proven red by breaking the very thing it stands for."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from pytest_django import Settings

from channels_in import outcome
from channels_in.mail import parser_process
from channels_in.models import Account, RawMessage, Sighting
from channels_in.reasons import Quarantine
from helpdesk.desk import health
from helpdesk.desk.health import GREEN, RED, YELLOW, Light, lights
from helpdesk.events.models import Event
from helpdesk.files import store as files
from helpdesk.outbox.advice import Cause, sentence
from helpdesk.outbox.models import Grant, MessageState, OutgoingMessage, Sender
from helpdesk.pages.domain.statement import write_statement
from helpdesk.pages.domain.texts import write_legal_text
from helpdesk.pages.enums import TextKind
from helpdesk.reactions import indexing
from helpdesk.reactions.dispatch import seal_committed
from helpdesk.reactions.models import Heartbeat, Reaction
from helpdesk.search.engines import engine
from helpdesk.tickets.domain.articles import Answer, write_answer
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_administrator, make_house, make_ticket
from tests.helpdesk.desk.pages import signed_in, without_second_factor
from tests.helpdesk.pages.making import STATEMENT
from tests.helpdesk.search.making import index_everything

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house, last_success_at=timezone.now())


def light(house: House, key: str) -> Light:
    return next(one for one in lights(house.authority) if one.key == key)


def level(house: House, key: str) -> str:
    return light(house, key).level


def test_all_is_green_where_nothing_is_broken(house: House, account: Account) -> None:
    Heartbeat.objects.create(name="worker")
    index_everything()
    for kind in TextKind:
        write_legal_text(
            authority_id=house.authority.pk, kind=kind, bodies={"de": "<p>Text</p>"}, user=None
        )

    write_statement(authority_id=house.authority.pk, details=STATEMENT, user=None)

    found = {one.key: one.level for one in lights(house.authority)}

    assert found == dict.fromkeys(
        (
            "database",
            "worker",
            "intake",
            "quarantine",
            "parser",
            "reactions",
            "search",
            "outbox",
            "senders",
            "replies",
            "copies",
            "files",
            "scanner",
            "disk",
            "pages",
            f"mailbox-{account.pk}",
        ),
        GREEN,
    )


def test_database_is_red_when_a_table_can_not_be_read(house: House) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_event RENAME TO events_gone")
    try:
        red = health._database(house.authority)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE events_gone RENAME TO events_event")

    assert (red.level, "events_event" in red.sentence) == (RED, True)
    assert level(house, "database") == GREEN


@pytest.mark.parametrize("needed, expected", [(2**62, RED), (files.free_bytes, YELLOW), (1, GREEN)])
def test_disk_follows_what_is_free(
    house: House, monkeypatch: pytest.MonkeyPatch, needed: object, expected: str
) -> None:
    least = needed() // 2 if callable(needed) else needed
    monkeypatch.setattr(health, "MIN_FREE_BYTES", least)

    assert level(house, "disk") == expected


def test_files_is_red_when_one_is_gone(house: House) -> None:
    stored = files.put(b"ein Foto", "image/jpeg")
    before = level(house, "files")

    files.path_of(stored.sha256).unlink()

    assert (before, level(house, "files")) == (GREEN, RED)


def test_files_is_red_when_one_was_changed(house: House) -> None:
    stored = files.put(b"ein Foto", "image/jpeg")
    path = files.path_of(stored.sha256)
    path.chmod(0o600)

    path.write_bytes(b"ein Fake")

    assert level(house, "files") == RED


@pytest.fixture
def broken_interpreter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    parser_process._SHARED.close()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    yield
    parser_process._SHARED.close()


@pytest.mark.usefixtures("broken_interpreter")
def test_parser_is_red_when_its_interpreter_does_not_start(house: House) -> None:
    assert level(house, "parser") == RED


def test_worker_is_red_before_its_first_beat_and_when_the_last_is_old(house: House) -> None:
    never = level(house, "worker")
    Heartbeat.objects.create(name="worker")
    fresh = level(house, "worker")

    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=61))

    assert (never, fresh, level(house, "worker")) == (RED, GREEN, RED)


def test_reactions_is_red_when_one_is_parked(house: House) -> None:
    make_ticket(house)
    seal_committed()
    waiting = level(house, "reactions")

    Reaction.objects.update(state=Reaction.State.PARKED)

    assert (waiting, level(house, "reactions")) == (GREEN, RED)


def test_reactions_is_red_when_an_event_has_waited_too_long(house: House) -> None:
    make_ticket(house)
    seal_committed()

    Event.objects.update(created_at=timezone.now() - timedelta(minutes=3))

    assert level(house, "reactions") == RED


def test_search_is_red_without_an_index_and_yellow_while_it_is_built(house: House) -> None:
    make_ticket(house)
    index_everything()
    levels = [level(house, "search")]
    indexing.begin(engine())
    levels.append(level(house, "search"))
    engine().clear()
    levels.append(level(house, "search"))
    index_everything()
    levels.append(level(house, "search"))

    assert levels == [GREEN, YELLOW, RED, GREEN]


def test_search_is_red_when_the_index_is_behind(house: House) -> None:
    index_everything()
    make_ticket(house)
    seal_committed()
    assert level(house, "search") == GREEN

    Event.objects.update(created_at=timezone.now() - timedelta(minutes=3))

    assert level(house, "search") == RED


def test_search_is_red_when_a_document_can_not_be_read(house: House) -> None:
    index_everything()
    meta = engine().meta()
    assert meta is not None
    broken = replace(meta, failed=("ticket:1",))
    engine().write(documents=(), gone=(), meta=broken)

    assert level(house, "search") == RED


def answer_of(house: House) -> OutgoingMessage:
    ticket = make_ticket(house)
    answer = Answer(ticket_id=ticket.pk, text="Ja.", form_key="1", despite_newer=True)
    article = write_answer(answer=answer, user=house.anna)
    return OutgoingMessage.objects.get(article=article)


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.UNSURE])
def test_outbox_is_red_when_a_message_failed_or_is_unsure(house: House, state: str) -> None:
    answer_of(house)
    before = level(house, "outbox")

    OutgoingMessage.objects.update(state=state)

    assert (before, level(house, "outbox")) == (GREEN, RED)


def test_outbox_is_red_for_a_link_that_did_not_arrive_until_it_is_over(house: House) -> None:
    message = answer_of(house)
    rows = OutgoingMessage.objects.filter(pk=message.pk)
    levels = []

    for lasts in (timedelta(minutes=5), -timedelta(minutes=5)):
        rows.update(state=MessageState.FAILED, forget_at=timezone.now() + lasts)
        levels.append(level(house, "outbox"))

    assert levels == [RED, GREEN]


def test_outbox_is_red_when_a_message_has_waited_for_over_an_hour(house: House) -> None:
    answer_of(house)

    OutgoingMessage.objects.update(not_before=timezone.now() - timedelta(minutes=61))

    assert level(house, "outbox") == RED


def test_senders_is_red_with_the_servers_words(house: House) -> None:
    Sender.objects.update(failing_since=timezone.now(), last_error="535 login refused")

    red = light(house, "senders")

    assert (red.level, "535 login refused" in red.sentence) == (RED, True)


def test_replies_is_yellow_where_tagged_addresses_look_like_those_of_staff(house: House) -> None:
    plain = level(house, "replies")
    Sender.objects.update(subaddresses=True)
    tagged = light(house, "replies")
    Sender.objects.update(email="tiefbau@service.musterstadt.example")

    assert (plain, tagged.level, level(house, "replies")) == (GREEN, YELLOW, GREEN)
    assert "service.musterstadt.example" in tagged.sentence


def test_a_mailbox_is_yellow_at_first_and_red_after_a_quarter_of_an_hour(
    house: House, account: Account
) -> None:
    key = f"mailbox-{account.pk}"
    levels = []

    for minutes in (1, 16):
        Account.objects.update(
            failing_since=timezone.now() - timedelta(minutes=minutes),
            last_error="login refused",
            failure="login/answer",
        )
        levels.append(level(house, key))

    red = light(house, key)
    assert levels == [YELLOW, RED]
    assert red.quote == "login refused"
    assert red.sentence == sentence("login", Cause.ANSWER)


def test_a_mailbox_that_nobody_asks_any_more_is_red(house: House, account: Account) -> None:
    Account.objects.update(last_success_at=timezone.now() - timedelta(minutes=16))

    assert level(house, f"mailbox-{account.pk}") == RED


def test_a_mailbox_shows_when_it_was_read_and_what_waits_there(
    house: House, account: Account
) -> None:
    Account.objects.update(last_mail_at=timezone.now(), backlog=12)

    assert len(light(house, f"mailbox-{account.pk}").figures) == 3
    assert "12" in light(house, f"mailbox-{account.pk}").figures[-1]


@pytest.mark.parametrize("days, expected", [(31, GREEN), (30, YELLOW), (0, YELLOW), (-1, RED)])
def test_a_mailbox_shows_that_the_secret_of_its_application_ends(
    house: House, account: Account, days: int, expected: str
) -> None:
    ends = timezone.localdate() + timedelta(days=days)
    account.grant = Grant.objects.create(
        authority=house.authority, provider="other", client_id="app", expires_on=ends
    )
    account.save()

    assert level(house, f"mailbox-{account.pk}") == expected


def test_a_mailbox_for_which_nobody_has_signed_in_says_so(house: House, account: Account) -> None:
    account.grant = Grant.objects.create(
        authority=house.authority, provider="microsoft", flow="refresh", client_id="app"
    )
    account.failing_since, account.failure = timezone.now(), "token"
    account.save()

    found = light(house, f"mailbox-{account.pk}")

    assert found.level == YELLOW
    assert found.sentence == gettext("Nobody has signed in for this mailbox yet.")


def test_a_silent_mailbox_is_told_of_on_every_page_of_those_who_can_act(
    house: House, account: Account
) -> None:
    cache.clear()
    Account.objects.update(failing_since=timezone.now() - timedelta(minutes=16))

    page = reverse("desk:list", args=["all"])
    told = signed_in(make_administrator(house.authority)).get(page)
    untold = signed_in(house.anna).get(page)

    assert told.context["silent"] == (account.name,)
    assert b"notice-error" in told.content
    assert untold.context["silent"] == ()


def test_a_sender_that_sends_nothing_is_told_of_on_every_page_of_those_who_can_act(
    house: House,
) -> None:
    chief, page = make_administrator(house.authority), reverse("desk:list", args=["all"])
    shown = []

    for minutes in (59, 61):
        cache.clear()
        Sender.objects.update(failing_since=timezone.now() - timedelta(minutes=minutes))
        answer = signed_in(chief).get(page)
        shown.append((answer.context["stuck"], b"notice-error" in answer.content))

    assert shown == [((), False), ((house.sender.email,), True)]
    assert signed_in(house.anna).get(page).context["stuck"] == ()


def test_quarantine_is_red_while_a_mail_waits_for_a_person(house: House, account: Account) -> None:
    raw = kept(account, mail())

    outcome.put_aside(raw.pk, Quarantine.UNREADABLE, "broke off")

    assert level(house, "quarantine") == RED


def test_intake_is_red_when_a_server_would_not_give_a_mail(house: House, account: Account) -> None:
    before = level(house, "intake")

    Sighting.objects.create(account=account, folder="INBOX", uidvalidity=1, uid=8, error="NO gone")

    assert (before, level(house, "intake")) == (GREEN, RED)


def test_intake_is_red_when_a_mail_is_overdue(house: House, account: Account) -> None:
    raw = kept(account, mail())
    before = level(house, "intake")

    RawMessage.objects.filter(pk=raw.pk).update(stored_at=timezone.now() - timedelta(minutes=11))

    assert (before, level(house, "intake")) == (GREEN, RED)


def test_a_check_that_breaks_itself_is_red_and_hides_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _broken(_authority: object) -> Light:
        raise RuntimeError("out of order")

    monkeypatch.setattr(health, "CHECKS", (_broken, *health.CHECKS))

    found = lights(house.authority)

    assert (found[0].level, found[0].sentence) == (RED, "RuntimeError: out of order")
    assert len(found) == len(health.CHECKS)


@pytest.mark.parametrize(
    "levels, words",
    [
        ((GREEN, GREEN), "Alles funktioniert."),
        ((GREEN, YELLOW), "Alles funktioniert; 1 Ampel steht auf Gelb"),
        ((YELLOW, YELLOW), "Alles funktioniert; 2 Ampeln stehen auf Gelb"),
        ((YELLOW, RED), "1 Ampel steht auf Rot."),
    ],
)
def test_the_head_of_the_page_says_how_it_stands(
    house: House, monkeypatch: pytest.MonkeyPatch, levels: tuple[str, ...], words: str
) -> None:
    checks = [lambda _authority, each=each: Light(each, each, each, "") for each in levels]
    monkeypatch.setattr(health, "CHECKS", checks)

    page = signed_in(make_administrator(house.authority)).get("/a/betrieb/health/")

    assert words in " ".join(page.content.decode().split())


def test_the_page_names_the_red_ones_first_and_is_for_operators_only(house: House) -> None:
    operator = signed_in(make_administrator(house.authority))

    page = operator.get("/a/betrieb/health/")
    foreign = signed_in(house.anna).get("/a/betrieb/health/")

    levels = [one.level for one in page.context["lights"]]
    assert page.context["red"][0].key == "worker"
    assert levels == sorted(levels, key=(RED, YELLOW, GREEN).index)
    assert foreign.status_code == 404
