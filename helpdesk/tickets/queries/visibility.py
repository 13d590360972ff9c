"""Which tickets somebody may know of; everything else is read through these."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet

from helpdesk.agents.models import User
from helpdesk.events.models import Seal
from helpdesk.tickets import facts
from helpdesk.tickets.enums import ENDED, Outcome, Status
from helpdesk.tickets.models import Attachment, NumberSeries, Ticket
from helpdesk.tickets.models.ticket import FINISHED, UNFINISHED
from helpdesk.tickets.references import read_number, read_reference
from helpdesk.tickets.rules import tickets_with


def _has_status(statuses: Iterable[str]) -> Func:
    """Return the condition of a partial index, word for word.

    Only then SQLite uses that index: it can't tell that bound values mean the same.
    """
    listed = ", ".join(f"'{status}'" for status in statuses)
    return Func(F("status"), template=f"%(expressions)s IN ({listed})", output_field=BooleanField())


def visible_to(user: User) -> QuerySet[Ticket]:
    """Return every ticket ``user`` may know of; a foreign one is as if it were not there."""
    return tickets_with(user, "can_read")


def answerable_by(user: User) -> QuerySet[Ticket]:
    """Return the tickets ``user`` may answer."""
    return tickets_with(user, "can_answer")


def with_relations(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Join what a ticket's page names."""
    return tickets.select_related(
        "authority", "team", "owner", "category__parent", "citizen", "sender"
    )


def ticket_by_number(user: User, number: str) -> Ticket | None:
    """Return the visible ticket of this number with what its page shows, or None."""
    return with_relations(visible_to(user)).filter(number=number).first()


def by_number_or_reference(user: User, text: str) -> QuerySet[Ticket]:
    """Return the visible tickets that a typed number or reference names, the newest first.

    Both are read as people write them; a number without its year may name one of each year.
    """
    number = read_number(text)
    wanted = Q(pk__in=())
    if number:
        wanted |= Q(number__in=[number] if number[0] != "-" else _in_each_year(user, number))
    reference = read_reference(text, prefix=user.authority.reference_prefix)
    if reference:
        wanted |= Q(reference=reference)
    return visible_to(user).filter(wanted).order_by("-id")


def _in_each_year(user: User, ending: str) -> list[str]:
    """Return the whole numbers with this ending: an index finds those, not what ends like it."""
    series = NumberSeries.objects.filter(authority_id=user.authority_id)
    return [f"{year}{ending}" for year in series.values_list("year", flat=True)]


def unfinished(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Keep the tickets somebody still has to work on."""
    return tickets.filter(_has_status(UNFINISHED))


def ended(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Keep the tickets nobody has to work on any more."""
    return tickets.filter(_has_status(FINISHED))


def spamless(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Leave out what was ended as spam: it stands in a list of its own."""
    return tickets.exclude(outcome=Outcome.SPAM)


def spam_tickets(user: User) -> QuerySet[Ticket]:
    """Return the visible tickets that somebody ended as spam, the last first."""
    return ended(visible_to(user)).filter(outcome=Outcome.SPAM).order_by("-active_at", "-id")


def is_ended(ticket: Ticket) -> bool:
    """Tell whether nobody has to work on a ticket any more."""
    return Status(ticket.status) in ENDED


def attachments_visible_to(user: User) -> QuerySet[Attachment]:
    """Return the files of visible tickets; those of a withdrawn article are not there."""
    return Attachment.objects.filter(
        article__ticket__in=visible_to(user), article__is_withdrawn=False
    ).select_related("file")


def facts_between(after: int, upto: int) -> QuerySet[Any, Any]:
    """Return number, kind and id of the subject of all facts behind ``after`` up to ``upto``.

    Nothing else is asked, so that both engines walk the numbers and no more than those.
    """
    seals = Seal.objects.filter(seq__gt=after, seq__lte=upto).order_by("seq")
    return seals.values_list("seq", "event__subject_kind", "event__subject_id")


def events_visible_to(
    user: User, *, after: int, upto: int, limit: int, ticket_id: int | None = None
) -> list[Seal]:
    """Return the first facts about visible tickets behind ``after`` and up to ``upto``."""
    rows = [
        (seq, subject)
        for seq, kind, subject in facts_between(after, upto)
        if kind == facts.SUBJECT and ticket_id in {None, subject}
    ]
    asked = {subject for _, subject in rows}
    visible = set(visible_to(user).filter(pk__in=asked).values_list("pk", flat=True))
    wanted = [seq for seq, subject in rows if subject in visible][:limit]
    seals = Seal.objects.filter(seq__in=wanted).select_related("event__payload")
    return list(seals.order_by("seq"))
