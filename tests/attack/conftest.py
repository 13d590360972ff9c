"""A town with a mail server of its own, for the cases that come by mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from channels_in.senders import forget_rules
from helpdesk.outbox.workers import resume, wait_idle
from tests.attack.mailtown import MailTown, make_mail_town
from tests.fakes.smtp import SmtpSink


@pytest.fixture
def town(
    smtp_server: SmtpSink, transactional_db: None, settings: Settings, tmp_path: Path
) -> Iterator[MailTown]:
    del transactional_db
    settings.FILES_ROOT = tmp_path / "files"
    forget_rules()
    yield make_mail_town(smtp_server)
    assert wait_idle(60)
    resume()
