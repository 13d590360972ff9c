"""Mails to agents about requests as letters (mail.md 105).

Each request and reader have a thread of their own, whose replies become that reader's
internal notes (staff_mail.py). A mail says what has happened and where; of a citizen's words
it holds the title alone, of a note its text only for whom it names. It is marked as
automatic, so that no machine answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.urls import reverse

from helpdesk.agents.models import User
from helpdesk.notifications.account_mails import absolute
from helpdesk.notifications.models import Notice, Reason
from helpdesk.notifications.wording import sentence
from helpdesk.outbox.identity import thread_root
from helpdesk.outbox.models import Sender
from helpdesk.outbox.queue import Address, Letter
from helpdesk.tickets.domain.letters import subject_tag
from helpdesk.tickets.domain.staff_mail import staff_scope
from helpdesk.tickets.models import Article, Ticket

ONE, MANY = "notice", "notice_digest"
TITLE_LENGTH: Final = 120
NOTE_LENGTH: Final = 2000
# What one mail tells of; of the rest it says how much there is.
MOST_GATHERED: Final = 50
# Also in a thread nothing of this is a reply to anybody (RFC 3834 5).
GENERATED: Final = {"Auto-Submitted": "auto-generated"}

Group = list[Notice]


@dataclass(frozen=True, slots=True)
class Told:
    """One request of a mail: what has happened, and the notes that name the reader."""

    ticket: Ticket
    sentences: list[str]
    notes: list[str]
    url: str

    @property
    def title(self) -> str:
        """Return the title, of a length that fits a subject."""
        return _cut(self.ticket.title, TITLE_LENGTH)

    @property
    def tag(self) -> str:
        """Return our tag for subjects."""
        return subject_tag(self.ticket)


def one(*, reader: User, sender: Sender, group: Group) -> Letter:
    """Compose the mail about one request, in the language that is active."""
    told = _told(reader, group)
    scope = staff_scope(told.ticket, reader)
    root = thread_root(scope=scope, address=sender.email)
    return _letter(_Envelope(reader, sender, ONE, str(group[-1].pk), scope, root), {"told": told})


def many(*, reader: User, sender: Sender, groups: Sequence[Group]) -> Letter:
    """Compose the mail that gathers several requests; nobody can answer it."""
    keys = [each.pk for group in groups for each in group]
    # A mail that was held back for one of its requests leaves anew without that one.
    cause = f"{max(keys)}-{len(keys)}"
    told = [_told(reader, group) for group in groups[:MOST_GATHERED]]
    values = {"groups": told, "count": len(groups), "more": len(groups) - len(told)}
    return _letter(_Envelope(reader, sender, MANY, cause), values)


def _told(reader: User, group: Group) -> Told:
    ticket = group[0].ticket
    named = [each.article_id or 0 for each in group if each.reason == Reason.MENTIONED]
    notes = Article.objects.filter(pk__in=named, ticket=ticket, is_withdrawn=False).order_by("id")
    return Told(
        ticket=ticket,
        sentences=list(dict.fromkeys(map(sentence, group))),
        notes=[_cut(text, NOTE_LENGTH) for text in notes.values_list("text", flat=True)],
        url=absolute(reverse("desk:ticket", args=[ticket.number]), reader.authority),
    )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class _Envelope:
    """To whom a mail goes and in which thread; ``cause`` names the notices in it."""

    reader: User
    sender: Sender
    kind: str
    cause: str
    scope: str = ""
    root: str = ""


def _letter(envelope: _Envelope, told: dict[str, Any]) -> Letter:
    reader, authority = envelope.reader, envelope.reader.authority
    values = {
        "user": reader,
        "authority": authority,
        "choices": absolute(reverse("account_profile") + "#notices", authority),
        **told,
    }
    subject, text, html = (
        render_to_string(f"mail/{envelope.kind}/{name}", values)
        for name in ("subject.txt", "body.txt", "body.html")
    )
    return Letter(
        sender=envelope.sender,
        kind=envelope.kind,
        idempotency_key=f"{envelope.kind}:{reader.pk}:{envelope.cause}",
        subject=" ".join(subject.split()),
        text=text.strip() + "\n",
        html=html.strip(),
        recipients=(Address(reader.email, reader.name),),
        scope=envelope.scope,
        language=reader.language,
        is_automatic=True,
        in_reply_to=envelope.root,
        references=(envelope.root,) if envelope.root else (),
        headers=GENERATED,
        from_name=authority.name,
        # Not tied to the request: the citizen was sent nothing by it.
        link_kind="user",
        link_id=reader.pk,
    )
