"""A private Redis on a unix socket and a free port of the loopback address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.servers.base import LOOPBACK, find_program, free_port, private_folder, served

PACKAGE = "redis-server"


@dataclass(frozen=True)
class Redis:
    """A running server; ``url`` suits caches, channel layer and broker alike."""

    socket: Path
    port: int
    pid: int

    @property
    def url(self) -> str:
        """TCP address, since Celery spells unix sockets in a way of its own."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def socket_url(self) -> str:
        """Address of the unix socket for channel layer and cache."""
        return f"unix://{self.socket}"

    def version(self) -> str:
        """Ask the server who it is."""
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            return f"Redis {client.info('server')['redis_version']}"


def _answers(path: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(path)) as client:
            return bool(client.ping())
    except redis.exceptions.ConnectionError:
        return False


@contextmanager
def private_redis() -> Iterator[Redis]:
    """Serve an empty Redis that keeps nothing on disk."""
    server = find_program("redis-server", package=PACKAGE)
    with private_folder("redis") as folder:
        path, port = folder / "redis.sock", free_port()
        command: list[str | Path] = [
            *(server, "--bind", LOOPBACK, "--port", str(port), "--unixsocket", path),
            *("--dir", str(folder), "--save", "", "--appendonly", "no"),
        ]
        with served(command, ready=lambda: _answers(path), log=folder / "log") as process:
            yield Redis(socket=path, port=port, pid=process.pid)
