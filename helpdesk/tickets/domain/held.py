"""What a virus scanner found, told to the requests that hold the file."""

from django.db import transaction

from helpdesk.events.publish import SYSTEM
from helpdesk.files.models import ScanState
from helpdesk.files.scan import Finding, scan_waiting, set_state
from helpdesk.tickets import facts
from helpdesk.tickets.models import Ticket


def scan_files() -> int:
    """Ask the scanner about files that wait; return how many it found harmful."""
    return sum(1 for finding in scan_waiting() if _hold(finding))


@transaction.atomic
def _hold(finding: Finding) -> bool:
    """Lock a file, and let the history of each of its requests say so."""
    set_state(stored_id=finding.stored_id, state=ScanState.HELD, note=finding.virus)
    for ticket in _tickets_with(finding.stored_id):
        facts.record(
            ticket=ticket, kind=facts.FILE_HELD, actor=SYSTEM, data={"virus": finding.virus}
        )
    return True


def _tickets_with(stored_id: int) -> list[Ticket]:
    found = Ticket.objects.filter(articles__attachments__file_id=stored_id)
    return list(found.distinct().order_by("pk"))
