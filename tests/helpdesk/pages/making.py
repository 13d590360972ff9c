"""What the tests of this room share."""

from datetime import date

from helpdesk.pages.domain.statement import BarrierDetails, StatementDetails
from helpdesk.pages.enums import Conformance, Method, Reason

STATEMENT = StatementDetails(
    conformance=Conformance.PARTLY,
    method=Method.SELF,
    assessed_on=date(2026, 1, 12),
    enforcement="Ombudsstelle\nombudsstelle@land.example",
    email="barrierefrei@musterstadt.example",
)
BARRIER = BarrierDetails(
    what="Alte Pläne sind Bilder.",
    reason=Reason.BURDEN,
    alternative="Rufen Sie uns an.",
    what_en="Old plans are pictures.",
    alternative_en="Phone us.",
)
