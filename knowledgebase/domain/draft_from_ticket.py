"""What was written to one citizen becomes a draft for all, without what tells who it was."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from html import escape

from django.db import transaction
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.lib.personal import Found, Kind, find_personal
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article, Ticket
from knowledgebase.domain.write import AnswerDetails, TextDraft, create_answer
from knowledgebase.models import TITLE_LENGTH, Answer

# Of these an answer can be made; notes are for staff, and stay there.
KINDS = (ArticleKind.MESSAGE, ArticleKind.ANSWER)
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Masking:
    """A text with the personal data that was found in it, each replaced unless it may stay."""

    text: str
    found: list[Found]

    def masked(self, keep: Collection[int] = ()) -> str:
        """Return the text with placeholders; ``keep`` are the places of findings that stay."""
        parts: list[str] = []
        last = 0
        for place, one in enumerate(self.found):
            parts += [self.text[last : one.start], one.text if place in keep else placeholder(one)]
            last = one.end
        return "".join([*parts, self.text[last:]])


def placeholder(found: Found) -> str:
    """Return what stands for a piece of personal data."""
    words = {
        Kind.MAIL: gettext("mail address"),
        Kind.PHONE: gettext("telephone number"),
        Kind.ACCOUNT: gettext("account number"),
        Kind.PLATE: gettext("licence plate"),
        Kind.ADDRESS: gettext("address"),
        Kind.NAME: gettext("name"),
        Kind.NUMBER: gettext("number"),
    }
    return f"[{words[found.kind]}]"


def masking_of(ticket: Ticket, articles: Iterable[Article]) -> Masking:
    """Return the words of articles with the personal data in them."""
    rows = list(articles)
    text = "\n\n".join(row.text.replace("\r\n", "\n").strip() for row in rows)[:LONGEST]
    return Masking(text, find_personal(text, names=_names(ticket, rows)))


def mask_title(ticket: Ticket, articles: Iterable[Article]) -> str:
    """Return the title of a request without personal data."""
    found = find_personal(ticket.title, names=_names(ticket, articles))
    return Masking(ticket.title, found).masked()[:TITLE_LENGTH]


def _names(ticket: Ticket, articles: Iterable[Article]) -> list[str]:
    names = [ticket.citizen.name if ticket.citizen else ""]
    for row in articles:
        names += [row.from_name, row.author_user.name if row.author_user else ""]
    return [name for name in names if name]


@transaction.atomic
def draft_from_ticket(
    *, ticket: Ticket, title: str, section_id: int, text: str, user: User
) -> Answer:
    """Create a draft of masked words that leads back to its request; raises ValidationError.

    That ``user`` may read the request, and write answers, was checked before.
    """
    paragraphs = (part.strip() for part in text.split("\n\n"))
    body = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs if part)
    answer = create_answer(
        authority_id=ticket.authority_id,
        details=AnswerDetails(section_id, category_id=ticket.category_id),
        texts={ticket.authority.language: TextDraft(title=title, body=body)},
        user=user,
    )
    answer.from_ticket = ticket.pk
    answer.save(update_fields=["from_ticket"])
    return answer
