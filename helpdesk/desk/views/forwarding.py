"""Two more texts of the composer: messages forwarded to somebody outside, and a call noted."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from helpdesk.desk.agent import agent_of
from helpdesk.desk.callers import Chosen
from helpdesk.desk.composing import Composed
from helpdesk.desk.forms.note import NoteForm
from helpdesk.desk.noting import inbound_of
from helpdesk.desk.numbers import read_id
from helpdesk.desk.views.compose import (
    NotReadyError,
    demand_ready,
    lead_to,
    save_form,
    sent,
    ticket_address,
)
from helpdesk.desk.views.ticket import view_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.addressees import TooManyCopiesError
from helpdesk.tickets.domain.call_notes import take_note
from helpdesk.tickets.domain.forward import (
    Forward,
    HiddenDataError,
    NoRecipientError,
    TooLargeError,
    forward_messages,
)
from helpdesk.tickets.domain.letters import NoSenderError
from helpdesk.tickets.domain.state import StatusNotAllowedError
from helpdesk.tickets.domain.writing import EmptyTextError, GoneError, form_name
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.models import DraftKind

# What may stand in the way of forwarding → what its writer reads
NOT_FORWARDED: dict[type[Exception], str] = {
    GoneError: gettext_noop("Nothing is written here any more."),
    EmptyTextError: gettext_noop("Choose messages or files to forward, or write something."),
    NoRecipientError: gettext_noop(
        "Write an address outside. One of our own mailboxes is none: move the request to its team."
    ),
    NoSenderError: gettext_noop("No sender is set up for this team."),
    TooLargeError: gettext_noop(
        "Together these files are too large for an e-mail: 12 MB at most. Choose fewer."
    ),
    TooManyCopiesError: gettext_noop("Forward to at most 20 addresses at once."),
}
NOT_NOTED: dict[type[Exception], str] = {
    EmptyTextError: gettext_noop("Write down what was said."),
    StatusNotAllowedError: gettext_noop("This status can't follow the present one."),
}


@require_http_methods(["GET", "POST"])
@staff_required
def forward(request: HttpRequest, number: str) -> HttpResponse:
    """Forward messages and files to somebody outside."""

    def write(composed: Composed) -> HttpResponse:
        demand_ready(composed)
        chosen = Forward(
            ticket_id=composed.ticket.pk,
            to=composed.addresses("to"),
            text=composed.body,
            form_key=composed.form_key,
            article_ids=_ids(composed, "articles"),
            attachment_ids=_ids(composed, "attachments"),
            files=composed.inbound(),
            is_marked=True,
        )
        try:
            article = forward_messages(forward=chosen, user=agent_of(request))
        except HiddenDataError as error:
            sentence = gettext(
                "“%(name)s” can't be freed of hidden data such as the place where it was taken. "
                "Take it out, or download it and add it as a file of your own."
            )
            raise NotReadyError(sentence % {"name": error}) from error
        address = ticket_address(composed.ticket, view_of(request))
        return sent(request, article, address, said=gettext("Forwarded."))

    return save_form(request, number, DraftKind.FORWARD, write, NOT_FORWARDED)


def _ids(composed: Composed, name: str) -> tuple[int, ...]:
    return tuple(key for each in composed.boxes[name] if (key := read_id(each)) is not None)


@require_http_methods(["GET", "POST"])
@staff_required
def call_here(request: HttpRequest, number: str) -> HttpResponse:
    """Note a call about this request, and what becomes of it."""

    def write(composed: Composed) -> HttpResponse:
        user, ticket = agent_of(request), composed.ticket
        form = _note_form(request, composed)
        if not form.is_valid():
            raise NotReadyError(" ".join(str(each[0]) for each in form.errors.values()))
        chosen = Chosen(ticket=ticket, citizen=ticket.citizen)
        inbound = inbound_of(user, form, chosen, topics=[])
        key = form_name(DraftKind.CALL, ticket.pk, user, composed.form_key)
        take_note(
            inbound=replace(inbound, request_key=key, files=composed.inbound()),
            decision=form.decision(),
            user=user,
            is_marked=True,
        )
        return lead_to(request, ticket_address(ticket, view_of(request)))

    return save_form(request, number, DraftKind.CALL, write, NOT_NOTED)


def _note_form(request: HttpRequest, composed: Composed) -> NoteForm:
    """Return the form of a call with what the composer's pane holds of it."""
    given = request.POST
    names = ("result", "callback_on", "callback_at", "callback_phone")
    values = {name: given.get(name, "") for name in names}
    values |= {
        "channel": Channel.PHONE.value,
        "note": composed.body,
        "request_key": composed.form_key or "-",
    }
    return NoteForm(values, topics=(), teams=())
