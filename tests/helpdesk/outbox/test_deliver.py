"""One message against a real SMTP server that answers as it is told (quality.md F12)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from helpdesk.events.models import Event
from helpdesk.files.store import put
from helpdesk.lib.secretbox import seal
from helpdesk.outbox.deliver import deliver_waiting, stop
from helpdesk.outbox.models import Attempt, MessageState, OutgoingMessage, Security, Sender
from helpdesk.outbox.queue import Address, retry_message
from tests.fakes.smtp import SmtpSink, Tls, smtp_sink
from tests.helpdesk.outbox.conftest import PATIENT
from tests.helpdesk.outbox.making import make_sender, queue
from tests.servers.base import free_port
from tests.servers.certificate import Certificate, make_certificate

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

SENT, QUEUED = MessageState.SENT, MessageState.QUEUED
FAILED, UNSURE = MessageState.FAILED, MessageState.UNSURE


def again() -> None:
    """Let all waiting be over, and deliver."""
    Sender.objects.update(paused_until=None)
    OutgoingMessage.objects.update(next_attempt_at=Now())
    deliver_waiting()


def state_of(message: OutgoingMessage) -> str:
    return OutgoingMessage.objects.get(pk=message.pk).state


def outcomes(message: OutgoingMessage) -> list[str]:
    return list(message.attempts.values_list("outcome", flat=True))


def recipients(message: OutgoingMessage) -> dict[str, str]:
    return dict(message.recipients.values_list("address", "state"))


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_deliver_hands_the_mail_over_once_and_tells_it(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    message = queue(sender)

    deliver_waiting()
    deliver_waiting()

    mail = smtp_server.wait_for(1)[0]
    assert (mail.sender, mail.recipients) == ("amt@stadt.example", ("erika1@example.org",))
    assert message.message_id.encode() in mail.content
    assert state_of(message) == SENT
    assert outcomes(message) == ["accepted"]
    assert recipients(message) == {"erika1@example.org": "accepted"}
    event = Event.objects.get()
    assert (event.kind, event.subject_kind, event.subject_id) == (
        "message.sent",
        "message",
        message.pk,
    )
    assert event.data == {"link_kind": "article", "link_id": 1, "state": "sent"}
    sender.refresh_from_db()
    assert sender.last_success_at is not None
    assert sender.failing_since is None


def test_deliver_keeps_dots_at_the_beginning_of_lines(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    queue(sender, text=".\n..\nHallo\n.\nEnde")

    deliver_waiting()

    body = smtp_server.wait_for(1)[0].content.partition(b"\r\n\r\n")[2]
    assert body == b".\r\n..\r\nHallo\r\n.\r\nEnde\r\n"


def test_deliver_waits_for_the_end_of_the_undo_window(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    message = queue(sender)
    OutgoingMessage.objects.update(next_attempt_at=Now() + timedelta(seconds=10))

    assert deliver_waiting() == 0
    assert smtp_server.mails == []
    assert state_of(message) == QUEUED


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_deliver_tries_again_after_a_temporary_refusal(
    sender: Sender, smtp_server: SmtpSink, stage: str, code: int
) -> None:
    message = queue(sender)
    smtp_server.script(stage, f"{code} 4.7.0 greylisted")

    deliver_waiting()
    first = state_of(message)
    assert deliver_waiting() == 0
    again()

    assert (first, state_of(message)) == (QUEUED, SENT)
    assert outcomes(message) == ["delayed", "accepted"]
    assert message.attempts.first().reply == f"{code} 4.7.0 greylisted"  # type: ignore[union-attr] # there are two
    assert len(smtp_server.wait_for(1)) == 1
    assert kinds() == ["message.sent"]


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("code", [550, 552, 554])
def test_deliver_stops_at_once_after_a_refusal_for_good(
    sender: Sender, smtp_server: SmtpSink, stage: str, code: int
) -> None:
    message = queue(sender)
    smtp_server.script(stage, f"{code} 5.1.1 no")

    deliver_waiting()
    again()

    assert smtp_server.mails == []
    assert state_of(message) == FAILED
    assert outcomes(message) == ["refused"]
    assert OutgoingMessage.objects.get().last_error == f"{code} 5.1.1 no"
    assert kinds() == ["message.failed"]
    sender.refresh_from_db()
    assert sender.failing_since is None


@pytest.mark.parametrize(
    "stage,outcome",
    [
        ("BANNER", "delayed"),
        ("EHLO", "delayed"),
        ("MAIL", "delayed"),
        ("RCPT", "delayed"),
        ("DATA", "delayed"),
        ("DOT", "unsure"),
    ],
)
def test_deliver_gives_up_a_hanging_server_and_never_doubles(
    sender: Sender, smtp_server: SmtpSink, settings: Settings, stage: str, outcome: str
) -> None:
    message = queue(sender)
    hangs = smtp_server.hold(stage)
    settings.OUTBOX_TIMEOUTS = replace(PATIENT, **{"final" if stage == "DOT" else "command": 0.3})

    deliver_waiting()

    assert outcomes(message) == [outcome]
    if outcome == "unsure":
        assert state_of(message) == UNSURE
        assert kinds() == ["message.unsure"]
        return
    hangs.let_go()
    settings.OUTBOX_TIMEOUTS = PATIENT
    again()
    assert len(smtp_server.wait_for(1)) == 1
    assert state_of(message) == SENT


@pytest.mark.parametrize("stage", ["BANNER", "EHLO", "MAIL", "RCPT", "DATA"])
def test_deliver_tries_again_when_the_connection_drops_before_the_dot(
    sender: Sender, smtp_server: SmtpSink, stage: str
) -> None:
    message = queue(sender)
    smtp_server.script(stage, "354 go ahead" if stage == "DATA" else "", close=True)

    deliver_waiting()
    first = state_of(message)
    again()

    assert (first, state_of(message)) == (QUEUED, SENT)
    assert outcomes(message) == ["delayed", "accepted"]
    assert len(smtp_server.wait_for(1)) == 1


@pytest.mark.parametrize("keep", [True, False])
def test_deliver_never_resends_by_itself_what_was_dropped_after_the_dot(
    sender: Sender,
    smtp_server: SmtpSink,
    keep: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    message = queue(sender)
    smtp_server.drop_after_dot(keep=keep)

    deliver_waiting()
    again()

    assert state_of(message) == UNSURE
    assert outcomes(message) == ["unsure"]
    assert recipients(message) == {"erika1@example.org": "pending"}
    assert len(smtp_server.mails) == int(keep)
    assert kinds() == ["message.unsure"]


def test_retry_of_an_unsure_message_carries_the_same_message_id(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    message = queue(sender)
    smtp_server.drop_after_dot(keep=True)
    deliver_waiting()

    retry_message(message_id=message.pk)
    deliver_waiting()

    mails = smtp_server.wait_for(2)
    assert all(message.message_id.encode() in mail.content for mail in mails)
    assert state_of(message) == SENT


@pytest.mark.parametrize("code,final", [(550, FAILED), (450, SENT)])
def test_deliver_does_not_resend_to_the_others_when_one_of_three_is_refused(
    sender: Sender, smtp_server: SmtpSink, code: int, final: str
) -> None:
    people = tuple(Address(f"{name}@example.org") for name in ("a", "b", "c"))
    message = queue(sender, recipients=people)
    smtp_server.script("RCPT", f"{code} not this one", match="b@")

    deliver_waiting()
    again()
    again()

    served = [address for mail in smtp_server.mails for address in mail.recipients]
    reached = ["a", "b", "c"] if final == SENT else ["a", "c"]
    assert sorted(served) == [f"{name}@example.org" for name in reached]
    assert state_of(message) == final
    expected = "accepted" if code == 450 else "refused"
    assert recipients(message)["b@example.org"] == expected
    assert recipients(message)["a@example.org"] == "accepted"


def test_deliver_keeps_a_message_whose_server_is_away_and_pauses_the_sender() -> None:
    sender = make_sender(port=free_port())
    messages = [queue(sender, number) for number in range(1, 4)]

    assert deliver_waiting() == 1
    assert deliver_waiting() == 0

    assert [state_of(message) for message in messages] == [QUEUED] * 3
    sender.refresh_from_db()
    assert sender.failing_since is not None
    assert sender.paused_until is not None
    assert sender.last_error == "nobody answers at this port"


def test_deliver_sends_everything_once_the_server_is_back(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    port = sender.port
    Sender.objects.update(port=free_port())
    for number in range(1, 6):
        queue(sender, number)
    deliver_waiting()

    Sender.objects.update(port=port)
    again()

    assert len(smtp_server.wait_for(5)) == 5
    sender.refresh_from_db()
    assert (sender.failing_since, sender.paused_until, sender.last_error) == (None, None, "")


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_deliver_logs_in_over_verified_tls(certificate: Certificate, security: str) -> None:
    tls: Tls = "implicit" if security == Security.TLS else "starttls"
    with smtp_sink(login=("amt", "pass wörd"), tls=tls, certificate=certificate) as sink:
        sender = make_sender(
            host="localhost",
            port=sink.port,
            security=security,
            username="amt",
            password="pass wörd",
        )
        message = queue(sender)

        deliver_waiting()

        assert state_of(message) == SENT
        assert (sink.mails[0].login, sink.mails[0].encrypted) == ("amt", True)


def test_deliver_with_a_wrong_login_keeps_all_and_shows_no_secret(
    certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    with smtp_sink(login=("amt", "right"), tls="starttls", certificate=certificate) as sink:
        sink.script("AUTH", "535 5.7.8 no: AHNlY3JldA== s3cret-Wörd", times=9)
        sender = make_sender(
            host="localhost",
            port=sink.port,
            security=Security.STARTTLS,
            username="amt",
            password="s3cret-Wörd",
        )
        message = queue(sender)

        deliver_waiting()

        assert state_of(message) == QUEUED
        assert sink.mails == []
        sender.refresh_from_db()
        assert sender.last_error == "535 5.7.8 no: AHNlY3JldA== ***"
        assert "s3cret" not in caplog.text
        assert "s3cret" not in str(list(Attempt.objects.values()))


def test_deliver_never_falls_back_to_plain_text(sender: Sender, smtp_server: SmtpSink) -> None:
    Sender.objects.update(
        security=Security.STARTTLS, host="localhost", username="amt", password=seal("secret")
    )
    message = queue(sender)

    deliver_waiting()

    assert state_of(message) == QUEUED
    sender.refresh_from_db()
    assert sender.last_error == "the server does not offer STARTTLS"
    assert smtp_server.mails == []


@pytest.mark.parametrize("name,expired", [("other.example", False), ("localhost", True)])
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_deliver_stops_at_a_certificate_that_is_not_valid(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tls: Tls,
    name: str,
    expired: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    certificate = make_certificate(tmp_path, name=name, expired=expired)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with smtp_sink(tls=tls, certificate=certificate) as sink:
        security = Security.TLS if tls == "implicit" else Security.STARTTLS
        sender = make_sender(host="localhost", port=sink.port, security=security)
        message = queue(sender)

        deliver_waiting()

        assert state_of(message) == QUEUED
        assert sink.mails == []
        sender.refresh_from_db()
        assert sender.last_error.startswith("the certificate is not valid: ")


def test_deliver_without_tls_speaks_to_this_machine_only() -> None:
    message = queue(make_sender(host="mail.example.org", security=Security.NONE))

    deliver_waiting()

    assert state_of(message) == QUEUED
    error = "without TLS only a server on this machine is allowed"
    assert OutgoingMessage.objects.get().last_error == error


@pytest.mark.parametrize("offered", [True, False])
def test_deliver_writes_letters_beyond_ascii_only_where_the_server_takes_them(
    offered: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    with smtp_sink(smtputf8=offered) as sink:
        sender = make_sender(port=sink.port)
        people = (Address("jörg@straße.example"), Address("eva@example.org"))
        message = queue(sender, recipients=people)

        deliver_waiting()

        mail = sink.wait_for(1)[0]
        assert ("jörg@xn--strae-oqa.example" in mail.recipients) is offered
        assert mail.content.isascii() is not offered
        assert state_of(message) == (SENT if offered else FAILED)
        assert recipients(message)["eva@example.org"] == "accepted"


def test_deliver_sends_a_large_mail_whole(sender: Sender, smtp_server: SmtpSink) -> None:
    message = queue(sender)
    content = b"0123456789abcdef" * 200_000
    message.files.create(file=put(content, "application/pdf"), name="plan.pdf")

    deliver_waiting()

    assert len(smtp_server.wait_for(1)[0].content) > len(content) * 4 // 3
    assert state_of(message) == SENT


def test_deliver_gives_up_after_48_hours_and_says_so(sender: Sender, smtp_server: SmtpSink) -> None:
    message = queue(sender)
    OutgoingMessage.objects.update(not_before=Now() - timedelta(hours=49))
    smtp_server.script("RCPT", "450 later")

    deliver_waiting()

    assert state_of(message) == FAILED
    assert recipients(message) == {"erika1@example.org": "refused"}
    assert kinds() == ["message.failed"]


def test_deliver_keeps_the_message_when_it_can_not_be_built(
    sender: Sender, smtp_server: SmtpSink, settings: Settings, tmp_path: Path
) -> None:
    message = queue(sender)
    settings.FILES_ROOT = tmp_path
    stored = put(b"x", "text/plain")
    message.files.create(file=stored, name="x.txt")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.unlink()

    deliver_waiting()

    assert smtp_server.mails == []
    assert state_of(message) == QUEUED
    assert OutgoingMessage.objects.get().last_error == "FileMissingError"


def test_deliver_starts_nothing_after_a_stop(sender: Sender, smtp_server: SmtpSink) -> None:
    queue(sender)
    stop.is_set = True

    assert deliver_waiting() == 0
    assert smtp_server.mails == []


def test_demo_sender_shows_mail_only_in_the_demo(settings: Settings) -> None:
    sender = make_sender(transport=Sender.Transport.DEMO, host="")
    message = queue(sender)

    deliver_waiting()
    outside = state_of(message)
    settings.DEMO = True
    again()

    assert (outside, state_of(message)) == (QUEUED, SENT)
    assert outcomes(message) == ["delayed", "accepted"]


def test_demo_sends_nothing_to_another_machine(settings: Settings) -> None:
    settings.DEMO = True
    message = queue(make_sender(host="mail.example.org", security=Security.TLS))

    deliver_waiting()

    assert state_of(message) == SENT
    assert message.attempts.get().server == "demo"


def test_deliver_writes_down_which_server_took_it_under_which_name(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    message = queue(sender)
    smtp_server.script("DOT", "250 2.0.0 Ok: queued as 4Xk2Yz1abc")

    deliver_waiting()

    attempt = message.attempts.get()
    assert attempt.server == f"127.0.0.1:{smtp_server.port}"
    assert (attempt.queue_id, attempt.reply) == (
        "4Xk2Yz1abc",
        "250 2.0.0 Ok: queued as 4Xk2Yz1abc",
    )
    recipient = message.recipients.get()
    assert recipient.reply == attempt.reply
    assert recipient.decided_at is not None


def test_deliver_to_those_who_are_not_left_out_is_all_there_is_to_do(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    people = (
        Address("a@example.org"),
        Address("b@example.org", field="cc", left_out="mail to this address came back"),
    )
    message = queue(sender, recipients=people)

    deliver_waiting()

    assert smtp_server.wait_for(1)[0].recipients == ("a@example.org",)
    assert state_of(message) == SENT
    assert recipients(message) == {"a@example.org": "accepted", "b@example.org": "left_out"}
