"""What stands in a ticket: for the staff, and what of it its citizen may read."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.lib.statements import ask, fill, slot
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.tickets import facts
from helpdesk.tickets.enums import ArticleKind, Channel, Trust
from helpdesk.tickets.models import Article, Attachment, DraftKind, Ticket
from helpdesk.tickets.models.article import SHOWN_IN_THREAD
from helpdesk.tickets.queries.visibility import visible_to


def thread(ticket: Ticket, *, after: int = 0) -> list[Article]:
    """Return a ticket's articles after an id as the staff sees them, oldest first.

    Each has its author, its message with ``recipients``, its ``attachments`` and ``has_html``.
    """
    articles: list[Article] = ask(_thread, ticket=ticket.pk, after=after)
    files = defaultdict[int, list[Attachment]](list)
    people = defaultdict[int, list[Recipient]](list)
    for article_id, state, _position, key, name, size, said, kind, file_id, inline in (
        ask(_parts, ticket=ticket.pk, after=after) if articles else ()
    ):
        if state:
            people[article_id].append(Recipient(pk=key, address=name, state=state, reply=said))
        else:
            file = Attachment(pk=key, name=name, size=size, content_type=kind)
            file.scan_state, file.file_id, file.is_inline = said, file_id, bool(inline)
            files[article_id].append(file)
    for article in articles:
        # Of a mail it may be large, and is shown on a page of its own alone.
        article.html = vars(article)["x_html"]
        fill(article, "attachments", files[article.pk])
        if article.outgoing:
            fill(article.outgoing, "recipients", people[article.pk])
    return articles


def _thread() -> QuerySet[Article]:
    return (
        Article.objects.filter(ticket_id=slot("ticket"), is_withdrawn=False, pk__gt=slot("after"))
        .select_related("author_user", "author_citizen", "outgoing")
        .annotate(
            has_html=ExpressionWrapper(~Q(html=""), output_field=BooleanField()),
            x_html=Case(
                When(source="", then=Value("")),
                default=F("html"),
                output_field=TextField(),
            ),
        )
        .only(*SHOWN_IN_THREAD)
        .order_by("id")
    )


def _parts() -> QuerySet[Any]:
    """Return files and recipients of a ticket's articles: two tables, one question."""
    of_ticket = {"ticket_id": slot("ticket"), "is_withdrawn": False, "pk__gt": slot("after")}
    files = Attachment.objects.filter(**{f"article__{k}": v for k, v in of_ticket.items()})
    people = Recipient.objects.filter(**{f"message__article__{k}": v for k, v in of_ticket.items()})
    listed = files.order_by().annotate(x_state=Value(""), x_scan=F("file__scan_state"))
    sent_to = people.order_by().annotate(
        x_article=F("message__article__id"),
        x_position=Value(0),
        x_size=Value(0),
        x_type=Value(""),
        x_file=Value(0),
        x_inline=Value(False),
    )
    of_files = ("article_id", "x_state", "position", "pk", "name", "size")
    of_people = ("x_article", "state", "x_position", "pk", "address", "x_size")
    return (
        listed.values_list(*of_files, "x_scan", "content_type", "file_id", "is_inline")
        .union(sent_to.values_list(*of_people, "reply", "x_type", "x_file", "x_inline"), all=True)
        .order_by("position", "pk")
    )


def articles_of(ticket: Ticket) -> QuerySet[Article]:
    """Return all that is kept of a ticket's articles for the staff, to be cut into pages."""
    return (
        ticket.articles.filter(is_withdrawn=False)
        .select_related("author_user", "author_citizen", "outgoing")
        .prefetch_related("attachments")
        .order_by("id")
    )


def public_of(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Return of these what their citizens may read: own messages and sent answers, never a note.

    A third person's or an unverified mail is for the staff's eyes only (mail.md 64); so is
    what was said with somebody who no longer asks (docs/adr/0078).
    """
    own = Q(kind=ArticleKind.MESSAGE, trust=Trust.PARTICIPANT)
    now = timezone.now()
    answered = (
        Q(kind=ArticleKind.ANSWER, is_withdrawn=False, trust=Trust.PARTICIPANT)
        & ~Q(outgoing__state="queued", outgoing__not_before__gt=now)
        & (Q(published_at__isnull=True) | Q(published_at__lte=now))
    )
    return articles.filter(own | answered).exclude(is_automatic=True)


def public_thread(ticket: Ticket) -> QuerySet[Article]:
    """Return what the citizen may read of a request, in order."""
    return (
        public_of(ticket.articles.all())
        .select_related("author_user", "outgoing")
        .prefetch_related("attachments")
        .order_by("id")
    )


def first_public_answer_at(ticket: Ticket) -> datetime | None:
    """Return when the citizen could first read an answer."""
    answers = public_thread(ticket).filter(kind=ArticleKind.ANSWER)
    return answers.values_list("received_at", flat=True).first()


def can_read_page(ticket: Ticket) -> bool:
    """Tell whether the citizen ever got a link or a code for the status page.

    Forms show both at their end; else a mail must have carried the link, or an agent
    have read out the code.
    """
    if ticket.channel == Channel.WEB or facts.has_happened(ticket=ticket, kind=facts.CODE_ISSUED):
        return True
    mails = OutgoingMessage.objects.filter(link_kind="ticket", link_id=ticket.pk, state="sent")
    # What was forwarded went to somebody else, and without the link.
    return mails.exclude(kind=DraftKind.FORWARD).exists()


def noted_since(user: User, moment: datetime, citizen_ids: Iterable[int]) -> QuerySet[Article]:
    """Return the notes of calls by these citizens since ``moment`` in tickets ``user`` sees."""
    return (
        Article.objects.filter(
            ticket__in=visible_to(user).filter(citizen_id__in=list(citizen_ids)),
            kind=ArticleKind.PHONE_NOTE,
            is_withdrawn=False,
            created_at__gte=moment,
        )
        .select_related("ticket", "author_user")
        .order_by("-id")
    )
