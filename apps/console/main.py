"""The console as a web application: `python -m shared.runtime.api apps.console.main` runs it alone.

Owns: headers that let a page load nothing but our own files, what is said instead of a page, static files. Refuses: to
know what a page shows. Next: `desk.py` is what every page is made with, `pages/` has them.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from mimetypes import guess_type
from typing import Final
from urllib.parse import quote

import httpx
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.console.desk import Console, NotOurForm, SignedOut, session_of
from apps.console.live import Live
from apps.console.pages import PAGES
from apps.console.rendering import STATIC, render
from apps.console.sessions import Sessions
from apps.console.settings import PREFIX, Settings
from apps.console.sign_in import DevelopmentSignIn, SignIn
from shared.clients.problem import ProblemAnswered
from shared.runtime.clock import now

_LOG = structlog.get_logger("console")
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", _POLICY),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
_KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"


class Guarded:
    """An application whose every answer says what a browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                has_own = any(name == b"cache-control" for name, _ in message["headers"])
                kept = () if has_own else ((b"cache-control", b"no-store"),)
                message["headers"] = [*message["headers"], *_HEADERS, *kept]
            await send(message)

        await self._app(scope, receive, guarded)


def console(
    settings: Settings, sign_in: SignIn, transports: Mapping[str, httpx.AsyncBaseTransport] | None = None
) -> FastAPI:
    """Return the console as a web application. **Shape**: by `transports` it reaches services; None: over the net."""
    idle = timedelta(minutes=settings.session_idle_minutes)
    transports = transports or {name: httpx.AsyncHTTPTransport(retries=1) for name in settings.urls}
    live = Live(settings.urls, transports)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with live.watching():
            yield
        for each in transports.values():
            await each.aclose()

    app = FastAPI(title="claimlog console", openapi_url=None, lifespan=lifespan)
    app.state.console = Console(settings=settings, sessions=Sessions(idle), sign_in=sign_in, transports=transports)
    app.state.live = live
    app.add_middleware(Guarded)
    for router in PAGES:
        app.include_router(router)
    app.add_api_route("/static/{name:path}", _static_file, methods=["GET"])
    for path in ("/healthz", "/readyz"):
        app.add_api_route(path, _health, methods=["GET"])
    _say_what_is_wrong(app)
    return app


async def _health() -> Mapping[str, str]:
    """Say that the console answers; it has nothing to wait for, and pages say which service does not."""
    return {"service": "console", "status": "ok"}


async def _static_file(name: str) -> Response:
    path = (STATIC / name).resolve()
    if not path.is_file() or not path.is_relative_to(STATIC):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return FileResponse(path, media_type=guess_type(name)[0], headers={"Cache-Control": _KEPT_FOR_EVER})


def _say_what_is_wrong(app: FastAPI) -> None:
    """Add what is said where there is no page."""

    @app.exception_handler(SignedOut)
    async def signed_out(request: Request, error: SignedOut) -> Response:
        target = f"/sign-in?to={quote(str(error), safe='')}"
        if request.headers.get("hx-request") == "true":
            return Response(headers={"HX-Redirect": target})
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)

    @app.exception_handler(NotOurForm)
    async def not_ours(request: Request, _: NotOurForm) -> Response:
        return _refusal(
            request,
            HTTPStatus.FORBIDDEN,
            "Not done",
            "The form is not from a page of this session, or too long. Open the page again and send it from there.",
        )

    @app.exception_handler(ProblemAnswered)
    async def problem(request: Request, error: ProblemAnswered) -> Response:
        title = "Not here" if error.status == HTTPStatus.NOT_FOUND else "Not done"
        return _refusal(request, error.status, title, _in_words(error), error.trace_id)

    @app.exception_handler(httpx.HTTPError)
    async def silent(request: Request, error: httpx.HTTPError) -> Response:
        _LOG.warning("service-silent", error=type(error).__name__)
        return _refusal(
            request,
            HTTPStatus.BAD_GATEWAY,
            "A service does not answer",
            "Nothing is known to have been done. Other pages work; try this one again in a moment, and look at its "
            "state before you repeat a change.",
        )

    @app.exception_handler(Exception)
    async def defect(request: Request, error: Exception) -> Response:
        _LOG.error("page-failed", error=type(error).__name__, path=getattr(request.scope.get("route"), "path", ""))
        return _refusal(
            request,
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "This page failed",
            "It is a defect of the console; nothing was changed by looking. Tell whoever keeps the services going.",
        )

    @app.exception_handler(RequestValidationError)
    @app.exception_handler(HTTPException)
    async def no_page(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        return _refusal(request, status, "Not here", "There is no such page; the list on the left shows what there is.")


def _in_words(error: ProblemAnswered) -> str:
    detail = error.detail or error.slug.replace("-", " ")
    return f"{detail[:1].upper()}{detail[1:]}."


def _refusal(request: Request, status: int, title: str, text: str, trace_id: str = "") -> Response:
    session = session_of(request)
    settings: Settings = request.app.state.console.settings
    values = {
        "title": title,
        "text": text,
        "trace_id": trace_id,
        "person": session.person if session else None,
        "form_token": session.form_token if session else "",
        "here": request.scope["path"],
        "environment": settings.environment,
        "zone": settings.zone,
        "now": now(),
        "unanswered": (),
        "told": (),
        "is_part": request.headers.get("hx-request") == "true",
    }
    return HTMLResponse(render("refusal.html", values), status)


def configured() -> FastAPI:
    """Return the console that the environment describes. **Errors**: `BadSettings`, `NoProvider`."""
    settings = Settings.read(PREFIX)
    sign_in = DevelopmentSignIn(
        settings.issuer_file, settings.issuer, settings.tenant_id, environment=settings.environment
    )
    return console(settings, sign_in)
