"""Appending on the product path, beside the `eventsourcing` library at its best and beside what PostgreSQL can do.

`python -m bench.append --seconds 3`. The command is registration's booking of an appointment: an idempotency key, the
chain, one read model in the same transaction, decided under the lock. `append_named_32` adds a payer, which reserves a
name, too. Loading, changing and saving is the check-in of an appointment that no cache knows. The library runs in a
process of its own: first at every setting, then at its best beside each measurement. The bare baselines take turns with
the product in this one.
"""

import argparse
import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import asyncpg
import uvloop

from apps.embedded.database_server import DatabaseServer
from bench import bare
from bench.bare import Rate, load
from bench.figures import Figure, reported
from bench.machine import database_server
from bench.one_by_one import events_per_second
from services.registration.domain.appointment import BookAppointment, CheckIn
from services.registration.domain.payer import AddPayer
from services.registration.main import service
from services.registration.settings import Settings
from shared.events.envelope import Actor, link
from shared.runtime.clock import new_id
from shared.runtime.engine import Engine
from shared.runtime.garbage import collect_seldom
from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.unit import Idempotency
from shared.runtime.wiring import Wiring

_CALLERS: Final = (8, 32, 128)
_CHANGING: Final = 32
_CONTROL: Final = "control loop"
_TURNS: Final = 3
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


async def _product(server: DatabaseServer, name: str, *, callers: int, seconds: float) -> Rate:
    async with Registration.over(server, f"append_{callers}_{name}") as registration:
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


def _library(server: DatabaseServer, seconds: float, setting: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Return the best of the library, or what one setting gives, measured in a process of its own.

    **Errors**: `PeerMissing`.
    """
    if not _PEER_PYTHON.exists():
        raise PeerMissing("the library to compare with is not installed: run `make peers`")
    done = subprocess.run(  # noqa: S603 (our own program)
        [str(_PEER_PYTHON), str(_PEER), str(server.socket_folder), "peer", str(seconds), *setting],
        stdout=subprocess.PIPE,
        timeout=_PEER_SECONDS_MAX,
        check=True,
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def _setting(found: Mapping[str, Any]) -> tuple[str, str]:
    return str(found["threads"]), str(found["db_functions"])


async def _measured(server: DatabaseServer, seconds: float) -> dict[str, Figure]:
    """Find the library's best setting, then measure it, the bare baselines and the product beside one another."""
    await server.create("peer")
    best = _library(server, seconds / _TURNS)
    figures: dict[str, Figure] = {}
    for callers in _CALLERS:
        figures |= await _beside(server, callers, seconds, _setting(best["append"]))
    append, change = f"library_append_{_CHANGING}", "library_load_change_save"
    named = await _named(server, callers=_CHANGING, seconds=seconds)
    control = await events_per_second(server)
    library = _library(server, seconds, _setting(best["load_change_save"]))["load_change_save"]["per_second"]
    changed = await _changed(server, callers=_CHANGING, seconds=seconds)
    return figures | {
        f"append_named_{_CHANGING}": _figure(named.per_second, figures[append].value, append),
        change: _figure(library, control, _CONTROL),
        "load_change_save": _figure(changed.per_second, library, change),
    }


async def _beside(server: DatabaseServer, callers: int, seconds: float, setting: tuple[str, str]) -> dict[str, Figure]:
    """Measure everything at so many callers, in turns; each figure is the median of its turns."""
    turns = [await _turn(server, callers, seconds / _TURNS, setting, str(n)) for n in range(_TURNS)]
    found = {name: median(turn[name] for turn in turns) for name in turns[0]}
    control, library, bare_group = found["control"], f"library_append_{callers}", f"bare_group_commit_{callers}"
    return {
        library: _figure(found["library"], control, _CONTROL),
        f"bare_transactions_{callers}": _figure(found["transactions"], control, _CONTROL),
        bare_group: _figure(found["group"], control, _CONTROL),
        f"append_{callers}": _figure(found["product"], found["library"], library),
        f"append_{callers}_of_bare": _figure(found["product"], found["group"], bare_group),
        f"append_{callers}_p50": _milliseconds(found["p50"], found["group_p50"], bare_group),
        f"append_{callers}_p99": _milliseconds(found["p99"], found["group_p99"], bare_group),
    }


async def _turn(
    server: DatabaseServer, callers: int, seconds: float, setting: tuple[str, str], name: str
) -> dict[str, float]:
    control = await events_per_second(server, seconds / 2)
    library = _library(server, seconds, setting)["append"]["per_second"]
    transactions = await bare.transactions(server, name, callers=callers, seconds=seconds)
    group = await bare.group_commit(server, name, callers=callers, seconds=seconds)
    rate = await _product(server, name, callers=callers, seconds=seconds)
    control = (control + await events_per_second(server, seconds / 2)) / 2
    return {
        "control": control,
        "library": library,
        "transactions": transactions.per_second,
        "group": group.per_second,
        "group_p50": group.p50_ms,
        "group_p99": group.p99_ms,
        "product": rate.per_second,
        "p50": rate.p50_ms,
        "p99": rate.p99_ms,
    }


def _figure(value: float, baseline: float, beside: str) -> Figure:
    return Figure(value=value, unit="events/s", baseline=baseline, beside=beside)


def _milliseconds(value: float, baseline: float, beside: str) -> Figure:
    return Figure(value=value, unit="ms", baseline=baseline, beside=beside)


def measure(seconds: float = 3.0) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`, `PeerMissing`."""
    collect_seldom()
    with database_server() as server:
        return uvloop.run(_measured(server, seconds))


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    reported("Append", measure(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
