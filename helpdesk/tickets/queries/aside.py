"""What was set aside beside a request."""

from helpdesk.tickets.models import Aside


def ids_aside(ticket_id: int, kind: Aside.Kind) -> list[int]:
    """Return what of a kind was set aside beside a request that its reader may see."""
    rows = Aside.objects.filter(ticket_id=ticket_id, kind=kind)
    return list(rows.values_list("other_id", flat=True))
