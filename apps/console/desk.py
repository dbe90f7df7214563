"""What a page is made with: the clients of whoever is signed in, answers that may be missing, forms that are ours.

Owns: the rule that a page shows what there is where a service does not answer; the rule that a form was sent from a
page of the same session; going on after a form, so that back and refresh repeat nothing. Refuses: a database, and
services by another way than their clients. Next: `pages/` has the pages, `rendering.py` how values look.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias, TypeVar
from urllib.parse import parse_qsl

import httpx
from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from apps.console.rendering import render
from apps.console.sessions import COOKIE, Session, Sessions
from apps.console.settings import Settings
from apps.console.sign_in import SignIn
from shared.clients.claims import ClaimsClient
from shared.clients.coding import CodingClient
from shared.clients.conditions import new_key
from shared.clients.every_service import ServiceClient
from shared.clients.operations import OperationsClient
from shared.clients.parked import ParkedClient
from shared.clients.payments import PaymentsClient
from shared.clients.problem import ProblemAnswered
from shared.clients.registration import RegistrationClient
from shared.clients.validation import ValidationClient
from shared.kernel.dates import local_day
from shared.runtime.clock import now

ROWS_MAX: Final = 200
"""Of a list on a page that has no pages of its own."""
_FORM_BYTES_MAX: Final = 200_000
_ANOTHER_STORE: Final = "token-of-another-store"
Value = TypeVar("Value")
Ask: TypeAlias = Callable[[], Awaitable[Value]]


class SignedOut(Exception):
    """Nobody is signed in. **Shape**: the message is where to go on afterwards."""


class NotOurForm(Exception):
    """A form was not sent from a page of this session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What all pages share. **Shape**: `transports` keep the connections to each service."""

    settings: Settings
    sessions: Sessions
    sign_in: SignIn
    transports: Mapping[str, httpx.AsyncBaseTransport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A service that did not say what a page asked. **Shape**: `trace_id` finds it in that service's log."""

    service: str
    why: str
    trace_id: str = ""


class Desk:
    """One request of somebody who is signed in."""

    def __init__(self, request: Request, console: Console, session: Session) -> None:
        self.request = request
        self.console = console
        self.session = session
        self.now = now()
        self.unanswered: list[Unanswered] = []

    @property
    def today(self) -> date:
        """Return the day of the practice."""
        return local_day(self.now, self.console.settings.zone)

    @property
    def is_part(self) -> bool:
        """Return whether a part of a page is asked for, by what is on the page already."""
        return self.request.headers.get("hx-request") == "true"

    def may(self, scope: str) -> bool:
        """Return whether the person may do what asks for a scope; the service decides, this only hides buttons."""
        return scope in self.session.person.role.scopes

    @cached_property
    def registration(self) -> RegistrationClient:
        """Return registration."""
        return RegistrationClient(self.http("registration"))

    @cached_property
    def coding(self) -> CodingClient:
        """Return coding."""
        return CodingClient(self.http("coding"))

    @cached_property
    def validation(self) -> ValidationClient:
        """Return validation."""
        return ValidationClient(self.http("validation"))

    @cached_property
    def claims(self) -> ClaimsClient:
        """Return claims."""
        return ClaimsClient(self.http("claims"))

    @cached_property
    def payments(self) -> PaymentsClient:
        """Return payments."""
        return PaymentsClient(self.http("payments"))

    def service(self, name: str) -> ServiceClient:
        """Return what every service has, of one."""
        return ServiceClient(self.http(name))

    def parked(self, service: str) -> ParkedClient:
        """Return the parked records of a service."""
        return ParkedClient(self.http(service))

    def operations(self, service: str) -> OperationsClient:
        """Return the operations of a service."""
        return OperationsClient(self.http(service))

    def http(self, service: str) -> httpx.AsyncClient:
        """Return a client that speaks for the person, and reads what the person wrote."""
        return httpx.AsyncClient(
            base_url=self.console.settings.urls[service],
            headers={"Authorization": f"Bearer {self.session.person.token}"},
            timeout=self.console.settings.answer_seconds,
            transport=self.console.transports[service],
            event_hooks=self.session.written.hooks,
            trust_env=False,
        )

    async def asked(self, service: str, ask: Ask[Value]) -> Value | None:
        """Return what a service says; None where there is nothing, or no answer, which the page then says."""
        try:
            return await ask()
        except ProblemAnswered as problem:
            if problem.status == HTTPStatus.NOT_FOUND:
                return None
            if problem.slug == _ANOTHER_STORE:
                self.session.written.forget()
            self.unanswered.append(Unanswered(service=service, why=problem.detail, trace_id=problem.trace_id))
        except httpx.HTTPError:
            self.unanswered.append(Unanswered(service=service, why="it does not answer; its data is not shown here"))
        return None

    async def together(self, **asks: tuple[str, Ask[Any]]) -> Mapping[str, Any]:
        """Return what services say, asked at once: `name=("claims", ask)`; None as in `asked`."""
        found = await asyncio.gather(*(self.asked(service, ask) for service, ask in asks.values()))
        return dict(zip(asks, found, strict=True))

    def page(self, template: str, *, status: int = HTTPStatus.OK, **values: Any) -> Response:  # noqa: ANN401
        """Return a page, or the part of it that a template is."""
        frame = {
            "person": self.session.person,
            "form_token": self.session.form_token,
            "new_key": new_key,
            "here": self.request.scope["path"],
            "environment": self.console.settings.environment,
            "zone": self.console.settings.zone,
            "now": self.now,
            "today": self.today,
            "unanswered": self.unanswered,
            "told": self.session.heard() if not self.is_part else (),
            "may": self.may,
            "came_from": self.session.came_from,
            "is_part": self.is_part,
        }
        return HTMLResponse(render(template, {**frame, **values}), status)

    def go(self, path: str, told: str = "") -> Response:
        """Return the way to a page after something was done; what is told is said there, once."""
        if told:
            self.session.tell(told)
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def console_of(request: Request) -> Console:
    """Return what all pages share."""
    found: Console = request.app.state.console
    return found


