"""A private Exim: a real mail server between us and the world, on a free port, in a folder.

What it takes by SMTP goes on to one other server, by SMTP or LMTP as :func:`exim` is told.
Local parts decide about mishaps, as a far server would: ``nobody.`` is refused at RCPT,
``later.`` is put off, and mail to ``returned.`` is taken and sent back as a report (RFC 3464).
"""

import getpass
import grp
import pwd
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.servers.base import (
    LOOPBACK,
    find_program,
    free_port,
    private_folder,
    run_as,
    served,
    wait_until,
)

PACKAGE = "exim4-daemon-light"
Protocol = Literal["smtp", "lmtp"]

CONFIG = """\
primary_hostname = mta.test
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
pid_file_path = {folder}/spool/exim.pid
exim_user = {user}
exim_group = {group}
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
smtp_enforce_sync = true
smtputf8_advertise_hosts = *
deliver_drop_privilege = true
message_size_limit = 50M
log_selector = +smtp_confirmation
acl_smtp_rcpt = check_recipient
acl_smtp_data = accept_all
queue_only = false
prdr_enable = false

begin acl
check_recipient:
  deny    local_parts = ^nobody\\\\.
          message = 5.1.1 no such mailbox here
  defer   local_parts = ^later\\\\.
          message = 4.2.0 greylisted, try again in a minute
  accept
accept_all:
  accept

begin routers
returned:
  driver = redirect
  local_parts = ^returned\\\\.
  data = :fail: 5.1.1 the mailbox has been closed
  allow_fail
onward:
  driver = manualroute
  route_list = * 127.0.0.1 byname
  transport = onward
  self = send

begin transports
onward:
  driver = smtp
  protocol = {protocol}
  port = {onward}
  allow_localhost
  hosts_avoid_tls = *
  hosts_try_fastopen =
  connection_max_messages = 50

begin retry
* * F,1h,1s
"""


@dataclass(frozen=True)
class Exim:
    """A running server."""

    folder: Path
    program: Path
    port: int
    pid: int

    host = LOOPBACK

    def log(self) -> str:
        """Return what the server wrote about its mails."""
        path = self.folder / "spool" / "mainlog"
        return path.read_text(errors="replace") if path.exists() else ""

    def send(self, sender: str, recipients: list[str], content: bytes) -> None:
        """Hand a mail over, as the mail program of a citizen does."""
        with smtplib.SMTP(self.host, self.port, timeout=20) as client:
            client.sendmail(sender, recipients, content)

    def wait_until_empty(self, *, seconds: float = 20.0) -> None:
        """Wait until every mail has been handed on; fails with the log when one stays."""
        assert wait_until(lambda: not self._waiting(), seconds=seconds), self.log()

    def _waiting(self) -> list[Path]:
        return list((self.folder / "spool" / "input").rglob("*-H"))

    def version(self) -> str:
        """Ask the program who it is."""
        done = subprocess.run([self.program, "-bV"], capture_output=True, text=True, check=True)
        return " ".join(done.stdout.split()[:3]).replace("version ", "")


def _greets(port: int) -> bool:
    try:
        with smtplib.SMTP(LOOPBACK, port, timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def exim(*, onward: int, protocol: Protocol = "smtp") -> Iterator[Exim]:
    """Serve SMTP; all that is taken goes to the port ``onward`` of this machine."""
    program = find_program("exim4", package=PACKAGE)
    # Whoever names a configuration of their own gives Exim no privileges (its manual, option -C).
    user = run_as("nobody") or getpass.getuser()
    with private_folder("mta", owner=user if run_as("nobody") else None) as folder:
        port = free_port()
        config = folder / "exim.conf"
        config.write_text(
            CONFIG.format(
                folder=folder,
                user=user,
                group=grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name,
                port=port,
                protocol=protocol,
                onward=onward,
            )
        )
        with served(
            [program, "-bdf", "-q1s", "-C", config],
            ready=lambda: _greets(port),
            log=folder / "output.log",
            user=run_as("nobody"),
        ) as process:
            yield Exim(folder, program, port, process.pid)
