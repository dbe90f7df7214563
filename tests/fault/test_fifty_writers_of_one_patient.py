"""Fifty callers register one person through four processes at once: one patient, and fifty equal answers (F17)."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from apps.embedded.database_server import DatabaseServer
from services.registration.main import service as registration
from services.registration.settings import Settings
from shared.runtime.keys import MemoryKeyStore
from tests.support.databases import fresh_database
from tests.support.dose import chance, dose
from tests.support.engines import engine_over
from tests.support.memory import Running, serving

CALLERS = 50
PEOPLE = dose(2, 20)


def person(n: int) -> dict[str, object]:
    """Return the n-th synthetic person."""
    return {
        "name": {"family": f"Sample{n}", "given": "Ada"},
        "birth_on": "1970-05-15",
        "sex": "female",
        "address": {"line": "1 Elm St", "city": "Tampa", "state": "FL", "zip": "336020001"},
        "member_id": f"PAID{n:04}",
    }


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


async def test_one_person_is_one_patient_whoever_asks(url: str) -> None:
    luck, keys = chance("callers"), MemoryKeyStore()
    async with AsyncExitStack() as stack:
        processes: list[Running] = []
        for _ in range(4):
            engine = await stack.enter_async_context(engine_over(registration(Settings()), url, keys=keys))
            processes.append(await stack.enter_async_context(serving(engine)))
        for n in range(PEOPLE):
            asked = [(luck.choice(processes), {**person(n), "mrn": f"MRN-{n}-{caller}"}) for caller in range(CALLERS)]
            answers = await asyncio.gather(*(process.client.post("/v1/patients", json=body) for process, body in asked))

            assert sorted(answer.status_code for answer in answers) == [200] * (CALLERS - 1) + [201]
            assert len({answer.json()["patient_id"] for answer in answers}) == 1
            assert len({answer.headers["ETag"] for answer in answers}) == 1
        facts = [type(fact).__name__ for fact in await processes[0].facts()]

    assert facts == ["PatientRegistered"] * PEOPLE
