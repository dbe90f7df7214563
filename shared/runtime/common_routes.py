"""The routes that every service has: its feed of facts, its streams, counts of rows, its own health, its problems.

Owns: these routes, and the route table of all that every service has. Refuses: routes of one service, and what
worklists, parked records, operations and operators have of their own. Next: `common_answers.py` has their answers.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from msgspec import json
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.events.envelope import Envelope, Event, personal_fields
from shared.kernel.errors import NotFound
from shared.runtime.access import Access
from shared.runtime.call import Call
from shared.runtime.common_answers import (
    Counts,
    Feed,
    Health,
    ListedFact,
    Readiness,
    ShownProblem,
    StreamFacts,
)
from shared.runtime.history import recorded
from shared.runtime.host import Host
from shared.runtime.metrics import REGISTRY
from shared.runtime.operation_routes import OPERATION_ACCESS
from shared.runtime.parked_routes import PARKED_ACCESS
from shared.runtime.problems import TYPE, catalogue
from shared.runtime.scopes import PERSONAL
from shared.runtime.status_routes import STATUS_ACCESS
from shared.runtime.worklist_routes import WORKLIST_ACCESS

COMMON_ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/events": Access(scope="events.read", reads="the store's public facts"),
    "GET /v1/streams/{stream}": Access(scope="events.read", reads="the stream's facts, without what they say"),
    "GET /v1/read-models/{name}/counts": Access(scope="worklists.read", reads="the named read model"),
    **WORKLIST_ACCESS,
    **PARKED_ACCESS,
    **OPERATION_ACCESS,
    **STATUS_ACCESS,
}
OPEN_ROUTES: Final = frozenset({"GET /healthz", "GET /readyz", "GET /metrics", "GET /problems/{slug}"})
_FEED_EVENTS_MAX: Final = 1_000


class StreamNotFound(NotFound):
    """No stream of this service has this name: no fact belongs to it."""

    slug = "stream-not-found"


class ReadModelNotFound(NotFound):
    """No read model of this service has this name, or it may not be counted by this field."""

    slug = "read-model-not-found"


class ProblemNotKnown(NotFound):
    """No request is refused for a reason of this name, by this service."""

    slug = "problem-not-known"


ROUTER: Final = APIRouter()
Slug: TypeAlias = Annotated[
    str, Path(pattern=r"^[a-z0-9-]{1,80}$", description="Last part of a problem's type.", examples=["name-taken"])
]


Position: TypeAlias = Annotated[
    int, Query(ge=0, le=2**63 - 1, description="Facts after this position; 0: from the first.", examples=[0])
]
FactsMax: TypeAlias = Annotated[
    int, Query(ge=1, le=2**31 - 1, description="Facts in one answer; more than 1,000 counts as 1,000.", examples=[100])
]
ReadModel: TypeAlias = Annotated[str, Path(description="A read model.", examples=["claims"])]


@ROUTER.get("/v1/events", response_class=Response, responses={200: {"model": Feed}})
async def events(call: Call, after: Position = 0, limit: FactsMax = 100) -> Response:
    """Return the service's public facts in order, from a position; personal values only with their scope."""
    size = max(1, min(limit, _FEED_EVENTS_MAX))
    public = sorted(call.engine.wiring.public)
    found = await call.engine.store.events(
        max(after, 0), types=public, tenant_id=call.caller.tenant_id, events_max=size
    )
    opened = await call.engine.opened(found) if PERSONAL in call.caller.scopes else [(e, None) for e in found]
    body = {
        "events": [_shown(envelope, event) for envelope, event in opened],
        "next_after": found[-1].position if found else after,
    }
    return call.sent(json.encode(body), "application/json")


@ROUTER.get("/v1/streams/{stream}")
async def stream(
    stream: Annotated[
        str, Path(description="A kind of object and its id.", examples=["claim-0190f3c2-0000-7000-8000-000000000007"])
    ],
    call: Call,
) -> StreamFacts:
    """Return which facts a stream has, when each was recorded and by whom; those are the instants to ask as of.

    **Errors**: 404 `stream-not-found`.
    """
    found = await recorded(call.engine, call.caller.tenant_id, [stream])
    if not found:
        raise StreamNotFound("no fact belongs to a stream of this name")
    return StreamFacts(stream=stream, facts=tuple(map(ListedFact.of, found)))


@ROUTER.get("/v1/read-models/{name}/counts")
async def counts(
    name: ReadModel, by: Annotated[str, Query(description="One of its filters.", examples=["status"])], call: Call
) -> Counts:
    """Return how many rows of a read model have each value of one of its filters.

    **Errors**: 404 `read-model-not-found`.
    """
    found = next((each for each in call.engine.service.projections if each.name == name and by in each.countable), None)
    if found is None:
        raise ReadModelNotFound("no read model of this service has this name and may be counted by this field")
    return Counts(counts=await call.counts(found, by=by))


@ROUTER.get("/healthz")
async def healthz(request: Request) -> Health:
    """Return that the process answers."""
    return Health(service=_host(request).engine.service.name, status="ok")


@ROUTER.get("/readyz", responses={200: {"model": Readiness}, 503: {"model": Readiness, "description": "Not ready."}})
async def readyz(request: Request) -> JSONResponse:
    """Return whether the store answers; the log is not needed to take commands."""
    host = _host(request)
    try:
        head = await host.engine.store.head()
    except Exception as error:  # noqa: BLE001 (not ready, whatever it is; the class says what)
        return JSONResponse(
            {"service": host.engine.service.name, "status": "not-ready", "cause": type(error).__name__}, 503
        )
    status = "stopped" if host.engine.stopped else "ready"
    body = {"service": host.engine.service.name, "status": status, "position": head.position}
    if head.effects_held:
        body["effects"] = "held"
    if host.engine.stopped:
        return JSONResponse({**body, "stopped": host.engine.stopped}, 503)
    return JSONResponse(body)


@ROUTER.get("/problems/{slug}")
async def shown_problem(slug: Slug) -> ShownProblem:
    """Return what a reason means and what to do about it. **Errors**: 404 `problem-not-known`."""
    found = catalogue().get(slug)
    if found is None:
        raise ProblemNotKnown("docs/problems.md lists all reasons")
    return ShownProblem(type=TYPE + slug, title=found.title, status=found.status, means=found.means, mend=found.mend)


@ROUTER.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> PlainTextResponse:
    """Return what this process counted and what the service's database says, in Prometheus' text form."""
    said = await request.app.state.gauges.text(_host(request).engine)
    return PlainTextResponse(generate_latest(REGISTRY) + said, media_type=CONTENT_TYPE_LATEST)


def _host(request: Request) -> Host:
    host: Host = request.app.state.host
    return host


def _shown(envelope: Envelope, event: Event | None) -> dict[str, Any]:
    data: dict[str, Any] = json.decode(json.encode(event) if event is not None else envelope.data)
    if event is None:
        data.pop("personal", None)
    hidden = sorted(personal_fields(type(event))) if event is not None else []
    return {
        "position": envelope.position,
        "event_id": envelope.event_id,
        "type": envelope.type,
        "schema_version": envelope.schema_version,
        "stream": envelope.stream,
        "version": envelope.version,
        "key": envelope.key,
        "recorded_at": envelope.recorded_at,
        "actor": {"kind": envelope.actor.kind, "id": envelope.actor.id},
        "correlation_id": envelope.correlation_id,
        "causation_id": envelope.causation_id,
        "data": data,
        "personal_fields": hidden,
    }
