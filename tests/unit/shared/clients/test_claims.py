"""`shared/clients/claims.py` against the service itself, in memory; all people are synthetic."""

from datetime import date, timedelta
from typing import Final

import pytest
from msgspec.structs import replace

from services.claims.domain.assembly import claim_id_of
from services.claims.settings import Settings
from shared.clients.claims import ClaimsClient, PricesToPublish
from shared.clients.problem import ProblemAnswered
from shared.events.claims import ClaimSubmitted
from shared.events.registration import CoverageAdded
from shared.runtime.clock import now
from tests.unit.claims.driving import Driver, driven
from tests.unit.claims.examples import (
    CODES,
    CODES_AGAIN,
    ENCOUNTER,
    PRICES,
    REGISTERED,
    VALIDATED,
    VALIDATED_AGAIN,
)

TO_PUBLISH: Final = PricesToPublish(
    schedule_name="practice", schedule_version=1, effective_from_on=date(2026, 1, 1), items=PRICES.items
)
HELD: Final = Settings(batch_wait_seconds=0, hold_payer_ids=("EXHP1",))
CLAIM_ID: Final = claim_id_of("E-1")


async def three_claims(driver: Driver) -> ClaimsClient:
    client = ClaimsClient(driver.svc.client)
    await client.publish_prices(TO_PUBLISH)
    await driver.svc.deliver(*REGISTERED)
    for number in (1, 2, 3):
        ids = {"encounter_id": f"E-{number}"}
        await driver.svc.deliver(replace(ENCOUNTER, **ids), replace(CODES, **ids), replace(VALIDATED, **ids))
    return client


async def test_publishes_prices_once() -> None:
    async with driven() as driver:
        client = ClaimsClient(driver.svc.client)

        first, again = await client.publish_prices(TO_PUBLISH), await client.publish_prices(TO_PUBLISH)
        schedule = await client.fee_schedule(first.fee_schedule_id)

    assert (first.created, again.created, first.fee_schedule_id) == (True, False, again.fee_schedule_id)
    assert len(schedule["versions"][0]["items"]) == 3


async def test_yields_claims_encounters_and_batches_over_all_pages() -> None:
    async with driven() as driver:
        client = await three_claims(driver)
        await driver.look("batches")

        claims = [claim["encounter_id"] async for claim in client.claims(submission="submitted", page_size=1)]
        encounters = [each["encounter_id"] async for each in client.encounter_billings(status="claim", page_size=2)]
        batches = [each async for each in client.batches(status="transmitted")]
        batch = await client.batch(batches[0]["batch_id"])
        billing = await client.encounter_billing("E-1")

    assert sorted(claims) == sorted(encounters) == ["E-1", "E-2", "E-3"]
    assert (len(batches), len(batch["claims"]), billing["claim_id"]) == (1, 3, CLAIM_ID)


async def test_releases_a_claim_and_shows_its_life_and_files() -> None:
    async with driven(HELD) as driver:
        client = await three_claims(driver)
        released = await client.release(CLAIM_ID, reason="reviewed")
        await driver.look("batches")

        held = [each["claim_id"] async for each in client.claims(submission="held")]
        claim, timeline = await client.claim(CLAIM_ID), await client.timeline(CLAIM_ID)
        sha256 = next(each["file_sha256"] for each in timeline if each["file_sha256"])
        content = await client.file(CLAIM_ID, sha256)

    assert (released["submission"]["stage"], claim["submission"]["stage"], len(held)) == ("assembled", "submitted", 2)
    assert content.startswith(b"ISA*")


async def test_of_two_billers_who_saw_the_same_the_second_reads_again() -> None:
    async with driven(HELD) as driver:
        client = await three_claims(driver)
        seen = await client.claim(CLAIM_ID)
        released = await client.release(CLAIM_ID, reason="reviewed", etag=seen.etag)
        with pytest.raises(ProblemAnswered) as refused:
            await client.release(CLAIM_ID, reason="reviewed", etag=seen.etag)
        again = await client.claim(CLAIM_ID)

    assert (refused.value.status, refused.value.slug) == (412, "version-differs")
    assert seen.etag != released.etag == again.etag


async def test_raises_what_the_service_refuses() -> None:
    async with driven() as driver:
        client = ClaimsClient(driver.svc.client)

        with pytest.raises(ProblemAnswered) as unknown:
            await client.claim("K-9")
        with pytest.raises(ProblemAnswered) as no_file:
            await client.file("K-9", "0" * 64)

    assert (unknown.value.slug, no_file.value.slug) == ("claim-not-found", "file-not-found")


async def test_counts_by_the_hour_what_was_charged_and_each_sending() -> None:
    async with driven() as driver:
        client = ClaimsClient(driver.svc.client)
        await client.publish_prices(TO_PUBLISH)
        rejected = [
            replace(each, member_id="REJP0001") if isinstance(each, CoverageAdded) else each for each in REGISTERED
        ]
        await driver.svc.deliver(*rejected, ENCOUNTER, CODES, VALIDATED)
        for _ in range(2):
            await driver.look()
            await driver.look("mailbox")
            await driver.svc.deliver(CODES_AGAIN, VALIDATED_AGAIN)
        hours = await client.hourly_figures(now() - timedelta(days=49), now() + timedelta(days=50))
        none = await client.hourly_figures(now() - timedelta(days=50), now() - timedelta(days=49))
        claim = await client.claim(CLAIM_ID)

    assert claim["charge_cents"] == 200_00
    assert {name: sum(each[name] for each in hours) for name in hours[0] if name != "hour"} == {
        "charged_cents": 200_00,
        "charged_claims": 1,
        "submitted_cents": 175_00 + 200_00,
        "submitted_claims": 2,
    }
    assert none == ()


async def test_finds_a_claim_by_the_number_of_any_sending_and_by_the_payers() -> None:
    async with driven() as driver:
        client = await three_claims(driver)
        await driver.look()
        await driver.look("mailbox")
        sent = {fact.claim_id: fact for fact in await driver.svc.facts() if isinstance(fact, ClaimSubmitted)}
        number = sent[CLAIM_ID].patient_control_number
        payers = (await client.claim(CLAIM_ID))["payer_claim_number"]

        async def found(number: str | None, payers: str | None, patient: str | None = None) -> list[str]:
            asked = client.claims(patient_control_number=number, payer_claim_number=payers, patient_id=patient)
            return [each["claim_id"] async for each in asked]

        ours = [await found(number, None), await found(None, payers), await found(number, payers)]
        nobodys = [await found("0", None), await found(None, "0"), await found(number, None, "somebody-else")]

    assert payers
    assert ours == [[CLAIM_ID]] * 3
    assert nobodys == [[]] * 3
