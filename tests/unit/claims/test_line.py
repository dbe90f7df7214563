"""The line of claims from validated codes to an accepted or rejected claim, beside the simulator, in memory."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import pytest
from msgspec.structs import replace

from services.claims.domain.assembly import claim_id_of
from services.claims.domain.fee_schedule import PublishFeeSchedule
from services.claims.domain.inbound import MailboxFileSeen
from services.claims.settings import Settings
from shared.events.claims import (
    ClaimAssembled,
    ClaimEvent,
    ClaimSubmitted,
    EncounterReleasedToSelfPay,
)
from shared.events.envelope import Event
from shared.events.registration import CoverageAdded
from shared.kernel.erased import ERASED
from shared.kernel.unions import members
from shared.x12.sets.t837p_x222a1 import read_837p
from tests.support.histories import retold
from tests.support.memory import CLERK, TENANT, Running
from tests.support.x12_oracles import pyx12_check
from tests.unit.claims.driving import Driver, driven
from tests.unit.claims.examples import (
    AUTHORIZED,
    BILLER,
    CODES,
    CODES_AGAIN,
    CONSENTED,
    COVERAGE,
    DOCTOR,
    ENCOUNTER,
    NOW,
    PATIENT,
    PAYER,
    PRICES,
    REGISTERED,
    VALIDATED,
    VALIDATED_AGAIN,
    denied,
    paid,
)

CLAIM_ID: Final = claim_id_of("E-1")
CLAIM_FACTS: Final[tuple[type[Event], ...]] = members(ClaimEvent)
PUBLISH: Final = PublishFeeSchedule(
    fee_schedule_id="F-1",
    schedule_name="practice",
    schedule_version=1,
    effective_from_on=PRICES.effective_from_on,
    effective_to_on=None,
    items=PRICES.items,
    now=NOW,
)


async def publish(svc: Running) -> None:
    await svc.engine.handle(TENANT, CLERK, PUBLISH, at=NOW)
    await svc.settle()


async def bill(driver: Driver, *facts: Event) -> None:
    """Have an encounter billed: prices, parties, documentation, codes; later facts of a type replace the usual ones."""
    usual: dict[type[Event], Event] = {type(fact): fact for fact in (PATIENT, COVERAGE, PAYER, ENCOUNTER, CODES)}
    given = {**usual, **{type(fact): fact for fact in facts}}
    await publish(driver.svc)
    await driver.svc.deliver(BILLER, DOCTOR, *given.values(), VALIDATED)


async def claim(driver: Driver, claim_id: str = CLAIM_ID) -> dict[str, Any]:
    answer = await driver.svc.client.get(f"/v1/claims/{claim_id}")
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


async def worklist(driver: Driver, name: str) -> list[dict[str, Any]]:
    answer = await driver.svc.client.get(f"/v1/worklists/{name}")
    items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return items


ALL_FACTS: Final = (PATIENT, COVERAGE, PAYER, BILLER, DOCTOR, ENCOUNTER, CODES, VALIDATED, PRICES)
ORDERS: Final = tuple(itertools.islice(itertools.permutations(ALL_FACTS), 0, None, 3001))


async def test_assembles_the_same_claim_whatever_order_the_facts_come_in() -> None:
    ends = {await _end_of(order) for order in ORDERS}

    assert (len(ORDERS), len(ends)) == (121, 1)
    assert ends.pop()[:2] == ("assembled", 175_00)


async def _end_of(order: Sequence[Event]) -> tuple[object, ...]:
    async with driven() as driver:
        for fact in order:
            if fact is PRICES:
                await publish(driver.svc)
            else:
                await driver.svc.deliver(fact)
        found = await claim(driver)
        facts = await driver.names(*CLAIM_FACTS)
        billing = (await driver.svc.client.get("/v1/encounter-billings/E-1")).json()
    return (
        found["submission"]["stage"],
        found["charge_cents"],
        repr(found["lines"]),
        tuple(facts),
        billing["status"],
        tuple(billing["missing"]),
    )


@pytest.mark.parametrize("order", tuple(itertools.permutations((CODES, CODES_AGAIN, VALIDATED, VALIDATED_AGAIN)))[::3])
async def test_ends_with_the_newest_codes_whatever_order_they_come_in(order: Sequence[Event]) -> None:
    async with driven() as driver:
        await publish(driver.svc)
        await driver.svc.deliver(*REGISTERED, ENCOUNTER, *order)

        found = await claim(driver)

    assert (found["coding_version"], found["charge_cents"], found["submission"]["stage"]) == (2, 200_00, "assembled")


async def test_sends_a_claim_and_takes_it_to_acceptance() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.look()
        await driver.look("mailbox")
        await driver.look("mailbox")

        found = await claim(driver)
        timeline = (await driver.svc.client.get(f"/v1/claims/{CLAIM_ID}/timeline")).json()["entries"]
        sent = next(entry["file_sha256"] for entry in timeline if entry["fact"] == "ClaimSubmitted")
        file = await driver.svc.client.get(f"/v1/claims/{CLAIM_ID}/files/{sent}")
        batch = (await driver.svc.client.get(f"/v1/batches/{found['submission']['batch_id']}")).json()

    assert found["submission"]["stage"] == "accepted-by-payer"
    assert found["work"]["owner"] == "payer"
    assert found["payer_claim_number"]
    facts = [entry["fact"] for entry in timeline]
    assert facts[:4] == ["ClaimAssembled", "ClaimPriced", "ClaimQueued", "ClaimSubmitted"]
    assert {"TransactionSetAccepted", "ClaimAccepted"} <= set(facts)
    assert (batch["status"], batch["attempts"], batch["failures"]) == ("transmitted", 1, [])
    assert pyx12_check(file.text).errors == ()
    (sets,) = read_837p(file.content)
    (written,) = sets.claims
    assert written.patient_control_number == found["submission"]["patient_control_number"]
    assert (written.charge_cents, [line.line_control_number for line in written.lines]) == (175_00, ["L1", "L2"])


async def test_shows_a_file_to_the_claims_that_it_names_alone() -> None:
    async with driven() as driver:
        await bill(driver)

        other = await driver.svc.client.get(f"/v1/claims/{CLAIM_ID}/files/{'0' * 64}")

    assert (other.status_code, other.json()["type"]) == (404, "/problems/file-not-found")


@pytest.mark.parametrize(
    ("member_id", "level", "list_size"),
    [("REJP0001", "payer", 1), ("REJC0001", "clearinghouse", 1), ("R9990001", "clearinghouse", 1)],
)
async def test_lists_a_rejected_claim_with_who_rejected_it(member_id: str, level: str, list_size: int) -> None:
    async with driven() as driver:
        await bill(driver, replace(COVERAGE, member_id=member_id))
        await driver.look()
        await driver.look("mailbox")

        found = await claim(driver)
        rejected = await worklist(driver, "rejected-claims")

    assert (found["submission"]["stage"], found["submission"]["level"]) == ("rejected", level)
    assert found["submission"]["status_codes"]
    assert (found["work"]["owner"], found["work"]["reason"]) == ("biller", f"rejected-by-{level}")
    assert len(rejected) == list_size


async def test_sends_a_rejected_claim_again_with_its_new_codes_and_a_new_number() -> None:
    async with driven() as driver:
        await bill(driver, replace(COVERAGE, member_id="REJP0001"))
        await driver.look()
        await driver.look("mailbox")
        before = await claim(driver)
        await driver.svc.deliver(CODES_AGAIN, VALIDATED_AGAIN)
        await driver.look()
        await driver.look("mailbox")

        after = await claim(driver)
        numbers = [fact for fact in await driver.svc.facts() if isinstance(fact, ClaimSubmitted)]
        asked = [{"patient_control_number": fact.patient_control_number} for fact in numbers]
        found = [(await driver.svc.client.get("/v1/claims", params=each)).json()["items"] for each in asked]

    assert [[each["claim_id"] for each in items] for items in found] == [[CLAIM_ID], [CLAIM_ID]]
    assert (before["coding_version"], after["coding_version"], after["charge_cents"]) == (1, 2, 200_00)
    assert [fact.frequency for fact in numbers] == ["1", "1"]
    assert len({fact.patient_control_number for fact in numbers}) == 2
    assert len({fact.interchange_control_number for fact in numbers}) == 2


async def test_leaves_an_accepted_claim_alone_when_codes_change_and_lists_it() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.look()
        await driver.look("mailbox")
        await driver.svc.deliver(CODES_AGAIN, VALIDATED_AGAIN, VALIDATED_AGAIN)

        found = await claim(driver)
        listed = await worklist(driver, "claims-with-newer-codes")
        assembled = await driver.names(ClaimAssembled)

    assert (found["coding_version"], found["newer_coding_version"]) == (1, 2)
    assert len(listed) == len(assembled) == 1


async def test_takes_codes_that_came_while_the_claim_was_away_once_it_is_rejected() -> None:
    async with driven() as driver:
        await bill(driver, replace(COVERAGE, member_id="REJC0001"))
        await driver.look("batches")
        await driver.svc.deliver(CODES_AGAIN, VALIDATED_AGAIN)
        await driver.look("mailbox")

        found = await claim(driver)

    assert (found["coding_version"], found["submission"]["stage"]) == (2, "assembled")


async def test_holds_a_claim_whose_codes_were_replaced_until_the_new_ones_are_validated() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.svc.deliver(CODES_AGAIN)
        held = await claim(driver)
        await driver.look()
        still = await claim(driver)
        await driver.svc.deliver(VALIDATED_AGAIN)
        await driver.look()

        sent = await claim(driver)

    assert (held["submission"]["stage"], held["work"]["owner"], held["work"]["reason"]) == (
        "held",
        "coder",
        "codes-changed",
    )
    assert still["submission"]["stage"] == "held"
    assert (sent["submission"]["stage"], sent["coding_version"]) == ("submitted", 2)


async def test_holds_claims_of_a_payer_until_a_person_releases_them() -> None:
    async with driven(Settings(batch_wait_seconds=0, hold_payer_ids=("Y-1",))) as driver:
        await bill(driver)
        await driver.look()
        held = await worklist(driver, "held-claims")
        released = await driver.svc.client.post(f"/v1/claims/{CLAIM_ID}/releases", json={"reason": "reviewed"})
        again = await driver.svc.client.post(f"/v1/claims/{CLAIM_ID}/releases", json={"reason": "reviewed"})
        await driver.look()

        found = await claim(driver)

    assert [row["work_reason"] for row in held] == ["payer-on-hold"]
    assert all(row["hold_until_on"] for row in held)
    assert (released.status_code, released.json()["submission"]["stage"]) == (201, "assembled")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/claim-not-held")
    assert found["submission"]["stage"] == "submitted"


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (replace(PATIENT, name=ERASED), "personal-data-erased"),
        (replace(PATIENT, address=None), "patient-address-missing"),
        (replace(COVERAGE, member_id=ERASED), "personal-data-erased"),
        (replace(COVERAGE, member_id="PAID*1"), "x12-cannot-be-written"),
    ],
)
async def test_holds_a_claim_that_cannot_be_written_and_sends_the_others(fact: Event, reason: str) -> None:
    other = {"encounter_id": "E-2", "patient_id": "P-2"}
    async with driven() as driver:
        await bill(driver, fact)
        await driver.svc.deliver(
            replace(PATIENT, patient_id="P-2"),
            replace(COVERAGE, patient_id="P-2", coverage_id="C-2"),
            replace(ENCOUNTER, **other, coverage_ids=("C-2",)),
            replace(CODES, **other),
            replace(VALIDATED, **other),
        )
        await driver.look()

        stuck, sent = await claim(driver), await claim(driver, claim_id_of("E-2"))

    assert (stuck["submission"]["stage"], stuck["work"]["reason"]) == ("held", reason)
    assert sent["submission"]["stage"] == "submitted"


@pytest.mark.parametrize(("setting", "status"), [("self-pay", "self-pay"), ("hold", "held")])
async def test_bills_the_patient_or_asks_where_no_coverage_was_known(setting: str, status: str) -> None:
    async with driven(Settings.model_validate({"no_coverage": setting})) as driver:
        await bill(driver, replace(ENCOUNTER, coverage_ids=()))

        answer = (await driver.svc.client.get("/v1/encounter-billings", params={"status": status})).json()
        released = [fact for fact in await driver.svc.facts() if isinstance(fact, EncounterReleasedToSelfPay)]

    assert [row["encounter_id"] for row in answer["items"]] == ["E-1"]
    assert [fact.charge_cents for fact in released] == ([175_00] if status == "self-pay" else [])


async def test_asks_a_person_where_the_documentation_says_too_little() -> None:
    async with driven() as driver:
        await bill(driver, replace(ENCOUNTER, place_of_service=None))

        held = await worklist(driver, "held-encounters")

    assert [row["attention"] for row in held] == ["place-of-service-missing"]


async def test_lets_everybody_go_on_who_waited_for_a_price_in_portions() -> None:
    others = [{"encounter_id": f"E-{number:03d}"} for number in range(205)]
    async with driven() as driver:
        await driver.svc.deliver(*REGISTERED)
        for other in others:
            await driver.svc.deliver(replace(ENCOUNTER, **other), replace(CODES, **other), replace(VALIDATED, **other))
        waiting = await worklist(driver, "waiting-encounters")
        await publish(driver.svc)

        assembled = await driver.names(ClaimAssembled)
        left = await worklist(driver, "waiting-encounters")

    assert set(waiting[0]["missing"]) == {"price/99213", "price/36415"}
    assert (len(assembled), left) == (205, [])


async def test_puts_the_claims_of_each_payer_into_a_set_of_their_own() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.svc.deliver(replace(PAYER, payer_id="Y-2", clearinghouse_payer_id="EXHP2"))
        for number in (2, 3):
            ids = {"encounter_id": f"E-{number}", "patient_id": f"P-{number}"}
            await driver.svc.deliver(
                replace(PATIENT, patient_id=f"P-{number}"),
                CoverageAdded(
                    **{
                        name: getattr(COVERAGE, name)
                        for name in COVERAGE.__struct_fields__
                        if name not in {"coverage_id", "patient_id", "payer_id", "member_id"}
                    },
                    coverage_id=f"C-{number}",
                    patient_id=f"P-{number}",
                    payer_id="Y-2" if number == 3 else "Y-1",
                    member_id="R9990003" if number == 3 else "PAID0002",
                ),
                replace(ENCOUNTER, **ids, coverage_ids=(f"C-{number}",)),
                replace(CODES, **ids),
                replace(VALIDATED, **ids),
            )
        await driver.look()
        await driver.look("mailbox")
        stages = [(await claim(driver, claim_id_of(f"E-{number}")))["submission"]["stage"] for number in (1, 2, 3)]
        (intent,) = await driver.intents()
        content = await driver.outside.file(intent.file_sha256)

    assert [len(batch.claims) for batch in read_837p(content)] == [2, 1]
    assert pyx12_check(content.decode()).errors == ()
    assert stages == ["accepted-by-payer", "accepted-by-payer", "rejected"]


async def test_waits_for_others_to_share_a_file_unless_it_is_full() -> None:
    async with driven(Settings(batch_wait_seconds=3_600_000)) as driver:
        await bill(driver)
        await driver.look("batches")
        early = await driver.intents()
        driver.outside.at += timedelta(days=365)
        await driver.look("batches")

        late = await driver.intents()

    assert (len(early), len(late)) == (0, 1)


async def test_moves_the_work_and_the_money_when_the_payer_decides() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.look()
        waiting = await claim(driver)
        await driver.svc.deliver(denied(CLAIM_ID))
        refused = await claim(driver)
        await driver.svc.deliver(replace(paid(CLAIM_ID, patient_cents=0), remittance_id="R-3", ledger_batch_id="R-3/1"))

        settled = await claim(driver)

    assert [waiting[axis] for axis in ("adjudication", "money", "ar_stage")] == ["none", "unpaid", "primary-payer"]
    assert [refused[axis] for axis in ("adjudication", "money", "ar_stage")] == ["denied", "unpaid", "primary-payer"]
    assert refused["work"]["owner"] == "denial-specialist"
    assert settled["work"]["owner"] == "nobody"


async def test_reads_each_file_of_the_mailbox_once_and_leaves_remittances_to_others() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.look()
        await driver.look("mailbox")
        before = len(await driver.svc.facts())
        await driver.look("mailbox")
        after = len(await driver.svc.facts())
        seen = [fact for fact in await driver.svc.facts() if isinstance(fact, MailboxFileSeen)]
        kinds = {fact.file_name: fact.kind for fact in seen}

    assert before == after
    assert {kind for name, kind in kinds.items() if name.endswith("835")} == {"not-ours"}
    assert {kind for name, kind in kinds.items() if not name.endswith("835")} == {"acknowledgment"}


async def test_says_nothing_twice_when_every_fact_comes_twice() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.svc.deliver(*REGISTERED, ENCOUNTER, CODES, VALIDATED)
        await driver.look()
        await driver.look("mailbox")
        await driver.svc.deliver(CODES, VALIDATED)

        names = await driver.names(*CLAIM_FACTS)

    assert names.count("ClaimAssembled") == names.count("ClaimSubmitted") == 1
    assert "ClaimRejected" not in names
    assert names.count("ClaimAcknowledged") + names.count("ClaimAccepted") == 2


async def test_tells_a_claim_as_known_before_it_went_out_and_leaves_money_out() -> None:
    async with driven() as driver:
        await bill(driver)
        assembled = await driver.svc.instant()
        await driver.look()
        await driver.look("mailbox")
        await driver.svc.deliver(paid(CLAIM_ID))
        path = f"/v1/claims/{CLAIM_ID}"
        then = await driver.svc.then(path, assembled)
        timeline = await driver.svc.then(f"{path}/timeline", assembled)
        batch = await driver.svc.then(f"/v1/batches/{(await claim(driver))['submission']['batch_id']}", assembled)
        billing = await driver.svc.then("/v1/encounter-billings/E-1", assembled)
        prices = await driver.svc.then("/v1/fee-schedules/F-1", assembled)
        counted = await retold(driver.svc.engine)

    assert (then.json()["submission"]["stage"], then.json()["charge_cents"]) == ("assembled", 175_00)
    assert [then.json()[axis] for axis in ("adjudication", "money", "ar_stage")] == [None] * 3
    assert then.headers["As-Of-Left-Out"] == "adjudication, money, ar_stage"
    assert [entry["fact"] for entry in timeline.json()["entries"]] == ["ClaimAssembled", "ClaimPriced"]
    assert (batch.status_code, billing.json()["status"]) == (404, "claim")
    assert prices.json()["versions"][0]["schedule_version"] == 1
    assert counted == {"claims": 1, "timeline": 1, "batches": 1, "encounter_billings": 1, "fee_schedules": 1}


WITH_CONSENT: Final = replace(VALIDATED, authorizations=AUTHORIZED)


async def sent_numbers(driver: Driver) -> list[tuple[str, list[str]]]:
    """Return the payers' numbers of consent in every file that went out: of the claim, and of its lines."""
    timeline = (await driver.svc.client.get(f"/v1/claims/{CLAIM_ID}/timeline")).json()["entries"]
    numbers = []
    for entry in timeline:
        if entry["fact"] == "ClaimSubmitted":
            file = await driver.svc.client.get(f"/v1/claims/{CLAIM_ID}/files/{entry['file_sha256']}")
            ((written,),) = (each.claims for each in read_837p(file.content))
            numbers.append((written.authorization_number, [line.authorization_number for line in written.lines]))
    return numbers


