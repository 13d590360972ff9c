"""A small mailbox server that misbehaves on demand; for good behaviour there is Dovecot.

It knows one INBOX and the commands a fetcher needs. :meth:`FakeImap.script` replaces
the answer to a command (GREETING, LOGIN, SELECT, FETCH, …) by another one, silence or
a hang-up; the answer carries no tag: ``"NO [UNAVAILABLE] Try later"``.
"""

import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.fakes.scripts import Held, Script, Step
from tests.servers.base import LOOPBACK

CAPABILITIES = "IMAP4rev1 ID IDLE UIDPLUS MOVE NAMESPACE UNSELECT"
PARTIAL = re.compile(r"<0\.(\d+)>")
UID_SET = re.compile(r"\d[\d:,*]*")


@dataclass
class FakeMail:
    """One mail of the fake mailbox."""

    uid: int
    content: bytes
    flags: set[str] = field(default_factory=set)
    is_old: bool = False


class FakeImap:
    """The running server as a test sees it: its mails, its commands so far, its script."""

    def __init__(self) -> None:
        self.host = LOOPBACK
        self.port = 0
        self.uidvalidity = 1
        self.uidnext = 1
        self.mails: list[FakeMail] = []
        self.commands: list[str] = []
        self.copies: list[tuple[int, str]] = []
        self.capabilities = CAPABILITIES
        # Whether its user may read the mailbox and change nothing there.
        self.is_readonly = False
        # UID → whether the server falls over that mail instead of refusing it.
        self.poison: dict[int, bool] = {}
        # UID → what is said in place of its literal: NIL, a literal8, something unreadable.
        self.forms: dict[int, str] = {}
        # UID → how often half of its literal comes and then nothing: the line breaks, or is silent.
        self.broken_off: dict[int, int] = {}
        self.silent_inside: dict[int, int] = {}
        # UIDs that are gone once a SEARCH has named them.
        self.vanishing: set[int] = set()
        self.idle_says, self.idle_ends = "", False
        self.steps = Script()

    def add(self, content: bytes) -> int:
        """Lay a mail into the mailbox and return its UID."""
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        self.mails.append(FakeMail(uid, content))
        return uid

    def script(self, command: str, reply: str = "", *, times: int = 1, close: bool = False) -> None:
        """Answer ``command`` with ``reply`` and hang up if ``close``."""
        self.steps.add(Step(command, reply, times=times, close=close))

    def hold(self, command: str) -> Held:
        """Stay silent before the proper answer until what is returned is let go."""
        held = Held()
        self.steps.add(Step(command, held=held))
        return held

    def chosen(self, uid_set: str) -> list[FakeMail]:
        """Mails named by a set such as ``2``, ``1,3`` or ``4:*``."""
        wanted: set[int] = set()
        last = max((mail.uid for mail in self.mails), default=0)
        for part in uid_set.split(","):
            low, _, high = part.partition(":")
            first, final = (last if end == "*" else int(end) for end in (low, high or low))
            wanted.update(range(min(first, final), max(first, final) + 1))
        return [mail for mail in self.mails if mail.uid in wanted]


class _HangUpError(Exception):
    """The script closes this connection."""


