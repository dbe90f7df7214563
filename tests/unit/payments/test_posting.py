"""Payments as a whole, in memory: checks that come in, in every order with the facts of their claims."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import permutations

import pytest
from msgspec import json

from services.payments.main import service
from services.payments.settings import Settings
from shared.clients.payments import PaymentsClient
from shared.events.envelope import Event
from shared.events.payments import ClaimDenied, ClaimPaid, PatientBalanceDue, ProviderAdjustmentPosted, RemittancePosted
from shared.runtime.clock import now
from tests.support.histories import retold
from tests.support.memory import Running, running
from tests.support.own_invariants import broken_in
from tests.unit.payments.example import (
    assembled,
    bytes_835,
    check,
    denied_claim,
    interest,
    paid_claim,
    priced,
    reversed_claim,
    self_pay,
    submitted,
)

LAST_DAYS = {"from": (now() - timedelta(days=2)).isoformat(), "to": (now() + timedelta(days=2)).isoformat()}
TWO = bytes_835(check(paid_claim(), denied_claim(), plb=[interest()]))


@pytest.fixture
async def payments() -> AsyncIterator[Running]:
    async with running(service(Settings())) as running_:
        yield running_
        assert await broken_in(running_) == {}


async def post(payments: Running, content: bytes) -> dict[str, object]:
    answer = await payments.client.post("/v1/remittances", content=content)
    await payments.settle()
    assert answer.status_code in {200, 201}, answer.text
    (only,) = answer.json()["remittances"]
    return dict(only)


async def money(payments: Running) -> dict[str, int]:
    trial = (await payments.client.get("/v1/trial-balance")).json()
    split = dict(trial["money_cents"])
    charged = split.pop("charged")
    assert trial["total_cents"] == 0
    assert charged == sum(split.values())
    assert await by_the_hour(payments) == {name: split[name] for name in ("paid", "denied", "contractual")}
    return {"charged": charged, **split}


async def by_the_hour(payments: Running) -> dict[str, int]:
    """Return what all hours come to."""
    hours = await PaymentsClient(payments.client).hourly_figures(now() - timedelta(days=1), now() + timedelta(days=1))
    return {name: sum(each[f"{name}_cents"] for each in hours) for name in ("paid", "denied", "contractual")}


async def of_type(payments: Running, kind: type[Event]) -> list[Event]:
    return [fact for fact in await payments.facts() if isinstance(fact, kind)]


async def test_posts_a_check_whole_and_leaves_its_clearing_account_at_zero(payments: Running) -> None:
    await payments.deliver(assembled(), priced(), submitted())
    await payments.deliver(assembled("C2"), priced("C2", 8000), submitted("C2", "PCN2", 8000))

    received = await post(payments, TWO)
    trial = (await payments.client.get("/v1/trial-balance")).json()
    balances = {each["account"]: each["balance_cents"] for each in trial["accounts"]}

    assert received["outcome"] == "received"
    assert balances["remittance_clearing"] == 0
    assert balances["cash"] == 10125
    assert balances["provider_adjustments"] == -125
    assert await money(payments) == {
        "charged": 23000,
        "paid": 10000,
        "contractual": 3000,
        "denied": 8000,
        "patient": 2000,
        "open": 0,
        "unposted": 0,
    }
    (paid,) = await of_type(payments, ClaimPaid)
    (denied,) = await of_type(payments, ClaimDenied)
    (posted,) = await of_type(payments, RemittancePosted)
    assert isinstance(paid, ClaimPaid)
    assert (paid.claim_id, paid.submission_id, paid.filing_order) == ("C1", "S-C1", "primary")
    assert isinstance(denied, ClaimDenied)
    assert (denied.claim_id, denied.reasons, denied.is_initial) == ("C2", ("CO-50",), True)
    assert isinstance(posted, RemittancePosted)
    assert (posted.claim_count, posted.unmatched_count, posted.provider_adjustment_cents) == (2, 0, -125)
    assert len(await of_type(payments, ProviderAdjustmentPosted)) == 1
    assert await payments.parked() == []


async def test_ends_the_same_in_every_order_of_price_submission_and_check() -> None:
    ends = set()
    for order in permutations(("price", "submission", "check")):
        async with running(service(Settings())) as payments:
            for step in order:
                match step:
                    case "price":
                        await payments.deliver(priced())
                    case "submission":
                        await payments.deliver(assembled(), submitted())
                    case _:
                        await post(payments, bytes_835(check(paid_claim())))
            account = (await payments.client.get("/v1/claim-accounts/C1")).json()
            patient = (await payments.client.get("/v1/patient-balances/P1")).json()
            exceptions = (await payments.client.get("/v1/exceptions")).json()
            stands = tuple(value for name, value in account.items() if name.endswith("_cents"))
            ends.add((stands, patient["due_cents"], len(exceptions["items"]), *(await money(payments)).values()))

    assert ends == {((15000, 10000, 3000, 0, 2000, 0), 2000, 0, 15000, 10000, 3000, 0, 2000, 0, 0)}


async def test_keeps_the_money_of_an_unknown_claim_until_the_claim_is_submitted(payments: Running) -> None:
    received = await post(payments, bytes_835(check(paid_claim())))
    before = await money(payments)
    waiting = (await payments.client.get("/v1/exceptions", params={"kind": "unmatched"})).json()["items"]
    await payments.deliver(assembled(), priced(), submitted())
    after = await money(payments)
    remittance = (await payments.client.get(f"/v1/remittances/{received['remittance_id']}")).json()

    assert (before["unposted"], before["paid"], before["open"]) == (10000, 0, -10000)
    assert [(row["patient_control_number"], row["paid_cents"]) for row in waiting] == [("PCN1", 10000)]
    assert (after["unposted"], after["paid"], after["open"]) == (0, 10000, 0)
    assert remittance["unmatched_count"] == 0
    assert remittance["claims"][0]["claim_id"] == "C1"
    assert remittance["claims"][0]["match_method"] == "patient-control-number"
    assert (await payments.client.get("/v1/exceptions", params={"kind": "unmatched"})).json()["items"] == []


async def test_applies_what_waited_once_however_often_the_claim_is_submitted(payments: Running) -> None:
    await post(payments, bytes_835(check(paid_claim())))

    await payments.deliver(assembled(), priced(), submitted(), submitted())

    assert len(await of_type(payments, ClaimPaid)) == 1
    assert (await money(payments))["paid"] == 10000


async def test_charges_only_the_difference_when_a_claim_is_priced_anew(payments: Running) -> None:
    await payments.deliver(priced(cents=15000), priced(cents=15000), priced(cents=12500))

    account = (await payments.client.get("/v1/claim-accounts/C1")).json()

    assert (account["charge_cents"], account["open_cents"]) == (12500, 12500)
    assert [batch["kind"] for batch in account["batches"]] == ["charge", "charge"]


async def test_makes_the_patient_owe_a_visit_that_nobody_else_pays(payments: Running) -> None:
    await payments.deliver(self_pay())

    patient = (await payments.client.get("/v1/patient-balances/P9")).json()
    split = await money(payments)

    assert (patient["due_cents"], patient["items"][0]["encounter_id"]) == (9000, "E9")
    assert (split["charged"], split["patient"]) == (9000, 9000)


async def test_takes_a_decision_back_and_posts_its_correction_from_one_check(payments: Running) -> None:
    await payments.deliver(assembled(), priced(), submitted())
    await post(payments, bytes_835(check(paid_claim())))
    taken_back, decided_anew = reversed_claim(paid_claim()), denied_claim("PCN1")
    corrected = bytes_835(check(taken_back, decided_anew, trace="EFT0002", plb=[interest(-10000)], payment_cents=0))

    await post(payments, corrected)
    account = (await payments.client.get("/v1/claim-accounts/C1")).json()
    patient = (await payments.client.get("/v1/patient-balances/P1")).json()

    assert (account["paid_cents"], account["contractual_cents"], account["patient_cents"]) == (0, 0, 0)
    assert (account["denied_cents"], account["open_cents"]) == (8000, 7000)
    assert account["batches"][2]["reverses"] == account["batches"][1]["batch_id"]
    assert patient["due_cents"] == 0
    hours = (await payments.client.get("/v1/hourly-figures", params=LAST_DAYS)).json()["items"]
    assert {name: sum(each[name] for each in hours) for name in ("paid_claims", "denied_claims")} == {
        "paid_claims": 0,
        "denied_claims": 1,
    }
    assert [due.amount_cents for due in await of_type(payments, PatientBalanceDue)] == [2000, 0]  # type: ignore[attr-defined]  # of one type
    await money(payments)


async def test_holds_a_whole_check_whose_reversal_has_no_original(payments: Running) -> None:
    await payments.deliver(assembled(), priced(), submitted())
    content = bytes_835(check(reversed_claim(paid_claim()), denied_claim(), plb=[interest(-10000)], payment_cents=0))

    received = await post(payments, content)
    remittance = (await payments.client.get(f"/v1/remittances/{received['remittance_id']}")).json()

    assert (remittance["state"], remittance["reason"]) == ("quarantined", "reversal-without-original")
    assert await of_type(payments, RemittancePosted) == []
    assert await of_type(payments, ClaimDenied) == []
    assert (await money(payments))["open"] == 15000


async def test_lists_a_denial_for_its_specialist(payments: Running) -> None:
    await payments.deliver(assembled("C2"), priced("C2", 8000), submitted("C2", "PCN2", 8000))
    await post(payments, bytes_835(check(denied_claim(), payment_cents=0, method="NON")))

    denials = await payments.client.get("/v1/worklists/denials")

    assert [row["claim_id"] for row in denials.json()["items"]] == ["C2"]


async def test_keeps_rows_and_facts_that_survive_storage(payments: Running) -> None:
    await payments.deliver(assembled(), priced(), submitted(), self_pay())
    await post(payments, TWO)
    await payments.client.post("/v1/remittances", content=TWO[:200])

    kept = {}
    for projection in payments.engine.service.projections:
        for _, row in await payments.engine.store.select(projection, "demo", where={}, after=None, rows_max=100):
            kept[projection.name] = json.decode(json.encode(row), type=projection.row) == row
    facts = await payments.facts()

    assert all(kept.values())
    assert {"checks", "claim_accounts", "exceptions", "patient_balances", "trial_balance", "unmatched"} <= set(kept)
    assert [json.decode(json.encode(fact), type=type(fact)) for fact in facts] == facts


async def test_tells_accounts_and_checks_as_known_before_they_were_posted(payments: Running) -> None:
    await payments.deliver(assembled(), priced(), submitted())
    charged = await payments.instant()
    received = await post(payments, TWO)
    account = (await payments.then("/v1/claim-accounts/C1", charged)).json()
    check_then = await payments.then(f"/v1/remittances/{received['remittance_id']}", charged)
    balance = await payments.then("/v1/patient-balances/P1", charged)
    check_now = await payments.then(f"/v1/remittances/{received['remittance_id']}", await payments.instant())

    assert (account["charge_cents"], account["paid_cents"], len(account["batches"])) == (150_00, 0, 1)
    assert [check_then.status_code, balance.status_code] == [404, 404]
    assert check_now.json()["state"] == "posted"
    assert [claim["claim_id"] for claim in check_now.json()["claims"]] == ["C1", None]
    assert await retold(payments.engine) == {
        "remittances": 1,
        "checks": 1,
        "claim_accounts": 1,
        "patient_balances": 1,
    }
