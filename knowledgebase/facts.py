"""What happens to answers, as facts."""

from collections.abc import Mapping
from typing import Any

from helpdesk.agents.models import User
from helpdesk.events.publish import SYSTEM, Actor, Fact, publish
from knowledgebase.models import Answer

SUBJECT = "answer"
CREATED = "answer.created"
CHANGED = "answer.changed"
PUBLISHED = "answer.published"
REVIEWED = "answer.reviewed"
ARCHIVED = "answer.archived"
RESTORED = "answer.restored"
SUBMITTED = "answer.submitted"
WITHDRAWN = "answer.withdrawn"
APPROVED = "answer.approved"
RETURNED = "answer.returned"
SCHEDULED = "answer.scheduled"
# The time came, and the checklist had open points.
NOT_PUBLISHED = "answer.not_published"
# It should be read through again; the owner is told.
DUE = "answer.due"


def record(
    kind: str, answer: Answer, user: User | None, data: Mapping[str, Any] | None = None
) -> None:
    """Publish a fact about an answer; None stands for the system itself."""
    publish(
        fact=Fact(kind, SUBJECT, answer.pk, answer.authority_id, data=data or {}),
        actor=Actor("user", user.pk) if user else SYSTEM,
    )
