"""The whole line under load: encounters per second, and how long one takes at a steady 50 per second.

`python -m bench.lifecycle --encounters 20000 --mode five_processes`. Everything in one process, then each service in
its own beside the simulator; PostgreSQL and Kafka are processes of their own in both. This process sends over HTTP, and
looks into the stores to see what has come of it. Kafka runs here where Java and Maven are, or where KAFKA_BOOTSTRAP
says; with `--log table` a table is the log. Nothing is reported unless every encounter ended somewhere and all accounts
of the money agree.
"""

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from statistics import median, quantiles
from time import monotonic
from typing import Final, get_args

import httpx
import uvloop

from apps.embedded.settings import ISSUER, SERVICES, TENANT
from apps.embedded.tally import Tally
from bench.deployment import Deployment, Mode, deployed
from bench.figures import Figure, report
from bench.load import Load
from bench.machine import Kafka, cpu_seconds, database_server, folder, kafka, postmaster, resident_bytes
from bench.one_by_one import events_per_second
from bench.practice import SAMPLES, Practice, Request
from bench.verifying import Ended, NotVerified, verify
from bench.watching import Stores
from shared.clients.every_service import ServiceClient
from shared.clients.payments import PaymentsClient
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer
from tools.kafka.node import missing_tools

_CONNECTIONS: Final = 128
_PER_SECOND: Final = 50
_IDLE_SECONDS: Final = 5.0
_MEMORY_SECONDS: Final = 0.5
_SETTLED_SECONDS_MAX: Final = 120
_BASELINE_SECONDS: Final = 3.0
_STAGES: Final = {
    "coding": {"EncounterDocumented": "documented", "CodesAssigned": "coded"},
    "validation": {"CodesValidated": "validated"},
    "claims": {"ClaimAssembled": "assembled", "ClaimSubmitted": "submitted", "ClaimAccepted": "accepted"},
    "payments": {"ClaimPaid": "decided", "ClaimPartiallyPaid": "decided", "ClaimDenied": "decided"},
}
"""Facts that show how far an encounter is, by service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to measure. **Units**: `seconds` of the steady part."""

    encounters: int
    seed: int
    seconds: int
    chain: bool


