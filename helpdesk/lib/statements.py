"""Statements that are sent again and again: written by the ORM once, then only filled in.

Building and compiling a query costs the ORM five times what sending it does. Here a
statement is built by the same ORM the first time it is used, with a :func:`slot` where a
value changes, and its SQL is kept. It goes over Django's connection and its transaction,
on either engine, and rows become the objects that the ORM would make.

For what each mail, each second or each page sends; everything else asks the ORM as usual.
A query whose SQL depends on its values (a filter by None, by a list of any length) can't
be kept: what shapes it has to be its key (:func:`ask`). In a slot None is compared as SQL
does, and equals nothing.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model, QuerySet, Value
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery

Values = tuple[Any, ...]

# Each is a few kilobytes; one for each group of agents with the same teams.
KEPT = 512
# Columns whose plain values need no preparation.
_PLAIN = frozenset(
    {
        *(
            "CharField",
            "TextField",
            "EmailField",
            "BooleanField",
            "IntegerField",
            "BigIntegerField",
        ),
        *("PositiveIntegerField", "PositiveSmallIntegerField", "ForeignKey", "OneToOneField"),
    }
)
_AS_THEY_ARE = frozenset({str, int, bool})


class Slot:
    """Stands in a kept statement for a value that comes with each call."""

    def __init__(self, name: str) -> None:
        """Take the name under which the value comes."""
        self.name = name


def slot(name: str) -> Value:
    """Return what a query is built with in place of a value that changes."""
    return Value(Slot(name))


def _slots(names: Sequence[str]) -> dict[str, Value]:
    return {name: slot(name) for name in names}


class _Sql:
    """SQL with what goes into its places: a value of its own, or that of a name."""

    def __init__(self, text: str, parameters: Sequence[Any], names: Sequence[str] = ()) -> None:
        """Find the slots; each of ``names`` must have one."""
        self.text = text
        self._fixed = tuple(parameters)
        self._places = [
            (place, each.name) for place, each in enumerate(parameters) if isinstance(each, Slot)
        ]
        for name in set(names) - {name for _place, name in self._places}:
            raise ValueError(f"{name} has no place of its own in: {text}")

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the parameters with these values."""
        given = list(self._fixed)
        for place, name in self._places:
            value = values[name]
            if isinstance(value, datetime):
                value = connection.ops.adapt_datetimefield_value(value)
            given[place] = value
        return given


class _Rows:
    """Makes rows of a compiled query into values or objects, as Django's own iterators do."""

    def __init__(self, compiler: Any, *, are_flat: bool) -> None:  # noqa: ANN401 - Django's compiler has no type
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self._converters = compiler.get_converters(columns)
        self._is_of_model = not are_flat
        if are_flat:
            return
        info, select = compiler.klass_info, compiler.select
        self._model = info["model"]
        self._from, self._to = info["select_fields"][0], info["select_fields"][-1] + 1
        self._names = [column[0].target.attname for column in select[self._from : self._to]]
        self._related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are of a later Django
        self._annotations = list((compiler.annotation_col_map or {}).items())

    def read(self, fetched: list[Values]) -> list[Any]:
        """Return what these rows stand for."""
        rows = list(map(self._converted, fetched)) if self._converters else fetched
        return [self._instance(row) for row in rows] if self._is_of_model else rows

    def _converted(self, row: Values) -> Values:
        values = list(row)
        for column, (convert, expression) in self._converters.items():
            for each in convert:
                values[column] = each(values[column], expression, connection)
        return tuple(values)

    def _instance(self, row: Values) -> Any:  # noqa: ANN401 - an instance of whichever model
        made = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._from : self._to])
        for populator in self._related:
            populator.populate(row, made)
        for name, at in self._annotations:
            setattr(made, name, row[at])
        return made


class _Select:
    """A compiled SELECT, and what turns its rows into values or objects."""

    def __init__(self, rows: QuerySet[Any, Any], names: Sequence[str] = ()) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql: _Sql | None = None
        try:
            text, parameters = compiler.as_sql()
        except EmptyResultSet:
            # Whoever may read nothing need not ask.
            return
        self._sql = _Sql(text, parameters, names)
        self._rows = _Rows(compiler, are_flat=bool(getattr(rows, "_fields", None)))

    def send(self, values: Mapping[str, Any]) -> list[Any]:
        """Send the statement with these values and return all rows."""
        if self._sql is None:
            return []
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._sql.text, self._sql.filled(values))
            return self._rows.read(cursor.fetchall())


_kept: dict[Hashable, _Select] = {}


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
        statement = _kept[key] = _Select(build(*shape))
    return statement.send(values)


