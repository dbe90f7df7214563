"""What a person may ask for again, through `shared/clients/claims.py`, beside a scripted clearinghouse."""

import pytest
from msgspec.structs import replace

from shared.clients.claims import ClaimsClient
from shared.clients.problem import ProblemAnswered
from shared.runtime.clearinghouse.port import SendRefused
from tests.unit.claims.driving import driven
from tests.unit.claims.examples import COVERAGE
from tests.unit.claims.test_effects import Scripted
from tests.unit.claims.test_line import CLAIM_ID, bill


async def test_requeues_a_refused_file_and_resubmits_a_rejected_claim() -> None:
    house = Scripted(outcomes=[SendRefused("no")])
    async with driven(clearinghouse=house) as driver:
        client = ClaimsClient(driver.svc.client)
        await bill(driver)
        await driver.look("batches")
        (refused,) = [each async for each in client.batches(status="failed-for-good")]
        requeued = await client.requeue(refused["batch_id"])
        with pytest.raises(ProblemAnswered) as unrejected:
            await client.resubmit(CLAIM_ID)

    assert requeued["status"] == "queued"
    assert unrejected.value.slug == "claim-not-rejected"


async def test_resubmits_a_rejected_claim() -> None:
    async with driven() as driver:
        client = ClaimsClient(driver.svc.client)
        await bill(driver, replace(COVERAGE, member_id="REJC0001"))
        await driver.look()
        await driver.look("mailbox")

        resubmitted = await client.resubmit(CLAIM_ID)

    assert resubmitted["submission"]["stage"] == "assembled"


async def test_has_a_held_encounter_looked_at_anew() -> None:
    async with driven() as driver:
        client = ClaimsClient(driver.svc.client)
        await bill(driver, replace(COVERAGE, filing_order="secondary"))
        await driver.svc.deliver(COVERAGE)
        released = await client.release_encounter("E-1")
        await driver.svc.settle()

        billed = await client.encounter_billing("E-1")

    assert (released["status"], billed["status"]) == ("waiting", "claim")
