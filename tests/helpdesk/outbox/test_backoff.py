from datetime import timedelta

from helpdesk.outbox.backoff import pause_after, wait_after


def test_wait_after_doubles_from_one_minute_to_four_hours() -> None:
    minutes = [wait_after(number) // timedelta(minutes=1) for number in range(1, 12)]

    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
    assert wait_after(10_000) == timedelta(hours=4)


def test_pause_after_never_exceeds_a_quarter_of_an_hour() -> None:
    minutes = [pause_after(number) // timedelta(minutes=1) for number in (1, 2, 3, 4, 5, 50)]

    assert minutes == [1, 2, 4, 8, 15, 15]
