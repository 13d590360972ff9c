"""What is kept of a person who asks, as staff may read it and hand it out (GDPR, article 15).

Only of requests that the reader may see: that somebody is known to another team says something
about them (docs/adr/0018). What staff wrote for each other is counted and not handed out, for it
may hold what is others' (docs/adr/0126).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen, Consent
from helpdesk.privacy.holdings import AT_ONCE, FORMAT, Rows, messages_of
from helpdesk.tickets.domain.trash import KEPT
from helpdesk.tickets.enums import ArticleKind, Status
from helpdesk.tickets.models import Article, Attachment, Ticket
from helpdesk.tickets.models.ticket import UNFINISHED
from helpdesk.tickets.queries import visible_to

INTERNAL: Final = (ArticleKind.NOTE, ArticleKind.PHONE_NOTE)


@dataclass(frozen=True, slots=True)
class KeptOf:
    """How much is kept of a person, and when what is in the bin goes."""

    requests: int
    unfinished: int
    in_bin: int
    next_gone_at: datetime | None
    last_gone_at: datetime | None
    contributions: int
    internal: int
    files: int
    consents: list[Consent]


def kept_of(user: User, citizen: Citizen) -> KeptOf:
    """Return what is kept of ``citizen`` in requests that ``user`` may see; four questions."""
    tickets = _tickets_of(user, citizen)
    in_bin = Q(status=Status.DELETED)
    counted = tickets.order_by().aggregate(
        requests=Count("id"),
        unfinished=Count("id", Q(status__in=UNFINISHED)),
        in_bin=Count("id", in_bin),
        first=Min("resolved_at", filter=in_bin),
        last=Max("resolved_at", filter=in_bin),
    )
    articles = Article.objects.filter(ticket__in=tickets.order_by(), is_withdrawn=False)
    written = articles.aggregate(all=Count("id"), internal=Count("id", Q(kind__in=INTERNAL)))
    first, last = counted.pop("first"), counted.pop("last")
    return KeptOf(
        **counted,
        next_gone_at=first and first + KEPT,
        last_gone_at=last and last + KEPT,
        contributions=written["all"],
        internal=written["internal"],
        files=Attachment.objects.filter(article__in=articles.order_by()).count(),
        consents=list(citizen.consents.order_by("given_at", "pk")),
    )


def file_of(user: User, citizen: Citizen) -> dict[str, Any]:
    """Return what is handed out to a person who asks for it, fit for JSON but for its moments."""
    points = citizen.contact_points.order_by("pk")
    warnings = citizen.cautions.order_by("pk")
    return {
        "format": FORMAT,
        "made_at": timezone.now(),
        "authority": user.authority.name,
        "person": {
            "name": citizen.name,
            "language": citizen.language,
            "preferred_channel": citizen.preferred_channel,
            "organisation": citizen.organisation.name if citizen.organisation else "",
            "note": citizen.note,
            "known_since": citizen.created_at,
        },
        "contacts": list(points.values("kind", "value", "verified_at", "undeliverable_at")),
        "consents": list(
            citizen.consents.order_by("pk").values("purpose", "wording", "given_at", "withdrawn_at")
        ),
        "warnings": list(warnings.values("reason", "until", "created_at", "ended_at")),
        "requests": list(_requests(user, citizen)),
    }


def _tickets_of(user: User, citizen: Citizen) -> QuerySet[Ticket]:
    return visible_to(user).filter(citizen=citizen).order_by("-received_at", "-pk")


def _requests(user: User, citizen: Citizen) -> Iterator[dict[str, Any]]:
    """Yield all requests with what was written in them, by some questions for each few hundred."""
    keys = list(_tickets_of(user, citizen).values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        tickets = list(_tickets_of(user, citizen).filter(pk__in=keys[begin : begin + AT_ONCE]))
        said: dict[int, Rows] = messages_of(tickets)
        yield from (_request(ticket, said[ticket.pk]) for ticket in tickets)


def _request(ticket: Ticket, messages: Rows) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "reference": ticket.reference,
        "title": ticket.title,
        "place": ticket.place,
        "status": ticket.status,
        "received_at": ticket.received_at,
        "resolved_at": ticket.resolved_at,
        "answers": ticket.answers or {},
        "messages": messages,
    }
