"""Looks at an answer before it goes out: what its writer may not have meant, asked once.

Nothing here refuses: each doubt is told with its reason, and sending all the same is one key.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext

from helpdesk.agents.models import Language, User
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.lib.tokens import digest
from helpdesk.outbox.models import Sender
from helpdesk.textmodules.queries import modules_for_team
from helpdesk.tickets.domain.letters import letter_language
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import known_citizens

INTERNAL = (ArticleKind.NOTE, ArticleKind.PHONE_NOTE)
# A line of a note that is shorter may well be written twice by chance.
TELLING = 24
SHOWN = 80
# language → words by which a letter speaks of files that go along with it
ENCLOSING = {
    Language.GERMAN: re.compile(
        r"\b(?:im anhang|anhang|anhänge|anbei|angehängt\w*|angefügt\w*|beigefügt\w*|beiliegend\w*"
        r"|als anlage|in der anlage|siehe anlage|anliegend\w*)\b",
        re.IGNORECASE,
    ),
    Language.ENGLISH: re.compile(
        r"\b(?:attached|attachments?|enclosed|enclosures?)\b", re.IGNORECASE
    ),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at again; ``key`` is what the form says once its writer has."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Draughted:
    """What is about to go out: the words, who gets copies, and whether files go along."""

    text: str
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    has_files: bool = False


def doubts_about(ticket: Ticket, user: User, letter: Draughted) -> list[Doubt]:
    """Return everything worth a second look before this answer leaves."""
    language = letter_language(ticket)
    sentences = (
        *_internal_words(ticket, letter.text),
        *_forgotten_files(letter, language),
        *_strangers(ticket, letter),
        *_other_citizens(ticket, user, letter),
        *_foreign_modules(ticket, letter.text, language),
    )
    return [Doubt(digest(sentence)[:16], sentence) for sentence in sentences]


def _flat(text: str) -> str:
    """Return words as they are compared: quote marks, cases and blanks do not count."""
    lines = (line.lstrip("> \t") for line in text.splitlines())
    return " ".join(" ".join(lines).casefold().split())


def _quoted(text: str) -> frozenset[str]:
    return frozenset(_flat(line) for line in text.splitlines() if line.startswith(">"))


def _internal_words(ticket: Ticket, text: str) -> Iterator[str]:
    """Find words of an internal note in the answer, as long as nothing public says the same."""
    rows = ticket.articles.filter(is_withdrawn=False).values_list("kind", "text")
    public = _flat("\n".join(said for kind, said in rows if kind not in INTERNAL))
    answer, quoted = _flat(text), _quoted(text)
    for kind, said in rows:
        if kind not in INTERNAL:
            continue
        found = _told(said, answer, quoted, public)
        if found:
            yield gettext("Words of an internal note stand in your answer: “%(words)s”") % {
                "words": found[:SHOWN]
            }
            return


def _told(said: str, answer: str, quoted: frozenset[str], public: str) -> str:
    for line in said.splitlines():
        flat = _flat(line)
        if not flat or flat in public:
            continue
        if flat in quoted or (len(flat) >= TELLING and flat in answer):
            return line.strip()
    return ""


def _forgotten_files(letter: Draughted, language: str) -> Iterator[str]:
    words = ENCLOSING.get(Language(language))
    own = "\n".join(line for line in letter.text.splitlines() if not line.startswith(">"))
    found = words.search(own) if words and not letter.has_files else None
    if found:
        yield gettext("You write “%(word)s”, but no file goes along.") % {"word": found[0]}


def _strangers(ticket: Ticket, letter: Draughted) -> Iterator[str]:
    """Find copies to people who have had nothing to do with the request, nor work here."""
    wanted = {normalise(each): each for each in (*letter.cc, *letter.bcc)}
    if not wanted:
        return
    known = _of_thread(ticket) | _of_house(ticket, wanted)
    for address, typed in wanted.items():
        if address not in known:
            yield gettext("%(address)s has had no part in this request so far.") % {
                "address": typed
            }


def _of_thread(ticket: Ticket) -> set[str]:
    """Return the addresses of everybody who takes part, or wrote or got a mail of the request."""
    articles = Article.objects.filter(ticket=ticket, is_withdrawn=False)
    found = set[str]()
    for sender, reply, to, cc in articles.values_list("from_address", "reply_address", "to", "cc"):
        found |= {sender, reply, *_emails(to), *_emails(cc)}
    points = ContactPoint.objects.filter(
        Q(citizen__participations__ticket=ticket) | Q(citizen=ticket.citizen_id),
        kind=ContactKind.MAIL,
    )
    found |= set(points.values_list("value", flat=True))
    return {normalise(address) for address in found if address}


def _emails(people: Iterable[dict[str, str]]) -> Iterator[str]:
    return (person.get("email", "") for person in people)


def _of_house(ticket: Ticket, wanted: Iterable[str]) -> set[str]:
    """Return those of ``wanted`` that are colleagues: they work here, or share our domain."""
    staff = User.objects.filter(authority_id=ticket.authority_id, email__in=wanted)
    senders = Sender.objects.filter(authority_id=ticket.authority_id)
    domains = {
        email.rpartition("@")[2].lower() for email in senders.values_list("email", flat=True)
    }
    ours = {address for address in wanted if address.rpartition("@")[2] in domains}
    return ours | {normalise(email) for email in staff.values_list("email", flat=True)}


def _other_citizens(ticket: Ticket, user: User, letter: Draughted) -> Iterator[str]:
    """Find a second citizen who would see the words and the address of the first."""
    if not letter.cc:
        return
    wanted = [normalise(each) for each in letter.cc]
    others = known_citizens(user).filter(
        contact_points__kind=ContactKind.MAIL, contact_points__normalised__in=wanted
    )
    names = list(others.exclude(tickets=ticket).values_list("name", flat=True))
    if names:
        yield gettext(
            "%(name)s is another citizen: both see each other's address, and the words that are "
            "quoted. Bcc, or an answer of its own, keeps them apart."
        ) % {"name": names[0] or letter.cc[0]}


def _foreign_modules(ticket: Ticket, text: str, language: str) -> Iterator[str]:
    """Find the wording of a text module in another language than the citizen's."""
    answer = _flat(text)
    modules = modules_for_team(authority_id=ticket.authority_id, team_id=ticket.team_id)
    for module in modules:
        texts = {each.language: each.body for each in module.texts.all()}
        for other in texts.keys() - {language}:
            if _stands_in(texts[other], answer) and not _stands_in(texts.get(language, ""), answer):
                yield gettext(
                    "The text module “%(title)s” is in %(language)s, but the citizen gets this "
                    "answer in %(wanted)s."
                ) % {
                    "title": module.title,
                    "language": Language(other).label,
                    "wanted": Language(language).label,
                }
                return


def _stands_in(body: str, answer: str) -> bool:
    """Tell whether a line of a wording stands in the answer, one without placeholders."""
    lines = (_flat(line) for line in body.splitlines() if "{{" not in line)
    return any(len(line) >= TELLING and line in answer for line in lines)
