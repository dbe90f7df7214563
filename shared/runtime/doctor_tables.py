"""What a doctor finds at the tables of codes that users loaded: whether each is here, and whether they are of this day.

Owns: the looks and their words, for a service with `CodeTables`. Refuses: bringing a table (`bringing.py`). A table
whose file is lost where the tables are kept is a fault; one that a process has not brought yet is none for long.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import asyncpg
from msgspec import json

from shared.codesets.edition import TableNotLoaded
from shared.codesets.systems import SYSTEMS
from shared.kernel.dates import local_day
from shared.kernel.projection import AnyProjection
from shared.runtime import clock
from shared.runtime.definition import Service
from shared.runtime.look import Look
from shared.runtime.read_models import generation_table
from shared.runtime.store import table_name
from shared.runtime.tables import EVERYTHING, CodeTables, LoadedTable, LoadedTables, file_of, kept_key

_KEEPERS_ZONE: Final = "America/New_York"  # whose days the editions of CMS begin and end on
_NAMED_MAX: Final = 6


async def tables_looked_at(service: Service, connection: asyncpg.Connection) -> list[Look]:
    """Return what was found; nothing for a service without tables, or whose read models are not there yet."""
    tables = service.resources.get(CodeTables)
    if not isinstance(tables, CodeTables):
        return []
    docs = await _docs(connection, tables.in_force)
    in_force = {
        tenant_id: json.decode(doc, type=LoadedTables) for (tenant_id, key), doc in docs.items() if key == EVERYTHING
    }
    found = []
    if tables.kept_in is not None:
        found += list(_lost(in_force, await _stored(connection, tables.kept_in)))
        found += [_of_this_day(tables, loaded) for loaded in in_force.values() or (None,)][:1]
    return [*found, *_here(service, in_force)]


async def _docs(connection: asyncpg.Connection, projection: AnyProjection) -> Mapping[tuple[str, str], str]:
    """Return the rows of a read model by tenant and key, as they are stored."""
    name = table_name(projection)
    generation = await connection.fetchval("select generation from projected where name = $1", name)
    if generation is None:
        return {}
    rows = await connection.fetch(f"select tenant_id, key, doc::text from {generation_table(name, generation)}")  # noqa: S608 (a name of ours)
    return {(row["tenant_id"], row["key"]): row["doc"] for row in rows}


async def _stored(connection: asyncpg.Connection, kept_in: AnyProjection) -> frozenset[tuple[str, str]]:
    """Return the tables, by tenant and key, whose file is stored."""
    docs = await _docs(connection, kept_in)
    packed = {place: json.decode(doc, type=kept_in.row).packed_sha256 for place, doc in docs.items()}
    rows = await connection.fetch(
        "select tenant_id, sha256 from files join unnest($1::text[], $2::text[]) as wanted (tenant_id, sha256)"
        " using (tenant_id, sha256)",
        [tenant_id for tenant_id, _ in packed],
        list(packed.values()),
    )
    stored = {(row["tenant_id"], row["sha256"]) for row in rows}
    return frozenset(place for place, sha256 in packed.items() if (place[0], sha256) in stored)


def _lost(in_force: Mapping[str, LoadedTables], stored: frozenset[tuple[str, str]]) -> Iterator[Look]:
    lost = [
        table
        for tenant_id, loaded in in_force.items()
        for table in loaded.tables
        if (tenant_id, kept_key(table)) not in stored
    ]
    if lost:
        said = f"the file of {_names(lost)} is lost; a service that does not have it answers not loaded"
        mend = "claimlog codesets load FILE --accept-licence, with the official file that it was made from"
        yield Look(check="code-tables-kept", level="fail", said=said, mend=mend)
    else:
        count = sum(len(loaded.tables) for loaded in in_force.values())
        yield Look(check="code-tables-kept", level="ok", said=f"{count} loaded tables are kept")


def _here(service: Service, in_force: Mapping[str, LoadedTables]) -> Iterator[Look]:
    folder = service.settings.tables_cache
    if not folder:
        return
    asked = [table for loaded in in_force.values() for table in loaded.tables]
    absent = [table for table in asked if not file_of(Path(folder), table).is_file()]
    if not absent:
        yield Look(check="code-tables", level="ok", said=f"{len(asked)} loaded tables are in {folder}")
        return
    said = f"in force and not in {folder}: {_names(absent)}; not loaded until then"
    mend = "start the service: it brings them within seconds, or its log says code-table-not-brought"
    tables = service.resources[CodeTables]
    if isinstance(tables, CodeTables) and tables.kept_in is None and not service.settings.coding_url:
        mend = f"set CLAIMLOG_{service.name.upper()}_CODING_URL, or share the folder of coding"
    yield Look(check="code-tables", level="warn", said=said, mend=mend)


def _of_this_day(tables: CodeTables, loaded: LoadedTables | None) -> Look:
    """Look which code sets answer for services of today."""
    tables.missing(loaded)  # maps what the folder has
    library, today = tables.library(loaded), local_day(clock.now(), _KEEPERS_ZONE)
    silent = [system.name for system in SYSTEMS if isinstance(library.on(system, today), TableNotLoaded)]
    outdated = [each for each in silent if any(edition.system == each for edition in library.editions())]
    missing = [each for each in silent if each not in outdated]
    if not silent:
        return Look(check="code-set-editions", level="ok", said=f"{len(SYSTEMS)} code sets answer for today")
    parts = [("out of date", outdated), ("missing", missing)]
    said = "; ".join(f"{what}: {_few(names)}" for what, names in parts if names)
    mend = "claimlog codesets status: says where to get each"
    return Look(check="code-set-editions", level="warn", said=said, mend=mend)


def _names(tables: list[LoadedTable]) -> str:
    return _few([f"{each.system} ({each.sha256[:12]})" for each in tables])


def _few(names: list[str]) -> str:
    more = len(names) - _NAMED_MAX
    return ", ".join(names[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
