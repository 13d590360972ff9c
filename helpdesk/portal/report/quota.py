"""How much may come from one network, so that a flood stays a trickle.

The town hall's own terminals (``KIOSK_NETWORKS``) are counted with everybody, but not
one by one: many citizens share them.
"""

from django.conf import settings
from django.http import HttpRequest

from helpdesk.lib.limits import Limit, spend
from helpdesk.lib.network import belongs_to, client_address, network_of

HOUR, DAY = 3600, 24 * 3600
# Beginning costs a row, so it is bounded too; many begin and never send.
DRAFTS_PER_HOUR = 120
# In kilobytes: some thirty reports with five photos as telephones take them.
UPLOADS_PER_HOUR = 500_000
UPLOADS_PER_DAY = 2_000_000
# A small file may hold a picture that takes as long to decode as a large one.
LEAST_UPLOAD = 500


def spend_report(request: HttpRequest) -> int:
    """Count one report that is sent; return 0, or the seconds to wait."""
    hour, day, everybody = settings.REPORT_LIMITS
    return spend(
        [
            *_by_network(request, "report", {HOUR: hour, DAY: day}),
            Limit("report:all", everybody, DAY),
        ]
    )


def spend_draft(request: HttpRequest) -> int:
    """Count one draft that is begun; return 0, or the seconds to wait."""
    return spend(_by_network(request, "draft", {HOUR: DRAFTS_PER_HOUR}))


def spend_upload(request: HttpRequest, size: int) -> int:
    """Count bytes that are uploaded; return 0, or the seconds to wait."""
    limits = _by_network(request, "upload", {HOUR: UPLOADS_PER_HOUR, DAY: UPLOADS_PER_DAY})
    return spend(limits, units=max(LEAST_UPLOAD, size // 1000))


def _by_network(request: HttpRequest, what: str, amounts: dict[int, int]) -> list[Limit]:
    address = client_address(request.META, behind_proxy=settings.TRUSTED_PROXY)
    if belongs_to(address, settings.KIOSK_NETWORKS):
        return []
    network = network_of(address)
    return [Limit(f"{what}:{network}", amount, span) for span, amount in amounts.items()]
