"""Writing and reading while `claimlog replay` rebuilds a read model of the same store, and while it does not.

`python -m bench.serving_rebuild --events 300000`. Claims over facts of about 1 kB, and 200 new claims a second at a
steady rate through `Engine.handle` over PostgreSQL; each is asked for again once it is answered. The operator's command
rebuilds the read model of claims in processes of its own, in turns with as many seconds without it. **Units**:
milliseconds from the moment at which a claim was due, so that one that waits makes all that wait behind it late, too.
The swap is seen from outside: the longest time in which nobody was answered while the command ran, which is more than
the swap alone; how long it held the lock is what the product says.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final

import uvloop

from apps.embedded.database_server import DatabaseServer
from bench.figures import Figure, reported
from bench.machine import database_server, folder
from bench.projection import NotVerified
from bench.stores import FACTS_OF_A_CLAIM, LINES_OF_A_KILOBYTE, TENANT, USUAL_LINES, engine_over, fill, one_claim
from services.claims.domain.claim_content import AssembleClaim
from services.claims.main import service
from services.claims.projections import CLAIM_ROWS
from services.claims.settings import PREFIX, Settings
from shared.events.claims import ClaimAssembled, ClaimPriced
from shared.events.envelope import Actor
from shared.runtime.clock import new_id
from shared.runtime.engine import Engine
from shared.runtime.garbage import collect_seldom

_DATABASE: Final = "serving_rebuild"
_KEYS: Final = "serving_rebuild_keys"
_EVENTS: Final = 300_000
_PER_SECOND: Final = 200
_TURNS: Final = 3
_WARM_SECONDS: Final = 2.0
_ACTOR: Final = Actor(kind="service", id="bench")
_NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(slots=True)
class Answers:
    """When claims were answered. **Units**: seconds; each from the moment at which it was due."""

    written: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)

    def p99_ms(self, took: list[float]) -> float:
        """Return what one in a hundred exceeds."""
        return quantiles(took, n=100)[98] * 1_000


class Clinic:
    """Somebody who assembles claims at a steady rate, and looks for each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def meanwhile(self, work: Awaitable[object], answers: Answers) -> None:
        """Assemble claims until some work is done; claims that are due do not wait for those before them."""
        doing = asyncio.ensure_future(work)
        at: list[float] = []
        due = perf_counter()
        async with asyncio.TaskGroup() as claims:
            while not doing.done():
                claims.create_task(self._assemble(due, answers, at))
                due += 1 / _PER_SECOND
                await asyncio.sleep(max(0.0, due - perf_counter()))
        await doing
        answers.gaps.append(max(later - one for one, later in pairwise(at)))

    async def _assemble(self, due: float, answers: Answers, at: list[float]) -> None:
        """Assemble a claim and look for it. **Errors**: `NotVerified`: it was answered, and cannot be read."""
        command = _new_claim()
        await self._engine.handle(TENANT, _ACTOR, command)
        answered = perf_counter()
        answers.written.append(answered - due)
        at.append(answered)
        row = await self._engine.row(CLAIM_ROWS, TENANT, command.claim_id)
        answers.read.append(perf_counter() - answered)
        if row is None:
            raise NotVerified("a claim was answered, and is not in the read model")


def _new_claim() -> AssembleClaim:
    match one_claim(USUAL_LINES):
        case [ClaimAssembled() as assembled, ClaimPriced() as priced, *_]:
            return AssembleClaim(
                claim_id=new_id(),
                encounter_ids=(new_id(),),
                patient_id=assembled.patient_id,
                coverage_id=assembled.coverage_id,
                payer_id=assembled.payer_id,
                filing_order=assembled.filing_order,
                diagnoses=assembled.diagnoses,
                lines=assembled.lines,
                priced=priced.lines,
                fee_schedule_versions=priced.fee_schedule_versions,
                place_of_service=assembled.place_of_service,
                rendering_provider_id=assembled.rendering_provider_id,
                billing_provider_id=assembled.billing_provider_id,
                coding_version=assembled.coding_version,
                rule_set_version=assembled.rule_set_version,
                filing_deadline_on=assembled.filing_deadline_on,
                hold=None,
                now=_NOW,
            )
    raise TypeError("a claim begins with what it asks for and what that costs")


@dataclass(frozen=True, slots=True)
class Operator:
    """Who types `claimlog replay`, with the addresses of the service in the environment."""

    told: Mapping[str, str]

    async def replay(self, *words: str) -> Mapping[str, Any]:
        """Return what became of the read model. **Errors**: `NotVerified`: it failed, or a row differs."""
        command = ("-m", "apps.cli.main", "replay", "--service", "claims", "--projection", CLAIM_ROWS.name, "--json")
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, *command, *words), env=self.told, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await program.communicate()
        if program.returncode != 0:
            raise NotVerified(f"claimlog replay {' '.join(words)} ended with {program.returncode}: {said.decode()}")
        (found,) = json.loads(said)["services"]["claims"]["projections"]
        return dict(found)


async def _measured(server: DatabaseServer, data: Path, events: int) -> dict[str, Figure]:
    defined = service(Settings(database_url=server.url(_DATABASE)))
    await server.create(_DATABASE, _KEYS)
    await fill(server, defined, _DATABASE, claims=events // FACTS_OF_A_CLAIM, lines=LINES_OF_A_KILOBYTE)
    told = {"database_url": server.url(_DATABASE), "keys_database_url": server.url(_KEYS)}
    told["kms_key_file"] = str(data / "kms.key")
    variables = {f"{PREFIX}{name.upper()}": value for name, value in told.items()}
    operator = Operator(dict(os.environ) | variables)  # noqa: TID251 (handed on to the command)
    alone, beside, rebuilt = Answers(), Answers(), []

    async def rebuild() -> None:
        rebuilt.append(await operator.replay())

    async with engine_over(server, defined, _DATABASE) as engine:
        clinic = Clinic(engine)
        await clinic.meanwhile(asyncio.sleep(_WARM_SECONDS), Answers())
        for _ in range(_TURNS):
            begun = perf_counter()
            await clinic.meanwhile(rebuild(), beside)
            await clinic.meanwhile(asyncio.sleep(perf_counter() - begun), alone)
        head = (await engine.store.head()).position
    compared = await operator.replay("--dry-run")
    if compared["differences"] or compared["events"] != head:
        raise NotVerified(f"{head} facts are stored; a comparison of what was rebuilt says {compared}")
    return _figures(alone, beside, rebuilt)


def _figures(alone: Answers, beside: Answers, rebuilt: list[Mapping[str, Any]]) -> dict[str, Figure]:
    write, read = alone.p99_ms(alone.written), alone.p99_ms(alone.read)
    return {
        "rebuild_write_p99": Figure(
            value=beside.p99_ms(beside.written), unit="ms", baseline=write, beside="without a rebuild"
        ),
        "rebuild_read_p99": Figure(
            value=beside.p99_ms(beside.read), unit="ms", baseline=read, beside="without a rebuild"
        ),
        "rebuild_swap": Figure(value=max(beside.gaps), unit="s", baseline=max(alone.gaps), beside="without a rebuild"),
        "rebuild_swap_lock": Figure(value=max(each["swap_seconds"] for each in rebuilt), unit="s"),
        "rebuild_serving": Figure(value=median(each["events_per_second"] for each in rebuilt), unit="events/s"),
    }


def measure(events: int = _EVENTS) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`."""
    collect_seldom()
    with folder() as data, database_server() as server:
        return uvloop.run(_measured(server, data, events))


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=_EVENTS)
    reported("Rebuild beside writing", measure(parser.parse_args().events))


if __name__ == "__main__":
    main()
