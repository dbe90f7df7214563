"""The routes that every service has: its feed of facts, its streams, its worklists, and its own health.

Owns: these routes, and the route table of all that every service has (`parked_routes.py`). Refuses: routes of one
service.
"""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from msgspec import json
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.events.envelope import Envelope, Event, personal_fields
from shared.kernel.errors import NotFound
from shared.runtime.access import Access
from shared.runtime.call import Call
from shared.runtime.history import recorded
from shared.runtime.hosting import Host
from shared.runtime.metrics import REGISTRY
from shared.runtime.parked_routes import PARKED_ACCESS
from shared.runtime.scopes import PERSONAL

COMMON_ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/events": Access(scope="events.read", reads="the store's public facts"),
    "GET /v1/streams/{stream}": Access(scope="events.read", reads="the stream's facts, without what they say"),
    "GET /v1/worklists": Access(scope="worklists.read", reads="all worklists"),
    "GET /v1/worklists/{name}": Access(scope="worklists.read", reads="the worklist's read model"),
    "GET /v1/read-models/{name}/counts": Access(scope="worklists.read", reads="the named read model"),
    **PARKED_ACCESS,
}
OPEN_ROUTES: Final = frozenset({"GET /healthz", "GET /readyz", "GET /metrics"})
_FEED_EVENTS_MAX: Final = 1_000


class StreamNotFound(NotFound):
    """No stream of this service has this name: no fact belongs to it."""

    slug = "stream-not-found"


class WorklistNotFound(NotFound):
    """No worklist has this name; `GET /v1/worklists` lists them."""

    slug = "worklist-not-found"


class ReadModelNotFound(NotFound):
    """No read model of this service has this name, or it may not be counted by this field."""

    slug = "read-model-not-found"


ROUTER: Final = APIRouter()


@ROUTER.get("/v1/events")
async def events(call: Call, after: int = 0, limit: int = 100) -> Response:
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
    return Response(json.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"})


@ROUTER.get("/v1/streams/{stream}")
async def stream(stream: str, call: Call) -> dict[str, Any]:
    """Return which facts a stream has, when each was recorded and by whom; those are the instants to ask as of.

    **Errors**: `StreamNotFound`.
    """
    found = await recorded(call.engine, call.caller.tenant_id, [stream])
    if not found:
        raise StreamNotFound("no fact belongs to a stream of this name")
    return {"stream": stream, "facts": [_listed(envelope) for envelope in found]}


@ROUTER.get("/v1/worklists")
async def worklists(call: Call) -> dict[str, Any]:
    """Return every worklist with what waits in it."""
    lists = []
    for name, worklist in call.engine.service.worklists.items():
        field = next(iter(worklist.where), worklist.projection.filters[0])
        counted = await call.counts(worklist.projection, by=field, where=worklist.where)
        lists.append({"name": name, "owner": worklist.owner, "about": worklist.about, "count": sum(counted.values())})
    return {"worklists": lists}


@ROUTER.get("/v1/worklists/{name}")
async def worklist(name: str, call: Call, cursor: str | None = None, page_size: int = 100) -> Response:
    """Return the rows of one worklist. **Errors**: `WorklistNotFound`."""
    found = call.engine.service.worklists.get(name)
    if found is None:
        raise WorklistNotFound("ask GET /v1/worklists for the names")
    page = await call.page(found.projection, where=found.where, cursor=cursor, page_size=page_size)
    body = {"items": page.items, "next": page.next}
    return Response(json.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"})


@ROUTER.get("/v1/read-models/{name}/counts")
async def counts(name: str, by: str, call: Call) -> dict[str, Any]:
    """Return how many rows of a read model have each value of one of its filters.

    **Errors**: `ReadModelNotFound`.
    """
    found = next((each for each in call.engine.service.projections if each.name == name and by in each.countable), None)
    if found is None:
        raise ReadModelNotFound("no read model of this service has this name and may be counted by this field")
    return {"counts": dict(await call.counts(found, by=by))}


@ROUTER.get("/healthz")
async def healthz(request: Request) -> dict[str, str]:
    """Return that the process answers."""
    return {"service": _host(request).engine.service.name, "status": "ok"}


@ROUTER.get("/readyz")
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


@ROUTER.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> PlainTextResponse:
    """Return what this process counted and what the service's database says, in Prometheus' text form."""
    said = await request.app.state.gauges.text(_host(request).engine)
    return PlainTextResponse(generate_latest(REGISTRY) + said, media_type=CONTENT_TYPE_LATEST)


def _host(request: Request) -> Host:
    host: Host = request.app.state.host
    return host


def _listed(envelope: Envelope) -> dict[str, Any]:
    return {
        "position": envelope.position,
        "version": envelope.version,
        "event_id": envelope.event_id,
        "type": envelope.type,
        "recorded_at": envelope.recorded_at,
        "actor": {"kind": envelope.actor.kind, "id": envelope.actor.id},
        "correlation_id": envelope.correlation_id,
    }


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
