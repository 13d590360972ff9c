"""Whether a working copy needs a second person, and how an approval is lost."""

from helpdesk.agents.models import User
from knowledgebase.enums import Stage
from knowledgebase.models import Answer, Section

APPROVED = frozenset({Stage.APPROVED, Stage.SCHEDULED})


def needs_review(section: Section) -> bool:
    """Tell whether two people are demanded in a section: by itself or by one above."""
    node: Section | None = section
    while node is not None:
        if node.needs_review:
            return True
        node = node.parent
    return False


def needs_approval(answer: Answer) -> bool:
    """Tell whether the working copy may not be published before somebody else approves."""
    is_approved = answer.stage in APPROVED and answer.approved_by_id is not None
    return not is_approved and two_people(answer)


def two_people(answer: Answer) -> bool:
    """Tell whether two people are demanded, where an answer stands or where it is to stand."""
    ahead = answer.wanted_section
    return needs_review(answer.section) or (ahead is not None and needs_review(ahead))


def wrote_it(answer: Answer, user: User) -> bool:
    """Tell whether ``user`` wrote last or handed in: then they are no second person."""
    return user.pk in {answer.updated_by_id, answer.submitted_by_id}


def begin_again(answer: Answer) -> None:
    """Make the working copy one that is being written; the caller saves the answer."""
    answer.stage = Stage.WRITING
    answer.stage_note = ""
    answer.submitted_by = None
    answer.approved_by = None
    answer.publish_at = None
    answer.publish_note = ""


def lose_approval(answer: Answer) -> None:
    """Take approval and time from words that have changed since; the caller saves the answer.

    What is in review stays there: who reviews may correct a word, but is then no longer the
    second person.
    """
    if answer.stage in APPROVED:
        begin_again(answer)


STAGE_FIELDS = (
    "stage",
    "stage_note",
    "submitted_by",
    "approved_by",
    "publish_at",
    "publish_note",
)
