"""`shared/clients/validation.py` against the real service in memory."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from msgspec import structs

from services.validation.main import service
from services.validation.settings import Settings
from shared.clients.problem import ProblemAnswered
from shared.clients.validation import CodesToTry, CoverageToTry, LineToTry, ValidationClient
from tests.support.memory import Running, running
from tests.unit.validation.driver import TABLES
from tests.unit.validation.samples import BILLING, COVERAGE, ENCOUNTER, NOW, PATIENT, PAYER, RENDERING, assigned

SERVICE_ON = date(2026, 3, 3)


@pytest.fixture
async def validation() -> AsyncIterator[Running]:
    async with running(service(Settings(), TABLES)) as started:
        await started.deliver(PATIENT, COVERAGE, PAYER, RENDERING, BILLING, ENCOUNTER, assigned("E11"), at=NOW)
        yield started


async def test_shows_and_repeats_a_scrub(validation: Running) -> None:
    client = ValidationClient(validation.client)

    shown, again = await client.scrub("EN-1"), await client.scrub_again("EN-1")

    assert (shown["status"], again["status"]) == ("rejected", "rejected")


async def test_yields_findings_over_all_pages(validation: Running) -> None:
    other = structs.replace(ENCOUNTER, encounter_id="EN-2")
    await validation.deliver(other, structs.replace(assigned("E11"), encounter_id="EN-2"), at=NOW)
    client = ValidationClient(validation.client)

    every = [(each["encounter_id"], each["rule_id"]) async for each in client.findings(page_size=1)]
    errors = [each["encounter_id"] async for each in client.findings(severity="error", owner="coder")]

    assert every == [
        ("EN-1", "diagnosis_billable"),
        ("EN-2", "diagnosis_billable"),
        ("EN-2", "duplicate_service"),  # the same service of the same day
    ]
    assert errors == ["EN-1", "EN-2", "EN-2"]


async def test_tries_codes(validation: Running) -> None:
    codes = CodesToTry(
        service_on=SERVICE_ON,
        diagnoses=("E11.9",),
        lines=(LineToTry(procedure_code="G0438", service_from_on=SERVICE_ON),),
        place_of_service="11",
        birth_on=date(1970, 5, 15),
        sex="female",
        billing_npi="1987654328",
        coverages=(CoverageToTry(effective_from_on=date(2026, 1, 1), filing_limit_months=1_000),),
    )

    standing = await ValidationClient(validation.client).try_codes(codes)

    assert standing["status"] == "validated"
    assert {each["rule_id"] for each in standing["findings"] if each["missing_table"] is None} == {
        "rendering_provider_complete"  # who treated the patient is not among the codes
    }


async def test_raises_what_the_service_refuses(validation: Running) -> None:
    with pytest.raises(ProblemAnswered):
        await ValidationClient(validation.client).scrub("EN-404")
