from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from helpdesk.outbox.models import Sender
from helpdesk.outbox.transports.server import Timeouts
from helpdesk.outbox.workers import resume, wait_idle
from tests.fakes.smtp import SmtpSink
from tests.helpdesk.outbox.making import make_sender
from tests.servers.certificate import Certificate, make_certificate

# Patient enough for a busy machine; only what is to run out is short.
PATIENT = Timeouts(connect=60, command=60, content=60, final=60, goodbye=0.5)
SHORT = Timeouts(connect=1, command=0.5, content=0.5, final=0.5, goodbye=0.2)


@pytest.fixture(autouse=True)
def _timeouts(settings: Settings) -> Iterator[None]:
    settings.OUTBOX_TIMEOUTS = PATIENT
    yield
    assert wait_idle(60)
    resume()


@pytest.fixture
def sender(smtp_server: SmtpSink, db: None) -> Sender:  # noqa: ARG001 - the fixture is the access to the database
    return make_sender(port=smtp_server.port)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """Make a certificate that this process trusts."""
    made = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    return made