class Lookup:
    """A fixed SELECT: ``Lookup(lambda pk: Ticket.objects.filter(pk=pk), "pk")``.

    ``values`` and ``first`` read a queryset made by ``values_list``, ``all`` and ``one`` one
    of objects.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *names: str) -> None:
        """Keep how it is built and the names of what it is asked with."""
        self._build = build
        self._names = names
        self._compiled: dict[str, _Select] = {}

    def all(self, **arguments: Any) -> list[Any]:
        """Return all objects."""
        vendor = connection.vendor
        statement = self._compiled.get(vendor)
        if statement is None:
            rows = self._build(**_slots(self._names))
            statement = self._compiled[vendor] = _Select(rows, self._names)
        return statement.send(arguments)

    def one(self, **arguments: Any) -> Any:  # noqa: ANN401 - of the queryset's model
        """Return the first object, or None."""
        return next(iter(self.all(**arguments)), None)

    def values(self, **arguments: Any) -> list[Values]:
        """Return all rows."""
        return self.all(**arguments)

    def first(self, **arguments: Any) -> Values | None:
        """Return the first row, if there is one."""
        return next(iter(self.values(**arguments)), None)


class Change:
    """A fixed UPDATE; ``build`` returns a queryset and what its rows are set to."""

    def __init__(
        self, build: Callable[..., tuple[QuerySet[Any], dict[str, Any]]], *names: str
    ) -> None:
        """Keep how it is built and the names of what it is sent with."""
        self._build = build
        self._names = names
        self._compiled: dict[str, _Sql] = {}

    def apply(self, **arguments: Any) -> int:
        """Change the rows and return how many they were."""
        database = connections[DEFAULT_DB_ALIAS]
        sql = self._compiled.get(database.vendor) or self._compile()
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), database.cursor() as cursor:
            cursor.execute(sql.text, sql.filled(arguments))
            return int(cursor.rowcount)

    def _compile(self) -> _Sql:
        queryset, values = self._build(**_slots(self._names))
        query: Any = queryset.query.chain(UpdateQuery)
        query.add_update_values(values)
        query.clear_select_clause()
        text, parameters = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        self._compiled[connection.vendor] = sql = _Sql(text, parameters, self._names)
        return sql


class Insert:
    """A fixed INSERT of whole rows of one table, which get their keys by it.

    Not for tables with signals, and not for rows whose relations are not yet
    written. ``given`` are expressions that the database works out in place of
    the row's own values, such as its time.
    """

    def __init__(self, model: type[Model], **given: Any) -> None:
        """Keep the table and what the database works out."""
        self._meta = model._meta  # noqa: SLF001 - Django's documented way to a model's fields
        self._given = given
        self._tables: dict[str, _Table] = {}

    def write(self, *rows: Model) -> None:
        """Write new rows in one statement; each then knows its key."""
        fetched = self._send(rows, "")
        for row, key in zip(rows, fetched, strict=True):
            _keep_key(row, key)

    def write_if_new(self, row: Model) -> bool:
        """Write a row unless a unique constraint knows it already; tell whether it was written."""
        for key in self._send((row,), " ON CONFLICT DO NOTHING"):
            _keep_key(row, key)
            return True
        return False

    def write_missing(self, *rows: Model) -> None:
        """Write those rows that no unique constraint knows; none of them learns its key."""
        if rows:
            self._send(rows, " ON CONFLICT DO NOTHING")

    def _send(self, rows: Sequence[Model], suffix: str) -> list[Values]:
        database = connections[DEFAULT_DB_ALIAS]
        table = self._tables.get(database.vendor) or self._read_table()
        params: list[Any] = []
        marks = [table.add_values(row, params, database) for row in rows]
        text = f"{table.head} VALUES {', '.join(marks)}{suffix} RETURNING {table.key}"
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), database.cursor() as cursor:
            cursor.execute(text, params)
            keys: list[Values] = cursor.fetchall()
            return keys

    def _read_table(self) -> "_Table":
        quote: Callable[[Any], str] = connection.ops.quote_name
        # The key is the database's to give, unless it is a relation.
        fields = [each for each in self._meta.concrete_fields if each is not self._meta.auto_field]
        table = _Table(
            head=f"INSERT INTO {quote(self._meta.db_table)}"
            f" ({', '.join(quote(field.column) for field in fields)})",
            key=quote(self._meta.pk.column),
            fields=[(each.attname, each, each.get_internal_type() in _PLAIN) for each in fields],
            given=self._worked_out(),
        )
        self._tables[connection.vendor] = table
        return table

    def _worked_out(self) -> dict[str, tuple[str, Values]]:
        compiler = InsertQuery(self._meta.model).get_compiler(DEFAULT_DB_ALIAS)
        found = {}
        for name, expression in self._given.items():
            text, params = compiler.compile(expression.resolve_expression(compiler.query))
            found[name] = (text, tuple(params))
        return found


@dataclass(frozen=True, slots=True)
class _Table:
    """What an INSERT into one table is made of on one engine."""

    head: str
    key: str
    fields: list[tuple[str, Any, bool]]
    given: dict[str, tuple[str, Values]]

    def add_values(self, row: Model, params: list[Any], database: Any) -> str:  # noqa: ANN401 - Django's connections have no common type
        """Add a row's values as its columns write them and return their placeholders."""
        signs: list[str] = []
        for name, field, is_plain in self.fields:
            value = getattr(row, name)
            if name in self.given:
                sign, own = self.given[name]
                params += own
            elif value is None or (is_plain and type(value) in _AS_THEY_ARE):
                sign = "%s"
                params.append(value)
            else:
                value = field.get_db_prep_save(field.pre_save(row, add=True), database)
                has_own_sign = hasattr(field, "get_placeholder")
                sign = field.get_placeholder(value, None, database) if has_own_sign else "%s"
                params.append(value)
            signs.append(sign)
        return f"({', '.join(signs)})"


def _keep_key(row: Model, key: Values) -> None:
    row.pk = key[0]
    row._state.adding = False  # noqa: SLF001 - as the ORM does after its own insert
    row._state.db = DEFAULT_DB_ALIAS  # noqa: SLF001 - the same


def fill(instance: Model, relation: str, rows: list[Any]) -> None:
    """Give ``instance`` the rows of a relation that were read in another way.

    What ``prefetch_related`` does, for rows of several relations that came with one statement.
    """
    held = getattr(instance, relation).model._default_manager.all()  # noqa: SLF001 - Django's own name for it
    held._result_cache = rows  # noqa: SLF001 - as Django's prefetching does
    held._prefetch_done = True  # noqa: SLF001 - the same
    vars(instance).setdefault("_prefetched_objects_cache", {})[relation] = held