@dataclass(slots=True)
class Run:
    """One run. **Shape**: `ids` by the places of requests."""

    options: Options
    deployment: Deployment
    log: Kafka | None
    practice: Practice
    load: Load
    stores: Stores
    ids: dict[str, str]
    began_at: dict[str, float]

    async def prepare(self) -> None:
        """Send what all patients share."""
        prices = json.loads((SAMPLES / "fee-schedule.json").read_text())
        await self.load.post("/claims/v1/fee-schedules", prices, "Idempotency-Key: prices\r\n")
        for request in (*self.practice.of["payers"], *self.practice.of["providers"]):
            await self._send(request)

    async def _send(self, request: Request) -> None:
        sent = request.with_ids(self.ids)
        begun = monotonic()
        found = sent.id_in(await self.load.post(sent.path, sent.body))
        self.ids[request.place] = found
        self.began_at[found] = begun

    async def through(self) -> dict[str, Figure]:
        """Send everything as fast as it is taken, and wait for the end."""
        batch = self.practice.batch(self.options.encounters)
        n, cpu, begun = self.options.encounters, self._cpu(), monotonic()
        memory: list[tuple[float, int]] = []
        sampling = asyncio.create_task(self._sample_memory(memory))
        for requests in (batch.patients, batch.coverages, batch.encounters):
            await self.load.for_each(requests, self._send)
        accepted = monotonic() - begun
        requests_count = len(batch.patients) + len(batch.coverages) + len(batch.encounters)
        ended = await self.stores.last_movement()
        sampling.cancel()
        spent = {name: after - cpu[name] for name, after in self._cpu().items()}
        return {
            "throughput": Figure(value=n / (ended - begun), unit="encounters/s"),
            "http_commands": Figure(value=requests_count / accepted, unit="requests/s"),
            **{f"{name}_cpu": Figure(value=each / n * 1_000, unit="ms/encounter") for name, each in spent.items()},
            "cpu": Figure(value=sum(spent.values()) / n * 1_000, unit="ms/encounter"),
            **_memory([(at, each) for at, each in memory if at <= ended]),
        }

    def _cpu(self) -> dict[str, float]:
        found = {
            "python": sum(map(cpu_seconds, self.deployment.process_ids)),
            "postgresql": cpu_seconds(postmaster(self.deployment.server.socket_folder), family=True),
        }
        if self.log and self.log.process_id:
            found["kafka"] = cpu_seconds(self.log.process_id)
        return found

    async def _sample_memory(self, into: list[tuple[float, int]]) -> None:
        while True:
            into.append((monotonic(), sum(map(resident_bytes, self.deployment.process_ids))))
            await asyncio.sleep(_MEMORY_SECONDS)

    async def idle(self) -> Figure:
        """Return how much of a core the processes take while there is nothing to do."""
        before, begun = self._cpu()["python"], monotonic()
        await asyncio.sleep(_IDLE_SECONDS)
        return Figure(value=(self._cpu()["python"] - before) / (monotonic() - begun) * 100, unit="% of a core")

    async def steadily(self) -> dict[str, Figure]:
        """Send 50 encounters per second and watch the stores for what becomes of each."""
        batch = self.practice.batch(_PER_SECOND * self.options.seconds, adjudicated_only=True)
        for requests in (batch.patients, batch.coverages):
            await self.load.for_each(requests, self._send)
        await self.stores.last_movement()
        seen_at: dict[tuple[str, str], float] = {}
        positions = {name: await self.stores.position(name) for name in SERVICES}
        watched = _STAGES if self.options.chain else {"payments": _STAGES["payments"]}
        watching = [
            asyncio.create_task(self.stores.watch(name, positions[name], types, seen_at))
            for name, types in watched.items()
        ]
        cpu, begun = self._cpu(), monotonic()
        async with asyncio.TaskGroup() as tasks:
            for n, request in enumerate(batch.encounters):
                await asyncio.sleep(max(0.0, begun + n / _PER_SECOND - monotonic()))
                tasks.create_task(self._send(request))
        spent = self._cpu()["python"] - cpu["python"]
        await self.stores.last_movement()
        for each in watching:
            each.cancel()
        encounter_of = await self.stores.encounters_of_claims(positions["claims"])
        took = self._times(seen_at, encounter_of, {self.ids[each.place] for each in batch.encounters})
        percent = quantiles(took.pop("decided"), n=100)
        return {
            **{f"{name}_p50": Figure(value=median(each) * 1_000, unit="ms") for name, each in took.items()},
            "p50": Figure(value=percent[49] * 1_000, unit="ms"),
            "p99": Figure(value=percent[98] * 1_000, unit="ms"),
            "python_cpu": Figure(value=spent / len(batch.encounters) * 1_000, unit="ms/encounter"),
        }

    def _times(
        self, seen_at: Mapping[tuple[str, str], float], encounter_of: Mapping[str, str], encounters: set[str]
    ) -> dict[str, list[float]]:
        """Return how long encounters took, by stage. **Errors**: `NotVerified` where hardly any was decided."""
        took: dict[str, list[float]] = defaultdict(list)
        for (stage, thing), seen in seen_at.items():
            encounter = encounter_of.get(thing, thing)
            if encounter in encounters:
                took[stage].append(seen - self.began_at[encounter])
        if len(took["decided"]) < len(encounters) // 2:
            raise NotVerified(f"only {len(took['decided'])} of {len(encounters)} encounters were decided by a payer")
        return took

    async def settled(self, http: Mapping[str, httpx.AsyncClient]) -> Ended:
        """Return what became of all encounters. **Errors**: `NotVerified`."""
        services = {name: ServiceClient(http[name]) for name in SERVICES}
        tally, until = Tally(), monotonic() + _SETTLED_SECONDS_MAX
        while True:
            await tally.follow(services)
            if tally.is_settled():
                break
            if monotonic() > until:
                raise NotVerified(f"still on their way: {tally.unsettled()}")
            await asyncio.sleep(1)
        sent = self.options.encounters + _PER_SECOND * self.options.seconds
        if tally.encounters != sent or tally.parked:
            raise NotVerified(f"{sent} encounters sent, {tally.encounters} there, {tally.parked} records parked")
        trial = await PaymentsClient(http["payments"]).trial_balance()
        book = (await http["simulator"].get("/book")).raise_for_status().json()
        return Ended(tally, trial, book, await self.stores.facts())


def _memory(samples: list[tuple[float, int]]) -> dict[str, Figure]:
    """Return memory at start, middle and end of a run, and by how much its second half grew it."""
    first, last = samples[0][0], samples[-1][0]
    middle = next(each for at, each in samples if at >= (first + last) / 2)
    found = {"start": samples[0][1], "middle": middle, "end": samples[-1][1]}
    return {
        **{f"memory_{name}": Figure(value=each / 2**20, unit="MiB") for name, each in found.items()},
        "memory_growth": Figure(value=(found["end"] / middle - 1) * 100, unit="% in the second half"),
    }


