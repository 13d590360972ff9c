"""Keeping the terms by which citizens are found while somebody types."""

from collections.abc import Callable, Iterable, Iterator

from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint, SearchTerm
from helpdesk.lib.statements import Insert
from helpdesk.lib.terms import MAX_TERMS, mail_terms, name_terms, phone_terms

TERMS: dict[str, Callable[[str], list[str]]] = {
    ContactKind.MAIL: mail_terms,
    ContactKind.PHONE: phone_terms,
    ContactKind.ADDRESS: name_terms,
}

_TERMS = Insert(SearchTerm)


def add_terms(*, citizen: Citizen, points: Iterable[ContactPoint]) -> None:
    """Write the terms of a citizen's name and these contact points; known ones stay.

    Runs in the transaction that writes the rows themselves.
    """
    _TERMS.write_missing(*terms_of(citizen, points))


def renew_terms(*, citizen: Citizen) -> None:
    """Write the terms of a citizen anew, after a name or a contact point has changed or gone."""
    SearchTerm.objects.filter(citizen=citizen).delete()
    add_terms(citizen=citizen, points=ContactPoint.objects.filter(citizen=citizen))


def terms_of(citizen: Citizen, points: Iterable[ContactPoint]) -> list[SearchTerm]:
    """Return the rows of a citizen's terms, not written."""
    found = list(dict.fromkeys([*name_terms(citizen.name), *_of_points(points)]))
    return [
        SearchTerm(citizen_id=citizen.pk, authority_id=citizen.authority_id, term=term)
        for term in found[: 2 * MAX_TERMS]
    ]


def _of_points(points: Iterable[ContactPoint]) -> Iterator[str]:
    for point in points:
        text = point.value if point.kind == ContactKind.ADDRESS else point.normalised
        yield from TERMS[point.kind](text)
