"""The page over HTTP: what is shown, what a trainer may drive, and who may ask for it.

Owns: headers, forms and the check that a form was sent from this page. Refuses: scripts, anything of another host,
and to stop the mailbox: pages are made on a thread, and wait for no interchange. Next: `claims.py`.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from apps.simulator.clock import NotASpan, span
from apps.simulator.door import Door
from apps.simulator.front import Front
from apps.simulator.page import answers, checks, claims
from apps.simulator.page.members import Roll
from apps.simulator.page.paging import cursor
from apps.simulator.page.rendering import STYLE, moment, render
from apps.simulator.scenario import SCENARIOS, UnknownScenario, scenario_of
from apps.simulator.settings import Settings
from shared.kernel.dates import local_day

_ROWS_MAX: Final = 50
_NEWEST: Final = 10  # of each list on the first page
_FORM_BYTES_MAX: Final = 10_000
_TEXT_MAX: Final = 80
_OURS: Final = re.compile(r"(?:claims|members|scenarios|answers|checks|(?:claim|answer|check)\?row=\d{1,12})")
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with no-referrer, forms would come without their origin
    "X-Content-Type-Options": "nosniff",
}
Values: TypeAlias = dict[str, Any]


def page(front: Front, door: Door, settings: Settings) -> APIRouter:
    """Return the routes of the page. **Shape**: who changes the front goes through the `door`."""
    router = APIRouter(include_in_schema=False)
    desk = _Desk(front, door, Roll(front), min(_ROWS_MAX, settings.page_size_max))
    _lists(router, desk)
    _single(router, desk)
    _forms(router, desk)
    return router


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every page is made from."""

    front: Front
    door: Door
    roll: Roll
    rows_max: int

    async def shown(self, here: str, make: Callable[[], Values | None], *, status: int = 200) -> Response:
        """Return a page. **Shape**: `here` names its template and its place; nothing made is a 404."""
        if not self.door.is_closed and self.front.is_behind:
            await self.door.through(self.front.catch_up)
        return await asyncio.to_thread(self._made, here, make, status)

    def _made(self, here: str, make: Callable[[], Values | None], status: int) -> Response:
        template, values = here.partition("?")[0], make()
        if values is None:
            here, template, status = "", "refusal", HTTPStatus.NOT_FOUND
            values = {"title": "Not here", "error": "There is nothing at this address; the lists show what there is."}
        front, zone = self.front, self.front.office.zone
        frame = {
            "here": here,
            "now": moment(front.clock.now(), zone),
            "zone": zone,
            "down_until": moment(front.down_until, zone) if front.is_down else "",
            "is_working": self.door.is_closed,
            "error": "",
            "by": "14d",
        }
        text = render(f"{template or 'first'}.html", frame | values)
        return HTMLResponse(text, status, headers=_HEADERS)

    def first(self) -> Values:
        """Return what the first page shows."""
        office = self.front.office
        return {
            "tallies": claims.tallies(office),
            "found": claims.find(office, claims.Wanted(), min(_NEWEST, self.rows_max)),
            "mail": answers.answers(office, 0, min(_NEWEST, self.rows_max)),
        }

    def claims(self, wanted: claims.Wanted) -> Values:
        """Return what the list of claims shows."""
        return {"wanted": wanted, "found": claims.find(self.front.office, wanted, self.rows_max)}


def _lists(router: APIRouter, desk: _Desk) -> None:
    """Add the lists."""
    front = desk.front

    @router.get("/")
    async def first() -> Response:
        return await desk.shown("", desk.first)

    @router.get("/claims")
    async def list_claims(state: str = "", before: str = "") -> Response:
        wanted = claims.Wanted(state=state, before=cursor(before))
        return await desk.shown("claims", lambda: desk.claims(wanted))

    @router.get("/members")
    async def list_members(before: str = "") -> Response:
        def made() -> Values:
            today = local_day(front.clock.now(), front.office.zone)
            return {"found": desk.roll.page(cursor(before), desk.rows_max, today)}

        return await desk.shown("members", made)

    @router.get("/scenarios")
    async def list_scenarios() -> Response:
        return await desk.shown("scenarios", lambda: _choosing(front.office.directory.mix, {}))

    @router.get("/answers")
    async def list_answers(before: str = "") -> Response:
        return await desk.shown(
            "answers", lambda: {"mail": answers.answers(front.office, cursor(before), desk.rows_max)}
        )

    @router.get("/checks")
    async def list_checks(before: str = "") -> Response:
        return await desk.shown("checks", lambda: {"found": checks.checks(front.office, cursor(before), desk.rows_max)})


