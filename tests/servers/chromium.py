"""A private Chromium, driven through playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.servers.base import MissingProgramError, find_program

PACKAGE = "chromium"
# Waiting ends with what is waited for: only what never comes takes so long.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # A name that someone wrote into a page must not leave this machine as a question either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


def program() -> Path:
    """Find the browser under any of its names."""
    for name in NAMES:
        try:
            return find_program(name, package=PACKAGE)
        except MissingProgramError:
            continue
    raise MissingProgramError(NAMES[0], PACKAGE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Launch headless; each ``new_context()`` starts without a trace of the one before."""
    path = program()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
