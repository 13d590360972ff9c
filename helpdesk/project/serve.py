"""The one-process run: web server, sweeps, mail listener and fetchers in one program.

Signal handlers are our own and come before uvicorn's, which would raise the
signal again and end the process before anything is put away. Nothing here is
a guarantee: every job is a row, so even SIGKILL loses nothing.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

import uvicorn

from channels_in.mail.fetchers import FetcherThreads
from channels_in.mail.listener import Listener
from helpdesk.events.wake import waker
from helpdesk.live import broadcast
from helpdesk.outbox import claims, workers
from helpdesk.project.celery import PERIODS
from helpdesk.project.celery import app as celery_app
from helpdesk.project.memory import freeze
from helpdesk.project.patience import PatientProtocol
from helpdesk.project.runner import Runner

log = logging.getLogger("anliegen.serve")

QUIET_STOP_SECONDS = 1.5
SENDING_STOP_SECONDS = 13.0


class PortInUseError(Exception):
    """Something else listens on the wanted port."""

    def __init__(self, port: int) -> None:
        """Keep the port for the message."""
        super().__init__(port)
        self.port = port


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, telling when it listens."""

    def __init__(self, config: uvicorn.Config, *, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to :class:`Program`."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, hand our loop to the live broadcasts, and tell."""
        await super().startup(sockets=sockets)
        broadcast.line.attach(asyncio.get_running_loop())
        self._on_listening()


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket, or raise PortInUseError."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((host, port))
        server.listen(2048)
    except OSError as error:
        server.close()
        raise PortInUseError(port) from error
    server.set_inheritable(False)
    return server


@dataclass
class Program:
    """Everything that runs in the one process, started and ended in order."""

    web_socket: socket.socket
    smtp_address: tuple[str, int] | None
    on_listening: Callable[[], None]
    _listener: Listener | None = None
    _fetchers: FetcherThreads | None = None
    _runner: Runner | None = None
    _server: _Server | None = None

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; returns after everything has been put away."""
        config = uvicorn.Config(
            "helpdesk.project.asgi:application",
            http=PatientProtocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ws_max_size=65_536,
            ws_per_message_deflate=False,
            proxy_headers=False,
        )
        self._server = _Server(config, on_listening=self._listening)
        self._install_signal_handlers()
        # Alone on its data: what a killed process had claimed is free now, not in a minute.
        claims.void_leases()
        self._start_listener()
        self._fetchers = FetcherThreads()
        self._fetchers.start()
        try:
            self._server.run(sockets=[self.web_socket])
        finally:
            self._stop()

    def _listening(self) -> None:
        freeze()
        # Only now: the first sweeps would take the start its processor.
        self._start_runner()
        self.on_listening()
        sys.stdout.flush()

    def _install_signal_handlers(self) -> None:
        def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
            workers.request_stop()
            if self._server is not None:
                self._server.should_exit = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask_to_stop)

    def _start_listener(self) -> None:
        if self.smtp_address is None:
            return
        self._listener = Listener(*self.smtp_address)
        try:
            self._listener.start()
        except OSError as error:
            raise PortInUseError(self.smtp_address[1]) from error

    def _start_runner(self) -> None:
        celery_app.loader.import_default_modules()
        self._runner = Runner(
            {name: (celery_app.tasks[name].run, period) for name, period in PERIODS.items()}
        )
        waker.attach(self._runner.wake)
        self._runner.start()

    def _stop(self) -> None:
        """End in order: nothing new comes in, nothing new is begun, what runs may finish."""
        started = time.monotonic()
        broadcast.line.detach()
        if self._listener is not None:
            self._listener.stop()
        if self._fetchers is not None:
            self._fetchers.stop()
        if self._runner is not None:
            self._runner.stop(QUIET_STOP_SECONDS)
        workers.wait_idle(SENDING_STOP_SECONDS)
        log.info("Stopped in %.1f s.", time.monotonic() - started)
