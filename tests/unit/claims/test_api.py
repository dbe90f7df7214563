"""`services/claims/api` through the composition root: prices, refusals, questions about nothing."""

from typing import Any, Final

import pytest

from services.claims.main import service
from services.claims.settings import Settings
from tests.support.memory import running
from tests.support.validating import sent_after_asking

VERSION: Final[dict[str, Any]] = {
    "schedule_name": "practice",
    "schedule_version": 1,
    "effective_from_on": "2026-01-01",
    "items": [{"procedure_code": "99213", "charge_cents": 15000}],
}


async def test_publishes_a_version_once_and_shows_all_versions() -> None:
    async with running(service(Settings())) as svc:
        path = "/v1/fee-schedules"
        first = await sent_after_asking(svc, path, json=VERSION)
        again = await sent_after_asking(svc, path, json=VERSION)
        other = await sent_after_asking(svc, path, json={**VERSION, "effective_from_on": "2025-01-01"})
        second = await sent_after_asking(svc, path, json={**VERSION, "schedule_version": 2})
        shown = await svc.client.get(f"/v1/fee-schedules/{first.json()['fee_schedule_id']}")

    assert [answer.status_code for answer in (first, again, other, second)] == [201, 200, 409, 201]
    assert first.json() == again.json()
    assert other.json()["type"] == "/problems/fee-schedule-version-exists"
    assert [version["schedule_version"] for version in shown.json()["versions"]] == [1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": []},
        {"items": [{"procedure_code": "99213", "charge_cents": 150.5}]},
        {"items": [{"procedure_code": "99213", "charge_cents": -1}]},
        {"items": [{"procedure_code": "office visit", "charge_cents": 1}]},
        {"effective_to_on": "2020-01-01"},
        {"extra": 1},
    ],
)
async def test_refuses_prices_that_cannot_be_read(wrong: dict[str, Any]) -> None:
    async with running(service(Settings())) as svc:
        answer = await svc.client.post("/v1/fee-schedules", json={**VERSION, **wrong})

    assert answer.status_code == 422
    assert answer.json()["type"].startswith("/problems/")


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/v1/claims/K-9", "claim-not-found"),
        ("/v1/claims/K-9/timeline", "claim-not-found"),
        (f"/v1/claims/K-9/files/{'0' * 64}", "file-not-found"),
        ("/v1/batches/B-9", "batch-not-found"),
        ("/v1/encounter-billings/E-9", "encounter-billing-not-found"),
        ("/v1/fee-schedules/F-9", "fee-schedule-not-found"),
    ],
)
async def test_says_what_is_not_there(path: str, slug: str) -> None:
    async with running(service(Settings())) as svc:
        answer = await svc.client.get(path)

    assert (answer.status_code, answer.json()["type"]) == (404, f"/problems/{slug}")


async def test_refuses_to_release_what_does_not_exist_and_a_reason_that_is_no_slug() -> None:
    async with running(service(Settings())) as svc:
        unknown = await svc.client.post("/v1/claims/K-9/releases", json={"reason": "reviewed"})
        talk = await svc.client.post("/v1/claims/K-9/releases", json={"reason": "Ada called me"})

    assert (unknown.status_code, talk.status_code) == (404, 422)


async def test_answers_empty_lists() -> None:
    async with running(service(Settings())) as svc:
        answers = [
            (await svc.client.get(path, params={"page_size": 5})).json()
            for path in ("/v1/claims", "/v1/batches", "/v1/encounter-billings")
        ]

    assert answers == [{"items": [], "next": None}] * 3


def test_runs_no_effects_without_a_clearinghouse() -> None:
    assert service(Settings()).effects == ()
    assert {each.name for each in service(Settings(clearinghouse_url="http://ch")).effects} == {
        "batches",
        "send",
        "send_again",
        "retries",
        "mailbox",
    }


def test_reads_payers_on_hold_from_one_variable() -> None:
    settings = Settings.read("CLAIMLOG_CLAIMS_", {"CLAIMLOG_CLAIMS_HOLD_PAYER_IDS": "Y-1, EXHP2,"})

    assert settings.policy().hold_payer_ids == {"Y-1", "EXHP2"}


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 10), (5, 80), (9, 600), (1000, 600)])
def test_waits_longer_before_each_retry_up_to_a_limit(attempts: int, seconds: int) -> None:
    assert Settings().retry_after(attempts).total_seconds() == seconds
