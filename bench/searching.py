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
from helpdesk.lib import german
from helpdesk.reactions import indexing
from helpdesk.search import document
from helpdesk.search.document import Document, Field, register_source
from helpdesk.search.engines import engine
from helpdesk.search.find import Scope, search
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.search import hits_of, search_tickets

ANSWERS = 10_000
ANSWER_KIND = "bench_answer"
SHOWN = 25
QUERIES = 200
WARM_UP = 10
# Nothing of any town: words that answers could be about, joined anew for each.
SUBJECTS = "Reisepass Ausweis Sperrmüll Hundesteuer Bauantrag Parkausweis Kindergarten Wohngeld"
ACTIONS = "beantragen verlängern anmelden abholen verlieren bezahlen ändern kündigen"


class _Answers:
    """Invented answers, of which each word is as rare as in a real knowledge base of that size."""

    kind = ANSWER_KIND
    subjects = frozenset({ANSWER_KIND})

    def __init__(self, count: int) -> None:
        self._count = count
        self._atoms = sorted({atom for atom in german._atom_forms().values() if len(atom) > 3})

    def ids_after(self, last_id: int, limit: int) -> list[int]:
        return list(range(last_id + 1, min(last_id + limit, self._count) + 1))

    def documents(self, ids: list[int]) -> Iterator[Document]:
        for number in ids:
            chance = Random(number)  # noqa: S311 - the same answers each time, no secret
            title = f"{chance.choice(SUBJECTS.split())} {chance.choice(ACTIONS.split())}"
            text = " ".join(chance.choices(self._atoms, k=150))
            title += f" {chance.choice(self._atoms)}"
            keys = frozenset({"public"})
            yield Document(ANSWER_KIND, number, 1, title, (Field(text),), "de", keys, number)


def measure(
    *, rounds: int, database_pid: int | None = None, answers: int = ANSWERS
) -> dict[str, Any]:
    """Build the index, ask two hundred questions of each kind, return the milliseconds."""
    began, used = time.perf_counter(), spent(parser_pid=None, database_pid=database_pid)
    if answers:
        register_source(_Answers(answers))  # type: ignore[arg-type] # lists are sequences enough
    for _state in indexing.rebuild(engine()):
        pass
    cpu = (spent(parser_pid=None, database_pid=database_pid) - used).per(1)["sum"] / 1000
    found: dict[str, Any] = {"build_seconds": time.perf_counter() - began, "build_cpu": cpu}
    agent = User.objects.get(email="agent1@stadt.example")
    chance = Random(7)  # noqa: S311 - the same questions each time, no secret
    questions = list(_questions(chance))
    clock = _Clock(rounds, database_pid)
    found["tickets"] = clock.times(lambda text: _page(agent, text), questions)
    found["suggestions"] = clock.times(
        lambda text: search_tickets(agent, text[:6], typing=True).ids[:6], questions
    )
    found["answers"] = clock.times(_answers, list(_answer_questions(chance)))
    found["follow"] = _follow()
    document._sources.pop(ANSWER_KIND, None)
    return found


def _page(agent: User, text: str) -> object:
    """What the page of hits asks for: all that is found, and the first 25 with their pieces."""
    found = search_tickets(agent, text)
    return hits_of(agent, found.ids[:SHOWN], found.found.terms)


def _answers(text: str) -> object:
    return search(text, kind=ANSWER_KIND, scope=Scope((("public",),))).hits[:10]


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
