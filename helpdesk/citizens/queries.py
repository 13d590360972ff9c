"""Reads of the people who ask."""

from django.db.models import Exists, OuterRef, QuerySet

from helpdesk.citizens.models import Citizen, SearchTerm
from helpdesk.lib.terms import asked_terms

# Beyond so many, the first letters say too little; whoever types on is shown the rest.
CANDIDATES = 1000


def matching(authority_id: int, typed: str) -> QuerySet[Citizen]:
    """Return citizens of an authority whose terms begin with each word of ``typed``.

    Whom of them a user may know of is for the caller to say. What is too short finds nobody.
    """
    asked = sorted(asked_terms(typed), key=len, reverse=True)
    if not asked:
        return Citizen.objects.none()
    longest, *others = asked
    by_index = SearchTerm.objects.filter(authority_id=authority_id, term__begins=longest)
    found = Citizen.objects.filter(pk__in=by_index.values("citizen_id")[:CANDIDATES])
    for word in others:
        also = SearchTerm.objects.filter(citizen=OuterRef("pk"), term__begins=word)
        found = found.filter(Exists(also))
    return found
