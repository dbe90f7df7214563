"""Read models: catching up with facts that are stored already, beside one transaction per event.

`python -m bench.projection --claims 20000`. Claims' read model of claims, over five facts for each, as a release
that brings a new version of it folds them at its start.
"""

import argparse
from dataclasses import replace
from time import perf_counter
from typing import Final

import asyncpg
import uvloop

from apps.embedded.database_server import DatabaseServer
from bench.figures import Figure, reported
from bench.machine import database_server
from bench.one_by_one import events_per_second
from bench.stores import TENANT, engine_over, fetch_value, fill, store_over
from services.claims.main import service
from services.claims.projections import CLAIM_ROWS
from services.claims.settings import Settings
from shared.kernel.projection import AnyProjection
from shared.runtime.definition import Service
from shared.runtime.garbage import collect_seldom
from shared.runtime.read_models import decoder, upsert, values
from shared.runtime.store import table_name
from shared.runtime.wiring import Wiring

_ONE_BY_ONE_SECONDS: Final = 3.0
_CLAIMS: Final[AnyProjection] = CLAIM_ROWS


class NotVerified(Exception):
    """A read model is not what its facts say: no figure of it means anything."""


def claims_alone(url: str = "") -> Service:
    """Return claims with one read model and nothing that reacts."""
    return replace(
        service(Settings(database_url=url)), projections=(CLAIM_ROWS,), reactions=(), effects=(), worklists={}
    )


async def _caught_up(server: DatabaseServer, claims: int) -> float:
    """Return how many events a second a start folds."""
    facts = await fill(server, claims_alone(), "catch_up", claims=claims)
    begun = perf_counter()
    async with engine_over(server, claims_alone(), "catch_up"):
        took = perf_counter() - begun
    await verify_claims(server, "catch_up", claims, table_name(CLAIM_ROWS))
    return facts / took


async def verify_claims(server: DatabaseServer, database: str, claims: int, table: str) -> None:
    """Look for every claim in a table of the read model. **Errors**: `NotVerified`."""
    query = f"select count(*) from {table} where submission = 'accepted-by-payer' and payer_id is not null"  # noqa: S608
    found = await fetch_value(server, database, query)
    if found != claims:
        raise NotVerified(f"{claims} claims were accepted, but the read model has {found}")


async def _one_by_one(server: DatabaseServer, seconds: float) -> float:
    """Return how many events a second are folded by who takes one in each transaction."""
    await fill(server, claims_alone(), "one_by_one", claims=2_000)
    table, decode = table_name(_CLAIMS), decoder(_CLAIMS).decode
    registry = Wiring(claims_alone()).registry
    async with store_over(server, claims_alone(), "one_by_one") as store:
        envelopes = await store.events(0, events_max=10_000)
    connection = await asyncpg.connect(server.url("one_by_one"))
    try:
        count, begun = 0, perf_counter()
        for envelope in envelopes:
            event = registry.decode(envelope.type, envelope.schema_version, envelope.data)
            async with connection.transaction():
                for key in _CLAIMS.keys(event):
                    doc = await connection.fetchval(
                        f"select doc from {table} where tenant_id = $1 and key = $2",  # noqa: S608 (a name of ours)
                        TENANT,
                        key,
                    )
                    row = _CLAIMS.apply(decode(doc) if doc else None, event)
                    (columns,) = values(_CLAIMS, {(TENANT, key): row})
                    await connection.execute(upsert(_CLAIMS, table), *columns)
                await connection.execute("update projected set position = $1 where name = $2", envelope.position, table)
            count += 1
            if perf_counter() - begun > seconds:
                break
        return count / (perf_counter() - begun)
    finally:
        await connection.close()


async def _measured(server: DatabaseServer, claims: int) -> dict[str, Figure]:
    control = await events_per_second(server)
    one_by_one = await _one_by_one(server, _ONE_BY_ONE_SECONDS)
    rate = await _caught_up(server, claims)
    return {
        "projection_one_by_one": Figure(value=one_by_one, unit="events/s", baseline=control, beside="control loop"),
        "projection_catch_up": Figure(value=rate, unit="events/s", baseline=one_by_one, beside="projection_one_by_one"),
    }


def measure(claims: int = 20_000) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`."""
    collect_seldom()
    with database_server() as server:
        return uvloop.run(_measured(server, claims))


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=20_000)
    reported("Read models", measure(parser.parse_args().claims))


if __name__ == "__main__":
    main()
