"""What an encounter costs in stores of a hundred thousand encounters, and in those of a million.

`python -m bench.scale --small 100000 --large 1000000` (`make bench-scale`; it needs 40 GB of disk and patience). Two
practices of 300 encounters run for real; COPY then fills the same stores with copies of them, and new encounters run
through five processes over these stores, at both sizes. CPU is what counts: a clock also shows what else the machine
does. Every payer's decision on the new encounters is counted before a figure is reported.
"""

import argparse
import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

import uvloop

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import SERVICES
from bench.cloning import COPIES_MAX, Original, grow
from bench.deployment import CLEARINGHOUSE_USERS, Deployment, deployed
from bench.figures import Figure, reported
from bench.lifecycle import Options, running
from bench.machine import Kafka, database_server, folder, kafka
from bench.practice import Practice
from bench.stores import fetch_value
from bench.verifying import NotVerified
from shared.runtime.definition import Service
from shared.runtime.effects import Effect, checkpoint_of
from shared.runtime.store import Place

_REAL: Final = 600
"""Encounters that run for real: two whole practices, so that every measured portion has the same mix."""
_WARM: Final = 300
_MEASURED: Final = 1_500
_SEED: Final = 7
_DECIDED_DIFFERS_MAX: Final = 0.03
"""Some members have no outcome of their own: the payer throws dice for them."""
_DECIDED: Final = "select count(*) from events where type in ('ClaimPaid', 'ClaimPartiallyPaid', 'ClaimDenied')"


@dataclass(frozen=True, slots=True)
class Cost:
    """What an encounter takes. **Units**: milliseconds of CPU of all processes; milliseconds by the clock."""

    cpu_ms: float
    wall_ms: float


@dataclass(slots=True)
class Stage:
    """Stores, and what was sent to them so far. **Shape**: `ids` by the places of requests, `copies` that are there."""

    data: Path
    server: DatabaseServer
    log: Kafka
    practice: Practice
    ids: dict[str, str]
    copies: int = 0

    def served(self) -> AbstractContextManager[Deployment]:
        """Run five processes over the stores, with topics that nothing was published to."""
        return deployed("five_processes", self.data, self.server, self.log.bootstrap)

    async def begin(self, deployment: Deployment) -> float:
        """Let the real practices run; return how many decisions of payers came of each encounter."""
        async with running(_options(_REAL), deployment, self.log, self.practice, self.ids) as run:
            await run.prepare()
            await run.through()
        return await self._decided() / _REAL

    async def originals(self) -> dict[str, Original]:
        """Read what is copied, once the services have stopped."""
        return {
            name: await Original.read(self.server.url(f"claimlog_{name}"), rows_min=_REAL // 4) for name in SERVICES
        }

    async def grow(self, originals: Mapping[str, Original], encounters: int, deployment: Deployment) -> None:
        """Fill the stores up to so many encounters. **Errors**: `ValueError`: copies have no more numbers."""
        wanted = encounters // _REAL - 1
        if wanted > COPIES_MAX:
            raise ValueError(f"{encounters} encounters are more than copies have numbers for")
        begun = monotonic()
        effects = {name: _places(deployment.service(name)) for name in CLEARINGHOUSE_USERS}
        for name in SERVICES:
            url = self.server.url(f"claimlog_{name}")
            await grow(url, originals[name], range(self.copies + 1, wanted + 1), effects.get(name, ()))
        self.copies = wanted
        print(f"filled up to {(wanted + 1) * _REAL:,} encounters in {monotonic() - begun:.0f} s", flush=True)

    async def cost(self, deployment: Deployment, decided_each: float) -> Cost:
        """Return what new encounters take. **Errors**: `NotVerified`."""
        async with running(_options(_WARM), deployment, self.log, self.practice, self.ids) as run:
            await run.through()
        before = await self._decided()
        async with running(_options(_MEASURED), deployment, self.log, self.practice, self.ids) as run:
            found = await run.through()
        decided = await self._decided() - before
        if abs(decided / _MEASURED / decided_each - 1) > _DECIDED_DIFFERS_MAX:
            raise NotVerified(f"payers decided {decided} times, and not {decided_each * _MEASURED:.0f} times, about")
        return Cost(cpu_ms=found["cpu"].value, wall_ms=1_000 / found["throughput"].value)

    async def _decided(self) -> int:
        found: int = await fetch_value(self.server, "claimlog_payments", _DECIDED)
        return found


def _places(service: Service) -> list[Place]:
    """Return where the effects of a service keep how far they are."""
    return [checkpoint_of(each) for each in service.effects if isinstance(each, Effect)]


def _options(encounters: int) -> Options:
    return Options(encounters=encounters, seed=_SEED, seconds=0, chain=False)


def measure(small: int, large: int) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`, `KafkaNotStarted`."""
    with folder() as data, database_server() as server, kafka() as log:
        stage = Stage(data, server, log, asyncio.run(Practice.read(_SEED)), {})
        with stage.served() as deployment:
            decided_each = uvloop.run(stage.begin(deployment))
        originals = asyncio.run(stage.originals())
        costs = []
        for encounters in (small, large):
            asyncio.run(stage.grow(originals, encounters, deployment))
            with stage.served() as grown:
                costs.append(uvloop.run(stage.cost(grown, decided_each)))
    few, many = costs
    cpu, wall = many.cpu_ms / few.cpu_ms, many.wall_ms / few.wall_ms
    growth = f"% from {small:,} to {large:,}"
    return {
        f"scale_cpu_at_{small}": Figure(value=few.cpu_ms, unit="ms/encounter"),
        f"scale_cpu_at_{large}": Figure(value=many.cpu_ms, unit="ms/encounter"),
        f"scale_wall_at_{small}": Figure(value=few.wall_ms, unit="ms/encounter"),
        f"scale_wall_at_{large}": Figure(value=many.wall_ms, unit="ms/encounter"),
        "scale_cpu_growth": Figure(value=(cpu - 1) * 100, unit=growth),
        "scale_wall_growth": Figure(value=(wall - 1) * 100, unit=growth),
    }


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    given = parser.parse_args()
    reported("Scale", measure(given.small, given.large))


if __name__ == "__main__":
    main()
