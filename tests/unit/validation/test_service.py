"""Validation over the runtime in memory: the same ends as the pure driver, and turns that the engine takes itself."""

from itertools import islice, permutations

from msgspec import structs

from services.validation.domain.backlog import TURN_ENCOUNTERS_MAX
from services.validation.main import service
from services.validation.projections.scrubs import STANDINGS, Standing
from services.validation.projections.waits import WAITS
from services.validation.settings import Settings
from shared.events.envelope import Event
from shared.events.validation import CodesValidated
from tests.support.memory import TENANT, Running, running
from tests.unit.validation.driver import TABLES
from tests.unit.validation.samples import (
    BILLING,
    COVERAGE,
    ENCOUNTER,
    NOW,
    PATIENT,
    PAYER,
    RENDERING,
    SUBMITTED,
    assigned,
    visit_and_codes,
)

FACTS = (PATIENT, COVERAGE, PAYER, RENDERING, BILLING, ENCOUNTER, assigned("E119"))
EVERY = 720  # of 5,040 orders; the pure driver takes all of them


async def standing(started: Running) -> Standing | None:
    return await started.engine.row(STANDINGS, TENANT, "EN-1")


async def ends(*facts: Event) -> Standing | None:
    async with running(service(Settings(), TABLES), clock=lambda: NOW) as started:
        await started.deliver(*facts, at=NOW)
        assert await started.parked() == []
        return await standing(started)


async def test_orders_of_the_facts_end_in_the_same_row() -> None:
    expected = await ends(*FACTS)

    differing = [order for order in islice(permutations(FACTS), 0, None, EVERY) if await ends(*order) != expected]

    assert expected is not None
    assert expected.status == "validated"
    assert differing == []


async def test_a_repeat_of_a_fact_adds_nothing() -> None:
    async with running(service(Settings(), TABLES), clock=lambda: NOW) as started:
        await started.deliver(*FACTS, at=NOW)
        before = await started.facts()
        await started.deliver(*FACTS, at=NOW)

        assert await started.facts() == before


async def test_a_payer_that_many_wait_for_stays_within_the_limit_of_a_unit() -> None:
    settings = Settings(unit_events_max=4 * TURN_ENCOUNTERS_MAX)
    many = 2 * TURN_ENCOUNTERS_MAX + 5
    async with running(service(settings, TABLES), clock=lambda: NOW) as started:
        await started.deliver(PATIENT, COVERAGE, RENDERING, BILLING, at=NOW)
        for number in range(many):
            await started.deliver(*visit_and_codes(number), at=NOW)
        await started.deliver(PAYER, at=NOW)

        assert await started.parked() == []
        assert await started.engine.row(WAITS, TENANT, "payer/PY-1") is None
        assert sum(isinstance(fact, CodesValidated) for fact in await started.facts()) == many


async def test_a_late_coverage_scrubs_again_within_the_limit_of_a_unit() -> None:
    settings = Settings(unit_events_max=4 * TURN_ENCOUNTERS_MAX)
    many = 2 * TURN_ENCOUNTERS_MAX + 5
    late = structs.replace(COVERAGE, coverage_id="CV-2", filing_order="secondary")
    async with running(service(settings, TABLES), clock=lambda: NOW) as started:
        await started.deliver(PATIENT, COVERAGE, PAYER, RENDERING, BILLING, at=NOW)
        for number in range(many):
            await started.deliver(*visit_and_codes(number), at=NOW)
        await started.deliver(structs.replace(SUBMITTED, encounter_ids=("EN-0000",)), at=NOW)
        before = len(await started.facts())
        await started.deliver(late, at=NOW)
        again = [fact for fact in (await started.facts())[before:] if isinstance(fact, CodesValidated)]
        await started.deliver(late, at=NOW)

        assert await started.parked() == []
        assert len(again) == many - 1
        assert {finding.rule_id for fact in again for finding in fact.findings} >= {"coverage_left_out"}
        assert "EN-0000" not in {fact.encounter_id for fact in again}
        assert sum(isinstance(fact, CodesValidated) for fact in await started.facts()) == 2 * many - 1
