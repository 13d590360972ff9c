"""A comparison that an index answers on both engines: what begins with these signs."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup
from django.db.models.sql.compiler import SQLCompiler

# Sorts after every continuation.
LAST = "\U0010ffff"


@CharField.register_lookup
class Begins(Lookup[Any]):
    """``term__begins="mül"``: a range instead of LIKE.

    SQLite uses no index for LIKE with an escape, PostgreSQL none for LIKE with a bound
    value; its pattern operators compare bytes, whatever the language of the database.
    """

    lookup_name = "begins"
    operators = (">=", "<")

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the range as SQL."""
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        from_, below = self.operators
        values = [*left_values, *right_values, *left_values, f"{right_values[0]}{LAST}"]
        return f"({left} {from_} {right} AND {left} {below} {right})", values

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Any]:
        """Return the range by the operators of varchar_pattern_ops."""
        self.operators = ("~>=~", "~<~")
        return self.as_sql(compiler, connection)
