"""Options of ``manage.py serve`` that must stand in the environment before settings load."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

DEFAULT_PORT = 8000
DEFAULT_SMTP_PORT = 2525


def parser() -> argparse.ArgumentParser:
    """Return the options of the one-process run."""
    options = argparse.ArgumentParser(prog="manage.py serve", add_help=False)
    options.add_argument("--port", type=int, default=DEFAULT_PORT)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--data", type=Path, default=Path("data"))
    options.add_argument("--demo", choices=("0", "1"), default="1")
    options.add_argument("--smtp-port", type=int, default=DEFAULT_SMTP_PORT)
    return options


def apply_to_environment(arguments: Sequence[str]) -> None:
    """Turn the options into settings, where the environment does not say otherwise."""
    given, _ = parser().parse_known_args(list(arguments))
    values = {
        "ANLIEGEN_DATA": str(given.data),
        "ANLIEGEN_BASE_URL": f"http://localhost:{given.port}",
        "ANLIEGEN_DEMO": "true" if given.demo == "1" else "false",
        "ANLIEGEN_SMTP_LISTEN": f"127.0.0.1:{given.smtp_port}",
    }
    for name, value in values.items():
        os.environ.setdefault(name, value)
