"""The settings an installation is given from outside, read once and checked loudly.

Every name is listed in :data:`KNOWN`; an unknown variable with our prefix is an
error, since a misspelt setting would otherwise be silently without effect.
``NAME_FILE`` reads a secret from a file.
"""

import os
import secrets
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError

from helpdesk.files.clamd import Address
from helpdesk.lib.figures import is_figure
from helpdesk.lib.network import Network
from helpdesk.project.threads import CONNECTIONS

PREFIX = "ANLIEGEN_"
SECRETS = frozenset({"SECRET_KEY", "DATABASE_URL", "REDIS_URL"})
KNOWN: Mapping[str, str] = {
    "DATA": "folder of database, files and key in the one-process run",
    "BASE_URL": "address under which citizens and staff reach this installation",
    "SECRET_KEY": "master secret of at least 32 characters; everything secret derives from it",
    "DATABASE_URL": "postgresql://… ; without it SQLite in the data folder",
    "DATABASE_CONNECTIONS": "connections to PostgreSQL that one process may have at once",
    "REDIS_URL": "redis://… for several processes; without it everything runs in one",
    "ALLOWED_HOSTS": "further host names, separated by commas",
    "TRUSTED_PROXY": "true if a reverse proxy sets X-Forwarded-Proto and -For",
    "DEBUG": "true only while developing",
    "DEMO": "true: outgoing mail goes to the demo mailbox page and nothing leaves",
    "SMTP_LISTEN": "host:port of the built-in mail listener; empty switches it off",
    "REPORT_LIMITS": "reports an hour and a day from one network, and a day in all",
    "KIOSK_NETWORKS": "networks of own terminals, not limited one by one, separated by commas",
    "SCANNER": "clamd that scans files: path of its socket, or host:port; empty: no scanner",
    "DENIED_KINDS": "endings and types of files that nobody opens, separated by commas",
    "PRIVATE_NETWORKS": "own networks whose servers may be asked by https, separated by commas",
    "LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR",
    "TIME_ZONE": "time zone of logs and of an authority without its own",
    "FAULT": "point:n:action for fault tests",
}
MINIMUM_SECRET_LENGTH = 32
# A page, a fetcher with what it files beside, a sender and the tasks.
FEWEST_CONNECTIONS = 5
# What a machine runs when somebody opens it, and nobody sends to a town hall for a reason.
DENIED = (
    "bat,chm,cmd,com,cpl,exe,hta,jar,jse,lnk,msi,msp,pif,ps1,reg,scf,scr,vb,vbe,vbs,wsf,wsh,"
    "application/vnd.microsoft.portable-executable,application/x-executable"
)
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingError(Exception):
    """A setting is missing, unknown or unusable; the message names it in one line."""


def check_names(environ: Mapping[str, str]) -> None:
    """Refuse variables that carry our prefix but that nothing reads."""
    allowed = {PREFIX + name for name in KNOWN} | {f"{PREFIX}{name}_FILE" for name in SECRETS}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in allowed)
    if unknown:
        known = ", ".join(sorted(KNOWN))
        raise SettingError(f"{unknown[0]} is not a setting. Known after {PREFIX}: {known}.")


def read_secret_file(environ: Mapping[str, str], name: str) -> str | None:
    """Return the content of the file that ``NAME_FILE`` points to, if it is set."""
    path = environ.get(f"{PREFIX}{name}_FILE")
    if path is None:
        return None
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise SettingError(
            f"{PREFIX}{name}_FILE: {path} can't be read ({error.strerror})."
        ) from error


