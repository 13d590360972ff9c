"""Waking tasks, with and without a broker."""

import socket
from collections.abc import Iterator

import pytest
from celery import Celery, current_app
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from helpdesk.events import wake
from helpdesk.events.wake import (
    LONGEST_REST,
    REST_AFTER_FAILURE,
    REST_AFTER_SENDING,
    Waker,
    rest_after,
    wake_on_commit,
)


def app_at(url: str) -> Celery:
    return Celery("tests", broker=url, set_as_current=False)


@pytest.fixture
def broken_broker() -> Iterator[Celery]:
    """An app whose broker is an address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield app_at(f"redis://127.0.0.1:{taken.getsockname()[1]}/0")


@pytest.fixture
def silent_broker() -> Iterator[Celery]:
    """An app whose broker takes the connection and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield app_at(f"redis://127.0.0.1:{server.getsockname()[1]}/0")


def test_wake_puts_the_task_on_the_broker() -> None:
    app = app_at("memory://localhost")
    app.conf.task_default_queue = "a-queue-of-this-test"
    own = Waker(app)

    asked = own.wake("tests.nothing")

    assert asked
    assert own.flush(60)
    with app.connection_for_read() as connection:
        message = connection.SimpleQueue(app.conf.task_default_queue).get(timeout=60)
    message.ack()
    assert message.headers["task"] == "tests.nothing"
    assert not own.is_resting


def test_who_wakes_without_end_is_sent_less_often_and_a_pause_makes_the_next_wake_quick() -> None:
    rests = [REST_AFTER_SENDING]
    for _ in range(5):
        rests.append(rest_after(rests[-1], has_more=True))

    assert rests == sorted(rests)
    assert rests[1] > rests[0]
    assert rests[-1] == LONGEST_REST <= 0.2
    assert rest_after(rests[-1], has_more=False) == REST_AFTER_SENDING


def test_wake_uses_the_broker_of_the_installation() -> None:
    assert current_app.main == "anliegen"
    assert current_app.conf.broker_url == "memory://localhost"


def test_wake_with_a_broker_that_is_away_returns_at_once_and_never_raises(
    broken_broker: Celery,
) -> None:
    own = Waker(broken_broker)

    own.wake("tests.nothing")

    assert own.flush(60)
    assert own.is_resting
    assert own.error == "OperationalError"


def test_wake_rests_for_five_seconds_after_a_failure(broken_broker: Celery) -> None:
    own = Waker(broken_broker)
    own.wake("tests.nothing")
    assert own.flush(60)

    refused = own.wake("tests.nothing")
    assert own.failed_at is not None
    own.failed_at -= REST_AFTER_FAILURE
    tried = own.wake("tests.nothing")

    assert (refused, tried) == (False, True)
    assert own.flush(60)


def test_wake_with_a_broker_that_hangs_returns_at_once(
    silent_broker: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever waited for this broker would wait longer than any test may take.
    patient = wake.TRANSPORT_OPTIONS | {"socket_timeout": 600}
    monkeypatch.setattr(wake, "TRANSPORT_OPTIONS", patient)
    own = Waker(silent_broker)

    for _ in range(50):
        own.wake("tests.nothing")

    assert not own.flush(0)


@pytest.mark.django_db
def test_wake_on_commit_wakes_each_task_once(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        wake_on_commit("tests.one")
        wake_on_commit("tests.two")
        wake_on_commit("tests.one")

    assert len(callbacks) == 2


@pytest.mark.django_db
def test_wake_on_commit_survives_a_savepoint_that_rolls_back(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        with transaction.atomic():
            wake_on_commit("tests.one")
            transaction.set_rollback(True)
        wake_on_commit("tests.one")

    assert len(callbacks) == 1
