"""Tables of read models, made from their row types, and the questions that are asked of them.

Owns: SQLAlchemy Core tables and statements, compiled for asyncpg. A row is kept as one JSON document, as text; each
filter is a column of its own with an index, and what rows are sorted by or summed up one without. Refuses: folding
(`working_set.py`) and connections (`store_postgres.py`).
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

from msgspec import json
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    MetaData,
    Table,
    Text,
    asc,
    column,
    desc,
    func,
    literal_column,
    null,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

from shared.kernel.projection import AnyProjection
from shared.runtime.store import Order, Summing, UnstorableValue, holds_nul, table_name

_REMEMBERED: Final = lru_cache(maxsize=1_024)  # statements of every read model, and of generations that come and go
_DIALECT: Final = dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy does not type it
_TYPES: Final[dict[type, Any]] = {str: Text, int: BigInteger, bool: Boolean, date: Date}
_CASTS: Final[dict[type, str]] = {str: "", int: "::bigint", bool: "::boolean", date: "::date"}


def column_types(projection: AnyProjection) -> dict[str, type]:
    """Return the type of each field that has a column.

    **Errors**: `TypeError` for one that is no text, number, truth value or date.
    """
    hints = get_type_hints(projection.row)
    found: dict[str, type] = {}
    for name in projection.in_columns:
        kinds = set(_plain_types(hints[name])) - {NoneType}
        if len(kinds) != 1 or not kinds <= set(_TYPES):
            raise TypeError(f"{projection.name}.{name} cannot be a column; use a text, number, truth value or date")
        found[name] = kinds.pop()
    return found


def _always_there(projection: AnyProjection, name: str) -> bool:
    """Return whether a field has a value in every row."""
    return NoneType not in _plain_types(get_type_hints(projection.row)[name])


def _plain_types(hint: object) -> Iterator[type]:
    """Yield the types of a field: of each member of a union, of each value of a Literal, of an enum's values."""
    if get_origin(hint) is Literal:
        yield from (type(value) for value in get_args(hint))
    elif get_args(hint):
        for member in get_args(hint):
            yield from _plain_types(member)
    elif isinstance(hint, type):
        yield str if issubclass(hint, str) else hint


def generation_table(name: str, generation: int) -> str:
    """Return the table of a generation: each rebuild of a read model's version is a table of its own."""
    return name if generation == 1 else f"{name}_g{generation}"


