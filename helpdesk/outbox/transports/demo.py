"""The demo's way out: everything is taken at once, and nothing leaves the machine."""

from helpdesk.outbox.transports.base import (
    Gate,
    PreparedMessage,
    Result,
    Stage,
    Verdict,
    same_for_all,
)

SERVER = "demo"
REPLY = "250 shown in the demo mailbox"


class DemoTransport:
    """Accepts all; the demo mailbox shows the rows of the outbox themselves."""

    def deliver(self, message: PreparedMessage, *, gate: Gate) -> Result:
        """Build the mail, so that what can't be built fails here as well, and accept it."""
        message.render(True)
        gate()
        return Result(same_for_all(message, Verdict.ACCEPTED, REPLY), Stage.DONE, REPLY, SERVER)

    def close(self) -> None:
        """There is nobody to say goodbye to."""
