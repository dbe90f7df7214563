"""The whole line under load: encounters per second, and how long one takes at a steady 20 per second.

`python -m bench.lifecycle --encounters 1500 --seed 7 --seconds 15`. All five services, the simulator and the log run in
one other process, PostgreSQL in its own; this one sends and watches over HTTP. With KAFKA_BOOTSTRAP the log is Kafka.
Nothing is reported unless every encounter ended somewhere and four accounts of the money agree.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from time import monotonic
from typing import Any, Final

import httpx
import uvloop

from apps.embedded.database_server import DatabaseServer
from apps.embedded.proof import prove
from apps.embedded.settings import SERVICES, Settings
from apps.embedded.tally import Tally
from bench.figures import Figure, reported
from bench.load import Load
from bench.machine import cpu_seconds, folder, postmaster, resident_bytes
from bench.one_by_one import events_per_second
from bench.practice import SAMPLES, Practice, Request
from bench.x12 import readers
from shared.clients.every_service import ServiceClient
from shared.clients.payments import PaymentsClient, Trial
from shared.events.envelope import Actor
from shared.runtime.clock import new_id, now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer

_CONNECTIONS: Final = 32
_LOOK_SECONDS: Final = 0.2
_FEED_SECONDS: Final = 0.02
_STILL_SECONDS: Final = 3.0
_SETTLED_SECONDS_MAX: Final = 120
_PER_SECOND: Final = 20
_STAGES: Final = {
    "coding": {"EncounterDocumented": "documented", "CodesAssigned": "coded"},
    "validation": {"CodesValidated": "validated"},
    "claims": {"ClaimAssembled": "assembled", "ClaimSubmitted": "submitted", "ClaimAccepted": "accepted"},
    "payments": {"ClaimPaid": "decided", "ClaimPartiallyPaid": "decided", "ClaimDenied": "decided"},
}
"""Facts that show how far an encounter is, by service."""


class NotVerified(Exception):
    """The counts or the money of the run are wrong: no figure of it means anything."""


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
    practice: Practice
    load: Load
    services: Mapping[str, ServiceClient]
    child: int
    server: int
    ids: dict[str, str]
    began_at: dict[str, float]

    async def prepare(self) -> None:
        """Send what all patients share."""
        prices = json.loads((SAMPLES / "fee-schedule.json").read_text())
        await self.load.post("/claims/v1/fee-schedules", prices)
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
        cpu, begun = self._cpu(), monotonic()
        for requests in (batch.patients, batch.coverages, batch.encounters):
            await self.load.for_each(requests, self._send)
        accepted = monotonic() - begun
        requests_count = len(batch.patients) + len(batch.coverages) + len(batch.encounters)
        ended = await self._last_movement()
        spent = [after - before for before, after in zip(cpu, self._cpu(), strict=True)]
        n = self.options.encounters
        return {
            "lifecycle_one_process": Figure(value=n / (ended - begun), unit="encounters/s"),
            "lifecycle_http_commands": Figure(value=requests_count / accepted, unit="requests/s"),
            "lifecycle_python_cpu": Figure(value=spent[0] / n * 1_000, unit="ms/encounter"),
            "lifecycle_postgresql_cpu": Figure(value=spent[1] / n * 1_000, unit="ms/encounter"),
            "lifecycle_python_memory": Figure(value=resident_bytes(self.child) / 2**20, unit="MiB"),
        }

    def _cpu(self) -> tuple[float, float]:
        return cpu_seconds(self.child), cpu_seconds(self.server, family=True)

    async def _last_movement(self) -> float:
        """Return when the last fact was seen, once nothing has moved for a while."""
        seen, moved = -1, monotonic()
        while monotonic() - moved < _STILL_SECONDS:
            total = sum([(await self.load.get(f"/{name}/readyz"))["position"] for name in SERVICES])
            if total != seen:
                seen, moved = total, monotonic()
            await asyncio.sleep(_LOOK_SECONDS)
        return moved

    async def steadily(self) -> dict[str, Figure]:
        """Send 20 encounters per second and watch the feed of payments for what becomes of each."""
        batch = self.practice.batch(_PER_SECOND * self.options.seconds, adjudicated_only=True)
        for requests in (batch.patients, batch.coverages):
            await self.load.for_each(requests, self._send)
        await self._last_movement()
        seen_at: dict[tuple[str, str], float] = {}
        watched = _STAGES if self.options.chain else {"payments": _STAGES["payments"]}
        positions = {name: (await self.load.get(f"/{name}/readyz"))["position"] for name in watched}
        watching = [
            asyncio.create_task(self._watch(name, positions[name], types, seen_at)) for name, types in watched.items()
        ]
        cpu, begun = self._cpu(), monotonic()
        async with asyncio.TaskGroup() as tasks:
            for n, request in enumerate(batch.encounters):
                await asyncio.sleep(max(0.0, begun + n / _PER_SECOND - monotonic()))
                tasks.create_task(self._send(request))
        spent = self._cpu()[0] - cpu[0]
        await self._last_movement()
        for each in watching:
            each.cancel()
        took = await self._times(seen_at, {self.ids[each.place] for each in batch.encounters})
        percent = quantiles(took.pop("decided"), n=100)
        stages = {f"encounter_{name}_p50": Figure(value=median(each) * 1_000, unit="ms") for name, each in took.items()}
        return {
            **stages,
            "encounter_p50": Figure(value=percent[49] * 1_000, unit="ms"),
            "encounter_p99": Figure(value=percent[98] * 1_000, unit="ms"),
            "encounter_python_cpu_at_20": Figure(value=spent / len(batch.encounters) * 1_000, unit="ms/encounter"),
        }

    async def _watch(
        self, service: str, after: int, stages: Mapping[str, str], seen_at: dict[tuple[str, str], float]
    ) -> None:
        """Note when a feed first shows what became of an encounter or a claim."""
        while True:
            page = await self.load.get(f"/{service}/v1/events?after={after}&limit=1000")
            after = page["next_after"]
            for event in page["events"]:
                stage = stages.get(event["type"])
                if stage is not None:
                    data = event["data"]
                    seen_at.setdefault((stage, data.get("claim_id") or data["encounter_id"]), monotonic())
            await asyncio.sleep(_FEED_SECONDS)

    async def _times(self, seen_at: Mapping[tuple[str, str], float], encounters: set[str]) -> dict[str, list[float]]:
        """Return how long encounters took, by stage. **Errors**: `NotVerified` where hardly any was decided."""
        took: dict[str, list[float]] = defaultdict(list)
        encounter_of = {each: each for each in encounters}
        async for event in self.services["claims"].events():
            if event["type"] == "ClaimAssembled" and event["data"]["encounter_ids"][0] in encounters:
                encounter_of[event["data"]["claim_id"]] = event["data"]["encounter_ids"][0]
        for (stage, thing), seen in seen_at.items():
            if thing in encounter_of:
                took[stage].append(seen - self.began_at[encounter_of[thing]])
        if len(took["decided"]) < len(encounters) // 2:
            raise NotVerified(f"only {len(took['decided'])} of {len(encounters)} encounters were decided by a payer")
        return took

    async def settled(self) -> Tally:
        """Return what became of all encounters. **Errors**: `NotVerified`."""
        tally, until = Tally(), monotonic() + _SETTLED_SECONDS_MAX
        while monotonic() < until:
            await tally.follow(self.services)
            if tally.is_settled():
                sent = self.options.encounters + _PER_SECOND * self.options.seconds
                if tally.encounters != sent or tally.parked:
                    raise NotVerified(
                        f"{sent} encounters sent, {tally.encounters} there, {tally.parked} records parked"
                    )
                return tally
            await asyncio.sleep(_LOOK_SECONDS)
        raise NotVerified(f"still on their way: {tally.unsettled()}")


async def measure(options: Options) -> dict[str, Figure]:
    """Return the figures of one run. **Errors**: `NotVerified`."""
    with folder() as data, DatabaseServer.running(data / "postgres") as server:
        with _embedded(data, server) as (child, base_url):
            figures, tally, trial, accounts, book = await _measured(options, data, child, base_url)
        proof = prove(tally, trial, accounts, book, data / "exchange")
        if not proof.holds:
            raise NotVerified("; ".join(proof.differences))
        per_encounter = figures["lifecycle_events"].value
        baseline = await events_per_second(server, 3, consumers=len(SERVICES)) / per_encounter
        figures |= readers(data / "exchange")
    figures["lifecycle_one_process"] = Figure(
        value=figures["lifecycle_one_process"].value,
        unit="encounters/s",
        baseline=baseline,
        beside="one transaction per event",
    )
    return figures


async def _measured(
    options: Options, data: Path, child: int, base_url: str
) -> tuple[dict[str, Figure], Tally, Trial, Sequence[Mapping[str, Any]], Mapping[str, Any]]:
    token = _token(data)
    port = int(base_url.rsplit(":", 1)[1])
    async with Load.open(port, token, connections=_CONNECTIONS) as load, _clients(base_url, token) as http:
        services = {name: ServiceClient(http[name]) for name in SERVICES}
        run = Run(
            options=options,
            practice=await Practice.read(options.seed),
            load=load,
            services=services,
            child=child,
            server=postmaster(data / "postgres"),
            ids={},
            began_at={},
        )
        await run.prepare()
        figures = await run.through()
        figures |= await run.steadily()
        tally = await run.settled()
        facts = sum([await service.position() for service in services.values()])
        figures["lifecycle_events"] = Figure(value=facts / tally.encounters, unit="facts/encounter")
        payments = PaymentsClient(http["payments"])
        trial = await payments.trial_balance()
        accounts = [await payments.claim_account(claim_id) for claim_id in tally.claims]
        book = (await http["simulator"].get("/book")).raise_for_status().json()
    return figures, tally, trial, accounts, book


@contextmanager
def _embedded(data: Path, server: DatabaseServer) -> Iterator[tuple[int, str]]:
    """Start the process that is measured; give its id and address; end it."""
    kafka = Settings.read().kafka_bootstrap
    arguments = [str(data), server.url("postgres"), kafka, f"bench-{new_id()}"]
    with subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", "bench.embedded", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("pipes were asked for")
        try:
            line = child.stdout.readline()
            if not line:
                raise NotVerified("the embedded process did not start; its reason stands above")
            yield child.pid, json.loads(line)["base_url"]
        finally:
            child.stdin.close()
            child.wait(timeout=30)


def _token(data: Path) -> str:
    issuer = DevelopmentIssuer.from_folder(data / "keys", "claimlog-development")
    return issuer.token(
        tenant_id="demo",
        actor=Actor(kind="service", id="bench"),
        scopes=ALL_SCOPES,
        now=now(),
        lifetime=timedelta(hours=4),
    )


@asynccontextmanager
async def _clients(base_url: str, token: str) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as one:
        clients = {}
        for name in (*SERVICES, "simulator"):
            client = httpx.AsyncClient(base_url=f"{base_url}/{name}", headers=one.headers, timeout=60)
            clients[name] = client
        try:
            yield clients
        finally:
            for client in clients.values():
                await client.aclose()


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encounters", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--chain", action="store_true", help="also when each stage is reached; it costs some speed")
    given = parser.parse_args()
    options = Options(encounters=given.encounters, seed=given.seed, seconds=given.seconds, chain=given.chain)
    reported("Life cycle", uvloop.run(measure(options)))


if __name__ == "__main__":
    main()
