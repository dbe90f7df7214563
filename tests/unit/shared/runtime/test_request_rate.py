"""A caller may send so many requests a second, and a burst after being quiet; others are not touched by it."""

import re
from typing import Any

import pytest

from shared.runtime import request_rate
from shared.runtime.request_rate import RequestRate, TooManyRequests
from tests.support.lending import lending
from tests.support.memory import running, token

ADA, BEN = ("demo", "ada"), ("demo", "ben")


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


def taken(rate: RequestRate, caller: tuple[str, str], times: int) -> int:
    """Return how many of some requests in a row are taken."""
    count = 0
    for _ in range(times):
        try:
            rate.take(caller, {})
        except TooManyRequests:
            continue
        count += 1
    return count


def test_a_bucket_empties_and_fills_again_at_its_rate() -> None:
    clock = Clock()
    rate = RequestRate(8, 5, clock)
    counts = [taken(rate, ADA, 8)]
    for seconds in (0.125, 0.3125, 0.0625, 60):
        clock.now += seconds
        counts.append(taken(rate, ADA, 8))

    assert counts == [5, 1, 2, 1, 5]  # what two waits leave over makes a whole one


def test_one_who_asks_too_much_takes_nothing_from_another() -> None:
    rate = RequestRate(1, 3, Clock())

    assert (taken(rate, ADA, 9), taken(rate, BEN, 9)) == (3, 3)


@pytest.mark.parametrize(("per_second", "seconds"), [(10, 1), (0.1, 10), (0.4, 3)])
def test_who_is_refused_is_told_when_the_next_one_is_taken(per_second: float, seconds: int) -> None:
    clock = Clock()
    rate = RequestRate(per_second, 1, clock)
    rate.take(ADA, {})
    with pytest.raises(TooManyRequests) as refused:
        rate.take(ADA, {})
    clock.now += refused.value.retry_after

    assert refused.value.retry_after == seconds
    assert taken(rate, ADA, 1) == 1


def test_callers_who_were_quiet_are_forgotten_and_others_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_rate, "_CALLERS_MAX", 10)
    clock = Clock()
    rate = RequestRate(1, 2, clock)
    for n in range(9):
        rate.take(("demo", f"quiet-{n}"), {})
    clock.now += 3
    taken(rate, ADA, 2)
    rate.take(("demo", "new"), {})

    assert len(rate._buckets) == 2  # noqa: SLF001 (that it does not grow without end is what this is about)
    assert taken(rate, ADA, 1) == 0


async def test_answers_tell_what_is_left_and_a_refusal_when_to_come_back() -> None:
    async with running(lending(requests_per_second_max=0.001, requests_burst_max=2)) as svc:
        answers = [await svc.client.get("/v1/worklists") for _ in range(3)]
        unknown = await svc.client.get("/v1/worklists", headers={"Authorization": "Bearer none"})
        other = {"Authorization": f"Bearer {token(svc.engine.service, tenant_id='other')}"}
        theirs = await svc.client.get("/v1/worklists", headers=other)
        health = await svc.client.get("/healthz")

    refused: Any = answers[2]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= 1_000
    assert {each.headers["ratelimit-policy"] for each in answers} == {'"caller";q=2;w=2000'}
    assert [re.sub("t=[0-9]+", "t=s", each.headers["ratelimit"]) for each in (*answers, theirs)] == [
        f'"caller";r={left};t=s' for left in (1, 0, 0, 1)
    ]
    assert [(each.status_code, "ratelimit" in each.headers) for each in (unknown, health)] == [
        (401, False),
        (200, False),
    ]


async def test_without_a_limit_nothing_is_told() -> None:
    async with running(lending()) as svc:
        answer = await svc.client.get("/v1/worklists")

    assert (answer.status_code, "ratelimit" in answer.headers) == (200, False)
