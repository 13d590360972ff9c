"""What an agent typed, with marks or without, as an article keeps and shows it (ADR 0065).

Marks are read once, when the text is written: pages and mails only show what came of it.
"""

from dataclasses import asdict, dataclass

from django.utils.safestring import SafeString, mark_safe

from helpdesk.lib.html import text_to_html
from helpdesk.lib.literals import bare
from helpdesk.lib.marked import read_marks
from helpdesk.tickets.models import Article


@dataclass(frozen=True, slots=True)
class Wording:
    """The plain words, and where marks were typed their look and what was typed."""

    text: str
    html: str = ""
    source: str = ""

    @property
    def shown(self) -> SafeString:
        """Return the HTML of it."""
        return mark_safe(self.html or text_to_html(self.text))  # noqa: S308 - made of escaped words and cleaned

    def columns(self) -> dict[str, str]:
        """Return the columns of an article that hold it."""
        return asdict(self)


def wording_of(typed: str, *, is_marked: bool) -> Wording:
    """Read what was typed; without ``is_marked`` a star is a star, as it is in a literal."""
    marked = read_marks(typed.strip()) if is_marked else None
    plain = bare(typed).strip()
    return Wording(marked.text, marked.html, plain) if marked else Wording(plain)


def shown_html(article: Article) -> SafeString:
    """Return the HTML of an article's words.

    What came by mail, be it from a citizen or a colleague, is never read for marks, nor shown
    by its own HTML.
    """
    return Wording(article.text, article.html if article.source else "").shown


def typed_again(article: Article) -> str:
    """Return what its writer had typed, marks included."""
    return article.source or article.text
