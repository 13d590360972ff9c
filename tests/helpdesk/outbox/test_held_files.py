"""Files of a message that a scanner or the deny list holds do not leave."""

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from helpdesk.files.models import ScanState, StoredFile
from helpdesk.files.store import put
from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import MessageState, OutgoingMessage, Sender
from helpdesk.outbox.queue import Enclosure
from tests.fakes.smtp import SmtpSink
from tests.helpdesk.outbox.making import queue

pytestmark = pytest.mark.django_db


def again() -> None:
    OutgoingMessage.objects.update(next_attempt_at=Now())
    deliver_waiting()


def state_of(message: OutgoingMessage) -> str:
    return OutgoingMessage.objects.get(pk=message.pk).state


def test_deliver_never_sends_a_file_that_is_held_back(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    file = put(b"%PDF", "application/pdf")
    message = queue(sender, files=(Enclosure(file.pk, "Plan.pdf"),))
    StoredFile.objects.filter(pk=file.pk).update(scan_state=ScanState.HELD)

    deliver_waiting()
    again()

    assert smtp_server.mails == []
    assert state_of(message) == MessageState.FAILED


def test_deliver_waits_until_its_files_are_scanned(
    sender: Sender, smtp_server: SmtpSink, settings: Settings
) -> None:
    settings.SCANNER = ("127.0.0.1", 3310)
    file = put(b"%PDF", "application/pdf")
    message = queue(sender, files=(Enclosure(file.pk, "Plan.pdf"),))

    deliver_waiting()
    first = state_of(message)
    StoredFile.objects.filter(pk=file.pk).update(scan_state=ScanState.CLEAN)
    again()

    assert (first, state_of(message)) == (MessageState.QUEUED, MessageState.SENT)
    assert len(smtp_server.wait_for(1)) == 1
