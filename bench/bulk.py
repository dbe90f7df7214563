"""Encounters in bulk: NDJSON through socket, server and route into a real store.

`python -m bench.bulk --encounters 60000`. Each line is an encounter as the importer sends it. `bulk_encounters` are
answered line by line after the commit: a line is parsed and checked, its words are sealed, the name of the imported
record is reserved, and it is in a read model when it is answered. `bulk_accepted` are answered once, when all lines are
kept, sealed, in the store (`Prefer: respond-async`); a worker takes them afterwards, and the figure counts only if each
of them was made.

One process takes them, another one sends; the server of the database is a third, and all share the machine. The
patients are known: their data keys are there before. Beside it the same encounters, one request each, 32 at a time.
**Units**: encounters per second by the clock; what the process of the service and the database's spend on one, in µs of
CPU.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
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
from bench.deployment import api_alone, whole_beside
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
_WORKED_OFF_SECONDS_MAX: Final = 600
_ACTOR: Final = Actor(kind="service", id="bench")


class Target:
    """The process that takes encounters, and the server of its database."""

    def __init__(self, process_id: int, port: int, server_id: int, token: str) -> None:
        self.address = {"coding": (port, "")}
        self.per_second: list[float] = []
        self.accepted_per_second: list[float] = []
        self.cpu_us: dict[str, list[float]] = {"python": [], "postgres": []}
        self.token = token
        self._process_id = process_id
        self._server_id = server_id

    def http(self) -> httpx.AsyncClient:
        """Return a client of the process."""
        base_url, headers = f"http://127.0.0.1:{self.address['coding'][0]}", {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60)

    async def take(self, bodies: list[Mapping[str, Any]]) -> None:
        """Send encounters in one request and keep what they cost. **Errors**: `NotVerified`."""
        sent = json.Encoder().encode_lines(bodies)
        before, begun = self._cpu(), perf_counter()
        answer = await self._answer(sent)
        seconds, spent = perf_counter() - begun, self._cpu()
        statuses = _statuses(answer)
        if statuses != [201] * len(bodies):
            raise NotVerified(f"of {len(bodies)} lines {statuses.count(201)} were taken, {len(statuses)} answered")
        self.per_second.append(len(bodies) / seconds)
        for name, figures in self.cpu_us.items():
            figures.append((spent[name] - before[name]) / len(bodies) * 1_000_000)

    async def accept(self, bodies: list[Mapping[str, Any]]) -> str:
        """Send encounters that nobody waits for, keep how fast they were kept; return where the operation is."""
        sent = json.Encoder().encode_lines(bodies)
        begun = perf_counter()
        answer = await self._answer(sent, Prefer="respond-async")
        seconds = perf_counter() - begun
        if (answer.status_code, answer.json()["total"]) != (HTTPStatus.ACCEPTED, len(bodies)):
            raise NotVerified(f"{len(bodies)} lines were sent, and {answer.status_code} was answered")
        self.accepted_per_second.append(len(bodies) / seconds)
        return answer.headers["Location"]

    async def verify_made(self, operation: str, lines: int) -> None:
        """Wait until an operation has ended. **Errors**: `NotVerified`: some line made no encounter."""
        async with self.http() as http, asyncio.timeout(_WORKED_OFF_SECONDS_MAX):
            while (found := (await http.get(operation)).json())["state"] == "running":  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)
            statuses = _statuses(await http.get(found["results"])) if found["results"] else []
        if statuses != [HTTPStatus.CREATED] * lines:
            raise NotVerified(f"{lines} lines were kept, {statuses.count(HTTPStatus.CREATED)} made: {found['problem']}")

    async def _answer(self, sent: bytes, **headers: str) -> httpx.Response:
        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(sent), _SENT_BYTES):
                yield sent[start : start + _SENT_BYTES]

        headers = {"Content-Type": "application/x-ndjson", **headers}
        async with self.http() as http:
            return await http.post(_PATH, content=pieces(), headers=headers)

    def _cpu(self) -> dict[str, float]:
        return {
            "python": cpu_seconds(self._process_id),
            "postgres": cpu_seconds(self._server_id, family=True),
        }


def _statuses(answer: httpx.Response) -> list[int]:
    return [each["status"] for each in json.Decoder().decode_lines(answer.content)]


def _keyed(requests: Iterator[Request], number: int) -> list[Mapping[str, Any]]:
    return [{"key": each.body["source_identifier"]["value"], **each.body} for each in islice(requests, number)]


async def _measured(target: Target, some: Iterator[Request], turns: Sequence[int]) -> tuple[int, float]:
    """Send everything in turns; return how many encounters were taken, and how many a second one by one."""
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


async def _accepted(target: Target, some: Iterator[Request], turns: Sequence[int]) -> list[tuple[str, int]]:
    """Send everything in turns, to be taken later; return where each operation is, and how many lines it has."""
    operations = [(await target.accept(_keyed(some, turn)), turn) for turn in turns]
    del target.accepted_per_second[0]
    return operations


async def _verify_accepted(target: Target, operations: Sequence[tuple[str, int]]) -> None:
    for place, lines in operations:
        await target.verify_made(place, lines)


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
        some = asyncio.run(Practice.read(seed=7)).imported_anew()
        turns = [_WARM_UP, *[encounters // _TURNS] * _TURNS]
        taken, one_by_one = uvloop.run(_measured(target, some, turns))
        asyncio.run(_verify(server, taken))
        operations = uvloop.run(_accepted(target, some, turns))
        with whole_beside("coding", data, server):
            uvloop.run(_verify_accepted(target, operations))
    rate = Figure(value=median(target.per_second), unit="encounters/s", baseline=one_by_one, beside="one by one")
    accepted = Figure(
        value=median(target.accepted_per_second), unit="encounters/s", baseline=rate.value, beside="answered by line"
    )
    cpu = {
        f"bulk_{name}_cpu": Figure(value=median(figures), unit="µs/encounter")
        for name, figures in target.cpu_us.items()
    }
    return {"bulk_encounters": rate, **cpu, "bulk_accepted": accepted}


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encounters", type=int, default=60_000)
    reported("Bulk", measure(parser.parse_args().encounters))


if __name__ == "__main__":
    main()
