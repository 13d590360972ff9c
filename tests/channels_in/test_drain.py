"""The queue of mails that nobody has taken up yet: filed together, each that failed by itself."""

from collections.abc import Callable

import pytest

from channels_in import outcome, process
from channels_in.models import Account, RawMessage
from channels_in.reading import Reading
from helpdesk.lib import faults
from tests.channels_in.making import kept, mail

pytestmark = pytest.mark.django_db
State = RawMessage.State


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count how often the filing of mails is about to be committed."""
    point = "process.before_filing_commit"
    monkeypatch.setattr(faults, "_ARMED", (point, 10**6, "kill"))
    before = faults._passed[point]
    return lambda: faults._passed[point] - before


def test_drain_files_what_came_together_by_one_commit(
    account: Account, commits: Callable[[], int]
) -> None:
    rows = [kept(account, mail(number)) for number in range(7)]

    assert process.drain() == 7

    filed = RawMessage.objects.filter(state=State.FILED).order_by("article_id")
    assert [row.pk for row in filed] == [row.pk for row in rows]
    assert commits() == 1


def test_drain_takes_what_was_tried_before_by_itself(
    account: Account, commits: Callable[[], int]
) -> None:
    # One of those ended its process: it must not take the others with it again.
    for number in range(3):
        kept(account, mail(number))
    RawMessage.objects.update(attempts=1)
    kept(account, mail(8))

    assert process.drain() == 4

    assert commits() == 4
    assert set(RawMessage.objects.values_list("attempts", flat=True)) == {1, 2}


def test_drain_whose_time_is_over_leaves_the_rest_as_if_untried(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        kept(account, mail(number))
    monkeypatch.setattr(process, "DRAIN_SECONDS", -1.0)

    assert process.drain() == 0
    rows = [RawMessage.objects.get(pk=key) for key in outcome.claim_untried(_waiting_keys())]

    def over() -> None:
        raise process.DrainOverError

    with pytest.raises(process.DrainOverError):
        process.process_together(Reading(rows), over)
    assert len(rows) == 3
    assert set(RawMessage.objects.values_list("attempts", "lease_until")) == {(0, None)}


def _waiting_keys() -> list[int]:
    return list(outcome.waiting().values_list("pk", flat=True))
