"""At which answer a report was begun: the knowledge base learns which ones leave questions."""

from typing import Any

from django.http import HttpRequest

from helpdesk.lib.figures import is_figure
from helpdesk.portal.report.state import Report
from knowledgebase.viewcount import led_on

FIELD = "answer"
ASKED = "antwort"


def begun_at(request: HttpRequest) -> dict[str, Any]:
    """Return what a draft keeps of the answer whose link was followed; often nothing."""
    key = request.GET.get(ASKED, "")
    return {FIELD: int(key)} if is_figure(key, 9) else {}


def count_begun(report: Report) -> None:
    """Count a report that was sent for the answer at which it was begun."""
    key = report.data.get(FIELD)
    if isinstance(key, int):
        led_on.add(key)
