"""What a doctor finds at tables of codes that users loaded: here, not here, lost, and of another day."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from services.coding.domain.code_set import LoadTable
from services.coding.main import service
from services.coding.settings import Settings
from shared.codesets.ncci_ptp import PRACTITIONER
from shared.events.coding import LoadedFile
from shared.events.envelope import Actor
from shared.runtime import clock
from shared.runtime.definition import Service
from shared.runtime.doctor import examine
from shared.runtime.files import File
from shared.runtime.look import Look
from shared.runtime.tables import CodeTables, LoadedTable, starters_in
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.pair_edits import built, row

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

CLERK = Actor(kind="human", id="clerk-1")
STARTERS = starters_in(Path(__file__).parents[3] / "reference")
EDITS = built(row("11043", "11042", "19960101"), first=date(2020, 1, 1), last=date(2020, 3, 31))
FILE = File(kind="code-table", content=EDITS.table)
TABLE = LoadedTable(system=PRACTITIONER.name, sha256=EDITS.edition.sha256, packed_sha256=FILE.sha256)


@dataclass(frozen=True, slots=True)
class Coding:
    """Coding over a database, with a table that somebody loaded, and the folder where tables are mapped."""

    service: Service
    folder: Path

    def bring(self) -> None:
        """Have the table in the folder, as the task that brings tables does."""
        tables = self.service.resources[CodeTables]
        assert isinstance(tables, CodeTables)
        tables.keep(TABLE, EDITS.table)

    async def execute(self, statement: str) -> None:
        """Do something to the database."""
        connection = await asyncpg.connect(self.service.settings.database_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def looked(self) -> dict[str, Look]:
        """Return what the doctor finds."""
        return {look.check: look for look in await examine(lambda: self.service) if look.check.startswith("code-")}


@pytest.fixture
async def coding(database_server: DatabaseServer, tmp_path: Path) -> AsyncIterator[Coding]:
    url, log_url = [await fresh_database(database_server) for _ in range(2)]
    made = service(Settings(database_url=url, log_url=log_url, tables_cache=str(tmp_path / "tables")), STARTERS)
    load = LoadTable(
        edition=EDITS.edition,
        packed_sha256=FILE.sha256,
        files=(LoadedFile(name="ccipra.zip", sha256="f" * 64),),
        rows=1,
        rejected_rows=0,
        licence_needed=None,
        licence=None,
        replaces=None,
        now=clock.now(),
    )
    async with engine_over(made, url) as engine:
        await engine.handle("demo", CLERK, load, files=(FILE,))
        yield Coding(made, tmp_path / "tables")


async def test_nothing_is_wrong_with_tables_that_are_kept_and_here(coding: Coding) -> None:
    coding.bring()
    found = await coding.looked()

    assert (found["code-tables-kept"].level, found["code-tables"].level) == ("ok", "ok")
    assert "1 loaded tables" in found["code-tables"].said


async def test_a_table_that_is_not_here_is_named_with_what_brings_it(coding: Coding) -> None:
    found = await coding.looked()

    assert (found["code-tables-kept"].level, found["code-tables"].level) == ("ok", "warn")
    assert f"{PRACTITIONER.name} ({TABLE.sha256[:12]})" in found["code-tables"].said
    assert "start the service" in found["code-tables"].mend


async def test_a_table_whose_file_is_lost_is_a_fault(coding: Coding) -> None:
    coding.bring()
    await coding.execute("delete from files")
    found = await coding.looked()

    assert (found["code-tables-kept"].level, found["code-tables"].level) == ("fail", "ok")
    assert TABLE.sha256[:12] in found["code-tables-kept"].said
    assert found["code-tables-kept"].mend.startswith("claimlog codesets load FILE")


async def test_code_sets_that_do_not_answer_for_today_are_named(coding: Coding) -> None:
    coding.bring()
    look = (await coding.looked())["code-set-editions"]

    assert (look.level, look.mend.split(":")[0]) == ("warn", "claimlog codesets status")
    outdated, missing = look.said.split("; ")
    assert outdated.startswith("out of date: ")
    assert PRACTITIONER.name in outdated
    assert missing.startswith("missing: poa_exempt, ")


async def test_an_old_database_without_the_read_models_is_looked_at_all_the_same(coding: Coding) -> None:
    await coding.execute("delete from projected where name like 'rm_loaded_tables%'")

    assert (await coding.looked())["code-tables-kept"].level == "ok"
