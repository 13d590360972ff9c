"""Hands a message to an SMTP server and says for each recipient what became of it."""

from helpdesk.outbox.transports.base import (
    Gate,
    PreparedMessage,
    Result,
    Stage,
    Target,
    TargetResult,
    Verdict,
    same_for_all,
)
from helpdesk.outbox.transports.server import Server, SmtpError
from helpdesk.outbox.transports.session import Session

CLOSING = 421
# The server wants a login, or another one: the settings are wrong, not the mail.
LOGIN_WANTED = frozenset({530, 534, 535, 538})
NO_UTF8 = "the mail server can't take addresses with letters beyond ASCII before the @"


class MailTransport:
    """SMTP to the one server of a sender."""

    def __init__(self, server: Server) -> None:
        """Prepare; :meth:`deliver` opens the connection."""
        self._session = Session(server)

    def deliver(self, message: PreparedMessage, *, gate: Gate) -> Result:
        """Try once. A refused recipient holds nobody up; a lost last reply is UNSURE."""
        session = self._session
        try:
            session.open()
        except SmtpError as error:
            return self._failed(message, error, is_sender_problem=True)
        able, unable = _split(message.targets, takes_utf8=session.takes_utf8)
        utf8 = any(each.needs_utf8 for each in able)
        content = message.render(utf8)
        try:
            if able:
                session.begin(message.envelope_from, size=len(content), utf8=utf8)
        except SmtpError as error:
            wants_login = error.code in LOGIN_WANTED
            return self._failed(
                message, error, is_sender_problem=wants_login or error.code in {0, CLOSING}
            )
        named, others = self._name_all(able)
        verdict = self._send(content, gate) if named else None
        return self._result(named, verdict, (*unable, *others))

    def close(self) -> None:
        """Say QUIT; the result is known already."""
        self._session.close()

    def _name_all(self, targets: list[Target]) -> tuple[list[Target], list[TargetResult]]:
        """Name each recipient; return who was taken, and what became of the others.

        When the connection ends half way nobody was taken: all wait.
        """
        named: list[Target] = []
        others: list[TargetResult] = []
        for target in targets:
            try:
                self._session.name(target.address)
            except SmtpError as error:
                if error.code in {0, CLOSING}:
                    decided = {each.recipient_id for each in others}
                    rest = [each for each in targets if each.recipient_id not in decided]
                    return [], others + [_about(each, error) for each in rest]
                others.append(_about(target, error))
            else:
                named.append(target)
        return named, others

    def _send(self, content: bytes, gate: Gate) -> tuple[Verdict, str, Stage]:
        try:
            reply = self._session.send(content, gate)
        except SmtpError as error:
            lost = error.stage == Stage.REPLY and error.code == 0
            return (Verdict.UNSURE if lost else _verdict(error)), error.text, error.stage
        return Verdict.ACCEPTED, reply, Stage.DONE

    def _result(
        self,
        named: list[Target],
        sent: tuple[Verdict, str, Stage] | None,
        others: tuple[TargetResult, ...],
    ) -> Result:
        if sent is None:
            reply = others[-1].reply if others else ""
            return Result(others, Stage.RECIPIENT, reply, self._session.peer)
        verdict, reply, stage = sent
        results = tuple(TargetResult(each.recipient_id, verdict, reply) for each in named)
        return Result((*results, *others), stage, reply, self._session.peer)

    def _failed(
        self, message: PreparedMessage, error: SmtpError, *, is_sender_problem: bool
    ) -> Result:
        verdict = Verdict.DELAYED if is_sender_problem else _verdict(error)
        results = same_for_all(message, verdict, error.text)
        return Result(results, error.stage, error.text, self._session.peer, is_sender_problem)


def _split(
    targets: tuple[Target, ...], *, takes_utf8: bool
) -> tuple[list[Target], list[TargetResult]]:
    """Return whom this server can be told, and a refusal for each of the others."""
    unable = [each for each in targets if each.needs_utf8 and not takes_utf8]
    able = [each for each in targets if each not in unable]
    return able, [TargetResult(each.recipient_id, Verdict.REFUSED, NO_UTF8) for each in unable]


def _verdict(error: SmtpError) -> Verdict:
    return Verdict.REFUSED if error.code // 100 == 5 else Verdict.DELAYED


def _about(target: Target, error: SmtpError) -> TargetResult:
    return TargetResult(target.recipient_id, _verdict(error), error.text)
