"""Tables and statements follow from a row type; values are parameters, never text."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Literal

import pytest
from msgspec import json

from shared.kernel.projection import AnyProjection, Projection
from shared.runtime.read_models import (
    Asked,
    Part,
    column_names,
    column_types,
    counts_statement,
    decoder,
    definitions,
    page_statement,
    totals_statement,
    upsert,
    upserts,
    values,
)
from shared.runtime.store import UnstorableValue, table_name


class Kind(StrEnum):
    """A kind of row."""

    ONE = "one"


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a row."""

    code: str


@dataclass(frozen=True, slots=True)
class Row:
    """Fields of every sort."""

    name: str
    state: Literal["open", "closed"]
    kind: Kind
    count: int
    done: bool
    on: date | None
    owner: str | None
    lines: tuple[Line, ...]


ROWS: Projection[Row, Any] = Projection(
    name="sorts",
    version=3,
    source="own",
    row=Row,
    events=(),
    keys=lambda _: (),
    apply=lambda row, _: row,
    filters=("name", "state", "kind", "count", "done", "on", "owner"),
)
TABLE = table_name(ROWS)
ROW = Row("n", "open", Kind.ONE, 2**40, True, None, None, (Line("A"), Line("B")))  # noqa: FBT003 (a row's fields)


def test_filters_have_the_plain_type_of_their_field() -> None:
    assert column_types(ROWS) == {
        "name": str,
        "state": str,
        "kind": str,
        "count": int,
        "done": bool,
        "on": date,
        "owner": str,
    }


def test_field_that_is_no_plain_value_cannot_be_a_filter() -> None:
    with pytest.raises(TypeError, match=r"sorts\.lines cannot be a column"):
        column_types(replace(ROWS, filters=("lines",)))


def test_each_version_has_a_table_of_its_own_and_an_index_per_filter() -> None:
    made = definitions(ROWS, TABLE)

    assert "CREATE TABLE IF NOT EXISTS rm_sorts_v3" in made[0]
    assert len(made) == 1 + len(ROWS.filters)
    assert all("IF NOT EXISTS" in each for each in made)


def test_a_column_has_no_index_and_its_values_stand_behind_those_of_filters() -> None:
    sorts: AnyProjection = ROWS
    fewer = replace(sorts, filters=("state", "count"), columns=("on", "owner"))
    ((*_, doc, state, count, on, owner),) = values(fewer, {("demo", "k"): ROW})

    assert len(definitions(fewer, TABLE)) == 1 + 2
    assert all(f"{each} " in definitions(fewer, TABLE)[0] for each in ("state", "count", '"on"', "owner"))
    assert column_names(fewer) == ("tenant_id", "key", "doc", "state", "count", "on", "owner")
    assert (decoder(fewer).decode(doc), state, count, on, owner) == (ROW, "open", 2**40, None, None)


def test_rows_go_into_columns_and_their_documents_come_back() -> None:
    ((tenant_id, key, doc, *filters),) = values(ROWS, {("demo", "k"): ROW})

    assert (tenant_id, key) == ("demo", "k")
    assert decoder(ROWS).decode(doc) == ROW
    assert filters == ["n", "open", Kind.ONE, 2**40, True, None, None]
    assert upsert(ROWS, TABLE).count("$") == len(column_names(ROWS)) == len(filters) + 3


def test_many_rows_go_in_as_one_document() -> None:
    ((tenant_id, key, doc, *filters),) = json.decode(json.encode(values(ROWS, {("demo", "k"): ROW})))

    assert (tenant_id, key, len(filters)) == ("demo", "k", len(ROWS.filters))
    assert decoder(ROWS).decode(doc) == ROW
    assert upserts(ROWS, TABLE, 17).count("given ->") == len(column_names(ROWS))
    assert "jsonb_array_elements($17::jsonb)" in upserts(ROWS, TABLE, 17)


def test_a_row_with_a_nul_is_refused_and_one_that_speaks_of_it_is_not() -> None:
    with pytest.raises(UnstorableValue):
        values(ROWS, {("demo", "k"): replace(ROW, name="a\x00b")})

    assert values(ROWS, {("demo", "k"): replace(ROW, name="a\\u0000b")})


@pytest.mark.parametrize(("after", "last"), [(True, 5), (False, 4)])
def test_page_takes_values_as_parameters_in_order(after: bool, last: int) -> None:  # noqa: FBT001 (a case)
    statement = page_statement(ROWS, TABLE, Asked(("state",), ("count",), ("owner",)), after=after)

    assert "state = $2" in statement
    assert "count <= $3" in statement
    assert "owner IS NULL" in statement
    assert ("key > $4" in statement) is after
    assert f"LIMIT ${last}" in statement


def test_counts_group_by_one_filter_within_others() -> None:
    statement = counts_statement(ROWS, TABLE, "state", Asked(equal=("count",), nulls=("owner",)))

    assert "GROUP BY rm_sorts_v3.state" in statement
    assert "count = $2" in statement
    assert "owner IS NULL" in statement


def test_totals_have_places_of_their_own_for_the_values_of_each_part() -> None:
    parts = (Part(Asked(("state",), ("count",)), None, None), Part(Asked(("owner",), (), ("count",)), "count", None))
    statement = totals_statement(ROWS, TABLE, parts)

    assert statement.count("tenant_id = $1") == 2
    assert "state = $2" in statement
    assert "count <= $3" in statement
    assert "owner = $4" in statement


def test_row_without_fields_is_a_defect() -> None:
    @dataclass(frozen=True)
    class Empty:
        """Nothing."""

    sorts: AnyProjection = ROWS
    nothing = replace(sorts, name="nothing", row=Empty, filters=())

    with pytest.raises(TypeError, match="rows without fields"):
        decoder(nothing)
