"""A thousand replies through each way in which sending can fail (quality.md F12).

Afterwards the mails that the server took are compared with the rows: nothing is lost,
nothing doubled, and what nobody can know is "unsure" and stays so. A few replies go
through the ways that tests/helpdesk/outbox/test_deliver.py has no row for in each run.
``FAULT_ANSWERS`` sets another number than a thousand.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from pytest_django import Settings

from helpdesk.events.models import Event
from helpdesk.lib.secretbox import seal
from helpdesk.outbox.claims import PER_SENDER
from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import Attempt, OutgoingMessage, Recipient, Security, Sender
from helpdesk.outbox.queue import Address
from helpdesk.outbox.tasks import deliver_due
from helpdesk.outbox.transports.server import Timeouts
from helpdesk.outbox.workers import MAXIMUM_THREADS, wait_idle
from tests.fakes.scripts import FOREVER, Step
from tests.fakes.smtp import SmtpSink, smtp_sink
from tests.helpdesk.outbox.making import make_sender, queue
from tests.servers.base import free_port
from tests.servers.certificate import make_certificate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proves("F12")]
MANY, FEW = int(os.environ.get("FAULT_ANSWERS", "1000")), 4
LONG = (pytest.mark.faults, pytest.mark.timeout(1800))
# A busy machine is slow itself: only what is made to hang may run out of time.
IMPATIENT = Timeouts(connect=10, command=0.6, content=10, final=10, goodbye=0.05)
PATIENT = replace(IMPATIENT, command=20)
IMPATIENT_AT_THE_DOT = replace(PATIENT, final=0.6)
HANG = 1.5
STAGES = ("MAIL", "RCPT", "DATA", "DOT")


@dataclass(frozen=True)
class Way:
    """One way to fail, at every second chance, and what must come of each message.

    ``ends`` are the states a message may end in; ``is_patient`` where nothing is silent.
    """

    arrange: Callable[[SmtpSink], None]
    ends: frozenset[str] = frozenset({"sent"})
    is_patient: bool = True
    is_new_here: bool = False


def step(stage: str, reply: str = "", **more: object) -> Callable[[SmtpSink], None]:
    values: dict[str, object] = {"times": FOREVER, "every": 2} | more
    return lambda sink: sink.steps.add(Step(stage, reply, **values))  # type: ignore[arg-type] # the values of Step


def anywhere(reply: str) -> Callable[[SmtpSink], None]:
    def arrange(sink: SmtpSink) -> None:
        for place, stage in enumerate(STAGES):
            sink.steps.add(Step(stage, reply, times=FOREVER, every=3 + place))

    return arrange


def dropped(*, keep: bool) -> Callable[[SmtpSink], None]:
    return lambda sink: sink.drop_after_dot(keep=keep, times=FOREVER, every=2)


FAILS = frozenset({"sent", "failed"})
UNSURE = frozenset({"sent", "unsure"})
WAYS: dict[str, Way] = {
    "greylist": Way(step("RCPT", "451 4.7.1 greylisted", every=1, new_only=True), is_new_here=True),
    "one byte a second": Way(
        step("MAIL", "250 2.1.0 OK", drip=0.2), is_patient=False, is_new_here=True
    ),
    "refused at once": Way(step("BANNER", "554 5.3.2 not now", close=True), is_new_here=True),
    **{
        f"hangs at {stage}": Way(
            step(stage, delay=HANG), UNSURE if stage == "DOT" else frozenset({"sent"}), False,
            stage in {"STARTTLS", "AUTH"},
        )
        for stage in ("BANNER", "EHLO", "STARTTLS", "AUTH", *STAGES)
    },
    **{
        f"{code} anywhere": Way(anywhere(f"{code} 4.3.0 later")) for code in (421, 450, 451, 452)
    },
    **{f"{code} anywhere": Way(anywhere(f"{code} 5.1.1 never"), FAILS) for code in (550, 552, 554)},
    # Unsure where the end of the line is heard of only after the dot, as on a busy machine.
    "drops before the dot": Way(step("DATA", "354 go ahead", close=True), UNSURE),
    "drops after the dot, kept": Way(dropped(keep=True), UNSURE),
    "drops after the dot, lost": Way(dropped(keep=False), UNSURE),
}  # fmt: skip


def cases() -> Iterator[object]:
    for name, way in WAYS.items():
        yield pytest.param(name, MANY, marks=LONG, id=f"{name}, {MANY}")
        if way.is_new_here:
            yield pytest.param(name, FEW, id=f"{name}, {FEW}")


@contextmanager
def server_for(name: str, folder: Path) -> Iterator[tuple[SmtpSink, dict[str, object]]]:
    """Serve with what the way needs: STARTTLS, a login, or neither."""
    if "STARTTLS" in name:
        certificate = make_certificate(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(certificate.certificate))
            with smtp_sink(tls="starttls", certificate=certificate) as sink:
                yield sink, {"host": "localhost", "security": Security.STARTTLS}
    elif "AUTH" in name:
        with smtp_sink(login=("amt", "right")) as sink:
            yield sink, {"username": "amt", "password": "right"}
    else:
        with smtp_sink() as sink:
            yield sink, {}


def make_senders(count: int, **values: Any) -> list[Sender]:
    """Return one sender, or for many messages as many as there are threads for.

    A sender whose server hangs tries one at a time, and then pauses: others go on meanwhile.
    """
    number = 1 if count < MANY else MAXIMUM_THREADS // PER_SENDER
    return [make_sender(email=f"amt{place}@stadt.example", **values) for place in range(number)]


@transaction.atomic
def queue_all(senders: list[Sender], count: int, people: tuple[str, ...] = ("e",)) -> None:
    """Queue so many messages, dealt out to the senders, by one commit."""
    for number in range(count):
        addresses = tuple(Address(f"{name}{number}@example.org") for name in people)
        queue(senders[number % len(senders)], number, recipients=addresses)


def deliver_all(*, at_most: int) -> None:
    """Let time pass and the threads work, until nothing waits."""
    waiting = OutgoingMessage.objects.filter(state__in=("queued", "sending"))
    for _ in range(at_most):
        Sender.objects.update(paused_until=None)
        OutgoingMessage.objects.filter(state="queued").update(next_attempt_at=Now())
        deliver_due()
        assert wait_idle(900)
        if not waiting.exists():
            return
    raise AssertionError(f"messages still wait after {at_most} rounds")


def check(sink: SmtpSink, count: int, ends: frozenset[str]) -> Counter[str]:
    """Compare server and rows; return how many messages ended in which state."""
    arrived = Counter(
        (message_from_bytes(mail.content)["Message-ID"], address)
        for mail in sink.mails
        for address in mail.recipients
    )
    rows = Recipient.objects.values_list("message__message_id", "address", "state")
    for message_id, address, state in rows:
        times = arrived.pop((message_id, address), 0)
        least, most = {"accepted": (1, 1), "refused": (0, 0), "pending": (0, 1)}[state]
        assert least <= times <= most, f"{address}: {state}, arrived {times} times"
    assert not arrived, "mails arrived that no row tells of"
    states = Counter(OutgoingMessage.objects.values_list("state", flat=True))
    assert states.total() == count
    assert set(states) <= ends
    told = Counter(Event.objects.values_list("kind", flat=True))
    assert told == {f"message.{state}": number for state, number in states.items()}
    return states


def tell(record_property: Callable[[str, object], None], states: Counter[str]) -> None:
    """Leave the figures of a case for the table at the end; ``check`` has found none doubled."""
    record_property("mails", states.total())
    record_property("unsure", states["unsure"])
    record_property("lost", 0)
    record_property("doubled", 0)


@pytest.mark.parametrize("name,count", list(cases()))
def test_replies_survive_a_server_that_fails(
    name: str,
    count: int,
    tmp_path: Path,
    settings: Settings,
    record_property: Callable[[str, object], None],
) -> None:
    way = WAYS[name]
    impatient = IMPATIENT_AT_THE_DOT if name.endswith("DOT") else IMPATIENT
    settings.OUTBOX_TIMEOUTS = PATIENT if way.is_patient else impatient
    with server_for(name, tmp_path) as (sink, values):
        queue_all(make_senders(count, port=sink.port, **values), count)
        way.arrange(sink)

        deliver_all(at_most=2 * count + 20)

        states = check(sink, count, way.ends)
        tell(record_property, states)
        is_delayed = Attempt.objects.filter(outcome="delayed").exists()
        assert is_delayed or states["sent"] < count, "nothing has failed"


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=LONG)])
@pytest.mark.parametrize("code,state", [(550, "failed"), (451, "sent")])
def test_replies_to_three_of_whom_one_is_refused(
    count: int, code: int, state: str, smtp_server: SmtpSink, settings: Settings
) -> None:
    settings.OUTBOX_TIMEOUTS = PATIENT
    queue_all(make_senders(count, port=smtp_server.port), count, people=("a", "b", "c"))
    refusal = Step("RCPT", f"{code} no", times=FOREVER, match="<b", new_only=code == 451)
    smtp_server.steps.add(refusal)

    deliver_all(at_most=20)

    assert check(smtp_server, count, frozenset({state})) == {state: count}
    served = sum(len(mail.recipients) for mail in smtp_server.mails)
    assert served == count * (3 if state == "sent" else 2)


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=LONG)])
@pytest.mark.parametrize("trouble", ["down", "certificate", "login"])
def test_replies_wait_for_a_server_that_can_not_be_used_and_knock_once_for_all(
    count: int, trouble: str, tmp_path: Path, settings: Settings
) -> None:
    settings.OUTBOX_TIMEOUTS = PATIENT
    certificate = make_certificate(tmp_path)
    with smtp_sink(login=("amt", "right"), tls="starttls", certificate=certificate) as sink:
        ways: dict[str, dict[str, Any]] = {
            "down": {"port": free_port()},
            "certificate": {"security": Security.STARTTLS, "host": "localhost"},
            "login": {"password": seal("wrong")},
        }
        sender = make_sender(port=sink.port, username="amt", password="right")
        Sender.objects.update(**ways[trouble])
        queue_all([sender], count)
        knocks = 4
        for _ in range(knocks):
            Sender.objects.update(paused_until=None)
            deliver_waiting()

        assert (sink.mails, Attempt.objects.count()) == ([], knocks)
        assert set(OutgoingMessage.objects.values_list("state", flat=True)) == {"queued"}

        Sender.objects.update(port=sink.port, security=Security.NONE, password=seal("right"))
        deliver_all(at_most=5)

        assert check(sink, count, frozenset({"sent"})) == {"sent": count}


@pytest.mark.parametrize("count", [20, pytest.param(MANY, marks=LONG)])
def test_recipients_that_are_refused_or_put_off_hold_up_nobody_else(
    count: int, smtp_server: SmtpSink, settings: Settings
) -> None:
    settings.OUTBOX_TIMEOUTS = PATIENT
    sender = make_sender(port=smtp_server.port)
    for number in range(count):
        queue(sender, number, recipients=(Address(f"p{number % 10}.{number}@example.org"),))
    for person, reply in (("<p1.", "550 no"), ("<p4.", "451 later"), ("<p7.", "452 full")):
        smtp_server.steps.add(Step("RCPT", reply, times=FOREVER, match=person))

    # One round: everything is tried, and once more what was put off if it takes its minutes.
    tries = deliver_waiting()

    assert tries >= count
    assert Attempt.objects.values("message").distinct().count() == count
    healthy = count * 7 // 10
    assert len(smtp_server.mails) == healthy
    assert Recipient.objects.filter(state="accepted").count() == healthy
