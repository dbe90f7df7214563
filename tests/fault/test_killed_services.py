"""API and worker of each service, killed at moments of chance and started again: the same end state (F1).

Eleven programs as a deployment runs them. Moments are counted in facts that are there; each program is killed twice
while a practice is sent and worked on. The simulator lives on, like a clearinghouse.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import asyncpg
import httpx
import pytest
import stamina

from apps.cli.fhir.importing import import_fhir
from apps.cli.fhir.over_http import HttpServices, ServiceSilent
from apps.embedded.settings import SERVICES, Settings
from apps.embedded.tally import Tally
from shared.clients.coding import CodingClient
from shared.clients.every_service import ServiceClient
from shared.clients.registration import RegistrationClient
from shared.events.envelope import Actor
from tests.support.careless import CARELESS
from tests.support.dose import IS_FULL, chance
from tests.support.engines import until
from tests.support.practice import check
from tests.support.programs import REPOSITORY, Finished
from tools.processes.installed import installed
from tools.processes.programs import SIMULATOR, names

TIMES: Final = 2
LAST: Final = 0.8
"""Up to which part of the facts somebody is killed, so that all of it happens while there is work."""
SECONDS_MAX: Final = 240
CLERK: Final = Actor(kind="human", id="clerk-1")

Clients = Mapping[str, httpx.AsyncClient]


@pytest.mark.skipif(not IS_FULL, reason="a part of the full dose: the short one kills all of them at once")
async def test_services_that_are_killed_one_by_one_end_in_the_same_state(
    demos: Path, practice: Path, undisturbed: Finished
) -> None:
    luck = chance("killed services")
    victims = [name for name in names(1) if name != SIMULATOR] * TIMES
    luck.shuffle(victims)
    moments = sorted(luck.sample(range(int(undisturbed.outcome["events"] * LAST)), len(victims)))
    async with (
        installed(Settings(data=demos / "one-by-one", port=0)) as running,
        running.installation.clients(CLERK, event_hooks=CARELESS) as clients,
        AsyncExitStack() as stack,
    ):
        running.start(*names(1))
        await running.until_ready(*(f"{name} api" for name in SERVICES))
        stores = [await asyncpg.connect(running.databases[f"claimlog_{name}"]) for name in SERVICES]
        for each in stores:
            stack.push_async_callback(each.close)
        sending = asyncio.create_task(sent(practice, clients))
        for moment, victim in zip(moments, victims, strict=True):

            async def is_reached(moment: int = moment) -> bool:
                if sending.done():
                    sending.result()  # what stopped it is the failure, not that the moment never comes
                found = [await each.fetchval("select position from store_head") for each in stores]
                return bool(sum(found) >= moment)

            await until(is_reached, seconds=SECONDS_MAX)
            running.programs.kill(victim)
            running.start(victim)
        await sending
        await settled(clients)

    check(practice, demos / "one-by-one", undisturbed)


@stamina.retry(on=(httpx.HTTPError, ServiceSilent), timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
async def sent(practice: Path, clients: Clients) -> None:
    """Publish the sample's prices, and import a practice; both may be asked for again."""
    prices = json.loads((REPOSITORY / "samples" / "fee-schedule.json").read_text())
    (await clients["claims"].post("/v1/fee-schedules", json=prices)).raise_for_status()
    services = HttpServices(RegistrationClient(clients["registration"]), CodingClient(clients["coding"]))
    report = await import_fhir(practice, services)
    assert not report.failed, report.failed


@stamina.retry(on=(httpx.HTTPError, AssertionError), timeout=SECONDS_MAX, wait_initial=0.5, wait_max=0.5, attempts=None)
async def settled(clients: Clients) -> None:
    """Return once every encounter has ended somewhere, by the feeds of the services alone."""
    tally = Tally()
    await tally.follow({name: ServiceClient(clients[name]) for name in SERVICES})
    assert tally.is_settled(), tally.unsettled()
