"""What is asked for each page, each mail and each second finds its index on SQLite.

SQLite uses a partial index only if it can prove its condition from the statement, and
says nothing when it can't: then a mail costs seconds among 100,000 requests.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from helpdesk.agents.models import User
from helpdesk.citizens.models import SearchTerm
from helpdesk.citizens.queries import CANDIDATES, matching
from helpdesk.outbox import claims
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.tickets.models import Article, NumberSeries
from helpdesk.tickets.queries import (
    by_deadline,
    by_number_or_reference,
    ended,
    known_citizens,
    unfinished,
    visible_to,
)
from tests.factories.house import make_house

if TYPE_CHECKING:
    from django.db.models import QuerySet

Asked = Callable[[User], "QuerySet[Any]"]
INDEXES: dict[str, Asked] = {
    # Whoever types the name or the last digits of a caller, in a town with many.
    "citizen_term": lambda user: SearchTerm.objects.filter(
        authority_id=user.authority_id, term__begins="linden"
    ).values("citizen_id")[:CANDIDATES],
    "citizen_term_unique": lambda user: matching(user.authority_id, "lindner ahornweg"),
    "ticket_citizen_team": lambda user: known_citizens(user).filter(pk=1),
    "article_taken_in": lambda user: known_citizens(user).filter(pk=1),
    "ticket_number_unique": lambda user: by_number_or_reference(user, "#4711"),
    "ticket_open_due": lambda user: by_deadline(unfinished(visible_to(user)))[:50],
    "ticket_ended_active": lambda user: ended(visible_to(user)).order_by("-active_at", "-id")[:50],
    "article_message_id": lambda _user: Article.objects.filter(message_id="<a@b.example>"),
    "outgoing_due": lambda _user: claims.due().order_by("next_attempt_at", "id")[:500],
    "outgoing_sending": lambda _user: OutgoingMessage.objects.filter(
        state=MessageState.SENDING
    ).order_by("lease_until", "id")[:500],
}


@pytest.mark.django_db
@pytest.mark.parametrize("index", INDEXES)
def test_sqlite_finds_the_index(index: str) -> None:
    if connection.vendor != "sqlite":
        return
    user = make_house().anna
    NumberSeries.objects.create(authority=user.authority, year=2026)

    plan = INDEXES[index](user).explain()

    assert f"INDEX {index} " in f"{plan} "
