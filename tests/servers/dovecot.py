"""A private Dovecot: IMAP on a free port of the loopback address, maildirs in a folder.

Every user name is accepted with :data:`PASSWORD`, or by XOAUTH2 and OAUTHBEARER with
what :meth:`Dovecot.access_token` mints.
"""

import base64
import getpass
import grp
import hashlib
import hmac
import itertools
import json
import os
import pwd
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.base import LOOPBACK, find_program, free_port, private_folder, run_as, served
from tests.servers.certificate import Certificate, make_certificate

PACKAGE = "dovecot-imapd"
PASSWORD = "right-password"
TOKEN_KEY = b"a key that only this test server and its tests know"
INBOX = "INBOX"

CONFIG = """\
base_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{tls}
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2 oauthbearer
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
imap_id_send = name * version *
mail_location = maildir:~/Maildir
mail_fsync = never
maildir_very_dirty_syncs = no
namespace inbox {{
  inbox = yes
  separator = {separator}
  mailbox Archive {{
    auto = create
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
OAUTH2 = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
"""


@dataclass(frozen=True)
class StoredMail:
    """One mail as it lies in a maildir: its bytes and its IMAP flags."""

    content: bytes
    flags: frozenset[str]


@dataclass(frozen=True)
class Dovecot:
    """A running server with the folder that holds its users' maildirs."""

    folder: Path
    port: int
    tls_port: int
    certificate: Certificate
    owner: str
    separator: str
    pid: int

    host = LOOPBACK

    def deliver(
        self, user: str, content: bytes, *, folder: str = INBOX, arrived: float | None = None
    ) -> None:
        """Lay one mail into a folder as a delivery agent does: whole or not at all.

        ``arrived`` is the time of its receipt as the server tells it, now by default.
        """
        maildir = self._maildir(user, folder)
        name = f"{time.time_ns()}.{next(_counter)}.test"
        (maildir / "tmp" / name).write_bytes(content)
        shutil.chown(maildir / "tmp" / name, self.owner)
        if arrived is not None:
            os.utime(maildir / "tmp" / name, (arrived, arrived))
        (maildir / "tmp" / name).rename(maildir / "new" / name)

    def mails(self, user: str, *, folder: str = INBOX) -> list[StoredMail]:
        """Return what a folder holds, oldest first, without asking the server."""
        maildir = self._maildir(user, folder)
        paths = [path for part in ("new", "cur") for path in (maildir / part).iterdir()]
        return [
            StoredMail(path.read_bytes(), _flags(path.name))
            for path in sorted(paths, key=lambda path: path.name)
        ]

    @contextmanager
    def client(self, user: str) -> Iterator[IMAPClient]:
        """Lend a signed-in client, to look or to act as another program."""
        with IMAPClient(self.host, self.port, ssl=False) as client:
            client.login(user, PASSWORD)
            yield client

    def access_token(self, user: str, *, seconds: int = 3600) -> str:
        """Mint a token that XOAUTH2 accepts; a negative lifetime makes an expired one."""
        now = int(time.time())
        head = {"alg": "HS256", "typ": "JWT", "kid": "default"}
        claims = {"email": user, "sub": user, "iat": now - 7200, "exp": now + seconds}
        signed = b".".join(_encode(json.dumps(part).encode()) for part in (head, claims))
        seal = hmac.new(TOKEN_KEY, signed, hashlib.sha256).digest()
        return b".".join((signed, _encode(seal))).decode()

    def version(self) -> str:
        """Ask the server who it is."""
        with IMAPClient(self.host, self.port, ssl=False) as client:
            identity = client.id_()
        fields = [part.decode() for part in identity[0] or ()]
        known = dict(zip(fields[::2], fields[1::2], strict=True))
        return f"{known['name']} {known['version']}"

    def _maildir(self, user: str, folder: str) -> Path:
        home = self.folder / "mail" / user
        name = "" if folder == INBOX else "." + folder.replace(self.separator, ".")
        maildir = home / "Maildir" / name
        for path in (home, home / "Maildir", maildir, *(maildir / p for p in _PARTS)):
            if not path.exists():
                path.mkdir(parents=True)
                shutil.chown(path, self.owner)
        return maildir


_PARTS = ("tmp", "new", "cur")
_counter = itertools.count()
_FLAG_LETTERS = {
    "S": "\\Seen",
    "R": "\\Answered",
    "F": "\\Flagged",
    "T": "\\Deleted",
    "D": "\\Draft",
}


def _flags(name: str) -> frozenset[str]:
    letters = name.partition(":2,")[2]
    return frozenset(_FLAG_LETTERS.get(letter, letter) for letter in letters)


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _greets(port: int) -> bool:
    try:
        IMAPClient(LOOPBACK, port, ssl=False, timeout=5).shutdown()
    except OSError:
        return False
    return True


def _write_keys(folder: Path) -> None:
    key = folder / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(TOKEN_KEY))
    (folder / "oauth2.conf").write_text(OAUTH2.format(folder=folder))


@contextmanager
def dovecot(*, separator: str = "/", starttls: bool = True) -> Iterator[Dovecot]:
    """Serve IMAP (with STARTTLS unless told not to) and IMAPS, each on a port of its own."""
    server = find_program("dovecot", package=PACKAGE)
    # Dovecot refuses to run mail processes as root.
    owner = run_as("nobody") or getpass.getuser()
    with private_folder("imap") as folder:
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", owner)
        _write_keys(folder)
        certificate = make_certificate(folder)
        port, tls_port = free_port(), free_port()
        config = CONFIG.format(
            folder=folder,
            user=owner,
            group=_group(owner),
            port=port,
            tls_port=tls_port,
            password=PASSWORD,
            separator=separator,
            ssl="yes" if starttls else "no",
            tls=f"ssl_cert = <{certificate.certificate}\nssl_key = <{certificate.key}",
        )
        (folder / "dovecot.conf").write_text(config)
        with served(
            [server, "-F", "-c", folder / "dovecot.conf"],
            ready=lambda: _greets(port),
            log=folder / "output.log",
        ) as process:
            yield Dovecot(folder, port, tls_port, certificate, owner, separator, process.pid)


def _group(owner: str) -> str:
    return grp.getgrgid(pwd.getpwnam(owner).pw_gid).gr_name
