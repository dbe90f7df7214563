"""Appending on the product path, beside the `eventsourcing` library at its best and beside what PostgreSQL can do.

`python -m bench.append --seconds 2`. The command is registration's booking of an appointment: an idempotency key, the
chain, one read model in the same transaction, decided under the lock. `append_named_32` adds a payer, which reserves a
name, too. Loading, changing and saving is the check-in of an appointment that no cache knows. The library runs in a
process of its own, once; the bare baselines take turns with the product in this one.
"""

import argparse
import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import uvloop

from apps.embedded.database_server import DatabaseServer
from bench import bare
from bench.bare import Rate, load
from bench.figures import Figure, reported
from bench.machine import database_server, tune_garbage_collection
from bench.one_by_one import events_per_second
from services.registration.domain.appointment import BookAppointment, CheckIn
from services.registration.domain.payer import AddPayer
from services.registration.main import service
from services.registration.settings import Settings
from shared.events.envelope import Actor, link
from shared.runtime.clock import new_id
from shared.runtime.engine import Engine
from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.unit import Idempotency
from shared.runtime.wiring import Wiring

_CALLERS: Final = (8, 32, 128)
_CHANGING: Final = 32
_CHAIN_EVENTS: Final = 2_000
_NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
_ACTOR: Final = Actor(kind="service", id="bench")
_PEER: Final = Path(__file__).parent / "peer.py"
_PEER_PYTHON: Final = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"
_PEER_SECONDS_MAX: Final = 300


class NotVerified(Exception):
    """What was measured is not in the store as it should be: no figure of it means anything."""


class PeerMissing(Exception):
    """The library to compare with is not installed."""


class Registration:
    """Registration over an empty store of its own, and the commands that callers send to it."""

    def __init__(self, engine: Engine, url: str) -> None:
        self._engine = engine
        self._url = url
        self.booked: list[str] = []

    @classmethod
    @asynccontextmanager
    async def over(cls, server: DatabaseServer, name: str) -> AsyncIterator["Registration"]:
        """Open it on a database, made where it is missing."""
        await server.create(name)
        defined = service(Settings())
        wiring, url = Wiring(defined), server.url(name)
        async with PostgresStore.open(url, defined.projections, name=defined.name) as store:
            vault = Vault(wiring.registry, LocalKms(bytes(32)), MemoryKeyStore())
            async with Engine(wiring, store, vault).running() as engine:
                yield cls(engine, url)

    async def book(self) -> None:
        """Book an appointment."""
        appointment_id = new_id()
        await self._handle(
            BookAppointment(
                appointment_id=appointment_id,
                patient_id="patient-1",
                provider_id="provider-1",
                starts_at=_NOW,
                visit_type="office-visit",
                now=_NOW,
            )
        )
        self.booked.append(appointment_id)

    async def check_in(self) -> None:
        """Check in whom somebody booked."""
        await self._handle(
            CheckIn(appointment_id=self.booked.pop(), encounter_id=new_id(), coverage_ids=("coverage-1",), now=_NOW)
        )

    async def add_payer(self) -> None:
        """Add a payer, whose number at the clearinghouse nobody else may have."""
        payer_id = new_id()
        await self._handle(
            AddPayer(
                payer_id=payer_id,
                payer_name="Example Payer",
                clearinghouse_payer_id=payer_id,
                claim_filing_indicator="CI",
                filing_limit_days=365,
                filing_limit_months=None,
                zone="America/New_York",
                address=None,
                now=_NOW,
            )
        )

    async def _handle(self, command: object) -> None:
        idempotency = Idempotency(route="/v1/bench", key=new_id(), body_hmac="0" * 64)
        await self._engine.handle("demo", _ACTOR, command, idempotency=idempotency)

    async def verify(self, appended: int, *, rows: str) -> None:
        """Look for everything that was appended. **Errors**: `NotVerified`."""
        connection = await asyncpg.connect(self._url)
        try:
            found = {
                "facts": await connection.fetchval("select count(*) from events"),
                "last position": await connection.fetchval("select position from store_head"),
                "idempotency keys": await connection.fetchval("select count(*) from idempotency"),
                "rows": await connection.fetchval(f"select count(*) from {rows}"),  # noqa: S608 (a name of ours)
            }
        finally:
            await connection.close()
        if set(found.values()) != {appended}:
            raise NotVerified(f"{appended} commands were answered, but the store has {found}")
        await self._verify_chain(appended - _CHAIN_EVENTS)

    async def _verify_chain(self, after: int) -> None:
        first, *events = await self._engine.store.events(max(after, 0), events_max=_CHAIN_EVENTS)
        chain_hash = first.chain_hash
        for envelope in events:
            chain_hash = link(chain_hash, envelope)
            if chain_hash != envelope.chain_hash:
                raise NotVerified(f"the chain breaks at {envelope.position}")


