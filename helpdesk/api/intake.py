"""From a checked body to an Inbound: which team, whose request, which answers; rights first."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone

from channels_in.phone.parse import Note, parse_note
from channels_in.rest import parse
from helpdesk.agents.models import ApiToken, User
from helpdesk.api.problems import FieldError, Problem, escaped, invalid
from helpdesk.api.uploads import take_uploads
from helpdesk.forms.models import FormVersion
from helpdesk.forms.schema import read_schema
from helpdesk.forms.submission import check_answers
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.facts import by_user
from helpdesk.tickets.inbound import Inbound
from helpdesk.tickets.models import Category, Ticket
from helpdesk.tickets.queries import citizens_visible_to, visible_to
from helpdesk.tickets.rules import team_ids


def to_inbound(body: Mapping[str, Any], *, user: User, token: ApiToken) -> Inbound:
    """Check what needs the database and return the Inbound; raises a problem.

    Every id in the body is asked for again with the rights of ``user``: one that
    is foreign answers exactly as one that is not there. Uses up the uploads.
    """
    category = _category(user, body.get("category"))
    team_id = _team(user, body, category)
    _check_person(user, body)
    answers = _answers(body, category)
    actor = by_user(user)
    return parse.to_inbound(
        {**body, "answers": answers},
        parse.Arrival(
            authority_id=user.authority_id,
            team_id=team_id,
            received_at=timezone.now(),
            handed_in_by=(actor.kind, actor.id),
            files=take_uploads(token, body.get("uploads", ())),
        ),
    )


def note_to_inbound(body: Mapping[str, Any], *, user: User, token: ApiToken) -> Inbound:
    """Check what needs the database and return the Inbound of a note; raises a problem."""
    ticket = _ticket(user, body)
    category = None if ticket else _category(user, body.get("category"))
    team_id = ticket.team_id if ticket else _team(user, body, category)
    _check_person(user, body)
    now = timezone.now()
    if body.get("received_at", now) > now:
        raise invalid("/received_at", "This moment is still to come.")
    actor = by_user(user)
    note = Note(
        channel=Channel(body["channel"]),
        caller=parse.to_person(body.get("person", {})),
        text=body["text"],
        request_key=f"note:{new_nonce()}",
        received_at=body.get("received_at", now),
        citizen_id=body.get("citizen"),
        ticket_id=ticket.pk if ticket else None,
        category_id=category.pk if category else None,
        place=parse.one_line(body.get("place", "")),
        files=take_uploads(token, body.get("uploads", ())),
    )
    inbound = parse_note(note, authority_id=user.authority_id, team_id=team_id, user_id=user.pk)
    return replace(inbound, handed_in_by=(actor.kind, actor.id))


def _ticket(user: User, body: Mapping[str, Any]) -> Ticket | None:
    if "ticket" not in body:
        return None
    for name in ("team", "category", "place"):
        if name in body:
            raise invalid(f"/{name}", "The ticket has one; leave this out.")
    found = visible_to(user).filter(pk=body["ticket"]).first()
    if found is None:
        raise invalid("/ticket", "There is no such ticket.")
    return found


def _category(user: User, category_id: int | None) -> Category | None:
    if category_id is None:
        return None
    categories = Category.objects.filter(authority_id=user.authority_id, is_active=True)
    found = categories.filter(pk=category_id).first()
    if found is None:
        raise invalid("/category", "There is no such category.")
    return found


def _team(user: User, body: Mapping[str, Any], category: Category | None) -> int:
    wanted: int | None = body.get("team")
    led_to = category.team_id if category else None
    if wanted is None and led_to is None:
        raise invalid("/team", "Name a team, or a category that leads to one.")
    if wanted is not None and led_to is not None and wanted != led_to:
        raise invalid("/team", "The category leads to another team; leave this out.")
    team_id = wanted if wanted is not None else led_to
    if team_id is None or team_id not in team_ids(user, "can_create"):
        where = "/team" if wanted is not None else "/category"
        raise invalid(where, "There is no such team in which you may create tickets.")
    return team_id


def _check_person(user: User, body: Mapping[str, Any]) -> None:
    citizen_id = body.get("citizen")
    if citizen_id is None:
        return
    if "person" in body:
        raise invalid("/person", "Give either a citizen or a person.")
    if not citizens_visible_to(user).filter(pk=citizen_id).exists():
        raise invalid("/citizen", "There is no such citizen.")


def _edition(category: Category | None, version_id: int) -> FormVersion | None:
    if category is None or category.form_id is None:
        return None
    published = FormVersion.objects.filter(form_id=category.form_id, published_at__isnull=False)
    return published.filter(pk=version_id).first()


def _answers(body: Mapping[str, Any], category: Category | None) -> dict[str, Any]:
    given, version_id = body.get("answers", {}), body.get("form_version")
    if version_id is None:
        if given:
            raise invalid("/form_version", "Name the edition of the questions that you answer.")
        return {}
    version = _edition(category, version_id)
    if version is None:
        raise invalid("/form_version", "The category has no such edition of questions.")
    questions = read_schema(version.schema)
    answers, errors = check_answers(questions, given, today=timezone.localdate())
    if errors:
        found = [FieldError(f"/answers/{escaped(key)}", text) for key, text in errors.items()]
        raise Problem("invalid", errors=found)
    return answers
