"""Writes many finished rows of a table at the speed of the database, past the ORM's compiler."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Field, JSONField, Model

Convert = Callable[[Any], Any]
# Each column's attribute, and what its value needs, if anything.
Plan = Sequence[tuple[str, Convert | None]]


def insert(table: type[Model], rows: Sequence[Model]) -> None:
    """Insert ``rows``, whose every column has a value, ids included; signals are not sent."""
    if not rows:
        return
    meta = table._meta  # noqa: SLF001 - Django's documented description of a model
    fields = meta.concrete_fields
    plan = [(field.attname, _converter(field)) for field in fields]
    values = (_values(row, plan) for row in rows)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields if field.column)
    _write(quote(meta.db_table), columns, len(fields), values)


def _values(row: Model, plan: Plan) -> tuple[Any, ...]:
    found = ((getattr(row, name), convert) for name, convert in plan)
    return tuple(convert(value) if convert else value for value, convert in found)


def _converter(field: "Field[Any, Any]") -> Convert | None:
    if isinstance(field, JSONField):
        return json.dumps
    if isinstance(field, DateTimeField) and connection.vendor != "postgresql":
        return connection.ops.adapt_datetimefield_value
    return None


def _write(table: str, columns: str, width: int, values: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * width)
        # Names of tables and columns come from the models alone.
        sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - see above
        cursor.executemany(sql, list(values))
