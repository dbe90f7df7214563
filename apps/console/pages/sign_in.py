"""Signing in and out: what comes before every page, and after it."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from apps.console.desk import AtDesk, NotOurForm, SentForm, console_of, fields_of, is_from_here
from apps.console.rendering import render
from apps.console.roles import ROLES
from apps.console.sessions import COOKIE
from apps.console.sign_in import NotAdmitted
from shared.runtime.clock import now

ROUTER: Final = APIRouter(include_in_schema=False)


@ROUTER.get("/sign-in")
async def ask(request: Request, to: str = "/") -> Response:
    """Ask who is there."""
    return _asking(request, to=to)


@ROUTER.post("/sign-in")
async def admit(request: Request) -> Response:
    """Begin a session, and go on to where the person wanted to go."""
    fields = {name: values[0] for name, values in (await fields_of(request)).items()}
    if not is_from_here(request):
        raise NotOurForm
    console, at = console_of(request), now()
    try:
        person = console.sign_in.admit(fields, at)
    except NotAdmitted as refused:
        return _asking(request, to=fields.get("to", "/"), given=fields, wrong=str(refused), status=422)
    answer = RedirectResponse(_ours(fields.get("to", "/")), 303)
    answer.set_cookie(COOKIE, console.sessions.begin(person, at), secure=True, httponly=True, samesite="lax")
    return answer


@ROUTER.post("/sign-out")
async def leave(request: Request, desk: AtDesk, _: SentForm) -> Response:
    """End the session."""
    desk.console.sessions.end(request.cookies[COOKIE])
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")
    return answer


def _ours(path: str) -> str:
    """Return a path of ours; another host's address leads home."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _asking(
    request: Request, *, to: str, given: dict[str, str] | None = None, wrong: str = "", status: int = 200
) -> Response:
    fields = given or {}
    values = {
        "to": to,
        "roles": ROLES.values(),
        "account": fields.get("account", ""),
        "chosen": fields.get("role", "manager"),
        "wrong": wrong[:1].upper() + wrong[1:],
        "person": None,
        "here": "/sign-in",
        "environment": console_of(request).settings.environment,
        "unanswered": (),
        "told": (),
        "is_part": False,
    }
    return HTMLResponse(render("sign_in.html", values), status)
