"""Many objects in one request: one to a line, each decided alone, answered line by line while more arrive.

Owns: cutting what arrives into lines, how much of it is in hand at a time, one result per line in their order, and what
a line is answered that cannot be read. Refuses: knowing what a line means; its route says so in an `Intake`. A line is
answered once it is committed. Whoever loses the connection sends the same again: the id of a new object follows from
the key of its line, so that what is there is found (docs/adr/0019). Next: `services/coding/api/encounter.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar

from fastapi import Response
from msgspec import UNSET, Meta, Struct, UnsetType, json
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send
from structlog import get_logger

from shared.kernel.errors import KnownError, Malformed
from shared.runtime.access import NDJSON
from shared.runtime.call import OneCall, RequestCall, media_type_of
from shared.runtime.clock import new_id
from shared.runtime.common_answers import ShownOperation
from shared.runtime.kept_lines import keep_lines
from shared.runtime.lines import Line, lines_of
from shared.runtime.operation_routes import shown_operation
from shared.runtime.preferences import preferences_of
from shared.runtime.problems import told_of, told_of_defect, told_of_fields

_LOG = get_logger("bulk")
_GROUPS_IN_HAND: Final = 8  # while some are written, others are read; more would hold up the commands of others
_UNREAD_BYTES_MAX: Final = 64_000_000
_COMPONENT: Final = "#/components/schemas/{model}"

Item = TypeVar("Item", bound=BaseModel)
Shown = TypeVar("Shown")
Key: TypeAlias = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Field(
        description="What the sender calls this line; sent again, it finds what the first one made.", examples=["e-1"]
    ),
]


class NotNdjson(Malformed):
    """A bulk request is lines of JSON, and says so in its Content-Type."""

    slug = "not-ndjson"


class BulkTooLarge(Malformed):
    """A bulk request is larger than one may be; the lines before were taken."""

    slug = "bulk-too-large"


class ResultsNotRead(Malformed):
    """The sender of a bulk request reads no results while it sends; the lines before were taken."""

    slug = "results-not-read"


class Taken(Struct, frozen=True):
    """What a line led to.

    **Shape**: `created` False: it was there before; else `version` is what the ETag of a request of its own would say.
    """

    id: str
    created: bool
    version: int = 0


Answer: TypeAlias = Taken | Exception


_VERSION: Final = Meta(
    description="Of what was made: what `If-Match` names in the first change. Of what was there, read it.",
    examples=[1],
    ge=0,
)
_PROBLEM: Final = Meta(
    description="Why nothing was taken.", examples=[{"type": "/problems/patient-differs", "status": 409}]
)


class LineResult(Struct, frozen=True, omit_defaults=True):
    """What is answered to one line. **Shape**: `line` counts from 1; an id, or the problem that it has."""

    line: Annotated[int, Meta(description="Which line, from 1; empty ones do not count.", examples=[1], ge=1)]
    key: Annotated[str | None, Meta(description="What the sender calls it, where it could be read.", examples=["e-1"])]
    status: Annotated[int, Meta(description="201 made, 200 was there, else the problem's.", examples=[201])]
    id: (
        Annotated[str, Meta(description="The object's id.", examples=["0190f3c2-0000-7000-8000-000000000006"])]
        | UnsetType
    ) = UNSET
    version: Annotated[int, _VERSION] | UnsetType = UNSET
    problem: Annotated[dict[str, Any], _PROBLEM] | UnsetType = UNSET


@dataclass(frozen=True)
class Intake(Generic[Item]):
    """What a bulk route takes. **Shape**: `take` answers for each item, in order; what one meets is its own alone."""

    item: type[Item]
    take: Callable[[Sequence[Item], OneCall], Awaitable[Sequence[Answer]]]

    @cached_property
    def _read(self) -> Callable[[bytes], Item]:
        return TypeAdapter(self.item).validate_json

    @property
    def described(self) -> dict[str, Any]:
        """Return what the route says of itself: FastAPI reads no body of this kind, nor looks into the answer."""
        _, forms = json.schema_components((LineResult,))
        line = {"schema": self.item.model_json_schema(ref_template=_COMPONENT)}
        result = {"schema": forms["LineResult"]}
        told = {"description": "One result to a line, in their order.", "content": {NDJSON: result}}
        return {
            "status_code": HTTPStatus.MULTI_STATUS,
            "response_class": Response,
            "openapi_extra": {
                "requestBody": {"required": True, "description": "One object to a line.", "content": {NDJSON: line}}
            },
            "responses": {
                int(HTTPStatus.MULTI_STATUS): told,
                int(HTTPStatus.ACCEPTED): {
                    "description": "The operation that takes the lines.",
                    "model": ShownOperation,
                },
            },
        }

    async def taken(self, call: RequestCall) -> Response:
        """Return the answer of a bulk route, which takes the lines while it is sent.

        With `Prefer: respond-async` lines are kept, and the answer is the operation that takes them; what is only
        validated is answered at once all the same. **Errors**: `NotNdjson`, `BadPreference`.
        """
        if media_type_of(call.request) != NDJSON:
            raise NotNdjson(f"send one JSON object per line, with Content-Type: {NDJSON}")
        if "respond-async" not in preferences_of(call.request.headers) or call.validate_only:
            return _Results(self, call)
        begun = shown_operation(await keep_lines(call, call.request.stream()), call)
        place = f"{call.request.scope.get('root_path', '')}/v1/operations/{begun.operation_id}"
        headers = {**call.response.headers, "Location": place, "Preference-Applied": "respond-async"}
        return Response(begun.model_dump_json(), HTTPStatus.ACCEPTED, headers, "application/json")

    async def results(self, first: int, lines: Sequence[Line], call: OneCall) -> list[LineResult]:
        """Take lines, of which the first has that number; return what each is answered, once it is committed."""
        items: list[Item] = []
        read: list[Item | LineResult] = []
        for number, line in enumerate(lines, first):
            try:
                if isinstance(line, KnownError):
                    raise line
                item = self._read(line)
                items.append(item)
                read.append(item)
            except KnownError as error:
                read.append(_refused(number, None, told_of(error)))
            except ValidationError as error:
                read.append(_refused(number, _key_in(line), told_of_fields(error.errors())))
        answers = iter(await self.take(items, call))
        return [
            each if isinstance(each, LineResult) else _result(number, each, next(answers))
            for number, each in enumerate(read, first)
        ]


def one_by_one(
    route: Callable[[Item, OneCall], Awaitable[Shown]], id_of: Callable[[Shown], str]
) -> Callable[[Sequence[Item], OneCall], Awaitable[Sequence[Answer]]]:
    """Return the `take` of lines that go all at once to the function of the route for one."""

    async def one(line: Any, call: OneCall) -> Taken:  # noqa: ANN401 (a model that has a `key`)
        alone = call.of_line(line.key)
        shown = await route(line, alone)
        return Taken(id_of(shown), created=alone.added > 0, version=alone.version)

    async def each(lines: Sequence[Item], call: OneCall) -> Sequence[Answer]:
        found = await asyncio.gather(*(one(line, call) for line in lines), return_exceptions=True)
        return [_answer(answer) for answer in found]

    return each


def _answer(found: Taken | BaseException) -> Answer:
    if isinstance(found, Taken | Exception):
        return found
    raise found


def _result(number: int, item: Any, answer: Answer) -> LineResult:  # noqa: ANN401 (a model that has a `key`)
    match answer:
        case Taken():
            if answer.created:
                return LineResult(number, item.key, HTTPStatus.CREATED, id=answer.id, version=answer.version)
            return LineResult(number, item.key, HTTPStatus.OK, id=answer.id)
        case KnownError():
            return _refused(number, item.key, told_of(answer))
        case _:
            trace_id = new_id()
            _LOG.error("defect", trace_id=trace_id, kind=type(answer).__name__)
            return _refused(number, item.key, told_of_defect(trace_id))


def _refused(number: int, key: str | None, problem: dict[str, Any]) -> LineResult:
    return LineResult(number, key, problem["status"], problem=problem)


class _Keyed(Struct):
    key: str | None = None


def _key_in(line: object) -> str | None:
    """Return the key of a line that is wrong elsewhere, so that its sender knows which one it is."""
    try:
        return json.decode(line, type=_Keyed).key if isinstance(line, bytes) else None
    except ValueError:
        return None


class _Results(Response):
    """The results of a bulk request, sent while its lines are taken: reading waits for writing, never for the client.

    A client that reads no answer before all of its body is sent would else wait for us, and we for it.
    """

    def __init__(self, intake: Intake[Any], call: OneCall) -> None:
        super().__init__(None, HTTPStatus.MULTI_STATUS, dict(call.response.headers), NDJSON)
        del self.headers["content-length"]
        self._intake = intake
        self._call = call
        self._groups: asyncio.Queue[asyncio.Task[list[LineResult]] | None] = asyncio.Queue(_GROUPS_IN_HAND)
        self._unread: asyncio.Queue[bytes] = asyncio.Queue()
        self._unread_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take and answer one request. Whoever hangs up half-way sends the same again."""
        try:
            async with asyncio.TaskGroup() as jobs:
                jobs.create_task(self._collect())
                jobs.create_task(self._send(send))
                await self._read(jobs, Request(scope, receive).stream())
        except* ClientDisconnect:
            pass

    async def _read(self, jobs: asyncio.TaskGroup, chunks: AsyncIterator[bytes]) -> None:
        """Hand lines over, some at a time, until they end or there are too many."""
        number = 1
        over: list[Line] = []
        try:
            async for lines in lines_of(chunks):
                await self._groups.put(jobs.create_task(self._intake.results(number, lines, self._call)))
                number += len(lines)
                if self._unread_bytes > _UNREAD_BYTES_MAX:
                    over = [ResultsNotRead("read results while you send; send again from this line on")]
                    break
        except HTTPException:  # the limit of bodies
            over = [BulkTooLarge("more is sent at once than may be; send again from this line on")]
        if over:
            await self._groups.put(jobs.create_task(self._intake.results(number, over, self._call)))
        await self._groups.put(None)

    async def _collect(self) -> None:
        """Keep results in the order of their lines until the client takes them; an empty piece is the end."""
        while (group := await self._groups.get()) is not None:
            encoded = json.Encoder().encode_lines(await group)
            self._unread_bytes += len(encoded)
            self._unread.put_nowait(encoded)
        self._unread.put_nowait(b"")

    async def _send(self, send: Send) -> None:
        piece = await self._unread.get()  # before the head goes: a client that waits for "100 Continue" is asked first
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while piece:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            self._unread_bytes -= len(piece)
            piece = await self._unread.get()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