def session_of(request: Request) -> Session | None:
    """Return the session that a request belongs to."""
    session_id = request.cookies.get(COOKIE, "")
    return console_of(request).sessions.of(session_id, now()) if session_id else None


async def at_desk(request: Request) -> Desk:
    """Return the desk of whoever is signed in. **Errors**: `SignedOut`."""
    session = session_of(request)
    if session is None:
        query = request.url.query
        raise SignedOut(request.url.path + (f"?{query}" if query else "") if request.method == "GET" else "/")
    return Desk(request, console_of(request), session)


def is_from_here(request: Request) -> bool:
    """Return whether a form was sent from this host: the browser says so, and no page can make it say so."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
    return site == "same-origin" if site else origin.partition("://")[2] == request.headers.get("host", "-")


async def fields_of(request: Request) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of a form; each may be there more than once. **Errors**: `NotOurForm` where it is too long."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > _FORM_BYTES_MAX:
            raise NotOurForm
    found: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        found[name] = (*found.get(name, ()), value)
    return found


class Form:
    """The fields of a form that a page of this session sent."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        self.fields = fields

    def text(self, name: str) -> str:
        """Return a field, empty where it is not there, without spaces around it."""
        return self.fields.get(name, ("",))[0].strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return self.fields.get(name, ())


async def sent_form(request: Request, desk: Annotated[Desk, Depends(at_desk)]) -> Form:
    """Return a form. **Errors**: `NotOurForm` where it came from elsewhere, or from another session."""
    form = Form(await fields_of(request))
    if not is_from_here(request) or not desk.session.has_form_token(form.text("form_token")):
        raise NotOurForm
    return form


AtDesk: TypeAlias = Annotated[Desk, Depends(at_desk)]
SentForm: TypeAlias = Annotated[Form, Depends(sent_form)]


def not_done(problem: ProblemAnswered) -> str:
    """Return a refusal in words, for a form that is shown again."""
    if problem.status == HTTPStatus.PRECONDITION_FAILED:
        return "Not done: somebody changed this meanwhile. It is shown as it stands now; decide again."
    return f"Not done: {problem.detail or problem.slug.replace('-', ' ')}."


async def first(pages: AsyncIterator[Mapping[str, Any]], rows_max: int = ROWS_MAX) -> list[Mapping[str, Any]]:
    """Return the first rows of a list, at most as many as a page shows."""
    rows: list[Mapping[str, Any]] = []
    async for row in pages:
        rows.append(row)
        if len(rows) == rows_max:
            break
    return rows
