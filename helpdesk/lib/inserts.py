"""Rows that are written again and again: an INSERT made once, one of many rows, or a COPY."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model
from django.db.models.sql import InsertQuery

from helpdesk.lib.together import Together, current

Values = tuple[Any, ...]
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


class Insert:
    """A fixed INSERT of whole rows of one table, which get their keys by it.

    Not for tables with signals, and not for rows whose relations are not yet
    written or waiting. ``given`` are expressions that the database works out in place of
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
            here.add_row(self, self._copy, row)

    def _draw(self, count: int) -> list[Any]:
        table, key = self._meta.db_table, self._meta.pk.column
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [f'"{table}"', key, count],
            )
            return [key for (key,) in cursor.fetchall()]

    def _copy(self, rows: Sequence[Model]) -> None:
        """Write rows whose keys were drawn by COPY, which costs both sides least."""
        if self._given:
            # COPY knows no expressions.
            self._send(rows, "", with_keys=True)
            return
        database = connections[DEFAULT_DB_ALIAS]
        table = self._tables.get((database.vendor, True)) or self._read_table(True)
        records: list[list[Any]] = []
        for row in rows:
            records.append([])
            table.add_values(row, records[-1], database)

        def send(text: str, *_rest: object) -> None:
            with cursor.copy(text) as copy:
                for record in records:
                    copy.write_row(record)

        with (
            transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS),
            database.wrap_database_errors,
            database.cursor() as cursor,
        ):
            # By Django's way of sending, so that it is counted with the statements.
            cursor._execute_with_wrappers(table.copy, None, False, send)  # noqa: SLF001 - see above

    def _send(self, rows: Sequence[Model], suffix: str, *, with_keys: bool = False) -> list[Values]:
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
        columns = ", ".join(quote(field.column) for field in fields)
        name = f"{quote(self._meta.db_table)} ({columns})"
        table = _Table(
            head=f"INSERT INTO {name}",
            copy=f"COPY {name} FROM STDIN",
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
    copy: str
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
