"""The work behind the one-process run: at its period, when woken, and never twice too many."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connections

from helpdesk.events.wake import Waker
from helpdesk.project.runner import SAME_AT_ONCE, Runner
from helpdesk.project.threads import TASKS
from tests.servers.base import wait_until

HOUR = 3600.0
# The threads leave the database as they found it: none of these tasks asks it.
pytestmark = pytest.mark.django_db(transaction=True)


class Task:
    """Counts its runs; holds them while ``gate`` is shut; fails when told."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.gate = threading.Event()
        self.gate.set()
        self.fails = False

    def __call__(self) -> None:
        self.begun += 1
        assert self.gate.wait(60)
        self.ended += 1
        if self.fails:
            raise RuntimeError("as it was told")


@pytest.fixture
def start() -> Iterator[Callable[..., Runner]]:
    runners: list[Runner] = []

    def begin(**tasks: tuple[Task, float]) -> Runner:
        runner = Runner(tasks)
        runners.append(runner)
        runner.start()
        return runner

    yield begin
    for runner in runners:
        assert runner.stop(60)


def test_runner_runs_everything_at_the_start_and_again_at_its_period(
    start: Callable[..., Runner],
) -> None:
    often, rarely = Task(), Task()

    start(often=(often, 0.01), rarely=(rarely, HOUR))

    assert wait_until(lambda: often.ended > 3 and rarely.ended == 1)
    assert rarely.begun == 1


def test_runner_runs_a_task_at_once_when_it_is_woken(start: Callable[..., Runner]) -> None:
    task = Task()
    runner = start(task=(task, HOUR))
    wait_until(lambda: task.ended == 1)

    runner.wake("task")
    runner.wake("of somebody else")

    assert wait_until(lambda: task.ended == 2)


def test_runner_lets_a_second_run_while_the_first_is_held_up_and_no_third(
    start: Callable[..., Runner],
) -> None:
    slow, other = Task(), Task()
    slow.gate.clear()
    runner = start(slow=(slow, 0.01), other=(other, 0.01))

    assert wait_until(lambda: other.ended > 5 and slow.begun == SAME_AT_ONCE)
    before = other.ended
    assert wait_until(lambda: other.ended > before + 5)
    assert slow.begun == SAME_AT_ONCE
    slow.gate.set()
    runner.wake("slow")

    assert wait_until(lambda: slow.ended > SAME_AT_ONCE)


def test_runner_goes_on_after_a_failure(start: Callable[..., Runner]) -> None:
    task = Task()
    task.fails = True

    start(task=(task, 0.01))

    assert wait_until(lambda: task.begun > 2)


class LosesItsLine(Task):
    """Leaves behind a connection that can't even be closed."""

    def __call__(self) -> None:
        def close() -> None:
            raise OperationalError("the line broke")

        mine = connections["default"]
        mine.errors_occurred, mine.close = True, close  # type: ignore[method-assign]  # this thread’s own connection
        super().__call__()


def test_runner_goes_on_after_a_connection_that_can_not_be_closed(
    start: Callable[..., Runner],
) -> None:
    task = LosesItsLine()

    start(task=(task, 0.01))

    assert wait_until(lambda: task.ended > TASKS)


def test_stopped_runner_begins_nothing_that_still_waits_for_a_thread() -> None:
    held, late = [Task() for _ in range(TASKS)], Task()
    for task in held:
        task.gate.clear()
    tasks = {f"held-{number}": (task, HOUR) for number, task in enumerate(held)}
    runner = Runner(tasks | {"late": (late, HOUR)})
    runner.start()
    wait_until(lambda: sum(task.begun for task in held) == TASKS)

    runner.stop(0.01)
    for task in held:
        task.gate.set()

    assert runner.stop(60)
    assert late.begun == 0


def test_stopped_runner_begins_nothing_more_and_tells_whether_all_has_ended() -> None:
    task = Task()
    task.gate.clear()
    runner = Runner({"task": (task, 0.01)})
    runner.start()
    wait_until(lambda: task.begun == SAME_AT_ONCE)

    in_time = runner.stop(0.01)
    task.gate.set()
    later = runner.stop(60)
    begun = task.begun
    runner.wake("task")
    time.sleep(0.05)

    assert (in_time, later) == (False, True)
    assert task.begun == begun


def test_wake_tells_an_attached_runner_without_a_broker(start: Callable[..., Runner]) -> None:
    task, waker = Task(), Waker()
    runner = start(task=(task, HOUR))
    wait_until(lambda: task.ended == 1)

    waker.attach(runner.wake)

    assert waker.wake("task")
    assert wait_until(lambda: task.ended == 2)