def _single(router: APIRouter, desk: _Desk) -> None:
    """Add the pages about one thing, and what they look like."""
    front = desk.front

    @router.get("/claim")
    async def claim(row: str = "", number: str = "") -> Response:
        def made() -> Values | None:
            office = front.office
            found = claims.view(office, row=cursor(row), payer_claim_number=number)
            if found is None:
                return None
            numbers = (found.claim.number, found.claim.payer_claim_number)
            return {"view": found, "naming": answers.naming(office, numbers, found.claim.received_on)}

        return await desk.shown(f"claim?row={cursor(row)}" if cursor(row) else "claim", made)

    @router.get("/answer")
    async def answer(row: str = "", at: str = "") -> Response:
        def made() -> Values | None:
            found = answers.reading(front.office, cursor(row), cursor(at))
            return {"reading": found} if found else None

        return await desk.shown(f"answer?row={cursor(row)}", made)

    @router.get("/check")
    async def check(row: str = "", number: str = "", at: str = "") -> Response:
        place = cursor(row) or cursor(number.removeprefix("SIM"))

        def made() -> Values | None:
            found = checks.view(front.office, place, cursor(at), desk.rows_max)
            return {"view": found} if found else None

        return await desk.shown(f"check?row={place}", made)

    @router.get("/page.css")
    async def style() -> Response:
        return Response(STYLE, media_type="text/css", headers=_HEADERS)


def _forms(router: APIRouter, desk: _Desk) -> None:
    """Add what a trainer may drive, and the search, whose text is nothing for an address."""
    front = desk.front

    @router.post("/claims")
    async def search(request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return await _refused(desk)
        text = form.get("text", "").strip()[:_TEXT_MAX]
        wanted = claims.Wanted(state=form.get("state", ""), text=text, before=cursor(form.get("before", "")))
        return await desk.shown("claims", lambda: desk.claims(wanted))

    @router.post("/advance")
    async def advance(request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return await _refused(desk)
        by, back = form.get("by", ""), form.get("back", "")
        try:
            jump = span(by)
            await desk.door.through(lambda: front.advance(jump))
        except NotASpan as error:
            said = {"error": f"Not advanced: {error}.", "by": by[:_TEXT_MAX]}
            return await desk.shown("", lambda: desk.first() | said, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return _see(back if _OURS.fullmatch(back) else "./")

    @router.post("/scenarios")
    async def choose(request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return await _refused(desk)
        payer_id, member_id = form.get("payer_id", "").strip(), form.get("member_id", "").strip()
        name, code = form.get("scenario", ""), form.get("code", "").strip()
        wrong = _wrong(payer_id, member_id, name, code)
        if not wrong:
            await desk.door.through(lambda: front.enroll(payer_id, member_id, name + code))
            return _see("members")
        said = {"error": f"Nothing chosen: {wrong}."}
        mix = front.office.directory.mix
        return await desk.shown(
            "scenarios", lambda: _choosing(mix, form) | said, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )


def _wrong(payer_id: str, member_id: str, scenario: str, code: str) -> str:
    """Return what is wrong with a choice, empty where nothing is."""
    if not payer_id or not member_id:
        return "name the payer and the member"
    if max(len(payer_id), len(member_id)) > _TEXT_MAX:
        return f"an id has at most {_TEXT_MAX} characters"
    if scenario not in SCENARIOS:
        return "choose a scenario of the table"
    try:
        scenario_of(scenario + code)
    except UnknownScenario as unknown:
        return str(unknown)
    return ""


def _choosing(mix: Mapping[str, int], form: Mapping[str, str]) -> Values:
    chosen = {name: form.get(name, "") for name in ("payer_id", "member_id", "scenario", "code")}
    return {"scenarios": SCENARIOS.values(), "mix": mix, "chosen": chosen}


async def _form(request: Request) -> Mapping[str, str] | None:
    """Return the fields of a form of ours, None for one that another site sent, or a program that says nothing."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
    is_ours = (
        site == "same-origin" if site else bool(origin) and origin.partition("://")[2] == request.headers.get("host")
    )
    if not is_ours:
        return None
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > _FORM_BYTES_MAX:
            return None
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def _refused(desk: _Desk) -> Response:
    said = {"title": "Not done", "error": "A form is taken from this page alone, and only a short one: open the page."}
    return await desk.shown("refusal", lambda: said, status=HTTPStatus.FORBIDDEN)


def _see(where: str) -> Response:
    """Return the way to a page of ours, from beside it."""
    return RedirectResponse(where, HTTPStatus.SEE_OTHER, headers=_HEADERS)
