"""What is counted, under which labels, and what a scrape says while the database is away."""

from collections.abc import AsyncIterator

import pytest
import structlog
from prometheus_client import CollectorRegistry

from shared.runtime.gauges import GAUGES
from shared.runtime.metrics import COUNTED, REGISTRY, FlushMeter
from tests.support.lending import AlreadyLent, Lend, lending
from tests.support.memory import CLERK, TENANT, Running, running

_BOUNDED = {
    "service",
    "kind",
    "outcome",
    "topic",
    "partition",
    "read_model",
    "effect",
    "worklist",
    "missing",
    "question",
    "route",
    "status",
}


def value(name: str, registry: CollectorRegistry = REGISTRY, **labels: str) -> float:
    return registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
async def svc() -> AsyncIterator[Running]:
    async with running(lending()) as started:
        yield started


async def refused(svc: Running) -> None:
    with pytest.raises(AlreadyLent):
        await svc.engine.handle(TENANT, CLERK, Lend(copy_id="C-1"))


async def test_counts_units_by_what_came_of_them_and_facts(svc: Running) -> None:
    def counted() -> list[float]:
        units = [
            value("claimlog_units_total", service="lending", kind="command", outcome=o) for o in ("added", "refused")
        ]
        return [*units, value("claimlog_facts_written_total", service="lending")]

    before = counted()
    await svc.engine.handle(TENANT, CLERK, Lend(copy_id="C-1"), Lend(copy_id="C-2"))
    await refused(svc)

    assert [now - then for then, now in zip(before, counted(), strict=True)] == [1, 1, 2]


def test_observes_once_for_each_flush() -> None:
    meter = FlushMeter("metered")
    meter.wrote(7)
    meter.ended([("command", "added"), ("command", "added"), ("record", "taken")], 0.003)

    assert value("claimlog_units_total", service="metered", kind="command", outcome="added") == 2
    assert value("claimlog_flush_units_sum", service="metered") == 3
    assert value("claimlog_flush_facts_sum", service="metered") == 7
    assert value("claimlog_flush_seconds_count", service="metered") == 1


def test_page_shows_every_metric_that_is_registered() -> None:
    assert {family.name for metric in COUNTED for family in metric.describe()} == {
        each.name for each in REGISTRY.collect()
    }


def test_labels_hold_words_of_fixed_lists_alone() -> None:
    labels = {label for metric in REGISTRY.collect() for sample in metric.samples for label in sample.labels}

    assert labels - {"le"} <= _BOUNDED
    assert {label for told in GAUGES.values() for label in told.labels} <= _BOUNDED


async def test_scrape_needs_no_token_and_says_what_the_database_did_not_answer(svc: Running) -> None:
    del svc.client.headers["Authorization"]
    answer = await svc.client.get("/metrics")

    assert answer.status_code == 200
    assert 'claimlog_gauge_answered{question="store",service="lending"} 0.0' in answer.text
    assert 'claimlog_gauge_answered{question="measures",service="lending"} 1.0' in answer.text
    assert "# TYPE claimlog_flush_seconds histogram" in answer.text


async def test_says_a_line_for_each_decision_where_it_is_asked_for() -> None:
    with structlog.testing.capture_logs() as lines:
        async with running(lending(decisions_logged=True)) as svc:
            await svc.engine.handle(TENANT, CLERK, Lend(copy_id="C-1"), correlation_id="R-1")
            await refused(svc)
    said = [line for line in lines if line["event"] == "decided"]

    assert [(line["commands"], line["kind"], line["outcome"], line["count"]) for line in said] == [
        (["Lend"], "copy", "added", 1),
        (["Lend"], "copy", "already-lent", 0),
    ]
    assert said[0]["correlation_id"] == "R-1"
    assert "C-1" not in str(said)


async def test_says_nothing_of_decisions_otherwise() -> None:
    with structlog.testing.capture_logs() as lines:
        async with running(lending()) as svc:
            await svc.engine.handle(TENANT, CLERK, Lend(copy_id="C-1"))

    assert [line for line in lines if line["event"] == "decided"] == []
