"""Code sets over HTTP: a table goes in once, comes out by its hash, and says who accepted which licence."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.coding.main import service
from services.coding.projections.code_set_editions import CODE_SET_EDITIONS
from services.coding.projections.loaded_tables import LOADED_TABLES
from services.coding.settings import Settings
from shared.clients.coding import CodingClient, TableToLoad
from shared.clients.problem import ProblemAnswered
from shared.codesets.edition import TableNotLoaded
from shared.codesets.ncci_ptp import PRACTITIONER, PtpEdits
from shared.codesets.official import Built
from shared.codesets.packed import plain
from shared.runtime.bringing import from_own_files, look
from shared.runtime.store_memory import MemoryStore
from shared.runtime.tables import EVERYTHING, CodeTables
from tests.support.memory import TENANT, Running, running
from tests.support.pair_edits import built, row
from tests.unit.coding.tables import TABLES

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
QUARTER = built(row("11043", "11042", "19960101"), first=FIRST, last=LAST)
CORRECTED = built(row("10061", "10060", "19960101"), first=FIRST, last=LAST)
FILES = (("ccipra-f1.zip", "f" * 64), ("ccipra: f2.zip", "e" * 64))
LICENCE = "AMA: CPT numbers"


@pytest.fixture
async def coding(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(service(Settings(tables_cache=str(tmp_path)), TABLES)) as running_service:
        yield running_service


def said(table: Built, **more: Any) -> TableToLoad:  # noqa: ANN401 (fields of it)
    given: dict[str, Any] = {"sha256": table.edition.sha256, "rows": table.rows, "files": FILES, "licence": LICENCE}
    return TableToLoad(**{**given, **more})


async def refused(client: CodingClient, system: str, table: bytes, what: TableToLoad) -> tuple[int, str]:
    with pytest.raises(ProblemAnswered) as problem:
        await client.load_table(system, table, what)
    return problem.value.status, problem.value.slug


async def test_a_table_is_loaded_once_and_comes_out_as_it_went_in(coding: Running) -> None:
    client = CodingClient(coding.client)
    loaded, new = await client.load_table(PRACTITIONER.name, QUARTER.table, said(QUARTER, rejected_rows=2))
    _, again = await client.load_table(PRACTITIONER.name, QUARTER.table, said(QUARTER, rejected_rows=2))
    (item,) = (await client.code_sets())["items"]

    assert (new, again) == (True, False)
    assert loaded == item
    assert {name: item[name] for name in ("release", "rows", "rejected_rows", "licence_acknowledged")} == {
        "release": "example",
        "rows": 1,
        "rejected_rows": 2,
        "licence_acknowledged": LICENCE,
    }
    assert item["files"] == [{"name": name, "sha256": digest} for name, digest in FILES]
    assert await client.table(PRACTITIONER.name, QUARTER.edition.sha256) == QUARTER.table
    envelopes = [each for each, _ in await coding.engine.opened(await coding.engine.store.events(0, events_max=9))]
    assert [each.actor.kind for each in envelopes] == ["human"]  # whose acceptance of the licence it is


async def test_a_corrected_edition_takes_the_place_of_another(coding: Running) -> None:
    client = CodingClient(coding.client)
    await client.load_table(PRACTITIONER.name, QUARTER.table, said(QUARTER))

    assert await refused(client, PRACTITIONER.name, CORRECTED.table, said(CORRECTED)) == (409, "editions-overlap")
    await client.load_table(PRACTITIONER.name, CORRECTED.table, said(CORRECTED, replaces=QUARTER.edition.sha256))
    items = {each["sha256"]: each for each in (await client.code_sets())["items"]}

    assert items[QUARTER.edition.sha256]["replaced_by"] == CORRECTED.edition.sha256
    assert items[CORRECTED.edition.sha256]["replaced_by"] is None


@pytest.mark.parametrize(
    ("system", "table", "more", "answer"),
    [
        ("of_tomorrow", QUARTER.table, {}, (404, "unknown-code-set")),
        (PRACTITIONER.name, b"", {}, (422, "not-a-code-table")),
        (PRACTITIONER.name, b"something else", {}, (422, "not-a-code-table")),
        ("icd10cm", QUARTER.table, {}, (422, "not-a-code-table")),
        (PRACTITIONER.name, QUARTER.table, {"sha256": "0" * 64}, (422, "code-table-hash-differs")),
        (PRACTITIONER.name, QUARTER.table, {"licence": None}, (409, "licence-not-accepted")),
        (PRACTITIONER.name, QUARTER.table, {"replaces": "0" * 64}, (409, "nothing-to-replace")),
    ],
)
async def test_what_cannot_be_loaded_is_refused_and_leaves_nothing(
    coding: Running, system: str, table: bytes, more: dict[str, Any], answer: tuple[int, str]
) -> None:
    client = CodingClient(coding.client)

    assert await refused(client, system, table, said(QUARTER, **more)) == answer
    assert await coding.facts() == []


async def test_a_table_that_nobody_loaded_is_not_found(coding: Running) -> None:
    with pytest.raises(ProblemAnswered) as problem:
        await CodingClient(coding.client).table(PRACTITIONER.name, "0" * 64)
    assert (problem.value.status, problem.value.slug) == (404, "code-table-not-found")


async def test_every_code_set_is_listed_with_where_to_get_it(coding: Running) -> None:
    known = {each["system"]: each for each in (await CodingClient(coding.client).code_sets())["known"]}

    assert known[PRACTITIONER.name]["licence"] == LICENCE
    assert all(each["source"].startswith("https://") for each in known.values())


async def test_a_loaded_table_is_brought_from_the_own_files(coding: Running, tmp_path: Path) -> None:
    client, tables = CodingClient(coding.client), coding.engine.service.resources[CodeTables]
    assert isinstance(tables, CodeTables)
    await client.load_table(PRACTITIONER.name, QUARTER.table, said(QUARTER))

    await look(coding.engine, tables, None, set())
    in_force = await coding.engine.row(LOADED_TABLES, TENANT, EVERYTHING)
    absent = tables.library(in_force).on(PRACTITIONER, FIRST)
    assert isinstance(absent, TableNotLoaded)  # nobody brought it yet, and nobody waits

    await look(coding.engine, tables, from_own_files(coding.engine, CODE_SET_EDITIONS), set())
    found = tables.library(in_force).on(PRACTITIONER, FIRST)
    assert isinstance(found, PtpEdits)
    assert (tmp_path / f"{QUARTER.edition.sha256}.table").is_file()


@pytest.mark.parametrize("packed", [QUARTER.table, plain(QUARTER.table)], ids=["as before", "packed otherwise"])
async def test_a_lost_table_is_kept_again_when_it_is_loaded_again(coding: Running, packed: bytes) -> None:
    client, tables = CodingClient(coding.client), coding.engine.service.resources[CodeTables]
    store = coding.engine.store
    assert isinstance(tables, CodeTables)
    assert isinstance(store, MemoryStore)
    await client.load_table(PRACTITIONER.name, QUARTER.table, said(QUARTER))
    store._files.clear()  # noqa: SLF001 (as a restore, which brings facts back and no files)
    with pytest.raises(ProblemAnswered):
        await client.table(PRACTITIONER.name, QUARTER.edition.sha256)

    _, kept = await client.load_table(PRACTITIONER.name, packed, said(QUARTER))
    await look(coding.engine, tables, from_own_files(coding.engine, CODE_SET_EDITIONS), set())
    in_force = await coding.engine.row(LOADED_TABLES, TENANT, EVERYTHING)
    _, kept_twice = await client.load_table(PRACTITIONER.name, packed, said(QUARTER))

    assert (kept, kept_twice) == (True, False)
    assert await client.table(PRACTITIONER.name, QUARTER.edition.sha256) == packed
    assert isinstance(tables.library(in_force).on(PRACTITIONER, FIRST), PtpEdits)
    assert [type(fact).__name__ for fact in await coding.facts()] == ["CodeSetEditionLoaded", "CodeTableKept"]


async def test_a_table_may_be_larger_than_other_bodies_and_has_a_limit_of_its_own() -> None:
    many = built(*(row(str(code), "11042", "19960101") for code in range(11_100, 11_400)), first=FIRST, last=LAST)
    table, answers = bytes(plain(many.table)), []
    size = len(table)
    for table_bytes_max in (size, size - 1):
        settings = Settings(body_bytes_max=1_024, table_bytes_max=table_bytes_max)
        async with running(service(settings, TABLES)) as started:
            path = f"/v1/code-sets/{PRACTITIONER.name}/tables"
            params: dict[str, str | int] = {
                "sha256": many.edition.sha256,
                "rows": 1,
                "file": f"x.zip:{'f' * 64}",
                "licence": LICENCE,
            }
            answers.append((await started.client.post(path, params=params, content=table)).status_code)

    assert size > 1_024
    assert answers == [201, 413]
