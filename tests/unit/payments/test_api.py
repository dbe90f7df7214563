"""`services/payments/api.py` through the composition root: what a client sees."""

from asyncio import gather
from collections.abc import AsyncIterator

import pytest
from httpx import Response

from services.payments.domain.remittance_facts import DuplicateRemittanceDetected, RemittanceQuarantined
from services.payments.main import service
from services.payments.settings import Settings
from shared.events.payments import RemittanceReceived
from tests.support.memory import Running, running
from tests.support.validating import sent_after_asking
from tests.unit.payments.example import assembled, bytes_835, check, denied_claim, paid_claim, priced, submitted

CHECK = check(paid_claim(), denied_claim())
FIRST = bytes_835(CHECK)
RESENT = bytes_835(CHECK, interchange=77, first_set=9)
LINE = FIRST.replace(b"SVC*HC:99213*150*100", b"SVC*HC:99213*150*99")
CLAIM = FIRST.replace(b"CLP*PCN1*1*150*100", b"CLP*PCN1*1*150*101")
TRANSACTION = FIRST.replace(b"BPR*I*100*", b"BPR*I*100.5*")


@pytest.fixture
async def payments() -> AsyncIterator[Running]:
    async with running(service(Settings())) as running_:
        yield running_


async def post(payments: Running, content: bytes, **headers: str) -> Response:
    answer = await payments.client.post("/v1/remittances", content=content, headers=headers)
    await payments.settle()
    return answer


async def paid_cents(payments: Running) -> int:
    return int((await payments.client.get("/v1/trial-balance")).json()["money_cents"]["paid"])


async def test_shows_a_check_with_its_claims_and_totals(payments: Running) -> None:
    await payments.deliver(assembled(), priced(), submitted())

    answer = await post(payments, FIRST)
    (received,) = answer.json()["remittances"]
    shown = (await payments.client.get(f"/v1/remittances/{received['remittance_id']}")).json()
    listed = (await payments.client.get("/v1/remittances", params={"state": "posted"})).json()

    assert (answer.status_code, received["outcome"], received["transaction_control_number"]) == (
        201,
        "received",
        "0001",
    )
    assert (shown["state"], shown["paid_cents"], shown["claim_count"], shown["unmatched_count"]) == (
        "posted",
        10000,
        2,
        1,
    )
    assert [claim["claim_id"] for claim in shown["claims"]] == ["C1", None]
    assert shown["claims"][0]["lines"][0]["adjustments"][1] == {
        "group": "PR",
        "reason_code": "1",
        "amount_cents": 2000,
    }
    assert [row["remittance_id"] for row in listed["items"]] == [received["remittance_id"]]
    assert listed["items"][0]["claims"] == []


@pytest.mark.parametrize("again", [FIRST, RESENT], ids=["same bytes", "renamed, new ISA13 and ST02"])
async def test_answers_the_same_check_again_with_the_first_posting(payments: Running, again: bytes) -> None:
    await payments.deliver(assembled(), priced(), submitted())
    first = await post(payments, FIRST)
    facts_before = await payments.facts()

    second = await post(payments, again)
    third = await post(payments, again)
    (found,) = second.json()["remittances"]

    assert (second.status_code, found["outcome"]) == (200, "duplicate")
    assert found["remittance_id"] == first.json()["remittances"][0]["remittance_id"]
    assert found["first_file_sha256"] == first.json()["file_sha256"]
    assert third.json() == second.json()
    assert await paid_cents(payments) == 10000
    added = (await payments.facts())[len(facts_before) :]
    assert [type(fact) for fact in added] == [DuplicateRemittanceDetected] * (again is RESENT)


async def test_takes_a_check_once_when_two_bring_it_at_once(payments: Running) -> None:
    files = (FIRST, RESENT, FIRST, RESENT)
    answers = await gather(*[payments.client.post("/v1/remittances", content=content) for content in files])

    outcomes = sorted(answer.json()["remittances"][0]["outcome"] for answer in answers)

    assert outcomes == ["duplicate"] * 3 + ["received"]
    assert sum(isinstance(fact, RemittanceReceived) for fact in await payments.facts()) == 1


async def test_tells_the_sets_of_one_file_apart(payments: Running) -> None:
    other = check(paid_claim("PCN3"), trace="EFT0002")

    answer = await post(payments, bytes_835(CHECK, other, CHECK))
    outcomes = [each["outcome"] for each in answer.json()["remittances"]]

    assert (answer.status_code, outcomes) == (201, ["received", "received", "duplicate"])


@pytest.mark.parametrize(
    ("content", "level", "difference_cents"),
    [(LINE, "line", -100), (CLAIM, "claim", 100), (TRANSACTION, "transaction", 50)],
    ids=["line", "claim", "transaction"],
)
async def test_holds_a_check_that_does_not_balance_and_posts_nothing_of_it(
    payments: Running, content: bytes, level: str, difference_cents: int
) -> None:
    await payments.deliver(assembled(), priced(), submitted())

    answer = await post(payments, content)
    (held,) = answer.json()["remittances"]
    (row,) = (await payments.client.get("/v1/worklists/exceptions")).json()["items"]
    money = (await payments.client.get("/v1/trial-balance")).json()["money_cents"]

    assert (answer.status_code, held["outcome"], held["reason"]) == (201, "quarantined", "unbalanced")
    assert (held["level"], held["difference_cents"]) == (level, difference_cents)
    assert (row["kind"], row["remittance_id"]) == ("quarantined", held["remittance_id"])
    assert (money["paid"], money["charged"]) == (0, 15000)
    assert money["unposted"] == (10050 if level == "transaction" else 10000)
    assert not any(isinstance(fact, RemittanceReceived) for fact in await payments.facts())


