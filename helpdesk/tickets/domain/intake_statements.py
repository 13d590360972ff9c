"""The fixed statements of the intake, each sent for nearly every mail."""

from datetime import datetime

from helpdesk.agents.models import Authority
from helpdesk.lib.fixed import Change, Insert, Lookup
from helpdesk.tickets.models import Article, MessageReference, Participant, Ticket

BY_RAW = Lookup(
    lambda raw_message_id: (
        Article.objects.select_related("ticket")
        .only("ticket__number", "ticket__reference")
        .filter(raw_message_id=raw_message_id)
    ),
    raw_message_id=int,
)
BY_KEY = Lookup(
    lambda request_key: (
        Article.objects.select_related("ticket")
        .only("ticket__number", "ticket__reference")
        .filter(request_key=request_key)
    ),
    request_key=str,
)
LOCKED = Lookup(lambda pk: Ticket.objects.select_for_update().filter(pk=pk), pk=int)
TWIN = Lookup(
    lambda **values: Article.objects.filter(**values).order_by("id"),
    ticket_id=int,
    message_id=str,
    text=str,
    from_address=str,
)
AUTHORITY = Lookup(lambda pk: Authority.objects.filter(pk=pk), pk=int)
SAME_MAIL = Lookup(
    lambda message_id, authority_id, ticket_id: (
        Ticket.objects.filter(articles__message_id=message_id, authority_id=authority_id)
        .exclude(pk=ticket_id)
        .distinct()[:5]
    ),
    message_id=str,
    authority_id=int,
    ticket_id=int,
)
FIRST_ARTICLE = Change(
    lambda pk, article_id: (
        Ticket.objects.filter(pk=pk),
        {"last_article_id": article_id, "last_public_id": article_id},
    ),
    pk=int,
    article_id=int,
)
CHANGED_BY_JOINING: dict[str, type] = {
    "last_article_id": int,
    "last_public_id": int,
    "version": int,
    "reopened": int,
    "snippet": str,
    "status": str,
    "outcome": str,
    "active_at": datetime,
    "waiting_until": datetime,
    "resolved_at": datetime,
}
JOINED = Change(
    lambda pk, **values: (Ticket.objects.filter(pk=pk), values), pk=int, **CHANGED_BY_JOINING
)
NEW_TICKET = Insert(Ticket)
NEW_PARTICIPANT = Insert(Participant)
NEW_ARTICLE = Insert(Article)
NEW_REFERENCES = Insert(MessageReference)
