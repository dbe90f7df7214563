"""The clearinghouse's front door: routes, start and refusal to start. `python -m apps.simulator.main` runs it alone.

Owns: HTTP. Whatever changes the office goes through its door, and on a thread, so that the mailbox stays open during a
large interchange. Refuses: production, where a simulated payment would look like money. Next: `front.py`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Final

import structlog
import uvicorn
from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.base import RequestResponseEndpoint

from apps.simulator.book import BookPages
from apps.simulator.carriers.counter import Counter
from apps.simulator.carriers.opening import open_carriers, refuse_carriers
from apps.simulator.clock import NotASpan, span
from apps.simulator.door import Door
from apps.simulator.front import Front
from apps.simulator.office import KeyTaken
from apps.simulator.outcomes import Outcomes
from apps.simulator.page.routes import page
from apps.simulator.scenario import UnknownScenario
from apps.simulator.settings import PREFIX, Settings
from shared.kernel.errors import KnownError, Malformed, Rejected
from shared.runtime.clock import now
from shared.runtime.serving import KEEP_ALIVE_SECONDS

_LOG = structlog.get_logger("simulator")
_PROBLEM: Final = "application/problem+json"
_PARTNERS: Final = ("/interchanges", "/mailbox")  # what senders use; trainers are always answered
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class NotForProduction(Rejected):
    """The simulator was started where real claims are sent."""

    slug = "simulator-not-for-production"


class InterchangeTooLarge(Malformed):
    """More bytes than one interchange may have."""

    slug = "simulator-interchange-too-large"


class Receipt(BaseModel):
    """That an interchange was received: `receipt` is the clearinghouse's number of it."""

    receipt: str


class MailEntry(BaseModel):
    """One file of the mailbox, without its bytes. **Units**: size in bytes."""

    id: str
    name: str
    size: int
    sha256: str


class MailPage(BaseModel):
    """What came after a cursor, in order of arrival; `next` is where to go on from."""

    files: tuple[MailEntry, ...]
    next: str


class Clock(BaseModel):
    """What time it is here."""

    now: datetime


class Advance(BaseModel):
    """How far to jump ahead: a number with s, m, h, d or w behind it, such as 14d."""

    model_config = ConfigDict(extra="forbid")
    by: str


class Outage(BaseModel):
    """How long nobody who sends or fetches is answered, as in `Advance`."""

    model_config = ConfigDict(extra="forbid")
    span: str


class Enrolment(BaseModel):
    """What befalls the claims of a member: a prefix of the table, with digits behind DENY and AAA."""

    model_config = ConfigDict(extra="forbid")
    payer_id: str = Field(min_length=1)
    member_id: str = Field(min_length=1)
    scenario: str


class Chosen(BaseModel):
    """The scenario that was chosen."""

    scenario: str


class Health(BaseModel):
    """What this is; no real clearinghouse says `simulator`."""

    status: str = "ok"
    simulator: bool = True
    environment: str


def simulator(settings: Settings) -> FastAPI:
    """Return the simulator as a web application.

    **Errors**: `NotForProduction`, `CarrierNotReady`, `JournalOfOtherSettings`, `JournalOfOtherVersion`,
    `BadScenarioFile`.
    """
    if settings.environment == "production":
        raise NotForProduction("the simulator pays nobody: point the clearinghouse address at a real one")
    refuse_carriers(settings)
    front = Front(settings, real=now)
    door = Door()
    counter = Counter(front, door)

    @asynccontextmanager
    async def announced(_app: FastAPI) -> AsyncIterator[None]:
        receipts = len(front.office.receipts)
        _LOG.warning("simulator-started", simulator=True, note="no real payer is behind this", receipts=receipts)
        try:
            async with open_carriers(counter, settings):
                yield
        finally:
            await door.through(front.close)

    app = FastAPI(title="claimlog payer simulator", lifespan=announced)
    _explained(app)

    @app.post("/interchanges", status_code=201)
    async def receive(request: Request, key: Key, response: Response) -> Receipt:
        content = await _body(request, settings.interchange_bytes_max)
        taken = await counter.take_in(key, content)
        if not taken.is_new:
            response.status_code = 200
        return Receipt(receipt=taken.receipt)

    _driven(app, front, door)
    _readable(app, counter, settings)
    app.include_router(page(front, door, settings))
    return app


