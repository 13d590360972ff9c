"""Mails to those who answer for answers: due for a review, given back, not published."""

from collections.abc import Callable, Mapping
from typing import Final

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.notifications.account_mails import absolute
from helpdesk.outbox.models import Sender
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.outbox.senders import default_sender
from knowledgebase import facts
from knowledgebase.models import Answer
from knowledgebase.queries import overdue_of, titles_for_editors
from knowledgebase.rules import editable_by

KIND = "answer_notice"
LISTED = 30


def _due(answer: Answer) -> tuple[User | None, QuerySet[Answer]]:
    owner = answer.owner
    return owner, overdue_of(owner) if owner else Answer.objects.none()


def _handed_in(answer: Answer) -> tuple[User | None, QuerySet[Answer]]:
    return answer.submitted_by, Answer.objects.filter(pk=answer.pk)


# Fact → who is written to, and of which answers.
TOLD: Final[Mapping[str, Callable[[Answer], tuple[User | None, QuerySet[Answer]]]]] = {
    facts.DUE: _due,
    facts.RETURNED: _handed_in,
    facts.NOT_PUBLISHED: _handed_in,
}


def handle(*, event: Event) -> None:
    """Queue the mail that a fact about an answer asks for; nobody is told what they did."""
    about = TOLD.get(event.kind)
    answer = Answer.objects.filter(pk=event.subject_id).first() if about else None
    if about is None or answer is None:
        return
    reader, answers = about(answer)
    is_own = event.actor_kind == "user" and reader is not None and event.actor_id == reader.pk
    if reader is None or is_own or not reader.is_staff_kind or not reader.email:
        return
    # A title is only for those who may know of the answer.
    known = answers.filter(pk__in=editable_by(reader).values("pk")).order_by("review_on", "pk")
    listed = list(known[:LISTED])
    sender = default_sender(answer.authority_id)
    if listed and sender is not None:
        more = known.count() - len(listed)
        queue_message(letter=_letter(event, reader, listed, more, sender))


def _letter(event: Event, reader: User, answers: list[Answer], more: int, sender: Sender) -> Letter:
    titles = titles_for_editors(answers)
    lines = [
        {
            "title": titles[one.pk],
            "link": absolute(reverse("desk:knowledge_edit", args=[one.pk]), one.authority),
            "note": one.stage_note,
            "review_on": one.review_on,
        }
        for one in answers
    ]
    # What was noted together is told in one mail.
    cause = event.data.get("run", event.pk) if event.kind == facts.DUE else event.pk
    context = {
        "user": reader,
        "authority": reader.authority,
        "kind": event.kind,
        "lines": lines,
        "more": more,
        "list_link": absolute(f"{reverse('desk:knowledge')}?state=due&owner=me", reader.authority),
    }
    with translation.override(reader.language):
        subject, text, html = (
            render_to_string(f"mail/{KIND}/{name}", context)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    return Letter(
        sender=sender,
        kind=KIND,
        idempotency_key=f"{event.kind}-{reader.pk}-{cause}",
        subject=" ".join(subject.split()),
        text=text.strip() + "\n",
        html=html.strip(),
        recipients=(Address(reader.email, reader.name),),
        language=reader.language,
        is_automatic=True,
        link_kind="user",
        link_id=reader.pk,
    )
