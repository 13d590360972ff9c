"""Questions that pages ask again and again: the statement is made once, only the values change.

The ORM builds and compiles a query anew each time, which costs more than the database's
answer. Here a query is built by the same ORM, with :func:`slot` where a value changes,
and its SQL is kept. What shapes the statement, such as the teams somebody may read, is its key.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet, Value
from django.db.models.query import get_related_populators

# Each is a few kilobytes; one for each group of agents with the same teams.
KEPT = 512


class Slot:
    """Stands in a kept statement for a value that comes with each question."""

    def __init__(self, name: str) -> None:
        """Take the name under which the value comes."""
        self.name = name


def slot(name: str) -> Value:
    """Return what a query is built with in place of a value that changes."""
    return Value(Slot(name))


class _Statement:
    """A compiled query, and what turns its rows into objects."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        query = rows.query
        self._compiler = query.get_compiler(using=rows.db)
        try:
            self._sql, self._parameters = self._compiler.as_sql()
        except EmptyResultSet:
            # Whoever may read nothing need not ask.
            self._sql = ""
            return
        chosen = self._compiler.select[: self._compiler.col_count]
        self._converters = self._compiler.get_converters([column[0] for column in chosen])
        is_flat = bool(getattr(rows, "_fields", None))
        self._made_of = None if is_flat else _Maker(self._compiler, rows.db)

    def ask(self, values: dict[str, Any]) -> list[Any]:
        """Send the statement with these values and return all rows."""
        if not self._sql:
            return []
        given = [_value(each, values) for each in self._parameters]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, given)
            found = cursor.fetchall()
        if self._converters:
            found = list(self._compiler.apply_converters(found, self._converters))
        if self._made_of is None:
            return [tuple(row) for row in found]
        return [self._made_of.instance(row) for row in found]


class _Maker:
    """Makes instances of models from rows, as Django's own iterator does."""

    def __init__(self, compiler: Any, alias: str) -> None:  # noqa: ANN401 - Django's compiler has no type
        info, select = compiler.klass_info, compiler.select
        self._alias = alias
        self._model = info["model"]
        self._from, self._to = info["select_fields"][0], info["select_fields"][-1] + 1
        self._names = [column[0].target.attname for column in select[self._from : self._to]]
        self._related = get_related_populators(info, select, alias)  # type: ignore[call-arg]  # the stubs are of a later Django
        self._annotations = list(compiler.annotation_col_map.items())

    def instance(self, row: Sequence[Any]) -> Any:  # noqa: ANN401 - an instance of whichever model
        made = self._model.from_db(self._alias, self._names, row[self._from : self._to])
        for populator in self._related:
            populator.populate(row, made)
        for name, at in self._annotations:
            setattr(made, name, row[at])
        return made


def _value(parameter: Any, values: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever a database takes
    if not isinstance(parameter, Slot):
        return parameter
    value = values[parameter.name]
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


_kept: dict[Hashable, _Statement] = {}


def ask(build: Callable[..., QuerySet[Any]], *shape: Hashable, **values: Any) -> list[Any]:
    """Return the rows of the query that ``build(*shape)`` makes, asked with ``values``.

    ``build`` must be a function of a module, and its query may depend on nothing but
    ``shape``; it is called once. ``values`` fill the slots.
    """
    key = (connection.vendor, build, shape)
    statement = _kept.get(key)
    if statement is None:
        if len(_kept) >= KEPT:
            _kept.clear()
        statement = _kept[key] = _Statement(build(*shape))
    return statement.ask(values)


def fill(instance: Model, relation: str, rows: list[Any]) -> None:
    """Give ``instance`` the rows of a relation that were read in another way.

    What ``prefetch_related`` does, for rows of several relations that came with one statement.
    """
    held = getattr(instance, relation).model._default_manager.all()  # noqa: SLF001 - Django's own name for it
    held._result_cache = rows  # noqa: SLF001 - as Django's prefetching does
    held._prefetch_done = True  # noqa: SLF001 - the same
    vars(instance).setdefault("_prefetched_objects_cache", {})[relation] = held
