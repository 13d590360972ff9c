"""Where lower rooms are told what upper rooms know, without importing them."""

from channels_in.accounts import mailboxes_of_team
from helpdesk.agents.hindrances import register_hindrance
from helpdesk.search.document import register_source
from helpdesk.tickets.documents import TicketSource
from helpdesk.tickets.domain.categories import open_tickets_of_team, topics_of_team
from knowledgebase.documents import PublicSource, StaffSource, WorkingSource


def join() -> None:
    """Register everything; a second call changes nothing."""
    for question in (open_tickets_of_team, topics_of_team, mailboxes_of_team):
        register_hindrance(question)
    for source in (TicketSource(), PublicSource(), StaffSource(), WorkingSource()):
        register_source(source)
