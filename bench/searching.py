"""Search over requests and answers: processor time, and the clock beside it.

The clock is what somebody waits; it counts only on a quiet machine.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any

from bench.proc import reference_loop, spent, tree_seconds
from helpdesk.agents.models import User
from helpdesk.project.filling.answers import ACTIONS, SUBJECTS
from helpdesk.reactions import indexing
from helpdesk.search.engines import engine
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.search import hits_of, search_tickets
from knowledgebase.rules import public_answers
from knowledgebase.search import hits_found, lines_found, search_public

SHOWN = 25
QUERIES = 200
WARM_UP = 10
ANSWERS_SHOWN = 20
LISTED = 6


def measure(
    *, rounds: int, database_pid: int | None = None, is_built: bool = False
) -> dict[str, Any]:
    """Build the index, ask two hundred questions of each kind, return the milliseconds.

    ``is_built`` takes the index that is there, for another look at one that took long.
    """
    found: dict[str, Any] = {} if is_built else dict(_build(database_pid))
    agent = User.objects.get(email="agent1@stadt.example")
    chance = Random(7)  # noqa: S311 - the same questions each time, no secret
    questions = list(_questions(chance))
    clock = _Clock(rounds, database_pid)
    found["tickets"] = clock.times(lambda text: _page(agent, text), questions)
    found["suggestions"] = clock.times(
        lambda text: search_tickets(agent, text[:6], typing=True).ids[:6], questions
    )
    asked = list(_answer_questions(chance))
    authority = agent.authority_id
    found["answers"] = clock.times(lambda text: _answers_page(authority, text), asked)
    found["answers, typing"] = clock.times(lambda text: _answers_typing(authority, text), asked)
    found["follow"] = _follow()
    return found


def _build(database_pid: int | None) -> dict[str, float]:
    began, used = time.perf_counter(), spent(parser_pid=None, database_pid=database_pid)
    for _state in indexing.rebuild(engine()):
        pass
    cpu = (spent(parser_pid=None, database_pid=database_pid) - used).per(1)["sum"] / 1000
    return {"build_seconds": time.perf_counter() - began, "build_cpu": cpu}


def _page(agent: User, text: str) -> object:
    """What the page of hits asks for: all that is found, and the first 25 with their pieces."""
    found = search_tickets(agent, text)
    return hits_of(agent, found.ids[:SHOWN], found.found.terms)


def _answers_page(authority_id: int, text: str) -> object:
    """What the portal's page asks for: all that is found, and the first 20 with their pieces."""
    found, readers = search_public(authority_id, text), public_answers(authority_id)
    return hits_found(readers, found.keys[:ANSWERS_SHOWN], "de", found.terms)


def _answers_typing(authority_id: int, text: str) -> object:
    """What the list below the portal's field asks for while the last word is being written."""
    keys = search_public(authority_id, text[:-3], typing=True).keys[:LISTED]
    return lines_found(public_answers(authority_id), keys, "de")


def _questions(chance: Random) -> Iterator[str]:
    """Words out of the requests themselves: one, two or three of a title, or a citizen's name."""
    ids = list(Ticket.objects.order_by("pk").values_list("pk", flat=True))
    for number, pk in enumerate(chance.sample(ids, QUERIES)):
        ticket = Ticket.objects.get(pk=pk)
        words = ticket.title.split()
        if number % 4 == 3:
            yield ticket.citizen_name
        else:
            start = chance.randrange(max(1, len(words) - number % 4))
            yield " ".join(words[start : start + 1 + number % 4])


def _answer_questions(chance: Random) -> Iterator[str]:
    for _number in range(QUERIES):
        yield f"{chance.choice(SUBJECTS.split())} {chance.choice(ACTIONS.split())}"


@dataclass(frozen=True)
class _Clock:
    """Asks all questions in each of the rounds and tells of the median round."""

    rounds: int
    database_pid: int | None

    def times(self, ask: Callable[[str], object], questions: list[str]) -> dict[str, float]:
        """Return milliseconds on the clock, and the program's with the database's of processor."""
        for text in questions[:WARM_UP]:
            ask(text)
        all_rounds = [self._round(ask, questions) for _ in range(self.rounds)]
        return sorted(all_rounds, key=lambda each: each["cpu"])[(self.rounds - 1) // 2]

    def _round(self, ask: Callable[[str], object], questions: list[str]) -> dict[str, float]:
        waited, used, database = [], [], self._database()
        reference = reference_loop()
        for text in questions:
            began, cpu = time.perf_counter(), time.process_time()
            ask(text)
            used.append(1000 * (time.process_time() - cpu))
            waited.append(1000 * (time.perf_counter() - began))
        # The kernel counts other processes too coarsely for a single question.
        share = 1000 * (self._database() - database) / len(questions)
        waited.sort()
        used.sort()
        p95 = int(0.95 * len(questions))
        return {
            "median": median(waited),
            "p95": waited[p95],
            "most": waited[-1],
            "cpu": median(used) + share,
            "cpu_p95": used[p95] + share,
            "database": share,
            "reference": (reference + reference_loop()) / 2,
        }

    def _database(self) -> float:
        return tree_seconds(self.database_pid) if self.database_pid else 0.0


def _follow() -> dict[str, float]:
    """Return the seconds that the index needs to take up a batch of changed requests."""
    here = engine()
    ids = list(Ticket.objects.order_by("-pk").values_list("pk", flat=True)[: indexing.DOCUMENTS])
    times = []
    for count in (1, 1, 1, len(ids)):
        meta = here.meta()
        assert meta is not None
        began = time.perf_counter()
        indexing._write(here, {"ticket": ids[:count]}, meta)
        times.append(time.perf_counter() - began)
    return {"one": min(times[:3]), "batch": times[3]}
