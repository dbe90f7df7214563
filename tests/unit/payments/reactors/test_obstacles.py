"""Checks that may not be posted beside what stands on their claims: held whole, and posted when a claim lets them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import permutations

import pytest

from services.payments.main import service
from services.payments.settings import Settings
from shared.events.payments import PatientBalanceDue, RemittancePosted
from shared.x12.sets.t835_x221a1 import Adjustment, RemittanceClaim
from tests.support.memory import Running, running
from tests.unit.payments.example import (
    assembled,
    bytes_835,
    check,
    denied_claim,
    paid_claim,
    priced,
    reversed_claim,
    submitted,
)

DECIDED = bytes_835(check(paid_claim(status="1")))
AGAIN = bytes_835(check(paid_claim(payer_control_number="ICN9"), trace="EFT0002"), interchange=2)
TAKEN_BACK = bytes_835(check(reversed_claim(paid_claim()), paid_claim("PCN8"), trace="EFT0003"), interchange=3)


@pytest.fixture
async def payments() -> AsyncIterator[Running]:
    async with running(service(Settings())) as running_:
        await running_.deliver(assembled(), priced(), submitted())
        yield running_


async def post(payments: Running, content: bytes) -> str:
    answer = await payments.client.post("/v1/remittances", content=content)
    await payments.settle()
    assert answer.status_code in {200, 201}, answer.text
    assert await payments.parked() == []
    return str(answer.json()["remittances"][0]["remittance_id"])


async def money(payments: Running) -> dict[str, int]:
    """Return what became of all charges; the parts add up and the books balance."""
    trial = (await payments.client.get("/v1/trial-balance")).json()
    split = dict(trial["money_cents"])
    assert trial["total_cents"] == 0
    assert split["charged"] == sum(split.values()) - split["charged"]
    return split


async def held(payments: Running) -> list[str]:
    page = await payments.client.get("/v1/exceptions", params={"kind": "quarantined"})
    return [row["reason"] for row in page.json()["items"]]


async def due_cents(payments: Running) -> int:
    return int((await payments.client.get("/v1/patient-balances/P1")).json()["due_cents"])


def secondary(claim: RemittanceClaim) -> RemittanceClaim:
    """Return what the second payer says of a claim: 20 dollars paid, the rest explained by the first payer."""
    (line,) = claim.lines
    borne = (Adjustment(group="OA", reason="23", amount_cents=13000),)
    lines = (replace(line, paid_cents=2000, adjustments=borne),)
    return replace(claim, status="2", paid_cents=2000, patient_responsibility_cents=0, lines=lines)


async def test_holds_a_second_decision_that_does_not_take_the_first_one_back(payments: Running) -> None:
    await post(payments, DECIDED)

    remittance_id = await post(payments, AGAIN)
    shown = (await payments.client.get(f"/v1/remittances/{remittance_id}")).json()
    split = await money(payments)

    assert (shown["state"], shown["reason"]) == ("quarantined", "correction-without-reversal")
    assert await held(payments) == ["correction-without-reversal"]
    assert (split["paid"], split["patient"], split["unposted"]) == (10000, 2000, 10000)
    assert await due_cents(payments) == 2000


async def test_holds_a_check_that_decides_one_claim_twice(payments: Running) -> None:
    await post(payments, bytes_835(check(paid_claim(), paid_claim())))

    assert await held(payments) == ["correction-without-reversal"]
    assert (await money(payments))["paid"] == 0


async def test_posts_the_parts_of_a_claim_that_its_payer_split(payments: Running) -> None:
    whole = paid_claim()
    (line,) = whole.lines
    half = (Adjustment(group="CO", reason="45", amount_cents=2500),)
    part = replace(
        whole,
        charge_cents=7500,
        paid_cents=5000,
        patient_responsibility_cents=0,
        lines=(replace(line, charge_cents=7500, paid_cents=5000, adjustments=half),),
    )

    await post(payments, bytes_835(check(part, replace(part, payer_control_number="ICN9"))))

    split = await money(payments)
    assert (split["paid"], split["contractual"], split["open"]) == (10000, 5000, 0)
    assert await held(payments) == []


async def test_posts_a_held_correction_when_the_reversal_comes_on_a_later_check(payments: Running) -> None:
    await post(payments, DECIDED)
    await post(payments, AGAIN)

    await post(payments, TAKEN_BACK)
    split = await money(payments)

    assert await held(payments) == []
    assert (split["patient"], split["contractual"], await due_cents(payments)) == (2000, 3000, 2000)
    assert (split["paid"], split["unposted"]) == (10000, 10000)
    assert len([fact for fact in await payments.facts() if isinstance(fact, RemittancePosted)]) == 3


@pytest.mark.parametrize("first", ["1", "19"])
async def test_holds_a_second_payers_decision_beside_the_first_ones(payments: Running, first: str) -> None:
    await post(payments, bytes_835(check(paid_claim(status=first))))
    before = await money(payments)

    await post(payments, bytes_835(check(secondary(paid_claim()), trace="EFT0002"), interchange=2))
    after = await money(payments)

    assert await held(payments) == ["secondary-not-posted-yet"]
    assert after == {**before, "open": before["open"] - 2000, "unposted": 2000}
    assert await due_cents(payments) == 2000


async def test_holds_the_first_payers_decision_behind_the_second_ones(payments: Running) -> None:
    await post(payments, bytes_835(check(secondary(paid_claim()), trace="EFT0002")))

    await post(payments, DECIDED)

    assert await held(payments) == ["secondary-not-posted-yet"]


async def test_leaves_unapplied_what_may_not_stand_beside_a_decision_of_a_claim_that_came_late() -> None:
    async with running(service(Settings())) as payments:
        await post(payments, DECIDED)
        await post(payments, AGAIN)

        await payments.deliver(assembled(), priced(), submitted())
        split = await money(payments)
        rows = (await payments.client.get("/v1/exceptions")).json()["items"]

        assert (split["paid"], split["patient"], split["unposted"]) == (10000, 2000, 10000)
        assert [row["kind"] for row in rows] == ["unmatched"]
        assert await due_cents(payments) == 2000


async def test_ends_the_same_whether_the_reversal_or_its_original_comes_first_or_the_claim_last() -> None:
    ends = set()
    for order in permutations(("claim", "original", "reversal")):
        async with running(service(Settings())) as payments:
            for step in order:
                match step:
                    case "claim":
                        await payments.deliver(assembled(), priced(), submitted())
                    case "original":
                        await post(payments, DECIDED)
                    case _:
                        await post(payments, TAKEN_BACK)
            assert await payments.parked() == []
            ends.add((*(await money(payments)).values(), tuple(await held(payments)), await due_cents(payments)))

    assert ends == {(15000, 0, 0, 0, 0, 5000, 10000, (), 0)}


async def test_posts_a_held_reversal_when_its_control_number_turns_out_to_be_of_a_decided_claim(
    payments: Running,
) -> None:
    await post(payments, DECIDED)
    resubmitted = replace(reversed_claim(paid_claim()), patient_control_number="PCN5")
    await post(payments, bytes_835(check(resubmitted, paid_claim("PCN8"), trace="EFT0003"), interchange=3))
    assert await held(payments) == ["reversal-without-original"]

    await payments.deliver(submitted("C1", "PCN5"))
    split = await money(payments)

    assert await held(payments) == []
    assert (split["paid"], split["patient"], split["unposted"]) == (0, 0, 10000)
    assert await payments.parked() == []


async def test_keeps_holding_a_check_until_every_reversal_of_it_has_its_original(payments: Running) -> None:
    await payments.deliver(assembled("C2"), priced("C2", 15000), submitted("C2", "PCN2"))
    both = (reversed_claim(paid_claim()), reversed_claim(paid_claim("PCN2")), paid_claim("PCN8"), paid_claim("PCN9"))
    await post(payments, bytes_835(check(*both, trace="EFT0003"), interchange=3))

    await post(payments, DECIDED)
    assert await held(payments) == ["reversal-without-original"]
    assert (await money(payments))["paid"] == 10000
    await post(payments, bytes_835(check(paid_claim("PCN2"), trace="EFT0004"), interchange=4))

    split = await money(payments)
    assert await held(payments) == []
    assert (split["paid"], split["patient"], split["unposted"]) == (0, 0, 20000)


async def test_posts_held_checks_one_after_the_other(payments: Running) -> None:
    third = bytes_835(check(reversed_claim(denied_claim("PCN1")), paid_claim("PCN7"), trace="EFT0005"), interchange=5)
    second = bytes_835(
        check(reversed_claim(paid_claim()), denied_claim("PCN1"), paid_claim("PCN8"), trace="EFT0004"), interchange=4
    )
    await post(payments, third)
    await post(payments, second)
    assert await held(payments) == ["reversal-without-original"] * 2

    await post(payments, DECIDED)
    split = await money(payments)
    due = [fact.amount_cents for fact in await payments.facts() if isinstance(fact, PatientBalanceDue)]

    assert await held(payments) == []
    assert (split["paid"], split["denied"], split["patient"], split["unposted"]) == (0, 0, 0, 20000)
    assert due == [2000, 0]


async def test_holds_another_amount_under_the_number_of_a_posted_check(payments: Running) -> None:
    await post(payments, DECIDED)
    first = paid_claim()
    (line,) = first.lines
    less = (replace(line.adjustments[0], amount_cents=2000), line.adjustments[1])
    other = replace(first, paid_cents=11000, lines=(replace(line, paid_cents=11000, adjustments=less),))

    await post(payments, bytes_835(check(other), interchange=2))
    split = await money(payments)

    assert await held(payments) == ["same-trace-other-content"]
    assert (split["paid"], split["patient"], split["open"], split["unposted"]) == (10000, 2000, 0, 0)


async def test_releases_the_money_of_a_check_that_is_sent_again_with_its_amount_mended(payments: Running) -> None:
    wrong = DECIDED.replace(b"BPR*I*100*", b"BPR*I*90*")
    await post(payments, wrong)
    assert (await money(payments))["unposted"] == 9000

    await post(payments, DECIDED)
    split = await money(payments)

    assert await held(payments) == []
    assert (split["paid"], split["open"], split["unposted"]) == (10000, 0, 0)


async def test_takes_a_held_check_that_is_sent_again_with_its_reversal(payments: Running) -> None:
    await post(payments, DECIDED)
    await post(payments, AGAIN)
    taken_back = reversed_claim(paid_claim())
    anew = paid_claim(payer_control_number="ICN9")

    mended = bytes_835(check(taken_back, anew, paid_claim("PCN8"), trace="EFT0002"), interchange=6)
    remittance_id = await post(payments, mended)
    shown = (await payments.client.get(f"/v1/remittances/{remittance_id}")).json()
    split = await money(payments)

    assert (shown["state"], shown["reason"], shown["claim_count"]) == ("posted", None, 3)
    assert await held(payments) == []
    assert (split["paid"], split["patient"], split["unposted"]) == (10000, 2000, 10000)
    assert await due_cents(payments) == 2000