@asynccontextmanager
async def running(
    options: Options, deployment: Deployment, log: Kafka | None, practice: Practice, ids: dict[str, str]
) -> AsyncIterator[Run]:
    """Connect to a deployment."""
    async with (
        Load.open(deployment.addresses, _token(deployment), connections=_CONNECTIONS) as load,
        Stores.open(deployment, SERVICES) as stores,
    ):
        yield Run(
            options=options,
            deployment=deployment,
            log=log,
            practice=practice,
            load=load,
            stores=stores,
            ids=ids,
            began_at={},
        )


async def measure(options: Options, deployment: Deployment, log: Kafka | None) -> tuple[dict[str, Figure], Ended]:
    """Return the figures of one run, and what is to be verified of it. **Errors**: `NotVerified`."""
    practice = await Practice.read(options.seed)
    async with running(options, deployment, log, practice, {}) as run, _clients(deployment) as http:
        await run.prepare()
        figures = {f"lifecycle_{name}": each for name, each in (await run.through()).items()}
        figures |= {f"encounter_{name}": each for name, each in (await run.steadily()).items()}
        figures["idle_cpu"] = await run.idle()
        ended = await run.settled(http)
        figures["lifecycle_facts"] = Figure(value=ended.facts / ended.tally.encounters, unit="facts/encounter")
    return figures, ended


def _token(deployment: Deployment) -> str:
    issuer = DevelopmentIssuer.from_folder(deployment.data / "keys", ISSUER)
    return issuer.token(
        tenant_id=TENANT,
        actor=Actor(kind="service", id="bench"),
        scopes=ALL_SCOPES,
        now=now(),
        lifetime=timedelta(hours=4),
    )


@asynccontextmanager
async def _clients(deployment: Deployment) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    headers = {"Authorization": f"Bearer {_token(deployment)}"}
    clients = {
        name: httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}{prefix}", headers=headers, timeout=120)
        for name, (port, prefix) in deployment.addresses.items()
    }
    try:
        yield clients
    finally:
        for client in clients.values():
            await client.aclose()


def measured(mode: Mode, options: Options, log: Kafka | None) -> dict[str, Figure]:
    """Return the figures of a mode, on servers of its own. **Errors**: `NotVerified`, `NotStarted`."""
    with folder() as data, database_server() as server:
        with deployed(mode, data, server, log.bootstrap if log else "") as deployment:
            found, ended = uvloop.run(measure(options, deployment, log))
        asyncio.run(verify(deployment, ended))
        per_event = asyncio.run(events_per_second(server, _BASELINE_SECONDS, consumers=len(SERVICES)))
        control = asyncio.run(events_per_second(server, _BASELINE_SECONDS))
        baseline = per_event / found["lifecycle_facts"].value
        line = found.pop("lifecycle_throughput")
        throughput = Figure(value=line.value, unit=line.unit, baseline=baseline, beside="one transaction per event")
        figures = {
            f"lifecycle_{mode}": throughput,
            "five_one_by_one": Figure(value=per_event, unit="events/s", baseline=control, beside="control loop"),
        }
        if mode == "one_process":
            return figures | found
        return figures | {f"{name}_five": each for name, each in found.items()}


@contextmanager
def _log(kind: str) -> Iterator[Kafka | None]:
    if kind == "kafka":
        with kafka() as node:
            yield node
    else:
        yield None


def main(arguments: list[str] | None = None) -> bool:
    """Measure, check, write, print; return whether the figures count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encounters", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--mode", choices=(*get_args(Mode), "both"), default="both")
    parser.add_argument("--log", choices=("kafka", "table"), default="table" if missing_tools() else "kafka")
    parser.add_argument("--chain", action="store_true", help="also when each stage is reached; it costs some speed")
    given = parser.parse_args(arguments)
    options = Options(encounters=given.encounters, seed=given.seed, seconds=given.seconds, chain=given.chain)
    modes: tuple[Mode, ...] = get_args(Mode) if given.mode == "both" else (given.mode,)
    counts = []
    for mode in modes:
        with _log(given.log) as log:
            figures = measured(mode, options, log)
        counts.append(report(f"Life cycle, {mode.replace('_', ' ')}, seed {given.seed}, log {given.log}", figures))
    return all(counts)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        raise SystemExit(0 if main() else 1)
