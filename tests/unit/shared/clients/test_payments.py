"""`shared/clients/payments.py` against the real service in memory."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from services.payments.main import service
from services.payments.settings import Settings
from shared.clients.payments import PaymentsClient
from shared.clients.problem import ProblemAnswered
from tests.support.memory import Running, running
from tests.unit.payments.example import assembled, bytes_835, check, denied_claim, paid_claim, priced, submitted

FILE = bytes_835(check(paid_claim(), denied_claim()))


@pytest.fixture
async def payments() -> AsyncIterator[Running]:
    async with running(service(Settings())) as started:
        await started.deliver(assembled(), priced(), submitted())
        yield started


async def test_hands_a_file_in_and_shows_what_became_of_it(payments: Running) -> None:
    client = PaymentsClient(payments.client)

    first = await client.receive(FILE)
    await payments.settle()
    second = await client.receive(FILE)
    remittance = await client.remittance(first.remittances[0].remittance_id)
    account, patient = await client.claim_account("C1"), await client.patient_balance("P1")
    trial = await client.trial_balance()

    assert (first.created, first.remittances[0].outcome) == (True, "received")
    assert (second.created, second.remittances[0].outcome) == (False, "duplicate")
    assert second.remittances[0].first_file_sha256 == first.file_sha256
    assert remittance["state"] == "posted"
    assert (account["paid_cents"], patient["due_cents"]) == (10000, 2000)
    assert (trial.total_cents, trial.money_cents.charged, trial.balance_cents["cash"]) == (0, 15000, 10000)


async def test_yields_checks_and_exceptions_over_all_pages(payments: Running) -> None:
    client = PaymentsClient(payments.client)
    for number in range(3):
        await client.receive(bytes_835(check(denied_claim(f"PCN{number + 5}"), trace=f"EFT{number}")))
    await payments.settle()

    checks = [row["trace_number"] async for row in client.remittances(state="posted", page_size=1)]
    unmatched = [row["kind"] async for row in client.exceptions(kind="unmatched", page_size=2)]

    assert sorted(checks) == ["EFT0", "EFT1", "EFT2"]
    assert unmatched == ["unmatched"] * 3


async def test_a_page_of_checks_begins_with_the_latest_payment(payments: Running) -> None:
    client = PaymentsClient(payments.client)
    for day in (3, 5, 4):
        paid = check(denied_claim(f"PCN{day}"), trace=f"EFT{day}", payment_on=date(2026, 3, day))
        await client.receive(bytes_835(paid))
    await payments.settle()

    latest, cursor = await client.remittance_page(state="posted", order="-paid_on", page_size=2)
    others, end = await client.remittance_page(state="posted", order="-paid_on", cursor=cursor, page_size=2)

    assert [row["trace_number"] for row in (*latest, *others)] == ["EFT5", "EFT4", "EFT3"]
    assert end is None


async def test_the_exceptions_of_a_check_are_its_own(payments: Running) -> None:
    client = PaymentsClient(payments.client)
    sent = [await client.receive(bytes_835(check(denied_claim(name), trace=name))) for name in ("PCN8", "PCN9")]
    await payments.settle()
    ours = sent[1].remittances[0].remittance_id

    own = [row["patient_control_number"] async for row in client.exceptions(remittance_id=ours)]
    needed = [row["remittance_id"] async for row in client.exceptions(needs_action=True)]

    assert own == ["PCN9"]
    assert sorted(needed) == sorted(each.remittances[0].remittance_id for each in sent)


async def test_raises_what_the_service_refuses(payments: Running) -> None:
    client = PaymentsClient(payments.client)

    with pytest.raises(ProblemAnswered) as unreadable:
        await client.receive(FILE[:200])
    with pytest.raises(ProblemAnswered) as unknown:
        await client.claim_account("none")

    assert (unreadable.value.status, unreadable.value.slug) == (422, "remittance-unreadable")
    assert (unknown.value.status, unknown.value.slug) == (404, "claim-account-not-found")
