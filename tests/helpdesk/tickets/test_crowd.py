"""Fifty agents write to one ticket at the same moment: no change is lost, and nobody's text."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import (
    Answer,
    StaleAnswerError,
    write_answer,
    write_note,
)
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import ArticleDraft, Ticket
from tests.factories.house import make_agent, make_house, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS, AT_ONCE = 50, 16


def write_all(ticket_id: int, seen: int | None, user: User) -> str:
    """Type, note, answer; who is stopped by a newer answer finds the text and sends it then."""
    try:
        text = f"Antwort von {user.name}"
        save_draft(typed=Typed(ticket_id, "answer", text, "k"), user=user)
        write_note(ticket_id=ticket_id, user=user, text=f"Notiz von {user.name}", form_key="k")
        answer = Answer(ticket_id, text, "k", seen_article_id=seen)
        try:
            write_answer(answer=answer, user=user)
        except StaleAnswerError:
            kept = ArticleDraft.objects.get(ticket_id=ticket_id, user=user, kind="answer")
            again = Answer(ticket_id, kept.body, "k", despite_newer=True)
            write_answer(answer=again, user=user)
            return "stopped"
        # What was typed last and comes late brings no draft of a sent text back.
        save_draft(typed=Typed(ticket_id, "answer", text, "k"), user=user)
        return "sent"
    finally:
        connection.close()


@pytest.mark.both_engines
def test_fifty_agents_write_to_one_ticket_and_nothing_is_lost() -> None:
    house = make_house()
    ticket = make_ticket(house)
    agents = [
        make_agent(house.authority, f"Kollege{number} Kaiser", house.roads)
        for number in range(AGENTS)
    ]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = Counter(
            pool.map(lambda user: write_all(ticket.pk, ticket.last_article_id, user), agents)
        )

    assert ends == {"sent": 1, "stopped": AGENTS - 1}
    for kind, word in ((ArticleKind.ANSWER, "Antwort"), (ArticleKind.NOTE, "Notiz")):
        texts = ticket.articles.filter(kind=kind).values_list("text", flat=True)
        assert sorted(texts) == sorted(f"{word} von {user.name}" for user in agents)
    assert ArticleDraft.objects.count() == 0
    told = Counter(Event.objects.filter(subject_id=ticket.pk).values_list("kind", flat=True))
    assert (told[facts.ANSWERED], told[facts.NOTE_ADDED]) == (AGENTS, AGENTS)
    now = Ticket.objects.get(pk=ticket.pk)
    assert now.version >= ticket.version + 2 * AGENTS
    assert now.last_article_id == ticket.articles.order_by("-pk").values_list("pk", flat=True)[0]
