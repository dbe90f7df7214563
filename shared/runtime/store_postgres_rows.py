"""Questions to the read models of a store in PostgreSQL, outside of every transaction.

Owns: asking the generation that is in service, and that a broken read model answers nothing. Refuses: the statements
(`read_models.py`), and all else that a store answers (`store_postgres.py`, which inherits this).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from shared.kernel.projection import AnyProjection, Projection
from shared.runtime.postgres import DATA_ERRORS, unavailable
from shared.runtime.read_models import (
    Asked,
    Begins,
    Part,
    counts_statement,
    decoder,
    generation_table,
    ordered_statement,
    page_statement,
    row_statement,
    rows_statement,
    sums_statement,
    tenants_statement,
    totals_statement,
)
from shared.runtime.store import (
    AtMost,
    Choice,
    Order,
    ProjectionBroken,
    Spot,
    StoreUnavailable,
    Sum,
    Summing,
    UnaskableValue,
    table_name,
)

Row = TypeVar("Row")

_SWAPS_MAX: Final = 5
"""How often a question is asked again because another generation came into service meanwhile."""


class PostgresRows:
    """The part of a store that answers about read models. **Shape**: as `Store`."""

    def __init__(self, name: str, readers: asyncpg.Pool) -> None:
        self._name = name
        self._readers = readers
        self._generations: Mapping[str, int] = {}  # as questions believe; each answer says whether it is so

    async def row(self, projection: Projection[Row, Any], tenant_id: str, key: str) -> Row | None:
        """Return one row of a read model. **Errors**: `ProjectionBroken`."""
        (found,) = await self._ask(projection, partial(row_statement, projection), tenant_id, key)
        row: Row | None = None if found["doc"] is None else decoder(projection).decode(found["doc"])
        return row

    async def rows_by_key(
        self, projection: Projection[Row, Any], tenant_id: str, keys: Collection[str]
    ) -> Mapping[str, Row]:
        """Return those rows of a read model that exist. **Errors**: `ProjectionBroken`."""
        rows = await self._ask(projection, partial(rows_statement, projection), tenant_id, list(keys))
        decode = decoder(projection).decode
        return {row["key"]: decode(row["doc"]) for row in rows if row["key"] is not None}

    async def rows_of_tenants(self, projection: Projection[Row, Any], key: str) -> Mapping[str, Row]:
        """Return the rows of one key, by tenant. **Errors**: `ProjectionBroken`."""
        rows = await self._ask(projection, partial(tenants_statement, projection), key)
        decode = decoder(projection).decode
        return {row["tenant_id"]: decode(row["doc"]) for row in rows if row["tenant_id"] is not None}

    async def select(
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        *,
        where: Mapping[str, object],
        after: str | None,
        rows_max: int,
    ) -> Sequence[tuple[str, Row]]:
        """Return keys and rows whose filters have given values, by key. **Errors**: `ProjectionBroken`."""
        asked, values = _asked(projection, where)
        statement = partial(page_statement, projection, asked=asked, after=after is not None)
        arguments = [*values, *(() if after is None else (after,))]
        rows = await self._ask(projection, statement, tenant_id, *arguments, rows_max)
        decode = decoder(projection).decode
        return [(row["key"], decode(row["doc"])) for row in rows if row["key"] is not None]

    async def ordered(  # noqa: PLR0913 (as `select`, and the order)
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        order: Order,
        *,
        where: Mapping[str, object],
        after: Spot | None,
        rows_max: int,
    ) -> Sequence[tuple[Spot, Row]]:
        """Return rows in an order with where in it they stand. **Errors**: `ProjectionBroken`."""
        asked, values = _asked(projection, where, order.by)
        begins: Begins = "first" if after is None else "without-a-value" if after.value is None else "after"
        place = () if after is None else (after.key,) if after.value is None else after
        statement = partial(ordered_statement, projection, order=order, asked=asked, begins=begins)
        rows = await self._ask(projection, statement, tenant_id, *values, *place, rows_max)
        decode = decoder(projection).decode
        return [(Spot(row["value"], row["key"]), decode(row["doc"])) for row in rows if row["key"] is not None]

    async def counts(
        self, projection: AnyProjection, tenant_id: str, *, by: str, where: Mapping[str, object]
    ) -> Mapping[str, int]:
        """Return how many rows have each value of a filter. **Errors**: `ProjectionBroken`."""
        asked, values = _asked(projection, where, by)
        statement = partial(counts_statement, projection, by=by, asked=asked)
        rows = await self._ask(projection, statement, tenant_id, *values)
        return {str(row["value"]): row["rows"] for row in rows if row["rows"] is not None}

    async def sums(
        self, projection: AnyProjection, tenant_id: str, summing: Summing, *, where: Mapping[str, object]
    ) -> Sequence[Sum]:
        """Return what rows come to, by value. **Errors**: `ProjectionBroken`."""
        columns = [each for each in summing[:3] if isinstance(each, str)]
        asked, values = _asked(projection, where, *columns)
        statement = partial(sums_statement, projection, summing=summing, asked=asked)
        days = summing.days if summing.due else ()
        rows = await self._ask(projection, statement, tenant_id, *values, *days)
        return [
            Sum(row["value"], row["rows"], int(row["amount"]), row["late"], row["soon"])
            for row in rows
            if row["rows"] is not None
        ]

    async def totals(
        self, projection: AnyProjection, tenant_id: str, choices: Sequence[Choice], days: tuple[date, date]
    ) -> Sequence[Sum]:
        """Return what the rows of each choice come to. **Errors**: `ProjectionBroken`."""
        parts: list[Part] = []
        values: list[object] = []
        for choice in choices:
            columns = [each for each in choice[1:] if each is not None]
            asked, of_choice = _asked(projection, choice.where, *columns)
            parts.append(Part(asked, choice.amount, choice.due))
            values += of_choice
        statement = partial(totals_statement, projection, parts=tuple(parts))
        between = days if any(each.due for each in choices) else ()
        rows = await self._ask(projection, statement, tenant_id, *values, *between)
        in_order = sorted(rows, key=lambda row: row["part"])
        return [Sum(None, row["rows"], int(row["amount"]), row["late"], row["soon"]) for row in in_order]

    async def _ask(
        self, projection: AnyProjection, statement: Callable[[str], str], *arguments: object
    ) -> list[asyncpg.Record]:
        """Ask the generation that is in service, also where a rebuild has just put another one there."""
        name = table_name(projection)
        for _ in range(_SWAPS_MAX):
            generation = self._generations.get(name, 1)
            with suppress(asyncpg.UndefinedTableError):  # the old one is gone already
                rows = await self._fetch(statement(generation_table(name, generation)), *arguments)
                if rows[0]["generation"] == generation:
                    _refuse_broken(rows[0]["broken"])
                    return rows
            with unavailable(f"the store of {self._name}"):
                async with self._readers.acquire() as connection:
                    self._generations = await generations_in_service(connection)
        raise StoreUnavailable("a read model is rebuilt faster than it can be read; try again in a moment")

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        try:
            with unavailable(f"the store of {self._name}"):
                return await self._readers.fetch(query, *arguments)
        except DATA_ERRORS as error:
            raise UnaskableValue("a question names a value that no row can have, such as a NUL") from error


async def generations_in_service(connection: "asyncpg.Connection | PoolConnectionProxy") -> Mapping[str, int]:
    """Return which generation of each read model is in service."""
    return {row["name"]: row["generation"] for row in await connection.fetch("select name, generation from projected")}


def _asked(projection: AnyProjection, where: Mapping[str, object], *others: str) -> tuple[Asked, Sequence[object]]:
    """Return what is asked of which filters, and the values in its order. **Errors**: `KeyError`: no such filter."""
    if not {*where, *others} <= set(projection.in_columns):
        raise KeyError(f"{projection.name} has no such filter")
    limits = {name: value.value for name, value in where.items() if isinstance(value, AtMost)}
    equal = {name: value for name, value in where.items() if value is not None and name not in limits}
    nulls = tuple(name for name, value in where.items() if value is None)
    return Asked(tuple(equal), tuple(limits), nulls), [*equal.values(), *limits.values()]


def _refuse_broken(broken: str | None) -> None:
    if broken is not None:
        raise ProjectionBroken("this read model stopped at a fact that it cannot fold; mend and rebuild it")
