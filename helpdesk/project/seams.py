"""Where lower rooms are told what upper rooms know, without importing them."""

from channels_in.accounts import mailboxes_of_team
from channels_in.filters.doors import filters_of_team
from channels_in.originals import original_headers
from helpdesk.agents.hindrances import register_hindrance
from helpdesk.search.document import register_source
from helpdesk.tickets.documents import TicketSource
from helpdesk.tickets.domain.categories import open_tickets_of_team, topics_of_team
from helpdesk.tickets.originals import register_original_headers
from knowledgebase.documents import PublicSource, StaffSource, WorkingSource


def join() -> None:
    """Register everything; a second call changes nothing."""
    for question in (open_tickets_of_team, topics_of_team, mailboxes_of_team, filters_of_team):
        register_hindrance(question)
    register_original_headers(original_headers)
    for source in (TicketSource(), PublicSource(), StaffSource(), WorkingSource()):
        register_source(source)
