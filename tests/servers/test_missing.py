"""A missing server skips its tests and names its package; in CI it fails them."""

import os
import subprocess
import sys

from tests.servers.anliegen import ROOT


def _run_without_redis(*, ci: bool) -> subprocess.CompletedProcess[str]:
    """Run one test that needs Redis where PATH leads nowhere."""
    surroundings = {name: value for name, value in os.environ.items() if name != "CI"}
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"),
        "tests/servers/test_servers.py::test_redis_answers_on_port_and_socket",
    ]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=surroundings | {"PATH": "/nonexistent"} | ({"CI": "true"} if ci else {}),
        capture_output=True,
        text=True,
        check=False,
    )


def test_missing_server_skips_and_names_its_package() -> None:
    result = _run_without_redis(ci=False)

    assert result.returncode == 0, result.stdout
    assert "1 skipped" in result.stdout
    assert "tests skipped for want of Debian packages" in result.stdout
    assert "\nredis-server\n" in result.stdout


def test_missing_server_fails_in_ci() -> None:
    result = _run_without_redis(ci=True)

    assert result.returncode == 1
    assert "redis-server is missing: install the package redis-server" in result.stdout