class _Connection(socketserver.StreamRequestHandler):
    """One client; each command has a method ``do_NAME(argument)`` that writes its answer."""

    server: "_Listener"

    def handle(self) -> None:
        self.fake = self.server.fake
        self.tag = "*"
        try:
            if not self._scripted("GREETING"):
                self.send("* OK fake mailbox ready")
            while line := self.rfile.readline():
                self._command(line.decode("utf-8", "replace").rstrip("\r\n"))
        except (_HangUpError, ConnectionError):
            return

    def send(self, line: str | bytes) -> None:
        self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def done(self, text: str = "OK done") -> None:
        self.send(f"{self.tag} {text}")

    def _scripted(self, name: str) -> bool:
        step = self.fake.steps.take(name)
        if step is None:
            return False
        if step.held:
            step.held.wait()
        if step.reply:
            self.done(step.reply)
        if step.close:
            self.connection.shutdown(socket.SHUT_RDWR)
            raise _HangUpError
        return bool(step.reply)

    def _command(self, line: str) -> None:
        self.tag, _, rest = line.partition(" ")
        name, _, argument = rest.partition(" ")
        if name.upper() == "UID":
            name, _, argument = argument.partition(" ")
        self.fake.commands.append(rest)
        if self._scripted(name.upper()):
            return
        method: Callable[[str], None] = getattr(self, f"do_{name.upper()}", self._unknown)
        method(argument)

    def _unknown(self, _argument: str) -> None:
        self.done("BAD unknown command")

    def _fine(self, _argument: str) -> None:
        self.done()

    do_LOGIN = do_NOOP = do_UNSELECT = do_CLOSE = do_ID = do_ENABLE = _fine  # noqa: N815 - IMAP's names

    def do_CAPABILITY(self, _argument: str) -> None:  # noqa: N802 - IMAP's name
        self.send(f"* CAPABILITY {self.fake.capabilities}")
        self.done()

    def do_NAMESPACE(self, _argument: str) -> None:  # noqa: N802 - IMAP's name
        self.send('* NAMESPACE (("" "/")) NIL NIL')
        self.done()

    def do_LIST(self, _argument: str) -> None:  # noqa: N802 - IMAP's name
        self.send('* LIST (\\HasNoChildren) "/" "INBOX"')
        self.done()

    def do_SELECT(self, argument: str) -> None:  # noqa: N802 - IMAP's name
        if argument.strip('"').upper() != "INBOX":
            self.done("NO [NONEXISTENT] Mailbox doesn't exist")
            return
        self.send("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)")
        self.send(f"* {len(self.fake.mails)} EXISTS")
        self.send("* 0 RECENT")
        self.send(f"* OK [UIDVALIDITY {self.fake.uidvalidity}] valid")
        self.send(f"* OK [UIDNEXT {self.fake.uidnext}] next")
        self.done(f"OK [{'READ-ONLY' if self.fake.is_readonly else 'READ-WRITE'}] selected")

    do_EXAMINE = do_SELECT  # noqa: N815 - IMAP's name

    def do_SEARCH(self, argument: str) -> None:  # noqa: N802 - IMAP's name
        chosen = UID_SET.search(argument)
        mails = self.fake.chosen(chosen.group()) if chosen else self.fake.mails
        if "UNSEEN" in argument.upper():
            mails = [mail for mail in mails if "\\Seen" not in mail.flags]
        if "SINCE" in argument.upper():
            mails = [mail for mail in mails if not mail.is_old]
        self.send("* SEARCH " + " ".join(str(mail.uid) for mail in mails))
        self.done()
        self.fake.mails = [mail for mail in self.fake.mails if mail.uid not in self.fake.vanishing]

    def do_FETCH(self, argument: str) -> None:  # noqa: N802 - IMAP's name
        uid_set, _, items = argument.partition(" ")
        wants_body = "BODY" in items.upper()
        if wants_body and self._scripted("BODY"):
            return
        for mail in self.fake.chosen(uid_set):
            if wants_body and mail.uid in self.fake.poison:
                self._choke(mail.uid)
                return
            answer = self._described(mail, items)
            if wants_body:
                self._break_off(mail.uid, answer)
            self.send(answer)
        self.done()

    def _described(self, mail: FakeMail, items: str) -> bytes:
        number = self.fake.mails.index(mail) + 1
        answer = f"* {number} FETCH (UID {mail.uid} FLAGS ({' '.join(sorted(mail.flags))})"
        answer += f" RFC822.SIZE {len(mail.content)}"
        if "BODY" not in items.upper():
            return f"{answer})".encode()
        part = PARTIAL.search(items)
        content = mail.content[: int(part.group(1))] if part else mail.content
        origin = "<0>" if part else ""
        if form := self.fake.forms.get(mail.uid):
            said = form.format(size=len(content)).encode()
            return f"{answer} BODY[]{origin} ".encode() + said.replace(b"@", content) + b")"
        return f"{answer} BODY[]{origin} {{{len(content)}}}\r\n".encode() + content + b")"

    def _break_off(self, uid: int, answer: bytes) -> None:
        """Say half of an answer and no more, if that is wanted."""
        for wanted, is_silent in ((self.fake.broken_off, False), (self.fake.silent_inside, True)):
            if wanted.get(uid, 0) < 1:
                continue
            wanted[uid] -= 1
            self.wfile.write(answer[: len(answer) // 2])
            if is_silent:
                self.rfile.readline()
            self.connection.shutdown(socket.SHUT_RDWR)
            raise _HangUpError

    def _choke(self, uid: int) -> None:
        """Fail over one mail: by a refusal, or by falling over."""
        if self.fake.poison[uid]:
            self.connection.shutdown(socket.SHUT_RDWR)
            raise _HangUpError
        self.done("NO poison")

    def do_STORE(self, argument: str) -> None:  # noqa: N802 - IMAP's name
        if self.fake.is_readonly:
            self.done("NO [READ-ONLY] Mailbox is read-only")
            return
        uid_set, _, change = argument.partition(" ")
        flags = set(change.partition("(")[2].rstrip(")").split())
        for mail in self.fake.chosen(uid_set):
            mail.flags = mail.flags - flags if change.startswith("-") else mail.flags | flags
        self.done()

    def do_MOVE(self, argument: str) -> None:  # noqa: N802 - IMAP's name
        for mail in self.fake.chosen(argument.partition(" ")[0]):
            self.fake.mails.remove(mail)
        self.done()

    def do_COPY(self, argument: str) -> None:  # noqa: N802 - IMAP's name
        uid_set, _, folder = argument.partition(" ")
        self.fake.copies += [(mail.uid, folder.strip('"')) for mail in self.fake.chosen(uid_set)]
        self.done()

    def do_EXPUNGE(self, argument: str) -> None:  # noqa: N802 - IMAP's name
        chosen = self.fake.chosen(argument) if argument else list(self.fake.mails)
        for mail in chosen:
            if "\\Deleted" in mail.flags:
                self.fake.mails.remove(mail)
        self.done()

    def do_IDLE(self, _argument: str) -> None:  # noqa: N802 - IMAP's name
        self.send("+ idling")
        if self.fake.idle_says:
            self.send(self.fake.idle_says)
        if self.fake.idle_ends:
            self.connection.shutdown(socket.SHUT_RDWR)
            raise _HangUpError
        self.rfile.readline()
        if not self._scripted("DONE"):
            self.done()

    def do_LOGOUT(self, _argument: str) -> None:  # noqa: N802 - IMAP's name
        self.send("* BYE")
        self.done()
        raise _HangUpError


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, fake: FakeImap) -> None:
        self.fake = fake
        super().__init__((LOOPBACK, 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what these tests are about."""


@contextmanager
def fake_imap() -> Iterator[FakeImap]:
    """Serve an empty mailbox on a free port; every login is accepted."""
    fake = FakeImap()
    with _Listener(fake) as listener:
        fake.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            listener.shutdown()
            thread.join(10)
