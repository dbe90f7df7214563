"""Two processes of one service on one store: what must happen once happens once, whoever is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from apps.embedded.database_server import DatabaseServer
from services.payments.main import service as payments
from services.payments.settings import Settings as PaymentsSettings
from services.registration.main import service as registration
from services.registration.settings import Settings as RegistrationSettings
from shared.runtime.definition import Service
from shared.runtime.keys import MemoryKeyStore
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.memory import Running, serving
from tests.unit.payments.example import assembled, bytes_835, check, paid_claim, priced, submitted

ADA = {
    "name": {"family": "Sample", "given": "Ada"},
    "birth_on": "1970-05-15",
    "sex": "female",
    "address": {"line": "1 Elm St", "city": "Tampa", "state": "FL", "zip": "336020001"},
    "member_id": "PAID0001",
}
X12 = {"Content-Type": "application/edi-x12"}


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def two(stack: AsyncExitStack, server: DatabaseServer, service: Service) -> tuple[Running, Running]:
    url, keys = await fresh_database(server), MemoryKeyStore()
    engines = [await stack.enter_async_context(engine_over(service, url, keys=keys)) for _ in range(2)]
    one, other = [await stack.enter_async_context(serving(engine)) for engine in engines]
    return one, other


async def test_one_check_renamed_and_sent_to_both_at_once_is_posted_once(
    stack: AsyncExitStack, database_server: DatabaseServer
) -> None:
    one, other = await two(stack, database_server, payments(PaymentsSettings()))
    await one.deliver(assembled(), priced(), submitted())
    same = check(paid_claim())
    sent = [(one, bytes_835(same, interchange=n, first_set=n)) for n in (1, 3)] + [
        (other, bytes_835(same, interchange=n, first_set=n)) for n in (2, 4)
    ]

    answers = await asyncio.gather(
        *(where.client.post("/v1/remittances", content=content, headers=X12) for where, content in sent)
    )
    await one.settle()
    balance = (await other.client.get("/v1/trial-balance")).json()
    facts = [type(fact).__name__ for fact in await other.facts()]

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["remittances"][0]["remittance_id"] for answer in answers}) == 1
    assert (facts.count("RemittanceReceived"), facts.count("ClaimPaid"), facts.count("RemittancePosted")) == (1, 1, 1)
    assert balance["money_cents"]["paid"] == 100_00
    assert balance["total_cents"] == 0


async def test_fifty_writers_of_one_person_make_one_patient(
    stack: AsyncExitStack, database_server: DatabaseServer
) -> None:
    both = await two(stack, database_server, registration(RegistrationSettings()))
    answers = await asyncio.gather(
        *(both[n % 2].client.post("/v1/patients", json={**ADA, "mrn": f"MRN-{n}"}) for n in range(50))
    )

    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len({answer.json()["patient_id"] for answer in answers}) == 1
    assert [type(fact).__name__ for fact in await both[0].facts()] == ["PatientRegistered"]