def _driven(app: FastAPI, front: Front, door: Door) -> None:
    """Add the routes by which time and members are driven."""

    @app.get("/clock")
    async def clock() -> Clock:
        return Clock(now=front.clock.now())

    @app.post("/clock/advance")
    async def advance(asked: Advance) -> Clock:
        by = span(asked.by)
        return Clock(now=await door.through(lambda: front.advance(by)))

    @app.post("/outage")
    async def outage(asked: Outage) -> Clock:
        lasts = span(asked.span)
        return Clock(now=await door.through(lambda: front.break_down(lasts)))

    @app.middleware("http")
    async def down(request: Request, call_next: RequestResponseEndpoint) -> Response:
        if front.is_down and _path(request).startswith(_PARTNERS):
            return _problem(503, "simulator-outage", "the clearinghouse is down; it comes back with its own time")
        return await call_next(request)

    @app.post("/members")
    async def enroll(asked: Enrolment) -> Chosen:
        member = await door.through(lambda: front.enroll(asked.payer_id, asked.member_id, asked.scenario))
        return Chosen(scenario=member.scenario.prefix + member.scenario.code)


def _explained(app: FastAPI) -> None:
    """Answer expected failures with a problem document."""

    @app.exception_handler(KeyTaken)
    async def conflict(_request: Request, error: KeyTaken) -> JSONResponse:
        return _problem(409, error.slug, str(error))

    @app.exception_handler(InterchangeTooLarge)
    async def too_large(_request: Request, error: InterchangeTooLarge) -> JSONResponse:
        return _problem(413, error.slug, str(error))

    @app.exception_handler(RequestValidationError)
    async def misread(_request: Request, error: RequestValidationError) -> JSONResponse:
        places = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
        return _problem(422, "simulator-malformed-request", f"mend {', '.join(places)}")  # values may be personal

    @app.exception_handler(NotASpan)
    @app.exception_handler(UnknownScenario)
    async def malformed(_request: Request, error: Malformed) -> JSONResponse:
        return _problem(422, error.slug, str(error))


def _readable(app: FastAPI, counter: Counter, settings: Settings) -> None:
    """Add the routes that only read; the mailbox stays open while an interchange is worked on."""
    front, door = counter.front, counter.door

    @app.get("/book")
    async def book() -> BookPages:
        return await door.through(front.book)  # in the middle of an interchange it would not add up

    @app.get("/outcomes")
    async def by_scenario() -> tuple[Outcomes, ...]:
        return await door.through(front.outcomes)

    @app.get("/interchanges/{key:path}", response_model=Receipt)
    async def probe(key: str) -> Receipt | JSONResponse:
        receipt = front.office.receipts.get(key)
        return Receipt(receipt=receipt.number) if receipt else _problem(404, "not-found", "no interchange has this key")

    @app.get("/mailbox")
    async def mailbox(after: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "") -> MailPage:
        files = tuple(
            MailEntry(id=mail.id, name=mail.name, size=mail.size, sha256=mail.sha256)
            for mail in await counter.list(after, settings.page_size_max)
        )
        return MailPage(files=files, next=files[-1].id if files else after)

    @app.get("/mailbox/{mail_id}", response_class=Response)
    async def fetch(mail_id: str) -> Response:
        content = counter.read(mail_id)
        if content is None:
            return _problem(404, "not-found", "no file of the mailbox has this id")
        return Response(content, media_type="application/edi-x12")

    @app.get("/healthz")
    async def healthz() -> Health:
        return Health(environment=settings.environment)


def _path(request: Request) -> str:
    """Return the path below where the simulator is mounted."""
    return request.url.path.removeprefix(request.scope.get("root_path", ""))


async def _body(request: Request, bytes_max: int) -> bytes:
    """Return the body, read no further than the limit. **Errors**: `InterchangeTooLarge`."""
    blocks, size = [], 0
    async for block in request.stream():
        size += len(block)
        if size > bytes_max:
            raise InterchangeTooLarge("an interchange has a limit: send it as several")
        blocks.append(block)
    return b"".join(blocks)


def _problem(status: int, slug: str, detail: str) -> JSONResponse:
    return JSONResponse({"type": slug, "status": status, "detail": detail}, status, media_type=_PROBLEM)


def configured() -> FastAPI:
    """Return the simulator as the environment configures it."""
    return simulator(Settings.read(PREFIX))


def main() -> None:
    """Run the simulator until it is stopped."""
    try:
        settings = Settings.read(PREFIX)
        application = simulator(settings)
    except KnownError as refused:
        raise SystemExit(f"{refused.slug}: {refused}") from None
    uvicorn.run(application, host=settings.host, port=settings.port, timeout_keep_alive=KEEP_ALIVE_SECONDS)


if __name__ == "__main__":
    main()
