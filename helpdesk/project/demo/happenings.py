"""Turns the town's requests into what happens to them, each through its door."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.utils import timezone

from channels_in.models import Account
from channels_in.web.parse import Submission, subject_of, to_inbound
from helpdesk.agents.models import Authority, Team, User
from helpdesk.files.store import put
from helpdesk.forms.models import FormVersion
from helpdesk.forms.schema import read_schema
from helpdesk.forms.validate import Answer, kept, show_all
from helpdesk.project.demo.pictures import picture
from helpdesk.project.demo.story import DemoRequest, Step, moment, requests, working_day
from helpdesk.project.demo.timeline import Happening
from helpdesk.tickets.domain import articles
from helpdesk.tickets.domain.assign import assign, set_priority
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import ArticleKind, Channel, Priority, Status
from helpdesk.tickets.inbound import Inbound, InboundFile, Person

STAFF_CHANNELS: Final = frozenset({Channel.PHONE, Channel.COUNTER, Channel.LETTER})
JPEG: Final = "image/jpeg"


@dataclass(slots=True)
class Town:
    """What has been built so far, by the names that the demonstration's tables use."""

    authority: Authority
    administrator: User
    teams: dict[str, Team] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    agents: dict[str, User] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    editions: dict[str, FormVersion] = field(default_factory=dict)


@dataclass(slots=True)
class _Case:
    """One request on its way: what the table says, and the ticket it became."""

    built: Town
    request: DemoRequest
    now: datetime
    number: int
    ticket_id: int = 0

    @property
    def account(self) -> Account:
        """Return the mailbox of its team."""
        return self.built.accounts[self.request.team]


def request_happenings(built: Town, now: datetime, numbers: Iterator[int]) -> Iterator[Happening]:
    """Yield everything that happens to the requests of the town."""
    for number, request in enumerate(requests()):
        for at, happen in _happenings(_Case(built, request, now, number)):
            yield Happening(moment(at, now), next(numbers), happen)


def _happenings(case: _Case) -> Iterator[tuple[str, Callable[[], None]]]:
    yield case.request.at, partial(_arrive, case)
    for number, step in enumerate(case.request.steps):
        yield step.at, partial(STEPS[step.do], case, step, f"demo-{case.number}-{number}")


def _arrive(case: _Case) -> None:
    request, built = case.request, case.built
    inbound = _report(case) if request.channel == Channel.WEB else _message(case)
    case.ticket_id = accept(inbound).ticket_id
    if request.outcome:
        change_status(
            ticket_id=case.ticket_id,
            user=built.agents[request.by],
            to=Status.RESOLVED,
            outcome=request.outcome,
        )


def _report(case: _Case) -> Inbound:
    """Return what the portal's form would hand over, answers to the topic's questions included."""
    request, built = case.request, case.built
    edition = built.editions.get(request.topic)
    questions = read_schema(edition.schema) if edition else ()
    answers = kept(questions, {key: _dated(case, one) for key, one in request.answers.items()})
    place = [("Ort", request.place)] if request.place else []
    return to_inbound(
        Submission(
            authority_id=built.authority.pk,
            team_id=case.account.team_id,
            text=request.text,
            received_at=timezone.now(),
            request_key=f"demo-{case.number}",
            language=request.language,
            person=_person(request),
            category_id=built.topics[request.topic],
            form_version_id=edition.pk if edition else None,
            answers=answers,
            shown=(*show_all(questions, answers, request.language), *place),
            place=request.place,
            latitude=request.latitude,
            longitude=request.longitude,
            files=tuple(_file(name) for name in request.files),
        )
    )


def _dated(case: _Case, answer: Answer) -> Answer:
    """Return "day -12" as the date that it was then; everything else as it is."""
    if isinstance(answer, str) and answer.startswith("day "):
        return (case.now + timedelta(days=int(answer.removeprefix("day ")))).date().isoformat()
    return answer


def _message(case: _Case) -> Inbound:
    request, built = case.request, case.built
    is_noted = request.channel in STAFF_CHANNELS
    return Inbound(
        authority_id=built.authority.pk,
        team_id=case.account.team_id,
        channel=request.channel,
        kind=ArticleKind.PHONE_NOTE if is_noted else ArticleKind.MESSAGE,
        by_user_id=built.agents[request.by].pk if is_noted else None,
        person=_person(request),
        subject=request.subject or subject_of(request.text),
        text=request.text,
        full_text=request.text,
        received_at=timezone.now(),
        language=request.language,
        sender_id=case.account.sender_id,
        to=(Person(email=case.account.address),) if request.channel == Channel.MAIL else (),
        category_id=built.topics.get(request.topic),
        place=request.place,
        latitude=request.latitude,
        longitude=request.longitude,
        request_key=f"demo-{case.number}" if is_noted else "",
    )


def _person(request: DemoRequest) -> Person:
    return Person(request.name, request.email, request.phone, request.address)


def _file(name: str) -> InboundFile:
    stored = put(picture(name), JPEG)
    return InboundFile(stored.pk, f"{name}.jpg", JPEG, stored.size)


def _take(case: _Case, step: Step, _key: str) -> None:
    user = case.built.agents[step.by]
    assign(ticket_id=case.ticket_id, user=user, owner_id=user.pk)


def _note(case: _Case, step: Step, _key: str) -> None:
    articles.write_note(ticket_id=case.ticket_id, user=case.built.agents[step.by], text=step.text)


def _answer(case: _Case, step: Step, key: str) -> None:
    answer = articles.Answer(
        ticket_id=case.ticket_id,
        text=step.text,
        form_key=key,
        then=Status(step.then) if step.then else None,
        outcome=step.outcome,
        until=_until(case, step),
        despite_newer=True,
        undo_seconds=0,
    )
    articles.write_answer(answer=answer, user=case.built.agents[step.by])


def _reply(case: _Case, step: Step, key: str) -> None:
    request = case.request
    accept(
        Inbound(
            authority_id=case.built.authority.pk,
            team_id=case.account.team_id,
            channel=request.channel,
            person=_person(request),
            subject=f"Re: {request.subject}" if request.channel == Channel.MAIL else "",
            text=step.text,
            full_text=step.text,
            received_at=timezone.now(),
            language=request.language,
            sender_id=case.account.sender_id,
            ticket_id=case.ticket_id,
            request_key=key,
        )
    )


def _status(case: _Case, step: Step, _key: str) -> None:
    change_status(
        ticket_id=case.ticket_id,
        user=case.built.agents[step.by],
        to=Status(step.then),
        outcome=step.outcome,
        until=_until(case, step),
    )


def _priority(case: _Case, step: Step, _key: str) -> None:
    priority = Priority[step.value.upper()]
    set_priority(ticket_id=case.ticket_id, user=case.built.agents[step.by], priority=priority)


def _until(case: _Case, step: Step) -> datetime | None:
    return working_day(case.now, step.wait).replace(hour=8) if step.wait else None


STEPS: Final[Mapping[str, Callable[[_Case, Step, str], None]]] = {
    "take": _take,
    "note": _note,
    "answer": _answer,
    "reply": _reply,
    "status": _status,
    "priority": _priority,
}