@_REMEMBERED
def table(projection: AnyProjection, name: str) -> Table:
    """Return the table of a read model that has a name.

    **Shape**: the document is text: PostgreSQL never looks into it, and as `jsonb` one of 4 kB costs it three times as
    much to write (70 and 25 µs) and four times as much to read. An index of a filter leaves out rows without a value so
    that no question for keys can go through it: while a table is young all its rows may have one value, and PostgreSQL
    18 then skips over that column, and goes on doing so when there are thousands (0.7 ms a key where 8 µs do).
    """
    columns = [Column(each, _TYPES[kind]) for each, kind in column_types(projection).items()]
    indexes = [
        Index(f"{name}_{each}", "tenant_id", each, "key", postgresql_where=column(each).is_not(None))
        for each in projection.filters
    ]
    return Table(
        name,
        MetaData(),  # its own: in one process two services may have read models of one name
        Column("tenant_id", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("doc", Text, nullable=False),
        *columns,
        *indexes,
    )


def definitions(projection: AnyProjection, name: str) -> tuple[str, ...]:
    """Return the statements that make a table and its indexes where they are missing, the table first."""
    made = table(projection, name)
    indexes = (CreateIndex(index, if_not_exists=True) for index in made.indexes)
    return (_sql(CreateTable(made, if_not_exists=True)), *map(_sql, indexes))


@_REMEMBERED
def column_names(projection: AnyProjection) -> tuple[str, ...]:
    """Return the columns of a read model's tables, in the order of `values`."""
    return ("tenant_id", "key", "doc", *projection.in_columns)


@_REMEMBERED
def rows_of_tables(tables: tuple[str, ...]) -> str:
    """Return the question for rows of several tables by their keys.

    **Shape**: parameters: for each table an array of tenants and one of keys; answers: the place of the table, tenant,
    key, document, which is text in a table of an earlier release, too.
    """
    return " union all ".join(
        f"select {n}, wanted.t, wanted.k, found.doc from unnest(${2 * n + 1}::text[], ${2 * n + 2}::text[])"  # noqa: S608
        f" as wanted (t, k) cross join lateral"
        f" (select doc::text from {table} where tenant_id = wanted.t and key = wanted.k limit 1) as found"
        for n, table in enumerate(tables)
    )


@_REMEMBERED
def upsert(projection: AnyProjection, table: str) -> str:
    """Return the statement that writes one row, new or changed. **Shape**: a parameter for each of `column_names`."""
    names = column_names(projection)
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    changed = ", ".join(f"{name} = excluded.{name}" for name in names[2:])
    return (
        f"insert into {table} ({', '.join(names)}) values ({places})"  # noqa: S608 (names of ours, no values)
        f" on conflict (tenant_id, key) do update set {changed}"
    )


@_REMEMBERED
def upserts(projection: AnyProjection, table: str, parameter: int) -> str:
    """Return the statement that writes rows, new or changed.

    **Shape**: one parameter: what `values` returns, as JSON. As `json` a document goes into a table of text letter by
    letter, and into one of an earlier release, too.
    """
    names = column_names(projection)
    fields = ", ".join(f"(given ->> {n}){_CASTS[kind]}" for n, kind in enumerate(column_types(projection).values(), 3))
    changed = ", ".join(f"{name} = excluded.{name}" for name in names[2:])
    return (
        f"insert into {table} ({', '.join(names)})"  # noqa: S608 (names of ours, no values)
        f" select given ->> 0, given ->> 1, (given ->> 2)::json{', ' if fields else ''}{fields}"
        f" from jsonb_array_elements(${parameter}::jsonb) as given"
        f" on conflict (tenant_id, key) do update set {changed}"
    )


def values(projection: AnyProjection, rows: Mapping[tuple[str, str], Any]) -> list[tuple[Any, ...]]:
    """Return rows as the database takes them. **Errors**: `UnstorableValue`: a NUL, which a text column would take."""
    columns_of = _columns_of(projection)
    return [(*place, _document(row), *columns_of(row)) for place, row in rows.items()]


@_REMEMBERED
def _columns_of(projection: AnyProjection) -> Callable[[object], tuple[object, ...]]:
    """Return what takes the columns out of a row; an `attrgetter` makes a tuple of two or more."""
    names = projection.in_columns
    return attrgetter(*names) if len(names) > 1 else lambda row: tuple(getattr(row, name) for name in names)


def _document(row: object) -> str:
    encoded = json.encode(row)
    if holds_nul(encoded):
        raise UnstorableValue("a text of a row holds a NUL")
    return encoded.decode()


@_REMEMBERED
def decoder(projection: AnyProjection) -> json.Decoder[Any]:
    """Return what turns a document into a row."""
    if not get_type_hints(projection.row):
        raise TypeError(f"{projection.name} has rows without fields")
    return json.Decoder(projection.row)


@_REMEMBERED
def row_statement(projection: AnyProjection, name: str) -> str:
    """Return the question for one row. **Shape**: parameters: tenant, key."""
    found = f"select doc from {name} where tenant_id = $1 and key = $2"  # noqa: S608 (names of ours, no values)
    return _in_service(projection, found)


@_REMEMBERED
def rows_statement(projection: AnyProjection, name: str) -> str:
    """Return the question for the rows of some keys. **Shape**: parameters: tenant, keys."""
    found = f"select key, doc from {name} where tenant_id = $1 and key = any($2::text[])"  # noqa: S608 (names of ours)
    return _in_service(projection, found)


@_REMEMBERED
def tenants_statement(projection: AnyProjection, name: str) -> str:
    """Return the question for the row that every tenant has under one key. **Shape**: parameter: key."""
    return _in_service(projection, f"select tenant_id, doc from {name} where key = $1")  # noqa: S608 (names of ours)


class Asked(NamedTuple):
    """What a question asks of filters by name: one value, at most a value, or none."""

    equal: tuple[str, ...] = ()
    at_most: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()

    @property
    def values_count(self) -> int:
        """Return how many values it asks with: each is a parameter."""
        return len(self.equal) + len(self.at_most)


Begins: TypeAlias = Literal["first", "after", "without-a-value"]
"""Where a page in an order begins: with no parameter, after value and key, after a key among rows without a value."""
_BEGINS_WITH: Final[Mapping[Begins, int]] = {"first": 0, "after": 2, "without-a-value": 1}


@_REMEMBERED
def page_statement(projection: AnyProjection, name: str, asked: Asked, *, after: bool) -> str:
    """Return the question for a page.

    **Shape**: parameters: tenant, each of `equal` and `at_most`, key to start after, rows at most.
    """
    made = table(projection, name)
    statement = _where(select(made.c.key, made.c.doc), made, asked)
    place = asked.values_count + 2
    if after:
        statement = statement.where(text(f"key > ${place}"))
    limited = statement.order_by(made.c.key).limit(literal_column(f"${place + after}", BigInteger))
    return f"{_in_service(projection, _sql(limited))} order by found.key"


@_REMEMBERED
def ordered_statement(projection: AnyProjection, name: str, order: Order, asked: Asked, *, begins: Begins) -> str:
    """Return the question for a page in an order.

    **Shape**: parameters: tenant, each of `equal` and `at_most`, what `Begins` says, rows at most. Two questions in
    one where rows may have no value, because such a row is neither before nor after another; the first can follow an
    index.
    """
    made = table(projection, name)
    value, key, place = made.c[order.by], made.c.key, asked.values_count + 2
    turn, beyond = (desc, operator.lt) if order.descending else (asc, operator.gt)
    limit = literal_column(f"${place + _BEGINS_WITH[begins]}", BigInteger)
    rows = _where(select(value.label("value"), key, made.c.doc), made, asked)
    known, rest = rows.where(value.is_not(None)), rows.where(value.is_(None))
    if begins == "after":
        known = known.where(beyond(tuple_(value, key), tuple_(_parameter(place), _parameter(place + 1))))
    if begins == "without-a-value":
        rest = rest.where(beyond(key, _parameter(place)))
    sorted_rest = rest.order_by(turn(key)).limit(limit)
    sorted_known = known.order_by(turn(value), turn(key)).limit(limit)
    found: Any = union_all(sorted_known, sorted_rest)
    if begins == "without-a-value":
        found = sorted_rest
    elif _always_there(projection, order.by):
        found = sorted_known
    way = "desc" if order.descending else "asc"
    question = _in_service(projection, _sql(found))
    return f"{question} order by found.value {way} nulls last, found.key {way} limit {limit.name}"


@_REMEMBERED
def sums_statement(projection: AnyProjection, name: str, summing: Summing, asked: Asked) -> str:
    """Return the question for sums.

    **Shape**: parameters: tenant, each of `equal` and `at_most`, and both days where a date is asked for.
    """
    made = table(projection, name)
    by = null() if summing.by is None else made.c[summing.by]
    sums = _sums(made, summing.amount, summing.due, days=asked.values_count + 2)
    summed = _where(select(by.label("value"), *sums).select_from(made), made, asked)
    return _in_service(projection, _sql(summed if summing.by is None else summed.group_by(by)))


class Part(NamedTuple):
    """What a question for totals asks of some rows: which ones, and the columns that are summed up, None: that not."""

    asked: Asked
    amount: str | None
    due: str | None


@_REMEMBERED
def totals_statement(projection: AnyProjection, name: str, parts: tuple[Part, ...]) -> str:
    """Return the question for what several choices of rows come to, each of which can follow an index of its own.

    **Shape**: parameters: tenant, each of `equal` and `at_most` of each part, and both days where a part has a date;
    `part` of an answer counts from 0.
    """
    made = table(projection, name)
    days = sum(each.asked.values_count for each in parts) + 2
    place, found = 2, list[Any]()
    for n, (asked, amount, due) in enumerate(parts):
        columns = (literal_column(str(n)).label("part"), *_sums(made, amount, due, days=days))
        found.append(_where(select(*columns).select_from(made), made, asked, place))
        place += asked.values_count
    return _in_service(projection, _sql(union_all(*found)))


def _sums(made: Table, amount: str | None, due: str | None, *, days: int) -> tuple[Any, ...]:
    """Return the columns of a `Sum` behind its value. **Shape**: `days` is the place of the first of both."""
    none: Any = literal_column("0")
    summed = none if amount is None else func.coalesce(func.sum(made.c[amount]), none)
    late: Any = none
    soon: Any = none
    if due is not None:
        first, last = _parameter(days), _parameter(days + 1)
        late, soon = func.count().filter(made.c[due] < first), func.count().filter(made.c[due].between(first, last))
    return func.count().label("rows"), summed.label("amount"), late.label("late"), soon.label("soon")


@_REMEMBERED
def counts_statement(projection: AnyProjection, name: str, by: str, asked: Asked) -> str:
    """Return the question for counts. **Shape**: parameters: tenant, each of `equal` and `at_most`."""
    made = table(projection, name)
    value = made.c[by]
    counted = _where(select(value.label("value"), func.count().label("rows")), made, asked)
    known = counted.where(value.is_not(None)).group_by(value)  # an index alone can answer each part
    if _always_there(projection, by):
        return _in_service(projection, _sql(known))
    every = _where(select(func.count()).select_from(made), made, asked)
    without = every.scalar_subquery() - every.where(value.is_not(None)).scalar_subquery()
    rest = select(null().label("value"), without.label("rows"))
    counts = union_all(known, rest).subquery()
    return _in_service(projection, _sql(select(counts).where(counts.c.rows > literal_column("0"))))


def _parameter(place: int) -> Any:  # noqa: ANN401 (a value, whatever its type)
    return literal_column(f"${place}")


def _where(statement: Any, made: Table, asked: Asked, place: int = 2) -> Any:  # noqa: ANN401 (a select)
    statement = statement.where(text("tenant_id = $1"))
    compared = (*(f"{each} =" for each in asked.equal), *(f"{each} <=" for each in asked.at_most))
    for n, each in enumerate(compared, start=place):
        statement = statement.where(text(f"{each} ${n}"))
    for each in asked.nulls:
        statement = statement.where(made.c[each].is_(None))
    return statement


def _in_service(projection: AnyProjection, question: str) -> str:
    """Return a question that also says, in the same snapshot, which generation serves and whether it is broken.

    **Shape**: at least one row; without an answer the columns of the question are null.
    """
    return (
        "select coalesce(state.generation, 1) as generation, state.broken, found.* from (values (1)) as always"  # noqa: S608
        f" left join projected as state on state.name = '{table_name(projection)}'"
        f" left join lateral ({question}) as found on true"
    )


def _sql(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=_DIALECT))
