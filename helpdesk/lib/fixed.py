"""Statements that are sent for every mail: written by the ORM once, then only filled in.

Building and compiling a query costs the ORM five times what sending it does. A
statement here is built the first time it is used, from a queryset with stand-ins
for its values; afterwards the same SQL is sent with the values of the moment. It
goes over Django's connection and its transaction, on either engine.

For the few statements of the intake and its reactions; everything else asks the
ORM as usual. A queryset whose SQL depends on its values (a filter by None, by a
list of any length) can't be one of these.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery

Values = tuple[Any, ...]
Prepare = Callable[[Any], Any]

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
_FIRST_NUMBER = 7_130_000_000_000_001
_FIRST_MOMENT = datetime(1871, 3, 5, 3, 7, 11, tzinfo=UTC)


def _stand_in(kind: type, position: int) -> Any:  # noqa: ANN401 - a value of that kind
    """Return a value that no statement contains by itself, by which its place is found."""
    if kind is int:
        return _FIRST_NUMBER + position
    if kind is datetime:
        return _FIRST_MOMENT + timedelta(seconds=position)
    return f"stand-in:{position}:a1d7"


def _find(stand_in: Any, params: Sequence[Any]) -> Iterator[tuple[int, Prepare]]:  # noqa: ANN401 - as above
    """Yield where a stand-in ended up, and how its column's engine wants such a value."""
    if isinstance(stand_in, datetime):
        prepare: Prepare = connection.ops.adapt_datetimefield_value
        stand_in = prepare(stand_in)
    else:
        prepare = type(stand_in)
    for place, value in enumerate(params):
        if isinstance(value, type(stand_in)) and value == stand_in:
            # Numbers may have been given the width of their column.
            yield place, (type(value) if isinstance(value, int) else prepare)


@dataclass(frozen=True, slots=True)
class _Sql:
    """SQL with what goes into its places: a value of its own, or the argument of a name."""

    text: str
    fixed: Values
    places: tuple[tuple[int, str, Prepare], ...]

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        params = list(self.fixed)
        for place, name, prepare in self.places:
            value = values[name]
            params[place] = None if value is None else prepare(value)
        return params


def _sql(text: str, params: Sequence[Any], kinds: Mapping[str, type]) -> _Sql:
    places: list[tuple[int, str, Prepare]] = []
    for position, (name, kind) in enumerate(kinds.items()):
        found = list(_find(_stand_in(kind, position), params))
        if not found:
            raise ValueError(f"{name} has no place of its own in: {text}")
        places += [(place, name, prepare) for place, prepare in found]
    return _Sql(text, tuple(params), tuple(places))


@dataclass(frozen=True, slots=True)
class _Rows:
    """How rows of a compiled query become values or objects, as the ORM would make them."""

    compiler: Any
    converters: Any

    def read(self, fetched: list[Values]) -> Iterator[Values]:
        if not self.converters:
            return iter(fetched)
        return map(self._converted, fetched)

    def _converted(self, row: Values) -> Values:
        values = list(row)
        for column, (convert, expression) in self.converters.items():
            for each in convert:
                values[column] = each(values[column], expression, connection)
        return tuple(values)

    def objects(self, fetched: list[Values]) -> Iterator[Any]:
        info, select = self.compiler.klass_info, self.compiler.select
        first, after = info["select_fields"][0], info["select_fields"][-1] + 1
        names = [column[0].target.attname for column in select[first:after]]
        populators = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are of a later Django
        for row in self.read(fetched):
            found = info["model"].from_db(DEFAULT_DB_ALIAS, names, row[first:after])
            for populator in populators:
                populator.populate(row, found)
            for name, column in (self.compiler.annotation_col_map or {}).items():
                setattr(found, name, row[column])
            yield found


class Lookup:
    """A fixed SELECT: ``Lookup(lambda pk: Ticket.objects.filter(pk=pk), pk=int)``.

    ``values`` reads a queryset made by ``values_list``, ``one`` and ``all`` one of objects.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **kinds: type) -> None:
        """Keep how it is built and what kind each of its arguments is: int, str or datetime."""
        self._build = build
        self._kinds = kinds
        self._compiled: dict[str, tuple[_Sql, _Rows]] = {}

    def values(self, **arguments: Any) -> list[Values]:
        """Return all rows."""
        rows, fetched = self._fetch(arguments)
        return list(rows.read(fetched))

    def first(self, **arguments: Any) -> Values | None:
        """Return the first row, if there is one."""
        return next(iter(self.values(**arguments)), None)

    def all(self, **arguments: Any) -> list[Any]:
        """Return all objects."""
        rows, fetched = self._fetch(arguments)
        return list(rows.objects(fetched))

    def one(self, **arguments: Any) -> Any:  # noqa: ANN401 - of the queryset's model
        """Return the first object, or None."""
        return next(iter(self.all(**arguments)), None)

    def _fetch(self, arguments: Mapping[str, Any]) -> tuple[_Rows, list[Values]]:
        database = connections[DEFAULT_DB_ALIAS]
        sql, rows = self._compiled.get(database.vendor) or self._compile()
        with database.cursor() as cursor:
            cursor.execute(sql.text, sql.filled(arguments))
            return rows, cursor.fetchall()

    def _compile(self) -> tuple[_Sql, _Rows]:
        compiler = self._build(**_stand_ins(self._kinds)).query.get_compiler(DEFAULT_DB_ALIAS)
        text, params = compiler.as_sql()
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        rows = _Rows(compiler, compiler.get_converters(columns))
        self._compiled[connection.vendor] = found = (_sql(text, params, self._kinds), rows)
        return found


class Change:
    """A fixed UPDATE; ``build`` returns a queryset and what its rows are set to."""

    def __init__(
        self, build: Callable[..., tuple[QuerySet[Any], dict[str, Any]]], **kinds: type
    ) -> None:
        """Keep how it is built and what kind each of its arguments is: int, str or datetime."""
        self._build = build
        self._kinds = kinds
        self._compiled: dict[str, _Sql] = {}

    def apply(self, **arguments: Any) -> int:
        """Change the rows and return how many they were."""
        database = connections[DEFAULT_DB_ALIAS]
        sql = self._compiled.get(database.vendor) or self._compile()
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), database.cursor() as cursor:
            cursor.execute(sql.text, sql.filled(arguments))
            return int(cursor.rowcount)

    def _compile(self) -> _Sql:
        queryset, values = self._build(**_stand_ins(self._kinds))
        query: Any = queryset.query.chain(UpdateQuery)
        query.add_update_values(values)
        query.clear_select_clause()
        text, params = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        self._compiled[connection.vendor] = sql = _sql(text, params, self._kinds)
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


def _stand_ins(kinds: Mapping[str, type]) -> dict[str, Any]:
    return {name: _stand_in(kind, position) for position, (name, kind) in enumerate(kinds.items())}
