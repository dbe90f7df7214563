"""What must not go out: claims that were decided, whose codes changed or were rejected, or that nobody could price."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from services.claims.domain.assembly import claim_id_of
from services.claims.domain.batch_facts import BatchQueued
from services.claims.domain.fee_schedule import PublishFeeSchedule
from services.claims.settings import Settings
from shared.events.claims import ClaimAssembled, FeeScheduleItem
from shared.events.envelope import Event
from shared.events.validation import CodesRejected
from shared.x12.sets.t837p_x222a1 import read_837p
from tests.support.memory import CLERK, TENANT
from tests.support.validating import sent_after_asking
from tests.unit.claims.driving import Driver, driven
from tests.unit.claims.examples import (
    CODES,
    CODES_AGAIN,
    COVERAGE,
    ENCOUNTER,
    NOW,
    PATIENT,
    PRICES,
    REGISTERED,
    VALIDATED,
    VALIDATED_AGAIN,
    paid,
)
from tests.unit.claims.test_line import CLAIM_ID, bill, claim, publish, worklist

REJECTED: Final = CodesRejected(
    encounter_id="E-1",
    patient_id="P-1",
    coding_version=1,
    rule_set_version="2026.11",
    editions=(),
    findings=(),
    rejected_at=NOW,
)
ON_HOLD: Final = Settings(batch_wait_seconds=0, hold_payer_ids=("Y-1",))
REVIEWED: Final = {"reason": "reviewed"}


async def sent(driver: Driver) -> list[list[str]]:
    """Return the procedures of every claim in every file."""
    files = [fact.file_sha256 for fact in await driver.intents() if isinstance(fact, BatchQueued)]
    return [
        [line.procedure for line in each.lines]
        for file in files
        for batch in read_837p(await driver.outside.file(file))
        for each in batch.claims
    ]


async def release(driver: Driver) -> tuple[int, str]:
    answer = await driver.svc.client.post(f"/v1/claims/{CLAIM_ID}/releases", json=REVIEWED)
    return answer.status_code, str(answer.json().get("type"))


async def rejected_and_coded_anew(driver: Driver) -> None:
    """Have a claim rejected by the front end, and made ready again by newer codes."""
    await bill(driver, replace(COVERAGE, member_id="REJC0001"))
    await driver.look()
    await driver.look("mailbox")
    await driver.svc.deliver(CODES_AGAIN, VALIDATED_AGAIN)


async def test_holds_a_ready_claim_that_was_paid_meanwhile_and_sends_the_others() -> None:
    other = {"encounter_id": "E-2", "patient_id": "P-2"}
    async with driven() as driver:
        await rejected_and_coded_anew(driver)
        await driver.svc.deliver(paid(CLAIM_ID))
        held = await claim(driver)
        await driver.svc.deliver(
            replace(PATIENT, patient_id="P-2"),
            replace(COVERAGE, patient_id="P-2", coverage_id="C-2"),
            replace(ENCOUNTER, **other, coverage_ids=("C-2",)),
            replace(CODES, **other),
            replace(VALIDATED, **other),
        )
        await driver.look()
        answer = await release(driver)

        found, second = await claim(driver), await claim(driver, claim_id_of("E-2"))
        listed = await worklist(driver, "held-claims")

    assert (held["submission"]["stage"], held["work"]["reason"]) == ("held", "paid-meanwhile")
    assert answer == (409, "/problems/claim-decided")
    assert (found["submission"]["stage"], second["submission"]["stage"]) == ("held", "submitted")
    assert len(listed) == 1


async def test_sends_claims_one_by_one_where_their_common_file_is_refused() -> None:
    other = {"encounter_id": "E-2", "patient_id": "P-2"}
    async with driven() as driver:
        await bill(driver)
        await driver.svc.deliver(
            replace(PATIENT, patient_id="P-2"),
            replace(COVERAGE, patient_id="P-2", coverage_id="C-2"),
            replace(ENCOUNTER, **other, coverage_ids=("C-2",)),
            replace(CODES, **other),
            replace(VALIDATED, **other),
        )
        driver.refuse_next = 1
        await driver.look("batches")

        files = await driver.intents()
        stages = [(await claim(driver, claim_id_of(each)))["submission"]["stage"] for each in ("E-1", "E-2")]

    assert len(files) == 2
    assert stages == ["submitted", "submitted"]


async def test_never_sends_old_codes_of_a_claim_that_is_held_for_another_reason() -> None:
    async with driven(ON_HOLD) as driver:
        await bill(driver)
        await driver.svc.deliver(CODES_AGAIN)
        early = await release(driver)
        waiting = await claim(driver)
        await driver.svc.deliver(VALIDATED_AGAIN)
        still = await claim(driver)
        late = await release(driver)
        await driver.look()

        procedures = await sent(driver)

    assert early == (409, "/problems/newer-codes-pending")
    assert (waiting["work"]["owner"], waiting["work"]["reason"]) == ("coder", "codes-changed")
    assert (still["submission"]["stage"], still["work"]["reason"]) == ("held", "payer-on-hold")
    assert late[0] == 201
    assert procedures == [["99214"]]


async def test_holds_an_unsent_claim_whose_codes_were_rejected_until_they_are_validated() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.svc.deliver(REJECTED)
        held = await claim(driver)
        refused = await release(driver)
        await driver.look()
        nothing = await sent(driver)
        await driver.svc.deliver(replace(VALIDATED, rule_set_version="2026.12"))
        await driver.look()

        found = await claim(driver)

    assert (held["submission"]["stage"], held["work"]["reason"]) == ("held", "codes-rejected")
    assert refused == (409, "/problems/newer-codes-pending")
    assert nothing == []
    assert found["submission"]["stage"] == "submitted"


async def test_bills_no_encounter_whose_codes_were_rejected_while_it_waited() -> None:
    async with driven() as driver:
        await driver.svc.deliver(*REGISTERED, ENCOUNTER, CODES, VALIDATED, REJECTED)
        waiting = await worklist(driver, "waiting-encounters")
        await publish(driver.svc)
        early = await driver.names(ClaimAssembled)
        await driver.svc.deliver(replace(VALIDATED, rule_set_version="2026.12"))

        late = await driver.names(ClaimAssembled)

    assert [row["missing"] for row in waiting] == [["validation/E-1"]]
    assert (len(early), len(late)) == (0, 1)


async def test_says_nothing_of_rejected_codes_that_nobody_ever_billed() -> None:
    async with driven() as driver:
        await publish(driver.svc)
        await driver.svc.deliver(*REGISTERED, ENCOUNTER, CODES, REJECTED)

        waiting = await worklist(driver, "waiting-encounters")

    assert waiting == []


def priced_anew(schedule_name: str, charge_cents: int) -> PublishFeeSchedule:
    return PublishFeeSchedule(
        fee_schedule_id=f"F-{schedule_name}",
        schedule_name=schedule_name,
        schedule_version=1,
        effective_from_on=PRICES.effective_from_on,
        effective_to_on=None,
        items=(
            FeeScheduleItem(procedure_code="99213", charge_cents=charge_cents),
            FeeScheduleItem(procedure_code="36415", charge_cents=charge_cents),
        ),
        now=NOW,
    )


@pytest.mark.parametrize("coverage_ids", [("C-1",), ()], ids=["insured", "self-pay"])
@pytest.mark.parametrize(
    ("schedules", "reason"),
    [
        ((priced_anew("a", 1_00), priced_anew("b", 2_00)), "price-ambiguous"),
        ((priced_anew("a", 0),), "nothing-to-charge"),
    ],
)
async def test_asks_a_person_what_it_costs_where_prices_do_not_say(
    schedules: tuple[PublishFeeSchedule, ...], reason: str, coverage_ids: tuple[str, ...]
) -> None:
    async with driven() as driver:
        for schedule in schedules:
            await driver.svc.engine.handle(TENANT, CLERK, schedule, at=NOW)
        await driver.svc.deliver(*REGISTERED, replace(ENCOUNTER, coverage_ids=coverage_ids), CODES, VALIDATED)

        held = await worklist(driver, "held-encounters")

    assert [row["attention"] for row in held] == [reason]


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [
        (replace(COVERAGE, patient_id="P-2"), "coverage-of-another-patient"),
        (replace(COVERAGE, filing_order="secondary"), "first-coverage-not-primary"),
    ],
)
async def test_bills_no_coverage_that_is_not_the_patients_first(coverage: Event, reason: str) -> None:
    async with driven() as driver:
        await bill(driver, coverage)

        held = await worklist(driver, "held-encounters")
        assembled = await driver.names(ClaimAssembled)

    assert [row["attention"] for row in held] == [reason]
    assert assembled == []


async def test_asks_again_about_a_held_encounter_when_it_was_mended() -> None:
    async with driven() as driver:
        await bill(driver, replace(COVERAGE, filing_order="secondary"))
        path = "/v1/encounter-billings/E-1/releases"
        unmended = await driver.svc.client.post(path)
        await driver.svc.settle()
        still = await worklist(driver, "held-encounters")
        await driver.svc.deliver(COVERAGE)
        mended = await driver.svc.client.post(path)
        await driver.svc.settle()
        again = await driver.svc.client.post(path)

        found = await claim(driver)

    assert (unmended.status_code, len(still), mended.status_code) == (201, 1, 201)
    assert found["submission"]["stage"] == "assembled"
    assert (again.status_code, again.json()["type"]) == (409, "/problems/encounter-not-held")


async def resubmit(driver: Driver) -> tuple[int, dict[str, Any]]:
    answer = await sent_after_asking(driver.svc, f"/v1/claims/{CLAIM_ID}/resubmissions")
    body: dict[str, Any] = answer.json()
    return answer.status_code, body


async def test_sends_a_rejected_claim_again_with_the_same_codes_under_a_new_number() -> None:
    async with driven() as driver:
        await bill(driver, replace(COVERAGE, member_id="REJC0001"))
        await driver.look()
        await driver.look("mailbox")
        before = await claim(driver)
        await driver.svc.deliver(COVERAGE)
        status, ready = await resubmit(driver)
        twice = await resubmit(driver)
        await driver.look()
        await driver.look("mailbox")

        after = await claim(driver)

    assert (status, ready["submission"]["stage"], ready["work"]["owner"]) == (201, "assembled", "nobody")
    assert (twice[0], twice[1]["type"]) == (409, "/problems/claim-not-rejected")
    assert after["submission"]["stage"] == "accepted-by-payer"
    assert after["submission"]["patient_control_number"] != before["submission"]["patient_control_number"]


async def test_resubmits_no_codes_that_newer_ones_replaced() -> None:
    async with driven() as driver:
        await bill(driver, replace(COVERAGE, member_id="REJC0001"))
        await driver.look()
        await driver.look("mailbox")
        await driver.svc.deliver(CODES_AGAIN)

        status, problem = await resubmit(driver)

    assert (status, problem["type"]) == (409, "/problems/newer-codes-pending")
