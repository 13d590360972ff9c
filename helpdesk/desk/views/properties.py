"""Properties of a ticket, each saved at once by its door."""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from helpdesk.agents.models import AfterSend, User
from helpdesk.citizens.domain.kept import SECONDS as KEPT_SECONDS
from helpdesk.desk.agent import agent_of
from helpdesk.desk.later import NoMomentError, read_moment
from helpdesk.desk.numbers import read_id
from helpdesk.desk.sheets import in_view
from helpdesk.desk.shell import forget_counts
from helpdesk.desk.undoing import SAID, change_offer, keep_for_page, offer, toast_of
from helpdesk.desk.views.parting import link_undo_url
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.desk.walk import find_place, way_back
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain import assign as doors
from helpdesk.tickets.domain.delivery import allow_mail_again
from helpdesk.tickets.domain.forwarded import take_over_author
from helpdesk.tickets.domain.link import link_tickets, unlink_tickets
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.merge import (
    CannotMergeError,
    OtherPersonError,
    unmerge_ticket,
)
from helpdesk.tickets.domain.state import StatusNotAllowedError, change_status
from helpdesk.tickets.domain.status_link import hand_out_code, renew_link
from helpdesk.tickets.domain.tags import NoTagError, TooManyTagsError, change_tags
from helpdesk.tickets.domain.taking_back import (
    ChangedSinceError,
    OverError,
    keep_what_changes,
    take_back_kept,
)
from helpdesk.tickets.domain.trash import (
    CannotTrashError,
    NotInTrashError,
    restore_ticket,
    trash_ticket,
)
from helpdesk.tickets.domain.watch import unwatch_ticket, watch_ticket
from helpdesk.tickets.enums import Outcome, Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import by_number_or_reference, visible_to

WAITS_FOR = {"citizen": Status.WAITING_CITIZEN, "third": Status.WAITING_THIRD}
MAX_TYPED = 40
MAX_TAGGED = 400


def _number(value: str) -> int | None:
    """Return the chosen id, None for "nobody"; anything else is not there."""
    number = read_id(value)
    if number is None and value:
        raise Http404
    return number


def _owner(request: HttpRequest, ticket: Ticket) -> None:
    owner_id = _number(request.POST.get("owner", ""))
    doors.assign(ticket_id=ticket.pk, user=agent_of(request), owner_id=owner_id)


def _mine(request: HttpRequest, ticket: Ticket) -> None:
    user = agent_of(request)
    doors.assign(ticket_id=ticket.pk, user=user, owner_id=user.pk)


def _team(request: HttpRequest, ticket: Ticket) -> None:
    team_id = _number(request.POST.get("team", ""))
    doors.assign(
        ticket_id=ticket.pk, user=agent_of(request), owner_id=ticket.owner_id, team_id=team_id
    )


def _priority(request: HttpRequest, ticket: Ticket) -> None:
    value = _number(request.POST.get("priority", ""))
    if value not in Priority.values:
        raise Http404
    doors.set_priority(ticket_id=ticket.pk, user=agent_of(request), priority=Priority(value))


def _category(request: HttpRequest, ticket: Ticket) -> None:
    category_id = _number(request.POST.get("category", ""))
    doors.set_category(ticket_id=ticket.pk, user=agent_of(request), category_id=category_id)


def _title(request: HttpRequest, ticket: Ticket) -> None:
    doors.rename(ticket_id=ticket.pk, user=agent_of(request), title=request.POST.get("title", ""))


def _tag(request: HttpRequest, ticket: Ticket) -> None:
    names = request.POST.get("tags", "")[:MAX_TAGGED].split(",")
    # A comma at the end is no tag without a name.
    named = [name for name in names if name.strip()] or names[:1]
    change_tags(ticket_id=ticket.pk, user=agent_of(request), add=named)


def _untag(request: HttpRequest, ticket: Ticket) -> None:
    name = request.POST.get("tags", "")
    change_tags(ticket_id=ticket.pk, user=agent_of(request), remove=[name])


def _resolve(request: HttpRequest, ticket: Ticket) -> None:
    outcome = request.POST.get("outcome", Outcome.ANSWERED)
    change_status(ticket_id=ticket.pk, user=agent_of(request), to=Status.RESOLVED, outcome=outcome)


def _spam(request: HttpRequest, ticket: Ticket) -> None:
    user = agent_of(request)
    change_status(ticket_id=ticket.pk, user=user, to=Status.RESOLVED, outcome=Outcome.SPAM)


def _trash(request: HttpRequest, ticket: Ticket) -> None:
    trash_ticket(ticket_id=ticket.pk, user=agent_of(request))


def _restore(request: HttpRequest, ticket: Ticket) -> None:
    restore_ticket(ticket_id=ticket.pk, user=agent_of(request))
    messages.success(request, gettext("Brought back from the bin, as it was."))


