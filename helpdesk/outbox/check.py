"""The connection test of a sender: which step works, which does not, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.outbox.advice import Cause, cause_of, sentence, system_words
from helpdesk.outbox.headers import wire_address
from helpdesk.outbox.identity import LOOP_HEADER, loop_mark, new_message_id
from helpdesk.outbox.models import Security
from helpdesk.outbox.transports.base import Stage
from helpdesk.outbox.transports.server import Server, SmtpError
from helpdesk.outbox.transports.session import Session

TEST_SCOPE = "test"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a test: its name, whether it went well (None: not reached), and a sentence.

    ``quote`` is what the server or the system said, in its own language.
    """

    key: str
    title: str
    is_ok: bool | None
    words: str = ""
    quote: str = ""


def check_sender(server: Server, *, address: str = "", authority_id: int = 0) -> list[Step]:
    """Try every step up to the login; with ``address`` send a mail from it to itself.

    Blocks for as long as the server's timeouts say. Never raises for what a
    network or server does; no step's words contain the password.
    """
    session = Session(server)
    reached: list[Stage] = []
    try:
        session.open(report=reached.append)
        if address:
            _send_to_itself(session, address, authority_id)
            reached.append(Stage.DONE)
    except SmtpError as error:
        return _steps(server, reached, error, with_mail=bool(address))
    finally:
        session.close()
    return _steps(server, reached, None, with_mail=bool(address))


def _steps(
    server: Server, reached: Iterable[Stage], error: SmtpError | None, *, with_mail: bool
) -> list[Step]:
    done = set(reached)
    steps: list[Step] = []
    for stage in _expected(server, with_mail=with_mail):
        title = _titles()[stage]
        if stage in done:
            steps.append(Step(stage.value, title, is_ok=True))
        elif error is not None and all(step.is_ok for step in steps):
            steps.append(_failed(stage, title, error))
        else:
            steps.append(Step(stage.value, title, is_ok=None, words=_("Not reached")))
    return steps


def _expected(server: Server, *, with_mail: bool) -> list[Stage]:
    stages = [Stage.DNS, Stage.CONNECT, Stage.BANNER]
    if server.security == Security.TLS:
        stages.insert(2, Stage.TLS)
    elif server.security == Security.STARTTLS:
        stages.append(Stage.TLS)
    if server.username:
        stages.append(Stage.LOGIN)
    return [*stages, Stage.DONE] if with_mail else stages


def _titles() -> dict[Stage, str]:
    return {
        Stage.DNS: _("Find the server (DNS)"),
        Stage.CONNECT: _("Connect (TCP)"),
        Stage.BANNER: _("Speak SMTP"),
        Stage.TLS: _("Encrypt (TLS)"),
        Stage.LOGIN: _("Log in"),
        Stage.DONE: _("Send a test mail"),
    }


def _failed(stage: Stage, title: str, error: SmtpError) -> Step:
    cause = Cause.ANSWER if error.code else cause_of(error.__cause__)
    quote = error.text if error.code else system_words(error.__cause__)
    words = sentence(error.stage.value, cause)
    return Step(stage.value, title, is_ok=False, words=words, quote=quote)


def _send_to_itself(session: Session, address: str, authority_id: int) -> None:
    content = test_mail(address, authority_id, timezone.localtime())
    session.begin(wire_address(address), size=len(content), utf8=False)
    session.name(wire_address(address))
    session.send(content, lambda: None)


def test_mail(address: str, authority_id: int, date: datetime) -> bytes:
    """Return the mail a sender sends to itself; its loop mark keeps it from becoming a ticket."""
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["Date"] = format_datetime(date)
    mail["From"] = mail["To"] = wire_address(address)
    mail["Subject"] = _("Test of the sending settings")
    mail["Message-ID"] = new_message_id(scope=TEST_SCOPE, address=address)
    mail["Auto-Submitted"] = "auto-generated"
    mail[LOOP_HEADER] = loop_mark(authority_id)
    mail.set_content(_("This mail shows that sending works. It needs no answer."))
    return mail.as_bytes()
