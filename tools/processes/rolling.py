"""Restarting everything, one replica of a service after the other, while somebody asks all services without a pause.

Owns: the order, and counting what was asked and what failed; nothing is tried twice. Refuses: more than one replica of
a service at a time, as a Deployment does with `maxUnavailable: 0` for one that has two.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx

from apps.embedded.installation import Installation
from apps.embedded.settings import SERVICES
from shared.clients.conditions import keyed
from shared.events.envelope import Actor
from shared.runtime.calling_off import call_off
from shared.runtime.clock import new_id
from tools.processes.installed import Installed

_PAUSE_SECONDS: Final = 0.02
_CALLERS: Final = 2
"""For each service; enough that some request is always on its way."""


@dataclass(slots=True)
class Asked:
    """What was asked meanwhile. **Shape**: `failed` are kinds of failures with their counts."""

    requests: int = 0
    failed: Counter[str] = field(default_factory=Counter)


@asynccontextmanager
async def asking(installation: Installation) -> AsyncIterator[Asked]:
    """Ask every service while the block runs: reads of all, and patients that are new."""
    asked = Asked()
    async with installation.clients(Actor(kind="service", id="asking")) as clients:
        callers = [asyncio.create_task(_ask(name, clients, asked)) for name in SERVICES for _ in range(_CALLERS)]
        try:
            yield asked
        finally:
            for each in callers:
                await call_off(each)


async def _ask(name: str, clients: Mapping[str, httpx.AsyncClient], asked: Asked) -> None:
    while True:
        asked.requests += 1
        try:
            answer = await clients[name].get("/v1/worklists")
            if name == "registration" and answer.is_success:
                asked.requests += 1
                answer = await clients[name].post("/v1/patients", json=patient(), headers=keyed(None))
            if not answer.is_success:
                asked.failed[f"{name} {answer.status_code} {answer.json().get('type')}"] += 1
        except httpx.HTTPError as error:
            asked.failed[f"{name} {type(error).__name__}"] += 1
        await asyncio.sleep(_PAUSE_SECONDS)


def patient() -> Mapping[str, object]:
    """Return a new patient, as registration takes one."""
    return {
        "mrn": new_id(),
        "name": {"family": "Sample", "given": "Ada"},
        "birth_on": "1970-05-15",
        "sex": "female",
        "address": {"line": "1 Elm St", "city": "Tampa", "state": "FL", "zip": "336020001"},
    }


async def restart_all(up: Installed, chosen: Sequence[str]) -> None:
    """End each program as a cluster does, start it again, and wait until it is ready, one after the other.

    **Errors**: `ProgramEnded`, `TimeoutError`.
    """
    for name in chosen:
        process = up.programs.ask_to_end(name)
        await asyncio.to_thread(process.wait)
        up.start(name)
        await up.until_ready(name)
