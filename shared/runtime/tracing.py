"""Spans, where a setting asks for them: one for each request, one for each record that a service takes up from a topic.

Owns: what may stand in a span, as a list that is enforced here, because every span is made here; and where spans go. A
trace is what one request led to, in all services: its id is the correlation id, which every fact keeps, so a record can
say to which trace it belongs although it is published later, by another process. Refuses: words of errors, bodies,
addresses with values. Without the setting nothing of this runs, and the libraries behind it are not loaded.
**Source**: W3C Trace Context, for `traceparent`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.events.envelope import Envelope
from shared.runtime.clock import new_id
from shared.runtime.store import Place

TRACEPARENT: Final = "traceparent"
CONSOLE: Final = "console"
ALLOWED: Final = frozenset(
    {
        "claimlog.service",
        "claimlog.correlation_id",
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "messaging.destination.name",
        "messaging.destination.partition.id",
        "messaging.kafka.offset",
        "claimlog.event_type",
        "claimlog.event_id",
    }
)
"""Attributes that a span may have; whatever else is given is dropped."""
_FAULT: Final = 500
_PARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_NOBODY: Final = "0" * 16


class _Spans:
    """Where spans go, once somebody said so. **Shape**: `tracer` is None while nothing is traced."""

    tracer: Any = None


def configure_tracing(traces_to: str) -> None:
    """Send spans to the console (standard error) or to the address of an OTLP collector; the first word counts."""
    if not traces_to or _Spans.tracer is not None:
        return
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 (half a second, and off by default)

    _trace_to(BatchSpanProcessor(_exporter(traces_to)))


def _exporter(traces_to: str) -> Any:  # noqa: ANN401 (of a library that is loaded only when it is asked for)
    if traces_to == CONSOLE:
        import sys  # noqa: PLC0415 (beside the only use)

        from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415 (see above)

        return ConsoleSpanExporter(out=sys.stderr, formatter=lambda span: span.to_json(indent=None) + "\n")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 (see above)

    return OTLPSpanExporter(endpoint=traces_to)


def _trace_to(processor: Any) -> None:  # noqa: ANN401 (of a library that is loaded only when it is asked for)
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 (see above)
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 (see above)

    provider = TracerProvider(resource=Resource({"service.name": "claimlog"}))
    provider.add_span_processor(processor)
    _Spans.tracer = provider.get_tracer("claimlog")


@contextmanager
def exported(exporter: Any) -> Iterator[None]:  # noqa: ANN401 (of a library that is loaded only when it is asked for)
    """Hand every span to an exporter at once while the block runs; for tests."""
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415 (see above)

    before = _Spans.tracer
    _trace_to(SimpleSpanProcessor(exporter))
    try:
        yield
    finally:
        _Spans.tracer = before


def traceparent(correlation_id: str) -> str | None:
    """Return how a record or request names its trace; None for a correlation id that is no UUID.

    **Shape**: the parent is the request itself, which no span stands for but all that it led to belong to.
    """
    if _Spans.tracer is None:
        return None
    try:
        trace = UUID(correlation_id).hex
    except ValueError:
        return None
    return f"00-{trace}-{trace[16:]}-01" if trace[16:] != _NOBODY else None


def correlation_id_of(parent: str | None) -> str | None:
    """Return the correlation id that a `traceparent` names, None where it names none."""
    found = _PARENT.fullmatch(parent or "")
    return str(UUID(found[1])) if found and found[2] != _NOBODY and int(found[1], 16) else None


class TracedRequests:
    """An application each of whose requests is a span. **Shape**: a caller's own trace goes on."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or _Spans.tracer is None:
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(TRACEPARENT.encode(), b"").decode("latin-1")
        correlation_id = correlation_id_of(given)
        parent = given if correlation_id else None
        correlation_id = correlation_id or new_id()
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        status = _FAULT

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status) if message["type"] == "http.response.start" else status
            await send(message)

        span = _started(scope["method"], parent or traceparent(correlation_id), server=True)
        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "no route")
            span.update_name(f"{scope['method']} {route}")
            _describe(
                span,
                {
                    "claimlog.service": self._service,
                    "claimlog.correlation_id": correlation_id,
                    "http.request.method": scope["method"],
                    "http.route": route,
                    "http.response.status_code": status,
                },
            )
            _end(span, failed=status >= _FAULT)


@contextmanager
def consuming(service: str, records: Iterable[tuple[Place, int, Envelope]]) -> Iterator[None]:
    """Trace the records that are taken in the block, each in the trace of the request that led to it."""
    if _Spans.tracer is None:
        yield
        return
    spans = [_consumed(service, *each) for each in records]
    failed = True
    try:
        yield
        failed = False
    finally:
        for span in spans:
            _end(span, failed=failed)


def _consumed(service: str, place: Place, offset: int, envelope: Envelope) -> Any:  # noqa: ANN401 (a span of a library that is loaded lazily)
    span = _started(f"take {envelope.type}", traceparent(envelope.correlation_id), server=False)
    _describe(
        span,
        {
            "claimlog.service": service,
            "claimlog.event_type": envelope.type,
            "claimlog.event_id": envelope.event_id,
            "messaging.destination.name": place[0],
            "messaging.destination.partition.id": str(place[1]),
            "messaging.kafka.offset": offset,
        },
    )
    return span


def _started(name: str, parent: str | None, *, server: bool) -> Any:  # noqa: ANN401 (a span, see above)
    from opentelemetry import trace  # noqa: PLC0415 (loaded already where spans go somewhere)

    found = _PARENT.fullmatch(parent or "")
    context = trace.set_span_in_context(trace.INVALID_SPAN)
    if found:
        flags = trace.TraceFlags(trace.TraceFlags.SAMPLED)
        above = trace.SpanContext(int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=flags)
        context = trace.set_span_in_context(trace.NonRecordingSpan(above))
    kind = trace.SpanKind.SERVER if server else trace.SpanKind.CONSUMER
    return _Spans.tracer.start_span(name, context=context, kind=kind, record_exception=False)


def _describe(span: Any, attributes: Mapping[str, str | int]) -> None:  # noqa: ANN401 (a span, see above)
    """Give a span those attributes that the list allows."""
    for name, value in attributes.items():
        if name in ALLOWED:
            span.set_attribute(name, value)


def _end(span: Any, *, failed: bool) -> None:  # noqa: ANN401 (a span, see above)
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 (loaded already where spans go somewhere)

    if failed:
        span.set_status(StatusCode.ERROR)
    span.end()
