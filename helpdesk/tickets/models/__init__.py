"""The tables of requests."""

from helpdesk.tickets.models.article import (
    Article,
    ArticleDraft,
    Attachment,
    DraftFile,
    DraftKind,
    MessageReference,
)
from helpdesk.tickets.models.bulk import BulkItem, BulkJob
from helpdesk.tickets.models.category import Category, CategoryWords, PlaceNeed, Purpose
from helpdesk.tickets.models.rating import Rating
from helpdesk.tickets.models.ticket import (
    NumberSeries,
    Participant,
    Ticket,
    TicketLink,
    TicketSeen,
)
from helpdesk.tickets.models.watching import Mention, Watcher

__all__ = [
    "Article",
    "ArticleDraft",
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
    "Participant",
    "PlaceNeed",
    "Purpose",
    "Rating",
    "Ticket",
    "TicketLink",
    "TicketSeen",
    "Watcher",
]