class Settings:
    """Typed values of all settings; raises SettingError on the first unusable one."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """Read and check everything that ``environ`` (default: the process's) gives."""
        self._environ = os.environ if environ is None else environ
        check_names(self._environ)
        self._env = Env(prefix=PREFIX)
        try:
            self._read()
        except EnvError as error:
            raise SettingError(str(error).replace("\n", " ")) from error

    def _read(self) -> None:
        self.data = Path(self._text("DATA", "data")).absolute()
        self.debug = self._flag("DEBUG")
        self.demo = self._flag("DEMO")
        self.trusted_proxy = self._flag("TRUSTED_PROXY")
        self.base_url = self._base_url()
        self.database_url = self._secret("DATABASE_URL")
        self.database_connections = self._database_connections()
        self.redis_url = self._secret("REDIS_URL")
        self.master_secret = self._master_secret()
        hosts = [host.strip() for host in self._text("ALLOWED_HOSTS", "").split(",")]
        own_host = urlsplit(self.base_url).hostname or "localhost"
        self.allowed_hosts = sorted({own_host, "localhost", "127.0.0.1", *filter(None, hosts)})
        if "*" in self.allowed_hosts:
            raise SettingError(f"{PREFIX}ALLOWED_HOSTS: * is refused, name the hosts.")
        self.smtp_listen = self._smtp_listen()
        self.report_limits = self._report_limits()
        self.scanner = self._scanner()
        self.denied_kinds = frozenset(
            kind.strip().lower().lstrip(".")
            for kind in self._text("DENIED_KINDS", DENIED).split(",")
            if kind.strip()
        )
        self.kiosk_networks = self._networks("KIOSK_NETWORKS")
        self.private_networks = self._networks("PRIVATE_NETWORKS")
        self.log_level = self._text("LOG_LEVEL", "INFO").upper()
        if self.log_level not in LOG_LEVELS:
            raise SettingError(f"{PREFIX}LOG_LEVEL: use one of {', '.join(LOG_LEVELS)}.")
        self.time_zone = self._text("TIME_ZONE", "Europe/Berlin")
        self.fault = self._text("FAULT", "")

    def _text(self, name: str, default: str) -> str:
        return self._environ.get(PREFIX + name, default).strip()

    def _flag(self, name: str) -> bool:
        value = self._text(name, "false").lower()
        if value not in {"true", "false", "1", "0", "yes", "no", ""}:
            raise SettingError(f"{PREFIX}{name}: use true or false, not {value!r}.")
        return value in {"true", "1", "yes"}

    def _secret(self, name: str) -> str:
        return read_secret_file(self._environ, name) or self._text(name, "")

    def _base_url(self) -> str:
        url = self._text("BASE_URL", "http://localhost:8000").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
            raise SettingError(f"{PREFIX}BASE_URL: write https://host, not {url!r}.")
        return url

    def _database_connections(self) -> int:
        value = self._text("DATABASE_CONNECTIONS", str(CONNECTIONS))
        if not is_figure(value) or int(value) < FEWEST_CONNECTIONS:
            raise SettingError(
                f"{PREFIX}DATABASE_CONNECTIONS: write a number from {FEWEST_CONNECTIONS} on, "
                f"not {value!r}."
            )
        return int(value)

    def _smtp_listen(self) -> tuple[str, int] | None:
        value = self._text("SMTP_LISTEN", "127.0.0.1:2525")
        if not value:
            return None
        host, _, port = value.rpartition(":")
        if not host or not is_figure(port) or int(port) > 65535:
            raise SettingError(f"{PREFIX}SMTP_LISTEN: write host:port, not {value!r}.")
        return host, int(port)

    def _scanner(self) -> Address | None:
        value = self._text("SCANNER", "")
        if not value:
            return None
        if value.startswith("/"):
            return Address(path=value)
        host, _, port = value.rpartition(":")
        if not host or not is_figure(port) or int(port) > 65535:
            raise SettingError(
                f"{PREFIX}SCANNER: write /path/of/clamd.ctl or host:port, not {value!r}."
            )
        return Address(host=host, port=int(port))

    def _report_limits(self) -> tuple[int, int, int]:
        value = self._text("REPORT_LIMITS", "20,240,5000")
        figures = [figure.strip() for figure in value.split(",")]
        if len(figures) != 3 or not all(is_figure(figure) and int(figure) for figure in figures):
            raise SettingError(
                f"{PREFIX}REPORT_LIMITS: write three figures such as 20,240,5000, not {value!r}."
            )
        hour, day, everybody = map(int, figures)
        return hour, day, everybody

    def _networks(self, setting: str) -> tuple[Network, ...]:
        names = [name.strip() for name in self._text(setting, "").split(",")]
        try:
            return tuple(ip_network(name) for name in names if name)
        except ValueError as error:
            raise SettingError(f"{PREFIX}{setting}: {error}.") from error

    def _master_secret(self) -> str:
        secret = self._secret("SECRET_KEY")
        if not secret and (self.database_url or self.redis_url):
            raise SettingError(
                f"{PREFIX}SECRET_KEY is missing: several processes must share one secret."
            )
        secret = secret or own_secret(self.data / "secret.key")
        if len(secret) < MINIMUM_SECRET_LENGTH:
            raise SettingError(
                f"{PREFIX}SECRET_KEY: use at least {MINIMUM_SECRET_LENGTH} characters."
            )
        return secret


def own_secret(path: Path) -> str:
    """Return the data folder's secret, making it (mode 0600) where there is none yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            secret = secrets.token_urlsafe(48)
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SettingError(
            f"{PREFIX}DATA: {path} can't be read or written ({error.strerror})."
        ) from error
    return secret