def _reopen(request: HttpRequest, ticket: Ticket) -> None:
    change_status(ticket_id=ticket.pk, user=agent_of(request), to=Status.OPEN)


def _wait(request: HttpRequest, ticket: Ticket) -> None:
    to = WAITS_FOR.get(request.POST.get("for", ""))
    if to is None:
        raise Http404
    when, day = request.POST.get("when", ""), request.POST.get("day", "")
    change_status(
        ticket_id=ticket.pk,
        user=agent_of(request),
        to=to,
        until=read_moment(when, day) if when or day else None,
        note=request.POST.get("note", ""),
    )


def _later(request: HttpRequest, ticket: Ticket) -> None:
    post = request.POST
    # Enter in the field of the day means the day, whichever button comes first.
    when = "day" if post.get("day") else post.get("when", "tomorrow")
    change_status(
        ticket_id=ticket.pk,
        user=agent_of(request),
        to=Status.WAITING_DATE,
        until=read_moment(when, post.get("day", "")),
        note=post.get("note", ""),
    )


def _status(request: HttpRequest, ticket: Ticket) -> None:
    to, _, outcome = request.POST.get("to", "").partition(":")
    if to not in Status.values:
        raise Http404
    if to != ticket.status or outcome:
        change_status(ticket_id=ticket.pk, user=agent_of(request), to=Status(to), outcome=outcome)


def _reachable(request: HttpRequest, ticket: Ticket) -> None:
    allow_mail_again(ticket_id=ticket.pk, user=agent_of(request))


def _link(request: HttpRequest, ticket: Ticket) -> None:
    renew_link(ticket_id=ticket.pk, user=agent_of(request))
    messages.success(
        request, gettext("The citizen's links are void. The next e-mail has a new one.")
    )


def _code(request: HttpRequest, ticket: Ticket) -> None:
    code = hand_out_code(ticket_id=ticket.pk, user=agent_of(request))
    sentence = gettext("Read out: reference %(reference)s, access code %(code)s")
    messages.success(request, sentence % {"reference": ticket.reference, "code": code})


def _author(request: HttpRequest, ticket: Ticket) -> None:
    if take_over_author(ticket_id=ticket.pk, user=agent_of(request)):
        messages.success(request, gettext("Answers now go to the author of the mail passed on."))


class UnknownNumberError(Exception):
    """No request that this agent may see has the number that was typed."""


def _other(request: HttpRequest) -> Ticket:
    typed = request.POST.get("other", "")[:MAX_TYPED]
    found = by_number_or_reference(agent_of(request), typed).first()
    if found is None:
        raise UnknownNumberError
    return found


def _unmerge(request: HttpRequest, ticket: Ticket) -> None:
    unmerge_ticket(ticket_id=ticket.pk, user=agent_of(request))
    messages.success(request, gettext("The two requests are apart again."))


def _connect(request: HttpRequest, ticket: Ticket) -> None:
    other, user = _other(request), agent_of(request)
    key = link_tickets(ticket_id=ticket.pk, other_id=other.pk, user=user)
    said = gettext("Linked with %(number)s.") % {"number": other.number[5:]}
    _offer_links_back(request, ticket, said, key)


def _disconnect(request: HttpRequest, ticket: Ticket) -> None:
    other, user = _other(request), agent_of(request)
    key = unlink_tickets(ticket_id=ticket.pk, other_id=other.pk, user=user)
    said = gettext("No longer linked with %(number)s.") % {"number": other.number[5:]}
    _offer_links_back(request, ticket, said, key)


def _offer_links_back(request: HttpRequest, ticket: Ticket, said: str, key: str) -> None:
    if key:
        undo = in_view(request, link_undo_url(ticket, key))
        keep_for_page(request, change_offer(said, undo, KEPT_SECONDS))


def _watch(request: HttpRequest, ticket: Ticket) -> None:
    watch_ticket(ticket_id=ticket.pk, user=agent_of(request))


def _unwatch(request: HttpRequest, ticket: Ticket) -> None:
    unwatch_ticket(ticket_id=ticket.pk, user=agent_of(request))


