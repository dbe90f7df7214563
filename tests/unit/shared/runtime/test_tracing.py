"""What a span holds, and what it never holds; which trace it belongs to; and that nothing is traced unasked."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from shared.runtime import tracing
from tests.support.memory import Running, running
from tests.unit.shared.runtime.test_http import SECRET, service

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
LOAN = {"copy_id": "C-1"}
CORRELATION_ID = "0af76519-16cd-43dd-8448-eb211c80319c"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    with tracing.exported(exporter):
        yield exporter


@asynccontextmanager
async def running_traced() -> AsyncIterator[Running]:
    made = service()
    settings = made.settings.model_copy(update={"traces_to": "the exporter of the test"})
    async with running(replace(made, settings=settings)) as svc:
        yield svc


def only(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = exporter.get_finished_spans()
    return span


async def test_request_is_a_span_in_the_trace_of_its_caller(spans: InMemorySpanExporter) -> None:
    async with running_traced() as svc:
        answer = await svc.client.post("/v1/loans", json=LOAN, headers={"traceparent": PARENT})
    span = only(spans)

    assert span.name == "POST /v1/loans"
    assert (span.context.trace_id, span.parent.span_id if span.parent else 0) == (int(TRACE, 16), 0xB7AD6B7169203331)
    assert answer.headers["X-Correlation-Id"] == CORRELATION_ID
    assert dict(span.attributes or {}) == {
        "claimlog.service": "lending",
        "claimlog.correlation_id": CORRELATION_ID,
        "http.request.method": "POST",
        "http.route": "/v1/loans",
        "http.response.status_code": 201,
    }


@pytest.mark.parametrize("given", ["", "00-xyz-1-01", f"00-{'0' * 32}-b7ad6b7169203331-01", "ff" * 300])
async def test_request_without_a_trace_begins_one_that_its_correlation_id_names(
    spans: InMemorySpanExporter, given: str
) -> None:
    async with running_traced() as svc:
        answer = await svc.client.post("/v1/loans", json=LOAN, headers={"traceparent": given})
    correlation_id = answer.headers["X-Correlation-Id"]

    assert f"{only(spans).context.trace_id:032x}" == correlation_id.replace("-", "")


async def test_fault_is_marked_and_its_words_are_not_in_the_span(spans: InMemorySpanExporter) -> None:
    async with running_traced() as svc:
        answer = await svc.client.get(f"/v1/defects?name={SECRET}")
    span = only(spans)

    assert answer.status_code == 500
    assert span.status.status_code is StatusCode.ERROR
    assert list(span.events) == []
    assert SECRET not in span.to_json()


def test_attributes_that_are_not_on_the_list_are_dropped(spans: InMemorySpanExporter) -> None:
    span = tracing._started("x", None, server=True)  # noqa: SLF001 (the list must hold whoever makes a span)
    tracing._describe(span, {"patient.name": SECRET, "http.route": "/v1"})  # noqa: SLF001 (as above)
    span.end()

    assert dict(only(spans).attributes or {}) == {"http.route": "/v1"}


async def test_nothing_is_traced_unless_it_is_asked_for() -> None:
    async with running(service()) as svc:
        answer = await svc.client.post("/v1/loans", json=LOAN, headers={"traceparent": PARENT})

    assert answer.headers["X-Correlation-Id"] != CORRELATION_ID
    assert tracing.traceparent(CORRELATION_ID) is None


def test_trace_of_a_fact_follows_from_its_correlation_id(spans: InMemorySpanExporter) -> None:
    assert tracing.traceparent(CORRELATION_ID) == f"00-{TRACE}-{TRACE[16:]}-01"
    assert tracing.correlation_id_of(tracing.traceparent(CORRELATION_ID)) == CORRELATION_ID
    assert tracing.traceparent("R-1") is None
    assert spans.get_finished_spans() == ()


@pytest.mark.parametrize(
    ("traces_to", "exporter"),
    [("console", ConsoleSpanExporter), ("http://127.0.0.1:4318/v1/traces", OTLPSpanExporter)],
)
def test_spans_go_to_the_console_or_to_a_collector(traces_to: str, exporter: type[SpanExporter]) -> None:
    made = tracing._exporter(traces_to)  # noqa: SLF001 (to configure it would trace all other tests)

    assert isinstance(made, exporter)
    made.shutdown()
