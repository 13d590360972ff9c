"""Tags: words that agents put on requests, the same word however it is typed."""

import unicodedata
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from helpdesk.agents.models import User
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.models import MAX_TAG, Tag, Ticket, TicketTag
from helpdesk.tickets.queries import visible_to

MAX_TAGS = 20
SUGGESTED = 8
# So many words that begin alike are looked through for those the reader may know.
LOOKED_THROUGH = 200


class TooManyTagsError(Exception):
    """A request with more words than these is found by none of them."""


class NoTagError(Exception):
    """What was typed holds no word."""


def clean_tag(typed: str) -> str:
    """Return a tag as it is shown: no #, no comma, single blanks, of bounded length."""
    text = unicodedata.normalize("NFC", typed).replace(",", " ").replace("\0", "")
    return " ".join(text.split()).lstrip("#").strip()[:MAX_TAG].strip()


def normalise_tag(name: str) -> str:
    """Return what makes two tags the same: neither case nor the way of writing ß and accents."""
    return unicodedata.normalize("NFKC", clean_tag(name)).casefold()[: MAX_TAG * 3]


def names_of(ticket: Ticket) -> list[str]:
    """Return the names of a ticket's tags, sorted."""
    return ticket.tag_line.split(",") if ticket.tag_line else []


def read_tags(typed: str) -> list[str]:
    """Return the tags in a text with commas, each once, as they are shown."""
    found = {normalise_tag(name): clean_tag(name) for name in reversed(typed.split(","))}
    return [name for name in reversed(found.values()) if name]


@transaction.atomic
def change_tags(
    *, ticket_id: int, user: User, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> Ticket:
    """Put tags on a ticket and take others away; a tag nobody used before is made.

    What is on it, or not on it, already changes nothing. Raises TicketNotThereError,
    NoTagError, TooManyTagsError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    wanted = {normalise_tag(name): name for name in names_of(ticket)}
    for name in add:
        if not normalise_tag(name):
            raise NoTagError
        wanted.setdefault(normalise_tag(name), clean_tag(name))
    for name in remove:
        wanted.pop(normalise_tag(name), None)
    if len(wanted) > MAX_TAGS:
        raise TooManyTagsError
    before = ticket.tag_line
    put_tags(ticket, wanted.values())
    if ticket.tag_line != before:
        ticket.version += 1
        ticket.save(update_fields=["tag_line", "version"])
        record_tags(ticket, user, before)
    return ticket


def put_tags(ticket: Ticket, names: Iterable[str]) -> None:
    """Make the tags of a locked ticket exactly these; the caller saves ``tag_line``."""
    wanted = {normalise_tag(name): clean_tag(name) for name in names}
    tags = _tags(ticket.authority_id, wanted)
    there = TicketTag.objects.filter(ticket=ticket)
    there.exclude(tag__in=tags).delete()
    known = set(there.values_list("tag_id", flat=True))
    TicketTag.objects.bulk_create(
        TicketTag(ticket=ticket, tag=tag) for tag in tags if tag.pk not in known
    )
    ticket.tag_line = ",".join(sorted((tag.name for tag in tags), key=normalise_tag))


def tag_new(ticket: Ticket, names: Iterable[str]) -> None:
    """Put tags on a ticket that its transaction has just made; too many are left out."""
    put_tags(ticket, read_tags(",".join(names))[:MAX_TAGS])
    Ticket.objects.filter(pk=ticket.pk).update(tag_line=ticket.tag_line)


def _tags(authority_id: int, wanted: dict[str, str]) -> list[Tag]:
    """Return the rows of these words; two who make the same at once get the same row."""
    rows = Tag.objects.filter(authority_id=authority_id, normalised__in=list(wanted))
    known = set(rows.values_list("normalised", flat=True))
    missing = [
        Tag(authority_id=authority_id, name=name, normalised=key)
        for key, name in wanted.items()
        if key not in known
    ]
    if missing:
        Tag.objects.bulk_create(missing, ignore_conflicts=True)
    return list(rows.all())


def record_tags(ticket: Ticket, user: User, before: str, *, undo: bool = False) -> None:
    """Record which tags came and went; their words are the agents', and may name somebody."""
    old, new = (set(filter(None, line.split(","))) for line in (before, ticket.tag_line))
    facts.record(
        ticket=ticket,
        kind=facts.TAGGED,
        actor=facts.by_user(user),
        data={"added": len(new - old), "removed": len(old - new)}
        | ({"undo": True} if undo else {}),
        personal={"added": sorted(new - old), "removed": sorted(old - new)},
    )


def tags_visible_to(user: User) -> QuerySet[Tag]:
    """Return the tags on requests that ``user`` may know of; what only others use is not there."""
    used = TicketTag.objects.filter(tag=OuterRef("pk"), ticket__in=visible_to(user))
    return Tag.objects.filter(Exists(used), authority_id=user.authority_id).order_by("normalised")


def suggest_tags(*, user: User, typed: str) -> list[Tag]:
    """Return tags in use among ``user``'s requests that begin as typed, by the alphabet."""
    begins = Tag.objects.filter(
        authority_id=user.authority_id, normalised__startswith=normalise_tag(typed)
    )
    looked_at = begins.order_by("normalised").values_list("pk", flat=True)[:LOOKED_THROUGH]
    return list(tags_visible_to(user).filter(pk__in=looked_at)[:SUGGESTED])
