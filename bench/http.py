"""One command over HTTP: a POST through socket, server and route into a real store, beside a route that does nothing.

`python -m bench.http --requests 6000`. The command is coding's documentation of an encounter, as the importer sends it:
its words are sealed, the name of the imported record is reserved, and it is in a read model when it is answered. The
baseline is FastAPI's own route with the same body, behind the same server, that answers at once. Both are processes of
their own and take turns. **Units**: requests per second by the clock; what the process spends on one, in µs of CPU.
"""

import argparse
import asyncio
from datetime import timedelta
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Final

import uvloop

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import ISSUER, TENANT
from bench.append import NotVerified
from bench.deployment import api_alone, bare_route
from bench.figures import Figure, reported
from bench.load import Load
from bench.machine import cpu_seconds, database_server, folder, loops_per_second
from bench.practice import Practice, Request
from bench.stores import fetch_value
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer

_AT_A_TIME: Final = 32
_TURNS: Final = 3
_WARM_UP: Final = 300  # each patient's data key is known then, as in a process that has run for a while
_ACTOR: Final = Actor(kind="service", id="bench")


class Target:
    """A process that takes encounters."""

    def __init__(self, process_id: int, port: int) -> None:
        self.process_id = process_id
        self.address = {"coding": (port, "")}
        self.per_second: list[float] = []
        self.cpu_us: list[float] = []

    async def take(self, requests: list[Request], token: str) -> None:
        """Send requests and keep what they cost."""
        async with Load.open(self.address, token, connections=_AT_A_TIME) as load:
            cpu, begun = cpu_seconds(self.process_id), perf_counter()
            await load.for_each(requests, lambda each: load.post(each.path, each.body))
            self.per_second.append(len(requests) / (perf_counter() - begun))
            self.cpu_us.append((cpu_seconds(self.process_id) - cpu) / len(requests) * 1_000_000)


async def _measured(product: Target, bare: Target, token: str, requests: int) -> int:
    """Send to both in turns; return how many encounters the product took."""
    encounters = (await Practice.read(seed=7)).imported_anew()
    turns = [_WARM_UP, *[requests // _TURNS] * _TURNS]
    for turn in turns:
        some = list(islice(encounters, turn))
        await product.take(some, token)
        await bare.take(some, token)
    for target in (product, bare):
        del target.per_second[0], target.cpu_us[0]
    return sum(turns)


async def _verify(server: DatabaseServer, taken: int) -> None:
    found = {
        "documentations": "select count(*) from events where type = 'EncounterDocumented'",
        "rows": "select count(*) from rm_encounters_v1",
        "names": "select count(*) from names",
    }
    told = {name: await fetch_value(server, "claimlog_coding", query) for name, query in found.items()}
    if set(told.values()) != {taken}:
        raise NotVerified(f"{taken} encounters were taken, but the store has {told}")


def measure(requests: int = 6_000) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`."""
    control = loops_per_second(clock=perf_counter)
    with (
        folder() as data,
        database_server() as server,
        api_alone("coding", data, server) as told,
        bare_route() as other,
    ):
        issuer = DevelopmentIssuer.from_folder(data / "keys", ISSUER)
        token = issuer.token(tenant_id=TENANT, actor=_ACTOR, scopes=ALL_SCOPES, now=now(), lifetime=timedelta(hours=1))
        product, bare = Target(*told), Target(*other)
        taken = uvloop.run(_measured(product, bare, token, requests))
        asyncio.run(_verify(server, taken))
    return {
        "bare_route": _rate(median(bare.per_second), control, "control loop of counting"),
        "http_command": _rate(median(product.per_second), median(bare.per_second), "bare_route"),
        "http_command_cpu": Figure(
            value=median(product.cpu_us), unit="µs/request", baseline=median(bare.cpu_us), beside="bare_route"
        ),
    }


def _rate(value: float, baseline: float, beside: str) -> Figure:
    return Figure(value=value, unit="requests/s", baseline=baseline, beside=beside)


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=6_000, help="to each of both")
    reported("HTTP", measure(parser.parse_args().requests))


if __name__ == "__main__":
    main()
