"""Names of topics as they stand in addresses of the report form: on posters, in other sites."""

from collections import Counter
from collections.abc import Iterable

from helpdesk.lib.slugs import slug_of
from helpdesk.tickets.models import Category


def name_in_address(topic: Category, topics: Iterable[Category]) -> str:
    """Return the shortest name that leads to ``topic`` among ``topics``, "" if there is none."""
    names = topics_by_name(topics)
    own = (slug_of(topic.name), _full(topic))
    return next((name for name in own if name and names.get(name) == topic.pk), "")


def topics_by_name(topics: Iterable[Category]) -> dict[str, int]:
    """Return name → topic; a name that two have leads to none, with the one above it to each."""
    rows = list(topics)
    often = Counter(name for row in rows for name in _short(row))
    names = {name: row.pk for row in rows for name in _short(row) if often[name] == 1}
    return {_full(row): row.pk for row in rows} | names


def _short(topic: Category) -> set[str]:
    return {slug_of(name) for name in (topic.name, topic.name_en)} - {""}


def _full(topic: Category) -> str:
    return slug_of(f"{topic.parent.name} {topic.name}" if topic.parent else topic.name)
