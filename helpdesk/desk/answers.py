"""What a citizen answered to a topic's own questions, by the edition they were asked."""

from django.utils.translation import get_language

from helpdesk.forms.models import FormVersion
from helpdesk.forms.queries import questions_of
from helpdesk.forms.validate import show_all
from helpdesk.tickets.models import Ticket


def answers_of(ticket: Ticket) -> list[tuple[str, str]]:
    """Return question and answer in the agent's language; reads nothing where there is none."""
    if not ticket.answers or ticket.form_version_id is None:
        return []
    version = FormVersion.objects.filter(pk=ticket.form_version_id).first()
    return show_all(questions_of(version), ticket.answers, get_language() or "de")