async def _product(server: DatabaseServer, *, callers: int, seconds: float) -> Rate:
    async with Registration.over(server, f"append_{callers}") as registration:
        rate = await load(registration.book, callers=callers, seconds=seconds)
        await registration.verify(rate.calls, rows="rm_appointments_v1")
    return rate


async def _named(server: DatabaseServer, *, callers: int, seconds: float) -> Rate:
    async with Registration.over(server, f"append_named_{callers}") as registration:
        rate = await load(registration.add_payer, callers=callers, seconds=seconds)
        await registration.verify(rate.calls, rows="rm_payers_v1")
    return rate


async def _changed(server: DatabaseServer, *, callers: int, seconds: float) -> Rate:
    """Measure check-ins of what another engine booked, so that each loads its stream."""
    async with Registration.over(server, "load_change_save") as booking:
        await load(booking.book, callers=4 * callers, seconds=2 * seconds)
        booked = len(booking.booked)
        async with Registration.over(server, "load_change_save") as registration:
            registration.booked = booking.booked
            rate = await load(registration.check_in, callers=callers, seconds=seconds)
    connection = await asyncpg.connect(server.url("load_change_save"))
    try:
        stored = await connection.fetchval("select count(*) from events")
    finally:
        await connection.close()
    if stored != booked + rate.calls:
        raise NotVerified(f"{booked} were booked and {rate.calls} checked in, but {stored} facts are stored")
    return rate


def _library(server: DatabaseServer, seconds: float) -> dict[str, dict[str, Any]]:
    """Return the best of the library, measured in a process of its own. **Errors**: `PeerMissing`."""
    if not _PEER_PYTHON.exists():
        raise PeerMissing("the library to compare with is not installed: run `make peers`")
    done = subprocess.run(  # noqa: S603 (our own program)
        [str(_PEER_PYTHON), str(_PEER), str(server.socket_folder), "peer", str(seconds)],
        stdout=subprocess.PIPE,
        timeout=_PEER_SECONDS_MAX,
        check=True,
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


async def _measured(server: DatabaseServer, seconds: float) -> dict[str, Figure]:
    await server.create("peer")
    peer = await asyncio.to_thread(_library, server, seconds / 2)
    library = {name: each["per_second"] for name, each in peer.items()}
    control = await events_per_second(server)
    figures = {
        "library_append": _figure(library["append"], control, "control loop"),
        "library_load_change_save": _figure(library["load_change_save"], control, "control loop"),
        "library_append_p99": Figure(value=peer["append"]["p99_ms"], unit="ms"),
    }
    for callers in _CALLERS:
        control = await events_per_second(server)
        transactions = await bare.transactions(server, callers=callers, seconds=seconds)
        group = await bare.group_commit(server, callers=callers, seconds=seconds)
        rate = await _product(server, callers=callers, seconds=seconds)
        figures |= {
            f"bare_transactions_{callers}": _figure(transactions.per_second, control, "control loop"),
            f"bare_group_commit_{callers}": _figure(group.per_second, control, "control loop"),
            f"append_{callers}": _figure(rate.per_second, library["append"], "library_append"),
            f"append_{callers}_of_bare": _figure(rate.per_second, group.per_second, f"bare_group_commit_{callers}"),
            f"append_{callers}_p50": _milliseconds(rate.p50_ms, group.p50_ms, f"bare_group_commit_{callers}"),
            f"append_{callers}_p99": _milliseconds(rate.p99_ms, group.p99_ms, f"bare_group_commit_{callers}"),
        }
    named = await _named(server, callers=_CHANGING, seconds=seconds)
    changed = await _changed(server, callers=_CHANGING, seconds=seconds)
    return figures | {
        f"append_named_{_CHANGING}": _figure(named.per_second, library["append"], "library_append"),
        "load_change_save": _figure(changed.per_second, library["load_change_save"], "library_load_change_save"),
    }


def _figure(value: float, baseline: float, beside: str) -> Figure:
    return Figure(value=value, unit="events/s", baseline=baseline, beside=beside)


def _milliseconds(value: float, baseline: float, beside: str) -> Figure:
    return Figure(value=value, unit="ms", baseline=baseline, beside=beside)


def measure(seconds: float = 2.0) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`, `PeerMissing`."""
    tune_garbage_collection()
    with database_server() as server:
        return uvloop.run(_measured(server, seconds))


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    reported("Append", measure(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