async def test_sends_the_number_of_the_payers_consent_and_says_which_line_draws_on_it() -> None:
    async with driven() as driver:
        await publish(driver.svc)
        await driver.svc.deliver(*REGISTERED, ENCOUNTER, CODES, WITH_CONSENT)
        waiting = await worklist(driver, "waiting-encounters")
        await driver.svc.deliver(CONSENTED)
        await driver.look()

        found = await claim(driver)
        numbers = await sent_numbers(driver)
        told = await retold(driver.svc.engine)

    assert [each["missing"] for each in waiting] == [["authorization/U-1"]]
    assert found["submission"]["stage"] == "submitted"
    assert [line["authorization_id"] for line in found["lines"]] == ["U-1", None]
    assert numbers == [("AUTH0001", ["", ""])]
    assert told["claims"] == 1


async def test_a_claim_that_nobody_has_yet_names_a_consent_that_comes_late() -> None:
    async with driven() as driver:
        await bill(driver)
        await driver.svc.deliver(WITH_CONSENT, CONSENTED)
        await driver.look()

        numbers = await sent_numbers(driver)

    assert numbers == [("AUTH0001", ["", ""])]


async def test_what_was_submitted_keeps_what_it_had_and_goes_out_with_the_consent_once_it_was_rejected() -> None:
    async with driven() as driver:
        await bill(driver, replace(COVERAGE, member_id="REJP0001"))
        await driver.look("batches")
        await driver.svc.deliver(CONSENTED, WITH_CONSENT)
        away = await claim(driver)
        await driver.look("mailbox")
        resubmitted = await driver.svc.client.post(f"/v1/claims/{CLAIM_ID}/resubmissions")
        await driver.look("batches")

        numbers = await sent_numbers(driver)

    assert [line["authorization_id"] for line in away["lines"]] == [None, None]
    assert resubmitted.status_code == 201
    assert numbers == [("", ["", ""]), ("AUTH0001", ["", ""])]


