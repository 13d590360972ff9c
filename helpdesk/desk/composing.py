"""What stands in the composer beside the text: who gets copies, and which files go along."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.enclosures import (
    Enclosed,
    files_taken_back,
    read_enclosed,
    take_enclosed,
)
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.tickets.domain.addressees import read_addresses
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article, Ticket

LONGEST = 2000


class Composed:
    """The copies and files of one submitted form; ``problems`` says what is wrong with them."""

    def __init__(self, request: HttpRequest, ticket: Ticket) -> None:
        """Read the form and store its files, so that none is lost whatever follows."""
        self.typed = {name: _line(request, name) for name in ("cc", "bcc")}
        self.problems: list[str] = []
        self.cc = self._addresses("cc")
        self.bcc = self._addresses("bcc")
        user = agent_of(request)
        kept = read_enclosed(ticket, user, request.POST.getlist("kept"))
        self.files, problems = take_enclosed(ticket, user, kept, request.FILES.getlist("files"))
        self.problems += problems

    def _addresses(self, name: str) -> tuple[str, ...]:
        good, bad = read_addresses(self.typed[name])
        sentence = gettext("“%(address)s” is no e-mail address. Correct it or take it out.")
        self.problems += [sentence % {"address": each[:80]} for each in bad[:3]]
        return good

    def context(self) -> dict[str, Any]:
        """Return what the page needs to show it all again."""
        return _context(self.typed["cc"], self.typed["bcc"], self.files)


def _line(request: HttpRequest, name: str) -> str:
    return " ".join(request.POST.get(name, "").split())[:LONGEST]


def _context(cc: str, bcc: str, files: list[Enclosed]) -> dict[str, Any]:
    return {"cc": cc, "bcc": bcc, "enclosed": files}


def taken_back(ticket: Ticket, user: User) -> dict[str, Any]:
    """Return copies and files of the answer whose text has come back as the draft."""
    article = (
        Article.objects.filter(ticket=ticket, author_user=user, kind=ArticleKind.ANSWER)
        .select_related("ticket")
        .order_by("-id")
        .first()
    )
    if article is None or not article.is_withdrawn:
        return {}
    copies = _copies(article.outgoing) if article.outgoing else {"cc": "", "bcc": ""}
    return _context(copies["cc"], copies["bcc"], files_taken_back(article, user))


def _copies(message: OutgoingMessage) -> dict[str, str]:
    rows = list(message.recipients.order_by("id"))
    return {
        field: ", ".join(row.address for row in rows if row.field == field)
        for field in (Recipient.Field.CC.value, Recipient.Field.BCC.value)
    }
