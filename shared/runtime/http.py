"""A service behind HTTP.

Owns: the web application, how errors become answers, and the check that routes and route table agree. Refuses: routes;
each service has its own, and those that all have are in `common_routes.py`; and what an error is answered with, which
`problems.py` says. Next: `call.py` is what a route sees.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cache, partial
from http import HTTPStatus
from string import Formatter
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from shared.kernel.errors import KnownError, NotFound
from shared.runtime.access import Access
from shared.runtime.body_limit import BodyLimit
from shared.runtime.call import Call, CallAsOf, OneCall, authenticated, looking_back, media_type_of
from shared.runtime.common_routes import COMMON_ACCESS, OPEN_ROUTES
from shared.runtime.common_routes import ROUTER as COMMON
from shared.runtime.consistent_reads import ConsistentReads
from shared.runtime.counted_requests import CountedRequests
from shared.runtime.defects import DefectAnswers
from shared.runtime.definition import Service
from shared.runtime.engine import Page
from shared.runtime.garbage import collect_seldom
from shared.runtime.gauges import Gauges
from shared.runtime.host import Host, open_host
from shared.runtime.openapi import document
from shared.runtime.operation_routes import ROUTER as OPERATIONS
from shared.runtime.parked_routes import ROUTER as PARKED
from shared.runtime.problems import OF_THE_SHELL, problem, told, told_of, told_of_defect, told_of_fields
from shared.runtime.request_rate import RequestRate
from shared.runtime.retiring import is_announced
from shared.runtime.seldom import Seldom
from shared.runtime.status import standing
from shared.runtime.status_routes import LOG_SECONDS_MAX
from shared.runtime.status_routes import ROUTER as STATUS
from shared.runtime.telemetry import configure_logging
from shared.runtime.told_headers import ToldHeaders
from shared.runtime.tracing import TracedRequests
from shared.runtime.worklist_routes import ROUTER as WORKLISTS

__all__ = ["Access", "Call", "CallAsOf", "OneCall", "Page", "http_app"]

_NOBODY_ELSE_TELLS: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}
"""The framework's spans would tell addresses and errors in full; ours are made in `tracing.py`."""


