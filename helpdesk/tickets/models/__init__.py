"""The tables of requests."""

from helpdesk.tickets.models.article import (
    Article,
    ArticleDraft,
    Attachment,
    DraftFile,
    DraftKind,
    MessageReference,
)
from helpdesk.tickets.models.aside import Aside
from helpdesk.tickets.models.bulk import BulkItem, BulkJob
from helpdesk.tickets.models.category import Category, CategoryWords, PlaceNeed, Purpose
from helpdesk.tickets.models.office import Office
from helpdesk.tickets.models.rating import Rating
from helpdesk.tickets.models.tag import MAX_TAG, Tag, TicketTag
from helpdesk.tickets.models.ticket import (
    NumberSeries,
    Participant,
    Ticket,
    TicketLink,
    TicketSeen,
)
from helpdesk.tickets.models.watching import Mention, Watcher

__all__ = [
    "MAX_TAG",
    "Article",
    "ArticleDraft",
    "Aside",
    "Attachment",
    "BulkItem",
    "BulkJob",
    "Category",
    "CategoryWords",
    "DraftFile",
    "DraftKind",
    "Mention",
    "MessageReference",
    "NumberSeries",
    "Office",
    "Participant",
    "PlaceNeed",
    "Purpose",
    "Rating",
    "Tag",
    "Ticket",
    "TicketLink",
    "TicketSeen",
    "TicketTag",
    "Watcher",
]