async def test_sends_the_number_as_it_was_corrected_last() -> None:
    async with driven() as driver:
        await publish(driver.svc)
        await driver.svc.deliver(*REGISTERED, ENCOUNTER, CODES, CONSENTED, WITH_CONSENT)
        await driver.svc.deliver(replace(CONSENTED, number="AUTH0002"))
        await driver.look()

        numbers = await sent_numbers(driver)

    assert numbers == [("AUTH0002", ["", ""])]


async def test_holds_a_claim_whose_consent_was_erased() -> None:
    async with driven() as driver:
        await publish(driver.svc)
        await driver.svc.deliver(*REGISTERED, ENCOUNTER, CODES, replace(CONSENTED, number=ERASED), WITH_CONSENT)
        await driver.look()

        found = await claim(driver)

    assert (found["submission"]["stage"], found["work"]["reason"]) == ("held", "personal-data-erased")


async def test_lets_everybody_go_on_who_draws_on_a_consent_in_portions() -> None:
    others = [{"encounter_id": f"E-{number:03d}"} for number in range(205)]
    async with driven() as driver:
        await publish(driver.svc)
        await driver.svc.deliver(*REGISTERED)
        for other in others:
            visit = (replace(ENCOUNTER, **other), replace(CODES, **other), replace(WITH_CONSENT, **other))
            await driver.svc.deliver(*visit)
        before = await driver.names(ClaimAssembled)
        await driver.svc.deliver(CONSENTED)

        assembled = await driver.names(ClaimAssembled)
        left = await worklist(driver, "waiting-encounters")

    assert (len(before), len(assembled), left) == (0, 205, [])
