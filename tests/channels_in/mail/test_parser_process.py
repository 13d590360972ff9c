"""The bounded child: same answers as in-process, limits that hold, and a next mail that is read."""

import base64
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_in.mail.parse import parse
from channels_in.mail.parser_process import WALL_SECONDS, ParserProcess, parse_bounded
from tests.servers.base import wait_until

ROOT = Path(__file__).resolve().parents[3]
CORPUS = sorted((ROOT / "tests/corpus/mail").glob("*.eml"))
MAIL = b"From: hans@example.org\nSubject: Anfrage\n\nGuten Tag\n"
# Some seven seconds of honest work within every limit of the parser itself.
SLOW = b"From: hans@example.org\nSubject: langsam\nTo: %b\nCc: %b\n\nhi" % (
    b"a:" * 700_000,
    b"a:" * 700_000,
)


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    """One child for all tests, as in service; those that break it leave a fresh one behind."""
    process = ParserProcess()
    yield process
    process.close()


def _is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_parser_process_answers_as_parse_does_on_the_whole_corpus(parser: ParserProcess) -> None:
    different = [
        path.name for path in CORPUS if parser.parse(path.read_bytes()) != parse(path.read_bytes())
    ]

    assert different == []


def test_parser_process_stays_warm_between_mails(parser: ParserProcess) -> None:
    parser.parse(MAIL)
    first = parser.pid
    parser.parse(MAIL)

    assert parser.pid == first


def test_parser_process_carries_large_attachments_unaltered(parser: ParserProcess) -> None:
    content = bytes(range(256)) * 20_000
    raw = (
        b"From: a@example.org\nContent-Type: application/octet-stream; name=a.bin\n"
        b"Content-Transfer-Encoding: binary\n\n" + content
    )

    mail = parser.parse(raw)

    assert [file.content for file in mail.attachments] == [content]


def test_parser_process_reads_on_after_its_child_was_killed(parser: ParserProcess) -> None:
    parser.parse(MAIL)
    assert parser.pid is not None

    os.kill(parser.pid, signal.SIGKILL)
    mail = parser.parse(MAIL)

    assert (mail.subject, mail.error) == ("Anfrage", None)


def test_parser_process_gives_up_on_a_mail_that_takes_too_long() -> None:
    parser = ParserProcess()
    parser.parse(MAIL)
    hung = parser.pid
    assert hung is not None

    parser.wall_seconds = 1.0
    mail = parser.parse(SLOW)
    parser.wall_seconds = WALL_SECONDS
    following = parser.parse(MAIL)
    parser.close()

    assert mail.error == "parsing took longer than 1 s"
    assert mail.subject == "langsam"
    assert not _is_alive(hung)
    assert following.error is None


def test_parser_process_gives_up_on_a_mail_that_takes_too_much_processor_time() -> None:
    parser = ParserProcess(cpu_seconds=1)

    mail = parser.parse(SLOW)
    following = parser.parse(MAIL)
    parser.close()

    assert mail.error == "parsing took more than 1 s of processor time"
    assert following.error is None


def test_parser_process_gives_up_on_a_mail_that_takes_too_much_memory(
    parser: ParserProcess,
) -> None:
    mail = parser.parse(MAIL + bytes(300 * 1024 * 1024))
    following = parser.parse(MAIL)

    assert mail.error == "parsing needed more memory than allowed"
    assert (mail.subject, mail.sender and mail.sender.email) == ("Anfrage", "hans@example.org")
    assert following.error is None


def test_parser_process_serves_many_threads(parser: ParserProcess) -> None:
    found: list[str | None] = []

    def work(number: int) -> None:
        for turn in range(10):
            subject = f"{number}-{turn}"
            found.append(parser.parse(b"Subject: %b\n\nx" % subject.encode()).subject)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(filter(None, found)) == sorted(f"{n}-{t}" for n in range(4) for t in range(10))


def test_parser_process_never_answers_with_what_an_interrupted_mail_left(
    parser: ParserProcess,
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    with pytest.raises(KeyboardInterrupt):
        parser.parse(SLOW)
    signal.signal(signal.SIGALRM, before)

    assert parser.parse(MAIL).subject == "Anfrage"


def test_parse_bounded_works_on_both_sides_of_a_fork() -> None:
    parse_bounded(MAIL)

    pid = os.fork()
    if pid == 0:
        os._exit(0 if parse_bounded(MAIL).subject == "Anfrage" else 1)
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert parse_bounded(MAIL).subject == "Anfrage"


def test_child_knows_no_django_and_ends_with_its_parent() -> None:
    script = (
        "import sys, time\n"
        "from channels_in.mail.parser_process import _SHARED, parse_bounded\n"
        "parse_bounded(b'From: a@example.org\\n\\nhi')\n"
        "print(_SHARED.pid, 'django' in sys.modules, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid, knows_django = parent.stdout.readline().split()

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert knows_django == "False"
    assert wait_until(lambda: not _is_alive(int(pid)))


def test_parser_process_reads_a_mail_of_the_largest_size(parser: ParserProcess) -> None:
    content = bytes(range(256)) * 100_000
    raw = (
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhi\n"
        b"--x\nContent-Type: image/jpeg; name=a.jpg\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(content)
        + b"--x--\n"
    )

    mail = parser.parse(raw)

    assert len(raw) > 34_000_000
    assert (mail.error, mail.text) == (None, "hi")
    assert [file.content == content for file in mail.attachments] == [True]
