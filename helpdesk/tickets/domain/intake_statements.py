"""The fixed statements of the intake, each sent for nearly every mail."""

from helpdesk.agents.models import Authority
from helpdesk.lib.statements import Change, Insert, Lookup
from helpdesk.tickets.models import Article, MessageReference, Participant, Ticket

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
    lambda **values: Article.objects.filter(**values).order_by("id"),
    "ticket_id",
    "message_id",
    "text",
    "from_address",
)
AUTHORITY = Lookup(lambda pk: Authority.objects.filter(pk=pk), "pk")
SAME_MAIL = Lookup(
    lambda message_id, authority_id: Ticket.objects.filter(
        articles__message_id=message_id, authority_id=authority_id
    ).distinct()[:5],
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
