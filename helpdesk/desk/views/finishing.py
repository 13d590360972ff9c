"""Done, and here is how it looks: pictures and a few words end a request on the spot."""

from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from helpdesk.desk.agent import agent_of
from helpdesk.desk.enclosures import read_enclosed, take_enclosed
from helpdesk.desk.numbers import read_id
from helpdesk.desk.sending import Following, page_after
from helpdesk.desk.sheets import find_changeable, leave, sheet
from helpdesk.desk.shell import forget_counts
from helpdesk.desk.undoing import keep_for_page, offer
from helpdesk.desk.views.compose import sent
from helpdesk.desk.views.ticket import view_of
from helpdesk.desk.walk import find_place
from helpdesk.files.kept import KeptFile
from helpdesk.lib.tokens import new_nonce
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.articles import Answer, StaleAnswerError, write_answer
from helpdesk.tickets.domain.attachments import inbound_of_kept
from helpdesk.tickets.domain.finish import finish_with_note
from helpdesk.tickets.domain.greeting import Greeting, greeting_of
from helpdesk.tickets.domain.letters import NoSenderError, find_answer_address, letter_language
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError
from helpdesk.tickets.domain.taking_back import keep_what_changes
from helpdesk.tickets.domain.writing import GoneError, is_written
from helpdesk.tickets.enums import ENDED, Outcome
from helpdesk.tickets.models import Article, DraftKind, Ticket

LONGEST = 4000
KEY_LENGTH = 32
STAFF, CITIZEN = "staff", "citizen"
REFUSALS: dict[type[Exception], str] = {
    GoneError: gettext_noop("This request was merged or put into the bin meanwhile."),
    StatusNotAllowedError: gettext_noop(
        "A colleague has ended this request meanwhile, and its outcome stays. Nothing was saved or "
        "sent: open the request again first, or add your words and photos in the composer."
    ),
    NoSenderError: gettext_noop(
        "The citizen can't be told: no sender is set up for this team. Keep it for staff, "
        "or ask an administrator to add one."
    ),
}


@dataclass(slots=True)
class Finished:
    """What the sheet holds: words, pictures, who reads them, and what its writer had seen."""

    text: str = ""
    reads: str = STAFF
    form_key: str = ""
    seen: int | None = None
    files: list[KeptFile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def finish(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for pictures and words, keep them, and end the request; a refusal keeps them too."""
    ticket, gone = find_changeable(request, number)
    if request.method != "POST":
        if ticket.status in ENDED:
            raise Http404
        new = Finished(form_key=new_nonce(), seen=ticket.last_article_id)
        return _ask(request, ticket, new)
    given = _read(request, ticket)
    if gone:
        # Of the request that took this one up its page shows the newest.
        given.seen = ticket.last_article_id
    refusal = gone or _refusal(request, ticket, given)
    if refusal:
        return _ask(request, ticket, given, refusal)
    write = _to_citizen if given.reads == CITIZEN else _note
    try:
        return write(request, ticket, given)
    except TicketNotThereError as error:
        raise Http404 from error
    except StaleAnswerError as error:
        given.seen = error.newer.pk
        return _ask(request, ticket, given, newer=error.newer)
    except tuple(REFUSALS) as error:
        return _ask(request, ticket, given, gettext(REFUSALS[type(error)]))


def _read(request: HttpRequest, ticket: Ticket) -> Finished:
    """Read the sheet and store its pictures, so that none is lost whatever follows."""
    post, user = request.POST, agent_of(request)
    kept = read_enclosed(ticket, user, post.getlist("kept"))
    files, problems = take_enclosed(ticket, user, kept, request.FILES.getlist("files"))
    may_tell = can(user, "answer_ticket", ticket)
    return Finished(
        # Browsers send the end of a line as two characters, and count it as one.
        text=post.get("text", "").replace("\r\n", "\n").replace("\0", "")[:LONGEST],
        reads=CITIZEN if may_tell and post.get("reads") == CITIZEN else STAFF,
        form_key=post.get("form_key", "")[:KEY_LENGTH],
        seen=read_id(post.get("seen", "")),
        files=files,
        problems=problems,
    )


def _refusal(request: HttpRequest, ticket: Ticket, given: Finished) -> str:
    """Return what keeps the request from being ended by this, "" where nothing does."""
    if given.problems:
        return " ".join(given.problems)
    if not given.files and not given.text.strip():
        return gettext("Add a photo, or write what was done.")
    if ticket.status in ENDED and not _is_done(request, ticket, given):
        # A colleague was faster: what was typed is nowhere else.
        return gettext(REFUSALS[StatusNotAllowedError])
    return ""


def _is_done(request: HttpRequest, ticket: Ticket, given: Finished) -> bool:
    """Tell whether this sheet itself ended the request, and is only sent once more."""
    kind = DraftKind.ANSWER if given.reads == CITIZEN else DraftKind.NOTE
    user = agent_of(request)
    return is_written(ticket_id=ticket.pk, user=user, kind=kind, form_key=given.form_key)


def _note(request: HttpRequest, ticket: Ticket, given: Finished) -> HttpResponse:
    user, view = agent_of(request), view_of(request)
    after = _page_after(request, ticket)
    key = keep_what_changes(
        ticket_id=ticket.pk,
        user=user,
        change=lambda locked: finish_with_note(
            ticket_id=locked.pk,
            user=user,
            text=given.text.strip() or gettext("Done, see the photo."),
            files=tuple(inbound_of_kept(file) for file in given.files),
            form_key=given.form_key,
        ),
    )
    forget_counts(user)
    if key:
        keep_for_page(request, offer(ticket, "resolve", key, view))
    return leave(request, after)


def _to_citizen(request: HttpRequest, ticket: Ticket, given: Finished) -> HttpResponse:
    after = _page_after(request, ticket)
    article = write_answer(answer=_answer(request, ticket, given), user=agent_of(request))
    return sent(request, article, after)


def _answer(request: HttpRequest, ticket: Ticket, given: Finished) -> Answer:
    with translation.override(letter_language(ticket)):
        words = given.text.strip() or gettext("This has been done. The photo shows how it looks.")
    around: Greeting = greeting_of(ticket, agent_of(request))
    parts = (around.opening, words, around.closing)
    return Answer(
        ticket_id=ticket.pk,
        text="\n\n".join(part for part in parts if part),
        form_key=given.form_key,
        seen_article_id=given.seen,
        then=Following("resolve").status,
        outcome=Outcome.FIXED,
        files=tuple(inbound_of_kept(file) for file in given.files),
        keeps_draft=True,
        ends_open=True,
    )


def _page_after(request: HttpRequest, ticket: Ticket) -> str:
    """Return where one goes on; asked before the request leaves its list."""
    user, view = agent_of(request), view_of(request)
    place = find_place(user, view, ticket.number) if view else None
    return page_after(user, ticket, Following("resolve"), view, place)


def _ask(
    request: HttpRequest,
    ticket: Ticket,
    given: Finished,
    error: str = "",
    *,
    newer: Article | None = None,
) -> HttpResponse:
    may_tell = can(agent_of(request), "answer_ticket", ticket)
    context: dict[str, Any] = {
        "ticket": ticket,
        "sheet_name": gettext("Resolve with a photo"),
        "given": given,
        "newer": newer,
        "may_tell": may_tell,
        "recipient": find_answer_address(ticket) if may_tell else None,
        "longest": LONGEST,
        "error": error,
    }
    refused = bool(error or newer)
    return sheet(request, "desk/sheets/finish.html", context, status=422 if refused else 200)
