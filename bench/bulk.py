"""Encounters in bulk: NDJSON through socket, server and route into a real store, answered after the commit.

`python -m bench.bulk --encounters 60000`. Each line is an encounter as the importer sends it: it is parsed and checked,
its words are sealed, the name of the imported record is reserved, and it is in a read model when it is answered. One
process takes them, another one sends; the server of the database is a third, and all share the machine. The patients
are known: their data keys are there before. Beside it the same encounters, one request each, 32 at a time.
**Units**: encounters per second by the clock; what the process of the service and the database's spend on one, in µs of
CPU.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any, Final

import httpx
import uvloop
from msgspec import json

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import ISSUER, TENANT
from bench.append import NotVerified
from bench.deployment import api_alone
from bench.figures import Figure, reported
from bench.load import Load
from bench.machine import cpu_seconds, database_server, folder, postmaster
from bench.practice import Practice, Request
from bench.stores import fetch_value
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer

_PATH: Final = "/v1/encounters/bulk"
_TURNS: Final = 3
_WARM_UP: Final = 2_000
_ALONE: Final = 1_000
_SENT_BYTES: Final = 65_536
_ACTOR: Final = Actor(kind="service", id="bench")


class Target:
    """The process that takes encounters, and the server of its database."""

    def __init__(self, process_id: int, port: int, server_id: int, token: str) -> None:
        self.address = {"coding": (port, "")}
        self.per_second: list[float] = []
        self.cpu_us: dict[str, list[float]] = {"python": [], "postgres": []}
        self.token = token
        self._process_id = process_id
        self._server_id = server_id
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )

    async def take(self, bodies: list[Mapping[str, Any]]) -> None:
        """Send encounters in one request and keep what they cost. **Errors**: `NotVerified`."""
        sent = json.Encoder().encode_lines(bodies)
        before, begun = self._cpu(), perf_counter()
        statuses = await self._statuses(sent)
        seconds, spent = perf_counter() - begun, self._cpu()
        if statuses != [201] * len(bodies):
            raise NotVerified(f"of {len(bodies)} lines {statuses.count(201)} were taken, {len(statuses)} answered")
        self.per_second.append(len(bodies) / seconds)
        for name, figures in self.cpu_us.items():
            figures.append((spent[name] - before[name]) / len(bodies) * 1_000_000)

    async def _statuses(self, sent: bytes) -> list[int]:
        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(sent), _SENT_BYTES):
                yield sent[start : start + _SENT_BYTES]

        headers = {"Content-Type": "application/x-ndjson"}
        answer = await self._http.post(_PATH, content=pieces(), headers=headers)
        return [each["status"] for each in json.Decoder().decode_lines(answer.content)]

    def _cpu(self) -> dict[str, float]:
        return {
            "python": cpu_seconds(self._process_id),
            "postgres": cpu_seconds(self._server_id, family=True),
        }


def _keyed(requests: Iterator[Request], number: int) -> list[Mapping[str, Any]]:
    return [{"key": each.body["source_identifier"]["value"], **each.body} for each in islice(requests, number)]


async def _measured(target: Target, encounters: int) -> tuple[int, float]:
    """Send everything in turns; return how many encounters were taken, and how many a second one by one."""
    some = (await Practice.read(seed=7)).imported_anew()
    turns = [_WARM_UP, *[encounters // _TURNS] * _TURNS]
    for turn in turns:
        await target.take(_keyed(some, turn))
    alone = list(islice(some, _ALONE))
    async with Load.open(target.address, target.token, connections=32) as load:
        begun = perf_counter()
        await load.for_each(alone, lambda each: load.post(each.path, each.body))
        one_by_one = _ALONE / (perf_counter() - begun)
    for figures in (target.per_second, *target.cpu_us.values()):
        del figures[0]
    return sum(turns) + _ALONE, one_by_one


async def _verify(server: DatabaseServer, taken: int) -> None:
    found = {
        "documentations": "select count(*) from events where type = 'EncounterDocumented'",
        "sealed": "select count(*) from events where convert_from(data, 'UTF8') like '%\"personal\":{\"kid\"%'",
        "rows": "select count(*) from rm_encounters_v1",
        "names": "select count(*) from names",
    }
    told = {name: await fetch_value(server, "claimlog_coding", query) for name, query in found.items()}
    if told != dict.fromkeys(found, taken) | {"sealed": 2 * taken}:
        raise NotVerified(f"{taken} encounters were taken, but the store has {told}")


def measure(encounters: int = 60_000) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`."""
    with folder() as data, database_server() as server, api_alone("coding", data, server) as told:
        issuer = DevelopmentIssuer.from_folder(data / "keys", ISSUER)
        token = issuer.token(tenant_id=TENANT, actor=_ACTOR, scopes=ALL_SCOPES, now=now(), lifetime=timedelta(hours=1))
        target = Target(*told, postmaster(server.socket_folder), token)
        taken, one_by_one = uvloop.run(_measured(target, encounters))
        asyncio.run(_verify(server, taken))
    rate = Figure(value=median(target.per_second), unit="encounters/s", baseline=one_by_one, beside="one by one")
    cpu = {
        f"bulk_{name}_cpu": Figure(value=median(figures), unit="µs/encounter")
        for name, figures in target.cpu_us.items()
    }
    return {"bulk_encounters": rate, **cpu}


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encounters", type=int, default=60_000)
    reported("Bulk", measure(parser.parse_args().encounters))


if __name__ == "__main__":
    main()