CHANGES: dict[str, Callable[[HttpRequest, Ticket], None]] = {
    "owner": _owner,
    "mine": _mine,
    "team": _team,
    "priority": _priority,
    "category": _category,
    "title": _title,
    "tag": _tag,
    "untag": _untag,
    "resolve": _resolve,
    "spam": _spam,
    "trash": _trash,
    "restore": _restore,
    "reopen": _reopen,
    "wait": _wait,
    "status": _status,
    "later": _later,
    "reachable": _reachable,
    "link": _link,
    "code": _code,
    "author": _author,
    "watch": _watch,
    "unwatch": _unwatch,
    "unmerge": _unmerge,
    "connect": _connect,
    "disconnect": _disconnect,
}
LEAVES_THE_LIST = frozenset({"resolve", "later", "spam", "trash"})
# What may stand in the way of a change → what the agent reads
REFUSALS: dict[type[Exception], str] = {
    doors.CannotWorkOnItError: gettext_noop("This person can't read requests of that team."),
    StatusNotAllowedError: gettext_noop("This status can't follow the present one."),
    UnknownNumberError: gettext_noop("There is no request with this number that you can see."),
    CannotMergeError: gettext_noop("These two can't be merged: one of them is merged already."),
    OtherPersonError: gettext_noop(
        "These requests are of different people, who would read each other's words. "
        "Link them instead."
    ),
    CannotTrashError: gettext_noop("This request can't be put into the bin."),
    NotInTrashError: gettext_noop("This request is not in the bin any more."),
    NoMomentError: gettext_noop("Choose a day to come, within a year."),
    NoTagError: gettext_noop("A tag needs a word of letters or digits."),
    TooManyTagsError: gettext_noop("A request can have at most 20 tags: remove one first."),
    ValueError: gettext_noop("A request needs a title."),
}


@require_POST
@staff_required
def change(request: HttpRequest, number: str, what: str) -> HttpResponse:
    """Change one property: a page for a form, JSON for the script that saves at once."""
    ticket = find_ticket(request, number)
    if what not in CHANGES:
        raise Http404
    refusal = key = ""
    try:
        key = _change(request, ticket, what)
    except TicketNotThereError as error:
        raise Http404 from error
    except tuple(REFUSALS) as error:
        refusal = gettext(REFUSALS[type(error)])
    forget_counts(agent_of(request))
    if refusal:
        return _refused(request, ticket, refusal)
    offered = offer(ticket, what, key, view_of(request)) if key else None
    target = _next_page(request, ticket, what)
    stays = target.startswith(reverse("desk:ticket", args=[ticket.number]))
    if _is_by_script(request) and stays:
        shown = toast_of(request, offered) if offered else ""
        return JsonResponse({"error": "", "url": "", "undo": shown})
    if offered:
        keep_for_page(request, offered)
    return (
        JsonResponse({"error": "", "url": target}) if _is_by_script(request) else redirect(target)
    )


def _change(request: HttpRequest, ticket: Ticket, what: str) -> str:
    """Do it; return the key by which it is taken back, "" where there is nothing to undo."""
    if what not in SAID:
        CHANGES[what](request, ticket)
        return ""
    return keep_what_changes(
        ticket_id=ticket.pk,
        user=agent_of(request),
        change=lambda locked: CHANGES[what](request, locked),
    )


def _is_by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _refused(request: HttpRequest, ticket: Ticket, refusal: str) -> HttpResponse:
    if _is_by_script(request):
        return JsonResponse({"error": refusal, "url": ""}, status=422)
    messages.error(request, refusal)
    return redirect(page_of(ticket, view_of(request)))


@require_POST
@staff_required
def undo(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Take back a change of one's own; 409 when it is over or somebody has changed it since."""
    try:
        ticket = take_back_kept(number=number, user=agent_of(request), key=key)
    except OverError:
        find_ticket(request, number)
        return _too_late(request, number)
    except TicketNotThereError as error:
        raise Http404 from error
    except ChangedSinceError:
        return _too_late(request, number)
    forget_counts(agent_of(request))
    target = page_of(ticket, view_of(request))
    if _is_by_script(request):
        return JsonResponse({"url": target})
    messages.success(request, gettext("Undone."))
    return redirect(target)


def _too_late(request: HttpRequest, number: str) -> HttpResponse:
    if _is_by_script(request):
        return HttpResponse(status=HTTPStatus.CONFLICT)
    messages.error(request, gettext("Not undone: it was changed since."))
    return redirect("desk:ticket", number=number)


def _next_page(request: HttpRequest, ticket: Ticket, what: str) -> str:
    view = view_of(request)
    still_there = visible_to(agent_of(request)).filter(pk=ticket.pk).exists()
    if view and what in LEAVES_THE_LIST:
        return _following(agent_of(request), ticket, view)
    if view and not still_there:
        return way_back(agent_of(request), view)
    if not still_there:
        return reverse("desk:home")
    return page_of(ticket, view_of(request))


def _following(user: User, ticket: Ticket, view: str) -> str:
    """Return where the list goes on: at its next request, unless the profile says otherwise."""
    place = find_place(user, view, ticket.number)
    if user.after_send == AfterSend.NEXT and place and place.next:
        return f"{reverse('desk:ticket', args=[place.next])}?view={view}"
    return way_back(user, view)
