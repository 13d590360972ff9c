"""What happens to one request from its arrival to now: a plan, before any row is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from helpdesk.project.filling import words
from helpdesk.tickets.enums import Outcome, Status

StepKind = Literal["message", "answer", "note"]

# Most of what is unfinished is young: of the newest sixth most, of the older ones few.
YOUNG_SHARE = 1 / 6
UNFINISHED_YOUNG = 0.78
UNFINISHED_OLD = 0.025
LONGEST = 30
LONG_STORY = timedelta(days=25)
# What follows the first message, drawn evenly.
COURSES: tuple[tuple[StepKind, ...], ...] = (
    (),
    ("answer",),
    ("answer",),
    ("note", "answer"),
    ("answer", "message", "answer"),
    ("note", "answer", "message", "answer"),
    ("answer", "message", "note", "answer", "message"),
)
ENDINGS = (Outcome.ANSWERED, Outcome.FIXED, Outcome.FIXED, Outcome.DECLINED, Outcome.NO_REPLY)
OPENINGS = (Status.OPEN, Status.OPEN, Status.WAITING_CITIZEN, Status.WAITING_THIRD)


@dataclass(frozen=True, slots=True)
class Step:
    """One article of a request."""

    kind: StepKind
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """A whole request; ``citizen`` and ``agent`` are places in the lists of people."""

    citizen: int
    agent: int
    matter: int
    title: str
    where: str
    steps: tuple[Step, ...]
    status: Status
    outcome: str

    @property
    def received_at(self) -> datetime:
        """Return when it came."""
        return self.steps[0].at


@dataclass(frozen=True, slots=True)
class Cast:
    """Who may appear: names of citizens, names of agents, the agents of each team."""

    citizens: tuple[str, ...]
    agents: tuple[str, ...]
    by_team: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the first of ``count`` requests came, and when now is."""

    begin: datetime
    now: datetime
    count: int

    def arrival(self, index: int) -> datetime:
        """Return when a request came; the last one came early enough to have grown long."""
        if index == self.count - 1:
            return max(self.begin, self.now - LONG_STORY)
        return self.begin + (self.now - self.begin) * (index / self.count)


def tell(index: int, *, calendar: Calendar, cast: Cast, chance: Random) -> Story:
    """Return the request of this place; the last one is long and unfinished."""
    count = calendar.count
    matter_index = chance.randrange(len(words.MATTERS))
    matter = words.MATTERS[matter_index]
    street, number = words.place(chance)
    citizen = chance.randrange(len(cast.citizens))
    agent = chance.choice(cast.by_team[matter.team])
    is_last = index == count - 1
    course = _longest_course() if is_last else chance.choice(COURSES)
    is_unfinished = is_last or chance.random() < _unfinished_share(index, count)
    if not is_unfinished and not course:
        course = ("answer",)
    return Story(
        citizen=citizen,
        agent=agent,
        matter=matter_index,
        title=chance.choice(matter.subjects).format(s=street, n=number),
        where=f"{street} {number}",
        steps=_steps(
            _Scene(cast.citizens[citizen], cast.agents[agent], street, number, matter),
            ("message", *course),
            (calendar.arrival(index), calendar.now),
            chance,
        ),
        status=_status(course, chance, is_unfinished=is_unfinished),
        outcome="" if is_unfinished else chance.choice(ENDINGS),
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    citizen: str
    agent: str
    street: str
    number: int
    matter: words.Matter


def _longest_course() -> tuple[StepKind, ...]:
    kinds: tuple[StepKind, ...] = ("answer", "message", "note")
    return tuple(kinds[place % 3] for place in range(LONGEST - 1))


def _unfinished_share(index: int, count: int) -> float:
    return UNFINISHED_YOUNG if index >= count * (1 - YOUNG_SHARE) else UNFINISHED_OLD


def _status(course: tuple[StepKind, ...], chance: Random, *, is_unfinished: bool) -> Status:
    if not is_unfinished:
        return chance.choice((Status.RESOLVED, Status.CLOSED))
    return chance.choice(OPENINGS) if "answer" in course else Status.NEW


def _steps(
    scene: _Scene, kinds: tuple[StepKind, ...], span: tuple[datetime, datetime], chance: Random
) -> tuple[Step, ...]:
    begin, now = span
    offsets = [0]
    for _kind in kinds[1:]:
        offsets.append(offsets[-1] + chance.randrange(20, 1500))
    # What would lie ahead is drawn together into the time there was.
    pace = min(1.0, (now - begin) / timedelta(minutes=offsets[-1] + 1))
    return tuple(
        Step(
            kind,
            begin + timedelta(minutes=offset) * pace,
            _text(scene, kind, chance, is_first=place == 0),
        )
        for place, (kind, offset) in enumerate(zip(kinds, offsets, strict=True))
    )


def _text(scene: _Scene, kind: StepKind, chance: Random, *, is_first: bool) -> str:
    if is_first:
        where = f"{scene.street} {scene.number}"
        return words.letter(scene.citizen, where, scene.matter.sentences, chance)
    if kind == "answer":
        return words.answer(scene.citizen, scene.agent, chance)
    if kind == "note":
        return chance.choice(words.NOTES)
    return words.reply(scene.citizen, scene.number, chance)