def http_app(service: Service, host: Host | None = None) -> FastAPI:
    """Return the web application of a service; without a host it opens one of its own when it starts.

    **Errors**: `ValueError` for a route without an entry in the route table, or an entry without a route.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logging()
        async with open_host(service) as opened:
            collect_seldom()
            app.state.host = opened
            yield

    api = service.api()
    access = {**api.access, **COMMON_ACCESS}
    routes = [
        *api.router.routes,
        *COMMON.routes,
        *WORKLISTS.routes,
        *PARKED.routes,
        *OPERATIONS.routes,
        *STATUS.routes,
    ]
    _refuse_open_routes(routes, access)
    if not set(service.body_limits) <= set(access):
        raise ValueError(f"limits of bodies of routes that are none: {sorted(set(service.body_limits) - set(access))}")
    app = FastAPI(
        routes=routes,  # included as routers, each request would look for its route twice
        title=service.title,
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=None if host else lifespan,
        telemetry=_NOBODY_ELSE_TELLS,
    )
    app.state.host = host
    app.state.access = access
    app.state.gauges = Gauges()
    app.state.standing = Seldom(partial(standing, log_seconds_max=LOG_SECONDS_MAX))
    app.state.request_rate = _request_rate(service)
    app.add_middleware(DefectAnswers, answer=defect)
    app.add_middleware(ConsistentReads)
    bulk = dict.fromkeys((route for route, entry in access.items() if entry.bulk), service.settings.bulk_bytes_max)
    limits = {**bulk, **service.body_limits}
    app.add_middleware(BodyLimit, bytes_max=service.settings.body_bytes_max, of_routes=limits)
    if app.state.request_rate is not None or any(each.deprecated_on for each in access.values()):
        app.add_middleware(ToldHeaders)
    if service.settings.traces_to:
        app.add_middleware(TracedRequests, service=service.name)
    app.add_middleware(CountedRequests, service=service.name)
    app.exception_handler(KnownError)(refusal)
    app.exception_handler(RequestValidationError)(unreadable)
    app.exception_handler(HTTPException)(unrouted)

    @cache
    def described() -> dict[str, Any]:
        return document(app, service, access)

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's documentation has it; /openapi.json asks it
    return app


def _request_rate(service: Service) -> RequestRate | None:
    per_second = service.settings.requests_per_second_max
    return RequestRate(per_second, service.settings.requests_burst_max) if per_second else None


def _refuse_open_routes(routes: Iterable[BaseRoute], table: Mapping[str, Access]) -> None:
    """Refuse a service whose route table and routes differ, or a route of the table that asks nobody who calls."""
    found: dict[str, APIRoute] = {}
    for route in routes:
        if isinstance(route, APIRoute):
            found |= {f"{method} {route.path}": route for method in route.methods or ()}
    if set(found) != set(table) | OPEN_ROUTES:
        raise ValueError(f"route table and routes differ: {sorted(set(found) ^ (set(table) | OPEN_ROUTES))}")
    asking = {name: {each.call for each in found[name].dependant.dependencies} for name in table}
    unasked = [name for name, asked in asking.items() if not asked & {authenticated, looking_back}]
    if unasked:
        raise ValueError(f"these routes take no Call, so that anybody may call them: {sorted(unasked)}")
    unlike = [name for name, asked in asking.items() if table[name].as_of != (looking_back in asked)]
    if unlike:
        raise ValueError(f"route table and routes differ in what they tell as of an instant: {sorted(unlike)}")
    nameless = [name for name in table if not _names_its_stream(table[name], found[name])]
    if nameless:
        raise ValueError(f"these entries do not name the stream of an object in their paths: {sorted(nameless)}")
    sudden = [name for name in table if not is_announced(table[name], table)]
    if sudden:
        raise ValueError(f"a route ends a year after that is said, and names another: {sorted(sudden)}")


def _names_its_stream(entry: Access, route: APIRoute) -> bool:
    asked = {field for _, field, _, _ in Formatter().parse(entry.version_of) if field is not None}
    return asked <= {each.name for each in route.dependant.path_params} and (
        not entry.changes or entry.version_of != ""
    )


async def refusal(request: Request, error: KnownError) -> JSONResponse:
    """Return an expected failure as an answer."""
    told = told_of(error)
    if isinstance(error, NotFound) and hasattr(request.state, "as_of"):
        told["detail"] = f"{error}; no fact of it was recorded up to {request.state.as_of.isoformat()}"
    return problem(told, request.scope)


async def unreadable(request: Request, error: RequestValidationError) -> JSONResponse:
    """Return what is wrong with a body or parameter: where and which rule, never the value."""
    told = told_of_fields(error.errors())
    if not media_type_of(request).endswith("json") and any(each["loc"] == ("body",) for each in error.errors()):
        told["detail"] = "send the body as JSON, with Content-Type: application/json"
    return problem(told, request.scope)


async def unrouted(request: Request, error: HTTPException) -> JSONResponse:
    """Return the framework's own refusals as problems."""
    if error.status_code == HTTPStatus.BAD_REQUEST:  # FastAPI's, of a body that is no text
        return problem(told_of_fields([{"loc": ("body",), "type": "json_invalid"}]), request.scope)
    known = next((each for each in OF_THE_SHELL.values() if each.status == error.status_code), OF_THE_SHELL["refused"])
    answer = problem(told(known.slug, error.status_code, f"{known.means} {known.mend}"), request.scope)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(sorted(_methods_here(request)))
    return answer


def _methods_here(request: Request) -> set[str]:
    """Return the methods that a path has; each of them may be a route of its own, and words of it may be open."""
    routes = (each for each in request.app.routes if isinstance(each, APIRoute))
    here = [each for each in routes if each.matches(request.scope)[0] is not Match.NONE]
    nearest = min((each.path for each in here), key=lambda path: path.count("{"), default="")
    return {method for each in here if each.path == nearest for method in each.methods or ()}


async def defect(scope: Scope, trace_id: str) -> JSONResponse:
    """Return 500 with an id to look for in the logs."""
    return problem(told_of_defect(trace_id), scope)
