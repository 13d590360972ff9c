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

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model, QuerySet, Value
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery

from helpdesk.lib.together import Together, current

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
            "BigAutoField",
        ),
        *("PositiveIntegerField", "PositiveSmallIntegerField", "ForeignKey", "OneToOneField"),
    }
)
_UNLESS_KNOWN = " ON CONFLICT DO NOTHING"
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

    def for_all(self, sets: Sequence[Mapping[str, Any]]) -> tuple[str, list[Any]]:
        """Return the statement that answers for all sets at once, each row after its number.

        The query itself stands unchanged in a LATERAL, where each slot is a column of
        the values: the same plan, walked once for each of them.
        """
        pieces = self.text.split("%s")
        columns = {place: f"given.v{place}" for place, _name in self._places}
        inner = pieces[0]
        for place, piece in enumerate(pieces[1:]):
            inner += columns.get(place, "%s") + piece
        one = f"(%s, {', '.join(['%s'] * len(columns))})"
        values: list[Any] = []
        for number, each in enumerate(sets):
            filled = self.filled(each)
            values += [number, *(filled[place] for place in columns)]
        fixed = [each for place, each in enumerate(self._fixed) if place not in columns]
        names = ", ".join(f"v{place}" for place in columns)
        text = (
            f"SELECT given.number, found.* FROM (VALUES {', '.join([one] * len(sets))})"
            f" AS given (number, {names}) CROSS JOIN LATERAL ({inner}) AS found"
        )
        return text, [*values, *fixed]


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

    def send_for_all(self, sets: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Send one statement for several sets of values and return the rows of each."""
        found: list[list[Any]] = [[] for _ in sets]
        if self._sql is None or not sets:
            return found
        text, parameters = self._sql.for_all(sets)
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(text, parameters)
            for number, *row in cursor.fetchall():
                found[number].append(tuple(row))
        return [self._rows.read(rows) for rows in found]


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
        here = current()
        if here is not None and here.answers:
            known = here.answers.get(self._key(arguments))
            if known is not None:
                return known
        return self._statement().send(arguments)

    def ask_ahead(self, sets: Iterable[Mapping[str, Any]]) -> None:
        """Inside `together`, ask once for several sets of values; `all` then knows the rows.

        For what the work to come asks and does not change; what it changes itself has
        to be told by :func:`know`. Elsewhere each is asked when its turn comes.
        """
        here = current()
        if here is None:
            return
        new = {key: each for each in sets if (key := self._key(each)) not in here.answers}
        with here.aside():
            found = self._statement().send_for_all(list(new.values()))
        here.answers.update(zip(new, found, strict=True))

    def know(self, rows: list[Any], **arguments: Any) -> None:
        """Let ``rows`` be the answer from now on, where it was asked ahead."""
        here = current()
        if here is not None and (key := self._key(arguments)) in here.answers:
            here.answers[key] = rows

    def known(self, **arguments: Any) -> list[Any]:
        """Return the rows that were asked ahead; none where they were not."""
        here = current()
        return here.answers.get(self._key(arguments), []) if here else []

    def _key(self, arguments: Mapping[str, Any]) -> Hashable:
        return self, tuple([arguments[name] for name in self._names])

    def _statement(self) -> _Select:
        vendor = connection.vendor
        statement = self._compiled.get(vendor)
        if statement is None:
            rows = self._build(**_slots(self._names))
            statement = self._compiled[vendor] = _Select(rows, self._names)
        return statement

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

    def apply_to_all(self, sets: Sequence[Mapping[str, Any]]) -> int:
        """Change the rows of several sets of values on one journey; return how many they were."""
        database = connections[DEFAULT_DB_ALIAS]
        sql = self._compiled.get(database.vendor) or self._compile()
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), database.cursor() as cursor:
            cursor.executemany(sql.text, [sql.filled(each) for each in sets])
            return int(cursor.rowcount)

    def apply_in_time(self, **arguments: Any) -> None:
        """Change the rows now, or inside `together` with the others of its kind, after all rows."""
        here = current()
        if here is None:
            self.apply(**arguments)
        else:
            here.add_change(self, self.apply_to_all, arguments)

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
        self._tables: dict[tuple[str, bool], _Table] = {}

    def write(self, *rows: Model) -> None:
        """Write new rows in one statement; each then knows its key.

        Inside `together` they wait, as do those of the other two doors, and are written as
        they are then.
        """
        here = current()
        if here is not None:
            self._wait(here, rows)
            return
        fetched = self._send(rows, "")
        for row, key in zip(rows, fetched, strict=True):
            _keep_key(row, key)

    def write_if_new(self, row: Model) -> bool:
        """Write a row unless a unique constraint knows it already; tell whether it was written."""
        here = current()
        if here is not None:
            self._wait(here, (row,))
            return True
        for key in self._send((row,), _UNLESS_KNOWN):
            _keep_key(row, key)
            return True
        return False

    def write_missing(self, *rows: Model) -> None:
        """Write those rows that no unique constraint knows; none of them learns its key."""
        here = current()
        if here is not None:
            for row in rows:
                here.add_row((self, _UNLESS_KNOWN), partial(self._send, suffix=_UNLESS_KNOWN), row)
        elif rows:
            self._send(rows, _UNLESS_KNOWN)

    def is_waiting(self, row: Model) -> bool:
        """Tell whether a row still waits in `together`: what it is given now is written with it."""
        here = current()
        return here is not None and here.holds(self, row)

    def _wait(self, here: Together, rows: Iterable[Model]) -> None:
        """Give each row its key and let it wait for the others of its table."""
        for row in rows:
            if self._meta.auto_field is not None:
                _keep_key(row, (here.take(self, self._draw),))
            here.add_row(self, self._send_with_keys, row)

    def _draw(self, count: int) -> list[Any]:
        table, key = self._meta.db_table, self._meta.pk.column
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [f'"{table}"', key, count],
            )
            return [key for (key,) in cursor.fetchall()]

    def _send_with_keys(self, rows: Sequence[Model]) -> None:
        self._send(rows, "", with_keys=True)

    def _send(
        self, rows: Sequence[Model], suffix: str, *, with_keys: bool = False
    ) -> list[Values]:
        database = connections[DEFAULT_DB_ALIAS]
        table = self._tables.get((database.vendor, with_keys)) or self._read_table(with_keys)
        params: list[Any] = []
        marks = [table.add_values(row, params, database) for row in rows]
        text = f"{table.head} VALUES {', '.join(marks)}{suffix} RETURNING {table.key}"
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), database.cursor() as cursor:
            cursor.execute(text, params)
            keys: list[Values] = cursor.fetchall()
            return keys

    def _read_table(self, with_keys: bool) -> "_Table":  # noqa: FBT001 - what shapes it
        quote: Callable[[Any], str] = connection.ops.quote_name
        # The key is the database's to give, unless it is a relation or was drawn.
        own = None if with_keys else self._meta.auto_field
        fields = [each for each in self._meta.concrete_fields if each is not own]
        table = _Table(
            head=f"INSERT INTO {quote(self._meta.db_table)}"
            f" ({', '.join(quote(field.column) for field in fields)})",
            key=quote(self._meta.pk.column),
            fields=[(each.attname, each, each.get_internal_type() in _PLAIN) for each in fields],
            given=self._worked_out(),
        )
        self._tables[connection.vendor, with_keys] = table
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
