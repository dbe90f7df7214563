"""Bringing the tables of codes that are in force and not here: from the folder, from coding, or from the own files.

Owns: the task that every process of a service with tables runs. Refuses: to be waited for; what is missing is asked for
again at the next look. Next: `tables.py` keeps what it brings.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

import httpx
from structlog import get_logger

from shared.kernel.errors import KnownError
from shared.kernel.projection import AnyProjection
from shared.runtime.calling_off import call_off
from shared.runtime.engine import Engine
from shared.runtime.tables import EVERYTHING, CodeTables, LoadedTable, kept_key

_LOG: Final = get_logger("tables")
_LOOK_SECONDS: Final = 2.0
_FETCH_SECONDS_MAX: Final = 120.0
Fetch: TypeAlias = Callable[[str, LoadedTable], Awaitable[bytes]]
"""Brings a packed table of a tenant. **Errors**: a `KnownError`, or what httpx raises: it is asked again later."""


@asynccontextmanager
async def bringing(engine: Engine) -> AsyncIterator[None]:
    """Keep the tables of a service here while the block runs; nothing for a service without `CodeTables`.

    What the folder has is mapped before the block begins, so that a restart answers as the process did before.
    """
    tables = engine.service.resources.get(CodeTables)
    if not isinstance(tables, CodeTables):
        yield
        return
    told: set[str] = set()
    fetch = _fetch_of(engine, tables)
    await look(engine, tables, None, set())
    task = asyncio.create_task(_again_and_again(engine, tables, fetch, told))
    try:
        yield
    finally:
        await call_off(task)


async def _again_and_again(engine: Engine, tables: CodeTables, fetch: Fetch | None, told: set[str]) -> None:
    while True:
        with suppress(KnownError, OSError):  # the store is away: the next look follows soon
            await look(engine, tables, fetch, told)
        await asyncio.sleep(_LOOK_SECONDS)


async def look(engine: Engine, tables: CodeTables, fetch: Fetch | None, told: set[str]) -> None:
    """Bring what is in force and missing. **Shape**: no `fetch`: only the folder; `told` are hashes once told of."""
    only = engine.service.settings.tenant_id
    in_force = await engine.store.rows_of_tenants(tables.in_force, EVERYTHING)  # one question, however many they are
    for tenant_id, loaded in in_force.items():
        if only and tenant_id != only:
            continue
        for table in await asyncio.to_thread(tables.missing, loaded):
            if fetch is not None:
                await _bring(tables, table, tenant_id, fetch)
            elif table.sha256 not in told:
                told.add(table.sha256)
                _LOG.warning("code-table-not-here", system=table.system, sha256=table.sha256)


async def _bring(tables: CodeTables, table: LoadedTable, tenant_id: str, fetch: Fetch) -> None:
    try:
        packed = await fetch(tenant_id, table)
        await asyncio.to_thread(tables.keep, table, packed)
    except (KnownError, httpx.HTTPError, OSError) as error:
        _LOG.warning("code-table-not-brought", system=table.system, sha256=table.sha256, kind=type(error).__name__)
    else:
        _LOG.info("code-table-brought", system=table.system, sha256=table.sha256)


def _fetch_of(engine: Engine, tables: CodeTables) -> Fetch | None:
    settings = engine.service.settings
    if tables.kept_in is not None:
        return from_own_files(engine, tables.kept_in)
    if settings.coding_url:
        return from_coding(settings.coding_url, Path(settings.coding_token_file))
    return None


def from_coding(url: str, token_file: Path) -> Fetch:
    """Return what brings tables from coding over HTTP. **Shape**: the token is read anew each time: it is changed."""

    async def fetch(_: str, table: LoadedTable) -> bytes:
        token = await asyncio.to_thread(token_file.read_text, encoding="ascii")
        headers = {"Authorization": f"Bearer {token.strip()}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=_FETCH_SECONDS_MAX) as client:
            answer = await client.get(f"/v1/code-sets/{table.system}/tables/{table.sha256}")
            answer.raise_for_status()
            return answer.content

    return fetch


def from_own_files(engine: Engine, kept_in: AnyProjection) -> Fetch:
    """Return what brings tables from the service's own files: coding has them. **Errors**: `FileNotFound`: it is lost.

    The read model says under which hash: a lost file that was loaded again may have been packed by another release.
    """

    async def fetch(tenant_id: str, table: LoadedTable) -> bytes:
        kept: Any = await engine.row(kept_in, tenant_id, kept_key(table))
        return await engine.file(tenant_id, kept.packed_sha256 if kept else table.packed_sha256)

    return fetch
