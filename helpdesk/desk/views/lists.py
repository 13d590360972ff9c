"""Lists of tickets: each is an address with its filters, fifty rows a page."""

from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET

from helpdesk.desk.agent import agent_of
from helpdesk.desk.ahead import allow_ahead
from helpdesk.desk.beside import COLUMNS as BESIDE_COLUMNS
from helpdesk.desk.beside import OPEN
from helpdesk.desk.choosing import bulk_questions
from helpdesk.desk.filter_bar import bar_of, fields_of, suggest
from helpdesk.desk.listing import MENTIONED, TEAM_PREFIX, WATCHED, Listing, read_listing
from helpdesk.desk.looks import columns_of, looks_context
from helpdesk.desk.numbers import read_id
from helpdesk.desk.shell import cached_counts, cached_frame, shell
from helpdesk.desk.views.search import show_hit, show_search
from helpdesk.desk.walk import remember_walk
from helpdesk.notifications.queries import own_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.queries import PAGE, Row, next_due, read_rows, rows_of
from helpdesk.tickets.rules import readable_teams, scope_of

LAST_PAGE = 10_000
# So far a list is counted; nobody reads on to there.
COUNTED = 1_000
MANY_SECONDS = 300


class _Known(Paginator[Row]):
    """A paginator over rows that have been counted, or as far as anybody would leaf, already."""

    def __init__(self, count: int) -> None:
        """Take how many rows there are."""
        super().__init__([], PAGE)
        self._count = count

    @cached_property
    def count(self) -> int:
        """Return how many there are."""
        return self._count


def page_of(listing: Listing, number: str | None) -> Page[Row]:
    """Return one page of rows; it is counted only where they do not say by themselves."""
    wanted = min(read_id(number or "") or 1, LAST_PAGE)
    found = _read(listing, wanted)
    if not found and wanted > 1:
        wanted = _Known(_count(listing)).num_pages
        found = _read(listing, wanted)
    before = (wanted - 1) * PAGE
    seen = before + len(found)
    count = max(_count(listing), seen) if len(found) > PAGE else seen
    return Page(found[:PAGE], wanted, _Known(count))


def _is_counted_up_to_a_limit(listing: Listing) -> bool:
    return not listing.is_plain or listing.view.count is None


def _count(listing: Listing) -> int:
    """Return how many there are: as the navigation says, or counted up to a limit."""
    if listing.is_plain and listing.view.count is not None:
        return listing.view.count(cached_counts(listing.user))
    # What has ended is there to stay: once there are that many, nobody counts them for a while.
    key = _many_key(listing) if listing.is_plain and listing.view.is_done else ""
    if key and cache.get(key):
        return COUNTED
    count = listing.tickets().order_by()[:COUNTED].count()
    if key and count >= COUNTED:
        cache.set(key, True, MANY_SECONDS)
    return count


def _many_key(listing: Listing) -> str:
    teams = ".".join(map(str, scope_of(listing.user).team_ids))
    return f"desk-many:{listing.user.pk}:{listing.view.slug}:{teams}"


def _read(listing: Listing, number: int) -> list[Row]:
    """Return the rows of a page and one more, if there is any."""
    view, order, start = listing.view, listing.order(), (number - 1) * PAGE
    if listing.is_plain:
        values = view.values
        return read_rows(listing.user, view.part, order, offset=start, limit=PAGE + 1, **values)
    tickets = listing.tickets().order_by(*order)
    return rows_of(listing.user, tickets[start : start + PAGE + 1])


@require_GET
@staff_required
def home(_request: HttpRequest) -> HttpResponse:
    """Start where nobody has taken the work yet."""
    return redirect("desk:list", slug="unassigned")


@require_GET
@staff_required
def ticket_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one list."""
    user = agent_of(request)
    listing = read_listing(user, slug, request.GET)
    if listing.view.is_search:
        return show_search(request, listing)
    page = page_of(listing, request.GET.get("page"))
    rows = page.object_list
    before = (page.number - 1) * PAGE
    numbers = [row.number for row in rows]
    title = listing.view.title
    remember_walk(user, slug, numbers, query=listing.query, before=before, title=title)
    context = {
        **shell(request, slug),
        **bar_of(listing),
        **looks_context(user, listing.view),
        "page": page,
        "next_url": listing.page(page.number + 1) if page.has_next() else "",
        "previous_url": listing.page(page.number - 1) if page.has_previous() else "",
        "is_capped": _is_counted_up_to_a_limit(listing) and page.paginator.count >= COUNTED,
        "rows": rows,
        "unread": sum(row.is_unread for row in rows),
        "row_url": listing.row_address,
        "bulk_questions": bulk_questions(),
    }
    if not rows and not listing.is_changed and not listing.of_ended:
        context["next_due"] = next_due(user)
    return allow_ahead(render(request, "desk/list.html", context))


@require_GET
@staff_required
def filter_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all filters of a list as a form that leads to it."""
    listing = read_listing(agent_of(request), slug, request.GET)
    context = {
        **shell(request, slug),
        "view": listing.view,
        "listing": listing,
        "fields": fields_of(listing),
    }
    return render(request, "desk/filter.html", context)


@require_GET
@staff_required
def filter_suggestions(request: HttpRequest, slug: str) -> JsonResponse:
    """Return what the list could be filtered by after some letters."""
    listing = read_listing(agent_of(request), slug, request.GET)
    return JsonResponse({"results": suggest(listing, request.GET.get("q", ""))})


@require_GET
@staff_required
def ticket_row(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Return one row for a live change: 204 if it no longer belongs in the list."""
    user = agent_of(request)
    listing = read_listing(user, request.GET.get("view", "all"), request.GET)
    if listing.view.is_search:
        return show_hit(request, listing, ticket_id)
    rows = rows_of(user, listing.tickets().filter(pk=ticket_id))
    if not rows:
        return HttpResponse(status=204)
    beside = request.GET.get(OPEN, "")
    columns = BESIDE_COLUMNS if beside else columns_of(user, listing.view)
    context = {"rows": rows, "view": listing.view, "columns": columns, "beside": beside}
    return render(request, "desk/parts/row_fragment.html", context)


@require_GET
@staff_required
def counts(request: HttpRequest) -> JsonResponse:
    """Return the navigation's counts by slug."""
    user = agent_of(request)
    frame, own = cached_frame(user), own_of(user)
    found = frame.counts
    teams = {
        f"{TEAM_PREFIX}{team.slug}": found.teams.get(team.pk, 0) for team in readable_teams(user)
    }
    views = {
        "mine": found.mine,
        "unassigned": found.unassigned,
        "due": found.due_today,
        "all": found.total,
        # Never from the kept frame: the bell rings at the moment.
        "notices": own.requests,
        MENTIONED: own.mentioned,
        WATCHED: own.watched,
    }
    saved = {line.slug: line.count for line in frame.saved if line.count is not None}
    return JsonResponse(views | teams | saved)
