"""What citizens do with their requests from the status page: reply, withdraw, open again, rate.

Whoever calls has proved to hold the secret link of the ticket. Each door locks
the ticket and looks at it again, since the page may be old.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from helpdesk.lib.tokens import digest, new_nonce
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import EmptyTextError
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.state import set_status
from helpdesk.tickets.enums import Channel, Outcome, Solved, Status
from helpdesk.tickets.inbound import Inbound, InboundFile, Person, Receipt
from helpdesk.tickets.models import Article, Rating, Ticket
from helpdesk.tickets.openings import may_rate, may_reply, may_withdraw, reopen_until

STARS = range(1, 6)


class NotPossibleError(Exception):
    """The request is in a state in which this can't be done, or not any more."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a citizen adds; ``key`` is the form's own, so that twice the same form is once.

    Other words or files under the same key are another message: whoever goes back
    in the browser and writes on means them.
    """

    ticket_id: int
    text: str
    key: str
    files: tuple[InboundFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a citizen says of an end; all but ``solved`` may be left out."""

    solved: Solved
    stars: int | None = None
    text: str = ""


@transaction.atomic
def send_reply(*, words: Words) -> Receipt:
    """Add a message with its files and wake the ticket; the same key again changes nothing.

    Raises EmptyTextError, and NotPossibleError for an ended request.
    """
    ticket = _lock(words.ticket_id)
    if not _is_filed(words):
        if not words.text.strip() and not words.files:
            raise EmptyTextError
        if not may_reply(ticket):
            raise NotPossibleError
    return accept(_inbound(ticket, words))


@transaction.atomic
def reopen_request(*, words: Words) -> Receipt:
    """Open an ended request again, with the reason as a message; the same key is once.

    Raises EmptyTextError, and NotPossibleError when it is too late or not ended.
    """
    ticket = _lock(words.ticket_id)
    if not _is_filed(words):
        if not words.text.strip():
            raise EmptyTextError
        if reopen_until(ticket) is None:
            raise NotPossibleError
    return accept(_inbound(ticket, words))


@transaction.atomic
def withdraw_request(*, ticket_id: int) -> bool:
    """End a request because its citizen no longer wants it; False if it had ended already."""
    ticket = _lock(ticket_id)
    if not may_withdraw(ticket):
        return False
    actor = facts.by_citizen(ticket)
    set_status(ticket=ticket, actor=actor, to=Status.RESOLVED, outcome=Outcome.WITHDRAWN)
    return True


@transaction.atomic
def rate_request(*, ticket_id: int, verdict: Verdict) -> Rating:
    """Keep what the citizen says of this end of the request; within a week it can be changed.

    The fact holds no word of theirs. Raises NotPossibleError.
    """
    ticket = _lock(ticket_id)
    ended_at = ticket.resolved_at
    known = ticket.ratings.filter(ended_at=ended_at).first() if ended_at else None
    if ended_at is None or not may_rate(ticket, known) or verdict.stars not in {None, *STARS}:
        raise NotPossibleError
    rating = known or Rating(ticket=ticket, ended_at=ended_at)
    rating.solved, rating.stars, rating.text = verdict.solved, verdict.stars, verdict.text.strip()
    rating.updated_at = timezone.now()
    rating.save()
    ticket.version += 1
    ticket.save(update_fields=["version"])
    facts.record(
        ticket=ticket,
        kind=facts.RATED,
        actor=facts.by_citizen(ticket),
        data={"solved": rating.solved, "stars": rating.stars},
    )
    return rating


@transaction.atomic
def renew_own_link(*, ticket_id: int) -> Ticket:
    """Make all links void because their holder asks; the new one goes to the address on file.

    It is never shown: whoever asks may be the one in whose hands the old link got.
    """
    ticket = _lock(ticket_id)
    ticket.link_nonce = new_nonce()
    ticket.version += 1
    ticket.save(update_fields=["link_nonce", "version"])
    actor = facts.by_citizen(ticket)
    facts.record(ticket=ticket, kind=facts.LINK_REVOKED, actor=actor, data={"send_new": True})
    return ticket


def _lock(ticket_id: int) -> Ticket:
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("authority")
    return rows.get(pk=ticket_id)


def _request_key(words: Words) -> str:
    # The ticket is part of it, so that nobody's key can name another one's article.
    parts = [words.key, *(str(file.file_id) for file in words.files), words.text.strip()]
    return f"status:{words.ticket_id}:{digest('|'.join(parts))}"[:80]


def _is_filed(words: Words) -> bool:
    return Article.objects.filter(request_key=_request_key(words)).exists()


def _inbound(ticket: Ticket, words: Words) -> Inbound:
    return Inbound(
        authority_id=ticket.authority_id,
        team_id=ticket.team_id,
        sender_id=ticket.sender_id,
        channel=Channel.WEB,
        person=Person(ticket.citizen_name),
        subject=ticket.title,
        text=words.text.strip(),
        language=ticket.language,
        received_at=timezone.now(),
        files=words.files,
        ticket_id=ticket.pk,
        request_key=_request_key(words),
    )
