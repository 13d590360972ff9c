"""One answer to many requests: written, looked at as three of them would get it, sent."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.choosing import Chosen, read_chosen
from helpdesk.desk.listing import read_listing
from helpdesk.desk.numbers import read_id
from helpdesk.desk.shell import shell
from helpdesk.desk.views.bulk import chosen_context, go_on, nothing_chosen, reason_word
from helpdesk.permissions.decorators import staff_required
from helpdesk.textmodules.placeholders import BY_HAND, PLACEHOLDERS
from helpdesk.tickets.domain.bulk import Wanted, start_job
from helpdesk.tickets.domain.bulk_answer import (
    LONGEST,
    MOST_ANSWERS,
    THEN,
    Letter,
    fill_in,
    newest_article,
    not_to_be_filled,
)
from helpdesk.tickets.domain.greeting import common_greeting, own_words
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import answerable_by, with_relations

OK, CONFLICT, UNPROCESSABLE_ENTITY = 200, 409, 422
PREVIEWED = 3
SEND = "send"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent: the letters that can go, and the requests left out, with the reason."""

    letters: Sequence[Letter] = ()
    left_out: Sequence[tuple[Ticket, str]] = ()

    @property
    def tickets(self) -> Sequence[Ticket]:
        """Return all that were looked at, those left out among them."""
        return [*(letter.ticket for letter in self.letters), *(each for each, _ in self.left_out)]

    @property
    def ids(self) -> list[int]:
        """Return their ids in order."""
        return sorted(ticket.pk for ticket in self.tickets)

    @property
    def first(self) -> Sequence[Letter]:
        """Return those that are shown whole."""
        return self.letters[:PREVIEWED]

    @property
    def digest(self) -> str:
        """Return what differs as soon as anybody would be sent anything else."""
        said = [(letter.ticket.pk, letter.to, letter.text) for letter in self.letters]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@require_POST
@staff_required
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Write, preview or send; whatever is in the way keeps the text.

    Sent is only what was looked at: the requests of the preview, with the words it showed.
    """
    user = agent_of(request)
    listing = read_listing(user, slug, request.GET)
    chosen = read_chosen(request, listing)
    if not chosen.ids:
        return nothing_chosen(request, listing)
    tickets = _tickets(user, chosen)
    greeting = common_greeting(tickets, user)
    typed = request.POST.get("text", greeting.text)
    text = typed.replace("\0", "").replace("\r\n", "\n")
    then = request.POST.get("then", "keep")
    step = request.POST.get("step", "")
    errors = _errors(text, own_words(text, greeting), then, chosen) if step else []
    preview = Preview()
    if step and not errors:
        preview = _preview(user, tickets, text)
        if not preview.letters:
            errors.append(gettext("None of these requests can be answered like this."))
    is_changed = request.POST.get("shown") != preview.digest
    if step == SEND and not errors and not is_changed:
        seen = read_id(request.POST.get("seen", ""))
        ids = [letter.ticket.pk for letter in preview.letters]
        wanted = Wanted("answer", then, text, seen)
        return go_on(request, start_job(user=user, wanted=wanted, ticket_ids=ids), slug)
    is_refused = step == SEND and not errors
    context: dict[str, Any] = {
        **shell(request, slug),
        # A view is read once: what comes into it later is not sent what nobody looked at.
        **chosen_context(listing, Chosen(preview.ids, is_all=False) if preview.ids else chosen),
        "text": text,
        "greeting": greeting,
        "then": then,
        "thens": _thens(),
        "errors": errors,
        "is_refused": is_refused,
        "preview": preview,
        "seen": newest_article(preview.tickets),
        "placeholders": [(key, word) for key, word in PLACEHOLDERS.items() if key not in BY_HAND],
        "longest": LONGEST,
    }
    status = UNPROCESSABLE_ENTITY if errors else CONFLICT if is_refused else OK
    return render(request, "desk/bulk_answer.html", context, status=status)


def _errors(text: str, said: str, then: str, chosen: Chosen) -> list[str]:
    """Return what has to be mended before anybody is sent anything; ``said`` beside a greeting."""
    found = []
    if not said:
        found.append(gettext("Write the answer."))
    if len(text) > LONGEST:
        found.append(gettext("The answer is too long: at most 20,000 characters."))
    if then not in THEN:
        found.append(gettext("Choose what becomes of the requests."))
    if chosen.count > MOST_ANSWERS:
        found.append(gettext("At most 200 requests can be answered at once. Narrow the list."))
    names = ", ".join(f"{{{{{name}}}}}" for name in not_to_be_filled(text))
    if names:
        found.append(
            gettext("Nobody fills in %(names)s. Write the words yourself.") % {"names": names}
        )
    return found


def _tickets(user: User, chosen: Chosen) -> list[Ticket]:
    found = with_relations(answerable_by(user)).filter(pk__in=chosen.ids[:MOST_ANSWERS])
    return list(found.order_by("id"))


def _preview(user: User, tickets: Sequence[Ticket], text: str) -> Preview:
    letters = [fill_in(ticket, user, text) for ticket in tickets]
    left_out = [(letter.ticket, _reason(letter)) for letter in letters if not letter.can_go]
    gone = {ticket.pk for ticket, _reason in left_out}
    return Preview([each for each in letters if each.ticket.pk not in gone], left_out)


def _reason(letter: Letter) -> str:
    if not letter.empty:
        return reason_word("strange" if letter.is_strange else "no_way")
    names = ", ".join(f"{{{{{name}}}}}" for name in letter.empty)
    return gettext("%(names)s is empty") % {"names": names}


def _thens() -> list[tuple[str, str]]:
    return [
        ("keep", gettext("leave as it is")),
        ("wait", gettext("wait for the citizen")),
        ("resolve", gettext("resolve as answered")),
    ]
