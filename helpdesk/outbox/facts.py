"""What this room reports: the kinds of facts about a message and who may be told."""

from helpdesk.outbox.models import OutgoingMessage

SUBJECT_KIND = "message"

SENT = "message.sent"
FAILED = "message.failed"
UNSURE = "message.unsure"
BOUNCED = "message.bounced"
DELAYED = "message.delayed"


def fact_data(message: OutgoingMessage) -> dict[str, object]:
    """Return what a fact about ``message`` says; nothing of it is personal."""
    return {
        "link_kind": message.link_kind,
        "link_id": message.link_id,
        "state": message.state,
    }
