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
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model, QuerySet, Value
from django.db.models.base import ModelState
from django.db.models.signals import post_init, pre_init
from django.db.models.sql import UpdateQuery

from helpdesk.lib.inserts import Insert, Values
from helpdesk.lib.together import current

__all__ = ("Change", "Insert", "Lookup", "Slot", "Values", "ask", "fill", "filled", "slot")

# Each is a few kilobytes; one for each group of agents with the same teams.
KEPT = 512


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
        rows = ", ".join([one] * len(sets))
        text = f"SELECT given.number, found.* FROM (VALUES {rows}) AS given (number, {names})"  # noqa: S608 - the ORM wrote the query, values stay parameters
        text += f" CROSS JOIN LATERAL ({inner}) AS found"
        return text, [*values, *fixed]


def _maker(model: type[Model], names: Sequence[str]) -> Callable[[Values], Model]:
    """Return what makes an object of ``model`` of the values of these fields.

    As Django's ``from_db``, without walking through all fields for each row: what is
    not read stays deferred. A model that makes its objects in a way of its own keeps it.
    """
    is_plain = (
        model.__init__ is Model.__init__
        and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]  # a class method
        and not (pre_init.has_listeners(model) or post_init.has_listeners(model))
    )
    if not is_plain:
        return lambda values: model.from_db(DEFAULT_DB_ALIAS, list(names), values)

    def make(values: Values) -> Model:
        made = model.__new__(model)
        state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        vars(made).update(zip(names, values, strict=True), _state=state)
        return made

    return make


# What rows of one answer share: (the relation that leads there, its key) → the object.
_Known = dict[tuple[int, Any], Model | None]


class _Joined:
    """Makes the objects that ``select_related`` reads, as Django's RelatedPopulator does.

    Where many rows lead to one object it is made once: the author of thirty articles, as after
    ``prefetch_related``.
    """

    def __init__(self, info: Mapping[str, Any], select: Sequence[Any]) -> None:
        """Take one of the compiler's descriptions of what is joined."""
        fields = info["select_fields"]
        self._columns = slice(fields[0], fields[-1] + 1)
        names = [column[0].target.attname for column in select[self._columns]]
        model: type[Model] = info["model"]
        self._key = fields[0] + names.index(model._meta.pk.attname)  # noqa: SLF001 - Django's own name for it
        self._make = _maker(model, names)
        self._is_shared = not info["reverse"] and not info["field"].unique
        self._here, self._there = info["local_setter"], info["remote_setter"]
        self._further = _joined_of(info, select)

    def put(self, row: Values, made: Any, known: _Known) -> None:  # noqa: ANN401 - an instance of whichever model
        """Give ``made`` what this row holds of the relation."""
        at = (id(self), row[self._key])
        if self._is_shared and at in known:
            found = known[at]
        else:
            found = known[at] = self._made(row, known)
        self._here(made, found)
        if found is not None:
            self._there(found, made)

    def _made(self, row: Values, known: _Known) -> Model | None:
        if row[self._key] is None:
            return None
        found = self._make(row[self._columns])
        for each in self._further:
            each.put(row, found, known)
        return found


def _joined_of(info: Mapping[str, Any], select: Sequence[Any]) -> list[_Joined]:
    return [_Joined(related, select) for related in info.get("related_klass_infos", ())]


class _Rows:
    """Makes rows of a compiled query into values or objects, as Django's own iterators do."""

    def __init__(self, compiler: Any, *, are_flat: bool) -> None:  # noqa: ANN401 - Django's compiler has no type
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self._converters = compiler.get_converters(columns)
        self._is_of_model = not are_flat
        if are_flat:
            return
        info, select = compiler.klass_info, compiler.select
        fields = info["select_fields"]
        self._columns = slice(fields[0], fields[-1] + 1)
        names = [column[0].target.attname for column in select[self._columns]]
        self._make = _maker(info["model"], names)
        self._joined = _joined_of(info, select)
        self._annotations = list((compiler.annotation_col_map or {}).items())

    def read(self, fetched: list[Values]) -> list[Any]:
        """Return what these rows stand for."""
        rows = list(map(self._converted, fetched)) if self._converters else fetched
        if not self._is_of_model:
            return rows
        known: _Known = {}
        return [self._instance(row, known) for row in rows]

    def _converted(self, row: Values) -> Values:
        values = list(row)
        for column, (convert, expression) in self._converters.items():
            for each in convert:
                values[column] = each(values[column], expression, connection)
        return tuple(values)

    def _instance(self, row: Values, known: _Known) -> Any:  # noqa: ANN401 - an instance of whichever model
        made = self._make(row[self._columns])
        for each in self._joined:
            each.put(row, made, known)
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

    def for_all(self, sets: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Return the rows of each of several sets of values; on PostgreSQL by one statement.

        Each set is looked up by itself, by the whole of an index: two lists of values in one
        condition make the database try each of one with each of the other.
        """
        statement = self._statement()
        if connection.vendor != "postgresql":
            return [statement.send(each) for each in sets]
        return statement.send_for_all(sets)

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


def fill(instance: Model, relation: str, rows: list[Any]) -> None:
    """Give ``instance`` the rows of a relation that were read in another way.

    What ``prefetch_related`` does, for rows of several relations that came with one statement.
    """
    field: Any = instance._meta.get_field(relation)  # noqa: SLF001 - Django's own name for it
    held = field.related_model._default_manager.all()  # noqa: SLF001 - Django's own name for it
    held._result_cache = rows  # noqa: SLF001 - as Django's prefetching does
    held._prefetch_done = True  # noqa: SLF001 - the same
    vars(instance).setdefault("_prefetched_objects_cache", {})[relation] = held


def filled(instance: Model, relation: str) -> list[Any]:
    """Return the rows that :func:`fill` gave, without a manager for each look at them."""
    held = vars(instance).get("_prefetched_objects_cache", {}).get(relation)
    return list(getattr(instance, relation).all()) if held is None else list(held)