async def test_posts_the_mended_explanation_of_a_check_that_was_held(payments: Running) -> None:
    await payments.deliver(assembled(), priced(), submitted())
    await post(payments, LINE)

    mended = await post(payments, FIRST)
    exceptions = (await payments.client.get("/v1/exceptions", params={"kind": "quarantined"})).json()
    money = (await payments.client.get("/v1/trial-balance")).json()["money_cents"]

    assert mended.json()["remittances"][0]["outcome"] == "received"
    assert exceptions["items"] == []
    assert (money["paid"], money["unposted"]) == (10000, 0)


async def test_holds_another_content_under_the_name_of_a_posted_check(payments: Running) -> None:
    await payments.deliver(assembled(), priced(), submitted())
    await post(payments, FIRST)
    other = bytes_835(check(paid_claim(payer_control_number="ICN9"), denied_claim()))

    answer = await post(payments, other)
    (held,) = answer.json()["remittances"]
    (shown,) = (await payments.client.get("/v1/remittances")).json()["items"]
    money = (await payments.client.get("/v1/trial-balance")).json()["money_cents"]

    assert (held["outcome"], held["reason"], held["level"]) == ("quarantined", "same-trace-other-content", "identity")
    assert (shown["state"], shown["reason"]) == ("posted", None)
    assert (money["paid"], money["unposted"]) == (10000, 0)


async def test_keeps_a_truncated_file_and_says_where_it_ends(payments: Running) -> None:
    truncated = FIRST[: FIRST.index(b"SVC*HC:99214")]

    answer = await post(payments, truncated)
    again = await post(payments, truncated)
    (row,) = (await payments.client.get("/v1/exceptions", params={"kind": "unreadable"})).json()["items"]
    kept = await payments.engine.file("demo", row["file_sha256"])

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/remittance-unreadable")
    assert answer.json()["detail"].startswith("x12-truncated")
    assert answer.json()["segment_number"] == row["place"]
    assert again.status_code == 422
    assert (row["reason"], kept) == ("x12-truncated", truncated)


async def test_keeps_a_file_with_a_nul_character_and_says_where_it_stands(payments: Running) -> None:
    damaged = FIRST.replace(b"EFT0001", b"EFT\x00001")

    answer = await post(payments, damaged)
    (row,) = (await payments.client.get("/v1/exceptions", params={"kind": "unreadable"})).json()["items"]

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/remittance-unreadable")
    assert answer.json()["detail"].startswith("x12-nul-character")
    assert (row["reason"], row["place"]) == ("x12-nul-character", answer.json()["segment_number"])
    assert await payments.engine.file("demo", row["file_sha256"]) == damaged


@pytest.mark.parametrize("content", [b"", b"hello", FIRST.replace(b"ST*835*0001", b"ST*999*0001")])
async def test_refuses_what_is_no_835(payments: Running, content: bytes) -> None:
    answer = await post(payments, content)

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/remittance-unreadable"


async def test_answers_a_repeated_request_as_it_answered_the_first(payments: Running) -> None:
    first = await post(payments, FIRST, **{"Idempotency-Key": "k-1"})
    second = await post(payments, FIRST, **{"Idempotency-Key": "k-1"})

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["remittances"][0]["outcome"] == "posted"
    assert await paid_cents(payments) == 0


async def test_holds_a_check_with_more_claims_than_one_unit_takes() -> None:
    claims = [paid_claim(f"PCN{number}") for number in range(12)]
    async with running(service(Settings(unit_events_max=40))) as payments:
        answer = await post(payments, bytes_835(check(*claims)))
        (held,) = answer.json()["remittances"]

        assert (held["outcome"], held["level"], held["reason"]) == ("quarantined", "size", "over-unit-limit")
        assert len([fact for fact in await payments.facts() if isinstance(fact, RemittanceQuarantined)]) == 1


async def test_takes_a_file_of_several_units() -> None:
    claims = [[paid_claim(f"PCN{trace}X{number}") for number in range(8)] for trace in range(9)]
    checks = [check(*each, trace=f"EFT{trace}") for trace, each in enumerate(claims)]
    async with running(service(Settings(unit_events_max=40))) as small:
        answer = await post(small, bytes_835(*checks), **{"Idempotency-Key": "k-2"})

        assert [each["outcome"] for each in answer.json()["remittances"]] == ["received"] * 9
        assert await small.parked() == []


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/v1/remittances/none", "remittance-not-found"),
        ("/v1/claim-accounts/none", "claim-account-not-found"),
        ("/v1/patient-balances/none", "patient-balance-not-found"),
    ],
)
async def test_says_what_it_does_not_know(payments: Running, path: str, slug: str) -> None:
    answer = await payments.client.get(path)

    assert (answer.status_code, answer.json()["type"]) == (404, f"/problems/{slug}")


async def test_shows_a_ledger_without_postings(payments: Running) -> None:
    trial = (await payments.client.get("/v1/trial-balance")).json()

    assert (len(trial["accounts"]), trial["total_cents"], trial["batch_count"]) == (10, 0, 0)
    assert set(trial["money_cents"].values()) == {0}


@pytest.mark.parametrize("content", [FIRST, b"no file"])
async def test_says_what_a_file_would_be_answered(payments: Running, content: bytes) -> None:
    await payments.deliver(assembled(), priced(), submitted())
    first = await sent_after_asking(payments, "/v1/remittances", content=content)
    again = await sent_after_asking(payments, "/v1/remittances", content=content)

    assert (first.status_code, again.status_code) in {(201, 200), (422, 422)}
