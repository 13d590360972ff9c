"""Articles of a ticket: list, answer, internal note."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.agents.models import User
from helpdesk.api import params
from helpdesk.api.base import Endpoint, token_of, user_of
from helpdesk.api.etags import demand_match, etag
from helpdesk.api.idempotency import run_once
from helpdesk.api.paging import BY_ID, page_response, paginate
from helpdesk.api.parsers import json_of
from helpdesk.api.problems import invalid
from helpdesk.api.refusals import refusals
from helpdesk.api.schema import operation
from helpdesk.api.serializers.base import read_body
from helpdesk.api.serializers.bodies import NewArticleBody
from helpdesk.api.serializers.shapes import ArticleShape, keep_fields
from helpdesk.api.uploads import take_uploads
from helpdesk.api.views.tickets import find_ticket
from helpdesk.events.publish import canonical
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets.domain.articles import Answer, write_answer, write_note
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.enums import Status
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import articles_of

FIELDS = tuple(ArticleShape().fields)
LIST = (
    *params.PAGING,
    params.choices("fields", FIELDS, "Members to return, separated by commas; all without it."),
)
ANSWER_ONLY = ("status", "outcome", "waiting_until", "cc", "bcc")


class Articles(Endpoint):
    """The contributions to a ticket."""

    scopes = {"GET": "articles:read", "POST": "articles:write"}

    @operation(
        "list_articles",
        "List the articles of a ticket, oldest first",
        response=ArticleShape(many=True),
        params=LIST,
        paged=True,
        returns_etag=True,
    )
    def get(self, request: Request, ticket_id: int) -> Response:
        """Return one page of articles; the ETag is the ticket's."""
        given = params.read_params(request, LIST)
        ticket = find_ticket(user_of(request), ticket_id)
        page = paginate(request, articles_of(ticket), given, BY_ID)
        rows = ArticleShape(page.rows, many=True).data
        response = page_response(page, keep_fields(rows, given.get("fields")))
        response["ETag"] = etag(ticket.version)
        return response

    @operation(
        "create_article",
        "Answer the citizen, or write an internal note",
        body=NewArticleBody,
        response=ArticleShape,
        status=201,
        match_for_answers=True,
        returns_etag=True,
    )
    def post(self, request: Request, ticket_id: int) -> HttpResponse:
        """Write an article; an answer needs If-Match with the version that was read."""
        params.read_params(request, ())
        user = user_of(request)
        find_ticket(user, ticket_id)
        sent = json_of(request)
        body = read_body(NewArticleBody, sent)
        if body["kind"] == "note" and (extra := [name for name in ANSWER_ONLY if name in body]):
            raise invalid(
                f"/{extra[0]}", "Only an answer takes this; a ticket is changed by PATCH."
            )

        def act() -> Response:
            with refusals():
                return _write(request, user, ticket_id, body)

        return run_once(request, act, fingerprint=canonical(sent))


def _write(request: Request, user: User, ticket_id: int, body: dict[str, Any]) -> Response:
    is_answer = body["kind"] == "answer"
    verb = "answer_ticket" if is_answer else "read_ticket"
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb=verb)
    if is_answer or "If-Match" in request.headers:
        demand_match(request, ticket.version)
    files = take_uploads(token_of(request), body.get("uploads", ()))
    written = (
        write_answer(answer=_answer(ticket, body, files), user=user)
        if is_answer
        else write_note(ticket_id=ticket_id, user=user, text=body["text"], files=files)
    )
    return _one_article(written)


def _answer(ticket: Ticket, body: dict[str, Any], files: tuple[InboundFile, ...]) -> Answer:
    cc, bcc = (tuple(body.get(name, ())) for name in ("cc", "bcc"))
    # Whoever named the present version has read what stands there; a program takes nothing back.
    return Answer(
        ticket_id=ticket.pk,
        text=body["text"],
        form_key=new_nonce(),
        seen_article_id=ticket.last_article_id,
        then=Status(body["status"]) if "status" in body else None,
        outcome=body.get("outcome", ""),
        until=body.get("waiting_until"),
        undo_seconds=0,
        files=files,
        cc=cc,
        bcc=bcc,
    )


def _one_article(written: Article) -> Response:
    article = articles_of(written.ticket).get(pk=written.pk)
    version = Ticket.objects.values_list("version", flat=True).get(pk=written.ticket_id)
    return Response(ArticleShape(article).data, status=201, headers={"ETag": etag(version)})
