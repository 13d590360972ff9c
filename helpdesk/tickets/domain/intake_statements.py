"""The fixed statements of the intake, each sent for nearly every mail."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from helpdesk.agents.models import Authority
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.statements import Change, Insert, Lookup
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Article, Category, MessageReference, Participant, Ticket

BY_RAW = Lookup(
    lambda raw_message_id: (
        Article.objects.select_related("ticket")
        .only("ticket__number", "ticket__reference")
        .filter(raw_message_id=raw_message_id)
    ),
    "raw_message_id",
)
BY_KEY = Lookup(
    lambda request_key: (
        Article.objects.select_related("ticket")
        .only("ticket__number", "ticket__reference")
        .filter(request_key=request_key)
    ),
    "request_key",
)
LOCKED = Lookup(lambda pk: Ticket.objects.select_for_update().filter(pk=pk), "pk")
TWIN = Lookup(
    lambda **values: Article.objects.filter(**values).order_by("id")[:20],
    "ticket_id",
    "message_id",
    "text",
    "from_address",
)


def _points_of(authority_id: int, normalised: str) -> QuerySet[ContactPoint]:
    """Return the mail addresses that read so, proven before claimed."""
    points = ContactPoint.objects.filter(
        authority_id=authority_id, kind=ContactKind.MAIL, normalised=normalised
    )
    return points.select_related("citizen").order_by("is_claimed", "pk")


def _known_to(team_id: Any) -> Exists:  # noqa: ANN401 - a slot or an expression
    return Exists(Ticket.objects.filter(citizen=OuterRef("citizen"), team_id=team_id))


def _team_of_topic(category_id: Any) -> Subquery:  # noqa: ANN401 - a slot
    return Subquery(Category.objects.filter(pk=category_id, is_active=True).values("team_id")[:1])


# Who wrote a mail: the address's owner, else whom the team it came to was told of.
WRITER = Lookup(
    lambda authority_id, normalised, team_id: _points_of(authority_id, normalised).filter(
        Q(is_claimed=False) | _known_to(team_id)
    ),
    "authority_id",
    "normalised",
    "team_id",
)
# Whose address was typed into a form, as far as the team it goes to knows them.
KNOWN = Lookup(
    lambda authority_id, normalised, team_id, category_id: _points_of(
        authority_id, normalised
    ).filter(_known_to(Coalesce(_team_of_topic(category_id), team_id))),
    "authority_id",
    "normalised",
    "team_id",
    "category_id",
)
AUTHORITY = Lookup(lambda pk: Authority.objects.filter(pk=pk), "pk")
# Programs that use one Message-ID for all they send are not looked through for ever. What lies in
# the bin is read by nobody and goes in time: a copy of it is not known already.
SAME_ID = Lookup(
    lambda message_id, authority_id: (
        Article.objects.filter(
            ~Q(ticket__status=Status.DELETED),
            message_id=message_id,
            ticket__authority_id=authority_id,
        )
        .order_by("-id")
        .values_list("ticket_id", "ticket__team_id", "id", "text", "full_text", "from_address")[:20]
    ),
    "message_id",
    "authority_id",
)
FIRST_ARTICLE = Change(
    lambda pk, article_id: (
        Ticket.objects.filter(pk=pk),
        {"last_article_id": article_id, "last_public_id": article_id},
    ),
    "pk",
    "article_id",
)
CHANGED_BY_JOINING = (
    "last_article_id",
    "last_public_id",
    "version",
    "reopened",
    "snippet",
    "status",
    "outcome",
    "active_at",
    "waiting_until",
    "resolved_at",
)
JOINED = Change(
    lambda pk, **values: (Ticket.objects.filter(pk=pk), values), "pk", *CHANGED_BY_JOINING
)
NEW_TICKET = Insert(Ticket)
NEW_PARTICIPANT = Insert(Participant)
NEW_ARTICLE = Insert(Article)
NEW_REFERENCES = Insert(MessageReference)
