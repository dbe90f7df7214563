"""The same POST under the same key again, from a caller whose connection was cut before the answer came (F8).

Cut before the body is there, right after it was sent, and when the answer is back and nobody was told; some callers do
not wait for an answer and ask twice at once. Two processes of one service are asked: nothing is added twice, and all
answers to one key are equal.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path
from random import Random
from socket import AF_UNIX, socket
from typing import Final, get_args

import httpx
import pytest

from apps.embedded.database_server import DatabaseServer
from services.registration.main import service as registration
from services.registration.settings import Settings
from shared.runtime.engine import Engine
from shared.runtime.host import Host
from shared.runtime.http import http_app
from shared.runtime.keys import MemoryKeyStore
from shared.runtime.serving import served
from tests.support.careless import CARELESS
from tests.support.databases import fresh_database
from tests.support.dose import chance, dose
from tests.support.engines import engine_over
from tests.support.memory import ISSUER, token
from tests.support.proxy import Cut, Proxy, before

VISITS: Final = dose(60, 600)
AT_ONCE: Final = 10
NOT_TWICE: Final = b'"starts_at"'
"""What only the body of a booking says: a head that arrives alone is no call yet."""


def chooser(luck: Random, share: float) -> Callable[[], Cut | None]:
    """Return what cuts a share of all bookings, each in another way than the one before, whichever process has it."""
    ways = cycle(get_args(Cut))
    return lambda: next(ways) if luck.random() < share else None


class Desk:
    """Processes of registration, and callers whose connections to them are cut."""

    def __init__(self, processes: Sequence[httpx.AsyncClient], cutting: Sequence[Proxy], luck: Random) -> None:
        self._processes = processes
        self._cutting = cutting
        self._luck = luck

    @property
    def cuts(self) -> Counter[Cut]:
        """Return how often which cut was made."""
        return sum((each.cuts for each in self._cutting), Counter())

    async def ask(self, path: str, body: object, key: str) -> httpx.Response:
        """Ask one process after the other until one answers."""
        while True:
            try:
                headers = {"Idempotency-Key": key}
                return await self._luck.choice(self._processes).post(path, json=body, headers=headers)
            except httpx.TransportError:
                continue


@asynccontextmanager
async def open_desk(engines: Sequence[Engine], folder: Path, share: float) -> AsyncIterator[Desk]:
    """Serve each engine on a socket, behind a proxy."""
    luck = chance(f"repeated calls {share}")
    choose = chooser(luck, share)
    cutting, processes = [], []
    async with AsyncExitStack() as stack:
        for n, engine in enumerate(engines):
            listener = stack.enter_context(socket(AF_UNIX))
            listener.bind(str(folder / f"{n}"))
            app = http_app(engine.service, Host(engine=engine, verifier=ISSUER.verifier()))
            await stack.enter_async_context(served(app, listener))
            between = before(folder / f"{n}", folder / f"{n}-cut", NOT_TWICE, choose)
            cutting.append(await stack.enter_async_context(between))
            client = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(uds=str(folder / f"{n}-cut")),
                base_url="http://desk",
                headers={"Authorization": f"Bearer {token(engine.service)}"},
                event_hooks=CARELESS,
            )
            processes.append(await stack.enter_async_context(client))
        yield Desk(processes, cutting, luck)


async def open_record(desk: Desk) -> dict[str, object]:
    """Return whom visits are booked for, and with whom."""
    patient = {
        "name": {"family": "Sample", "given": "Ada"},
        "birth_on": "1970-05-15",
        "sex": "female",
        "member_id": "PAID0001",
        "address": {"line": "1 Elm St", "city": "Tampa", "state": "FL", "zip": "336020001"},
        "mrn": "MRN-1",
    }
    provider = {"kind": "person", "npi": "1234567893", "provider_name": "Sample", "given_name": "Bob"}
    registered = (await desk.ask("/v1/patients", patient, "patient")).json()
    added = (await desk.ask("/v1/providers", provider, "provider")).json()
    return {"patient_id": registered["patient_id"], "provider_id": added["provider_id"]}


@pytest.mark.parametrize("share", [0.1, 0.5])
async def test_call_that_is_repeated_under_its_key_adds_nothing_and_gets_the_first_answer(
    database_server: DatabaseServer, folder: Path, share: float
) -> None:
    url, keys = await fresh_database(database_server), MemoryKeyStore()
    luck = chance(f"impatient callers {share}")
    async with AsyncExitStack() as stack:
        opening = [engine_over(registration(Settings()), url, keys=keys) for _ in range(2)]
        engines = [await stack.enter_async_context(each) for each in opening]
        desk = await stack.enter_async_context(open_desk(engines, folder, share))
        record = await open_record(desk)
        # without a key each of these would be a visit of its own: nothing in it tells them apart
        visit = {**record, "starts_at": "2026-03-03T14:30:00Z"}

        async def booked(n: int) -> list[httpx.Response]:
            first = [desk.ask("/v1/appointments", visit, f"visit-{n}") for _ in range(1 + (luck.random() < share))]
            return await asyncio.gather(*first)

        answers: list[list[httpx.Response]] = []
        for first in range(0, VISITS, AT_ONCE):
            answers += await asyncio.gather(*(booked(n) for n in range(first, first + AT_ONCE)))
        for n in range(VISITS):  # long after it was answered
            answers[n].append(await desk.ask("/v1/appointments", visit, f"visit-{n}"))
        other = await desk.ask("/v1/appointments", {**visit, "visit_type": "phone"}, "visit-0")
        cuts = desk.cuts
        facts = Counter(each.type for each in await engines[0].store.events(0, events_max=10_000))

    assert set(cuts) == set(get_args(Cut))
    assert {answer.status_code for same in answers for answer in same} == {201}
    assert [len({(answer.text, answer.headers["ETag"]) for answer in same}) for same in answers] == [1] * VISITS
    assert len({same[0].json()["appointment_id"] for same in answers}) == VISITS
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert facts == {"PatientRegistered": 1, "ProviderAdded": 1, "AppointmentBooked": VISITS}
