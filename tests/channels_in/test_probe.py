"""The connection test of a stored mailbox, against servers on this machine."""

import threading

import pytest
from pytest_django.fixtures import Settings

from channels_in.accounts import Fetching, MailboxDetails, save_mailbox
from channels_in.models import Account
from channels_in.probe import Probe, probe_mailbox
from helpdesk.agents.domain.setup import create_authority
from helpdesk.agents.models import Team
from helpdesk.outbox.models import Security, Sender
from helpdesk.outbox.senders import SenderDetails, Server
from tests.fakes.imap import FakeImap
from tests.fakes.smtp import SmtpSink
from tests.servers.base import free_port

pytestmark = pytest.mark.django_db
ADDRESS = "info@musterstadt.example"


def local(port: int) -> Server:
    return Server("127.0.0.1", port, Security.NONE, "info", "geheim-1")


def make_mailbox(imap_port: int, smtp_port: int, transport: str = Sender.Transport.SMTP) -> Account:
    authority = create_authority(name="Stadt Musterstadt", short_name="Musterstadt")
    details = MailboxDetails(
        name="Info",
        address=ADDRESS,
        kind=Account.Kind.IMAP,
        team_id=Team.objects.get().pk,
        fetching=Fetching(server=local(imap_port)),
        sender=SenderDetails(
            "Stadt",
            ADDRESS,
            transport,
            server=Server("127.0.0.1", smtp_port, Security.NONE),
        ),
    )
    return save_mailbox(authority_id=authority.pk, account_id=None, details=details, user=None)


def verdicts(probe: Probe) -> tuple[list[bool | None], list[bool | None]]:
    return [step.is_ok for step in probe.way_in], [step.is_ok for step in probe.way_out]


def test_probe_sees_its_own_mail_arrive(imap_server: FakeImap, smtp_server: SmtpSink) -> None:
    def carry() -> None:
        imap_server.add(smtp_server.wait_for(1)[0].content)

    account = make_mailbox(imap_server.port, smtp_server.port)
    carrier = threading.Thread(target=carry)
    carrier.start()

    probe = probe_mailbox(account)

    carrier.join()
    assert probe.is_ok
    assert probe.way_out[-1].key == "arrival"
    assert probe.waiting == 0


def test_probe_says_which_step_fails(smtp_server: SmtpSink) -> None:
    account = make_mailbox(free_port(), smtp_server.port)

    way_in, way_out = verdicts(probe_mailbox(account))

    assert way_in == [True, False, *[None] * 4]
    assert all(way_out)


def test_probe_asks_for_a_password_that_can_not_be_read(smtp_server: SmtpSink) -> None:
    account = make_mailbox(free_port(), smtp_server.port)
    account.password = "written-with-another-key"

    way_in, way_out = verdicts(probe_mailbox(account))

    assert (way_in, way_out) == ([False], [])


def test_probe_of_the_demonstration_sends_nothing(
    imap_server: FakeImap, settings: Settings
) -> None:
    settings.DEMO = True
    account = make_mailbox(imap_server.port, 1, Sender.Transport.DEMO)

    way_in, way_out = verdicts(probe_mailbox(account))

    assert (all(way_in), way_out) == (True, [])
