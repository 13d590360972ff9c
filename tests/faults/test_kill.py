"""``kill -9`` at each point of the way in, over 50 mails through a real Dovecot (F1).

After the restart nothing is lost and nothing is doubled. The seed of each case is
printed; ``FAULT_SEED`` repeats one.
"""

import random
import signal
import smtplib
import sys
from collections import Counter

import pytest

from tests.channels_in.making import mail
from tests.faults.conftest import USER
from tests.faults.intake import COUNT, Installation, Load, make_load
from tests.servers.dovecot import Dovecot

pytestmark = [
    pytest.mark.faults,
    pytest.mark.dovecot,
    pytest.mark.proves("F1"),
    pytest.mark.timeout(300 + COUNT),
]

# Point → how often it is passed at most while 50 mails come in.
POINTS = {
    "fetch.after_lease": 1,
    "fetch.after_login": 1,
    "fetch.after_select": 1,
    "fetch.after_generation": 1,
    "fetch.after_search": 1,
    "fetch.after_sizes": 1,
    "fetch.after_pass": 1,
    "fetch.after_settled_row": 1,
    "store.after_bytes": 40,
    "store.between_rows": 1,
    "process.before_files": 40,
    "process.after_files": 40,
    "process.after_accept": 40,
    "fetch.before_fetch": 1,
    "fetch.after_fetch": 1,
    # All of them share a commit.
    "store.before_commit": 1,
    "store.after_commit": 1,
    "process.before_parse": 49,
    "process.after_parse": 49,
    "process.before_filing": 49,
    "process.before_filing_commit": 1,
    "process.after_filing_commit": 1,
    "fetch.before_settle": 1,
    "fetch.after_settle": 1,
    "files.before_rename": 6,
    "files.after_rename": 6,
}
LISTENER_POINTS = ("store.before_commit", "store.after_commit", "listener.before_reply")


def fill(dovecot: Dovecot, load: Load) -> None:
    """Empty the mailbox and deliver the load, so that UIDs go on as they do in life.

    The mail that the others answer gets its UID first: the server numbers what it finds
    together in an order of its own, and a reply before its mail opens a request.
    """
    with dovecot.client(USER) as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
        dovecot.deliver(USER, load.mails[0])
        client.select_folder("INBOX")
    for content in load.mails[1:]:
        dovecot.deliver(USER, content)


def check(told: dict[str, object], load: Load) -> None:
    """Compare what there is with what came: 0 lost, 0 doubled, 0 unexplained."""
    marks = Counter(told["marks"])  # type: ignore[call-overload] # JSON of our own
    assert {mark for mark, count in marks.items() if count > 1} == set(), "doubled"
    assert load.marks - set(marks) == set(), "lost"
    assert told["raws"] == load.raws
    assert told["places"] == len(load.mails)
    assert told["tickets"] == load.tickets
    assert told["states"] == ["filed"]
    assert told["differences"] == []
    assert told["even"] is True


@pytest.mark.parametrize("point", POINTS)
def test_kill_at_each_point_loses_and_doubles_nothing(
    made: Installation, dovecot_server: Dovecot, point: str, seed: int
) -> None:
    load = make_load(seed)
    passing = random.Random(seed).randint(1, POINTS[point])  # noqa: S311 - repeatable, no secret
    sys.stdout.write(f"FAULT_SEED={seed}: {point}, passing {passing}\n")
    fill(dovecot_server, load)

    killed = made.call("run", str(len(load.mails)), fault=f"{point}:{passing}:kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]

    check(made.report("run", str(len(load.mails))), load)
    flags = [stored.flags for stored in dovecot_server.mails(USER)]
    assert flags == [frozenset({"\\Seen"})] * len(load.mails)


def test_several_kills_one_after_another_lose_and_double_nothing(
    made: Installation, dovecot_server: Dovecot, seed: int
) -> None:
    load = make_load(seed)
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    sys.stdout.write(f"FAULT_SEED={seed}\n")
    fill(dovecot_server, load)

    for point in chance.sample(sorted(POINTS), 5):
        passing = chance.randint(1, min(5, POINTS[point]))
        made.call("run", str(len(load.mails)), fault=f"{point}:{passing}:kill")

    check(made.report("run", str(len(load.mails))), load)


@pytest.mark.parametrize("point", LISTENER_POINTS)
def test_kill_of_the_listener_loses_and_doubles_nothing(
    made: Installation, point: str, seed: int
) -> None:
    passing = random.Random(seed).randint(1, 10)  # noqa: S311 - repeatable, no secret
    sys.stdout.write(f"FAULT_SEED={seed}: {point}, passing {passing}\n")
    contents = [mail(number, body=f"Marke {number}.") for number in range(10)]
    kills = 0

    program = made.start("listen", fault=f"{point}:{passing}:kill")
    port = int(program.stdout.readline())  # type: ignore[union-attr] # a pipe was asked for
    try:
        for content in contents:
            while not sent(port, content):
                kills += 1
                assert kills < 3
                program.wait(20)
                program.stdout.close()  # type: ignore[union-attr] # the same
                program.stdin.close()  # type: ignore[union-attr] # the same
                program = made.start("listen")
                port = int(program.stdout.readline())  # type: ignore[union-attr] # the same
    finally:
        program.communicate(timeout=20)

    told = made.report("drain")
    assert kills == 1
    assert Counter(told["marks"]) == dict.fromkeys(range(10), 1)
    assert (told["raws"], told["differences"], told["even"]) == (10, [], True)


def sent(port: int, content: bytes) -> bool:
    """Send as a mail server does: whatever was not answered with 250 is sent again."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            client.sendmail("clara@example.org", ["tiefbau@musterstadt.example"], content)
    except (smtplib.SMTPException, OSError):
        return False
    return True
