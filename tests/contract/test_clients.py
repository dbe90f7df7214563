"""The thin clients of the services call routes that exist, and all routes but those that are listed with a reason."""

import re
import types
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from inspect import Parameter, isfunction, signature
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import httpx
import pytest
from msgspec import Struct, structs

from shared.clients.claims import ClaimsClient
from shared.clients.coding import CodingClient
from shared.clients.every_service import ServiceClient
from shared.clients.operations import OperationsClient
from shared.clients.parked import ParkedClient
from shared.clients.payments import PaymentsClient
from shared.clients.registration import RegistrationClient
from shared.clients.validation import ValidationClient
from shared.runtime.common_routes import COMMON_ACCESS, OPEN_ROUTES
from tools.service_values import services

CLIENTS: Final[Mapping[str, type[Any]]] = {
    "claims": ClaimsClient,
    "coding": CodingClient,
    "payments": PaymentsClient,
    "registration": RegistrationClient,
    "validation": ValidationClient,
}
OF_EVERY_SERVICE: Final = (ServiceClient, ParkedClient, OperationsClient)
EACH: Final = pytest.mark.parametrize("name", sorted(CLIENTS))
WITHOUT_A_CLIENT: Final = {
    "GET /healthz": "asked by orchestrators",
    "GET /metrics": "read by Prometheus",
    "GET /problems/{slug}": "an address for people; programs branch on the slug",
}


class Seen(Exception):
    """What a client was about to send."""


def value_of(hint: Any) -> Any:  # noqa: ANN401, PLR0911 (a value for whatever a method takes)
    """Return something that a parameter takes."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return value_of(args[0])
    if origin is Literal:
        return args[0]
    if origin in {Union, types.UnionType}:
        return value_of(args[0])
    if origin in {tuple, Sequence}:
        return tuple(map(value_of, args[:1] if args[-1] is ... or origin is Sequence else args))
    if origin is AsyncIterable:
        return _none()
    if origin in {dict, Mapping}:
        return {}
    if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, Struct)):
        names = [each.name for each in (structs.fields(hint) if issubclass(hint, Struct) else fields(hint))]
        return hint(**{name: value_of(kind) for name, kind in get_type_hints(hint).items() if name in names})
    made = {datetime: datetime(2026, 3, 3, tzinfo=UTC), date: date(2026, 3, 3), bytes: b"x", bool: True, int: 1}
    return made.get(hint, "x")


async def _none() -> AsyncIterator[Any]:
    return
    yield


def called(client: type[Any]) -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """Yield every public method with what it needs."""
    for name, method in vars(client).items():
        if isfunction(method) and not name.startswith("_"):
            hints = get_type_hints(method, include_extras=True)
            needed = [each for each in signature(method).parameters.values() if each.default is Parameter.empty]
            yield name, method, {each.name: value_of(hints[each.name]) for each in needed if each.name in hints}


async def requests(client: type[Any]) -> dict[str, str]:
    """Return the first request of each method, as method and path."""

    def seen(request: httpx.Request) -> httpx.Response:
        raise Seen(f"{request.method} {request.url.path}")

    found = {}
    async with httpx.AsyncClient(transport=httpx.MockTransport(seen), base_url="http://service") as http:
        for name, method, needed in called(client):
            try:
                answer = method(client(http), **needed)
                if hasattr(answer, "__aiter__"):
                    await anext(aiter(answer))
                else:
                    await answer
            except Seen as request:
                found[name] = str(request)
    return found


def routes_like(request: str, routes: Sequence[str]) -> list[str]:
    """Return the routes that a request may mean; a route without a parameter goes first."""
    found = [each for each in routes if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(each)), request)]
    return sorted(found, key=lambda each: each.count("{"))[:1]


@EACH
async def test_every_method_asks_for_a_route_that_exists(name: str) -> None:
    (service,) = (each for each in services() if each.name == name)
    routes = [*service.api().access, *COMMON_ACCESS, *OPEN_ROUTES]
    asked = await requests(CLIENTS[name])

    assert {method: request for method, request in asked.items() if not routes_like(request, routes)} == {}
    assert set(asked) == {method for method, *_ in called(CLIENTS[name])}


@EACH
async def test_every_route_of_a_service_has_a_method(name: str) -> None:
    (service,) = (each for each in services() if each.name == name)
    asked = await requests(CLIENTS[name])
    met = {route for request in asked.values() for route in routes_like(request, [*service.api().access])}

    assert set(service.api().access) - met == set()


async def test_every_route_of_every_service_has_a_method_or_a_reason() -> None:
    routes = [*COMMON_ACCESS, *OPEN_ROUTES]
    asked = [request for client in OF_EVERY_SERVICE for request in (await requests(client)).values()]
    met = {route for request in asked for route in routes_like(request, routes)}

    assert set(routes) - met == set(WITHOUT_A_CLIENT)
