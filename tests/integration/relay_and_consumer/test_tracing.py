"""A request and what it led to in another service are one trace, over store, relay and topic."""

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from apps.embedded.database_server import DatabaseServer
from shared.runtime import tracing
from shared.runtime.clock import new_id
from shared.runtime.hosting import open_log
from shared.runtime.worker import work
from tests.support.databases import fresh_database
from tests.support.donating import Donate, donating
from tests.support.engines import beside, engine_over, until
from tests.support.lending import lending
from tests.support.memory import CLERK, TENANT

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


async def test_record_is_taken_in_the_trace_of_the_request_that_led_to_it(database_server: DatabaseServer) -> None:
    giver_url, lender_url, log_url = [await fresh_database(database_server) for _ in range(3)]
    common: dict[str, object] = {"topic_prefix": "traced", "topic_partitions": 2, "log_url": log_url}
    exporter, correlation_id = InMemorySpanExporter(), new_id()
    async with (
        open_log(log_url) as log,
        engine_over(donating(**common, database_url=giver_url), giver_url) as giver,
        engine_over(lending(**common, database_url=lender_url), lender_url) as lender,
    ):
        with tracing.exported(exporter):
            command = Donate(donor_id="D-1", name="Ada-Secret-Sample")
            await giver.handle(TENANT, CLERK, command, correlation_id=correlation_id)
            async with beside(work(giver, log), work(lender, log)):

                async def taken() -> bool:
                    return bool(exporter.get_finished_spans())

                await until(taken)
    (span,) = exporter.get_finished_spans()
    attributes = dict(span.attributes or {})

    assert span.name == "take PayerAdded"
    assert f"{span.context.trace_id:032x}" == correlation_id.replace("-", "")
    assert set(attributes) <= tracing.ALLOWED
    assert (attributes["claimlog.service"], attributes["claimlog.event_type"]) == ("lending", "PayerAdded")
    assert "Ada-Secret-Sample" not in span.to_json()
