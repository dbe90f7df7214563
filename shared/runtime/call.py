"""One request as a route sees it: the caller, the time, the service that answers.

Owns: `Call`, which is all that a route may ask for, and the check of token, scope and headers behind it. `CallAsOf` is
for a route that also tells what was known at an earlier instant: its rows are those of then. Refuses: turning failures
into answers (`http.py`). Next: `services/registration/api` uses it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias, TypeVar
from uuid import NAMESPACE_URL

from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from msgspec import json

from shared.events.envelope import Envelope, Event
from shared.kernel.consistency_token import CONSISTENCY, merged
from shared.kernel.errors import Malformed
from shared.kernel.identifiers import named_id
from shared.kernel.projection import AnyProjection, Projection
from shared.runtime import clock
from shared.runtime.access import Access
from shared.runtime.consistent_reads import asked_of
from shared.runtime.engine import Engine, Page
from shared.runtime.files import File
from shared.runtime.history import instant_of, recorded, rows_then
from shared.runtime.host import Host
from shared.runtime.pages import cursor_after, key_before, spot_before
from shared.runtime.read_models import column_types
from shared.runtime.request_rate import RequestRate
from shared.runtime.retiring import headers_of
from shared.runtime.store import Choice, Order, RowPlace, Sum, Summing, table_name
from shared.runtime.tokens import Caller, Forbidden, Unauthenticated
from shared.runtime.told_headers import tell
from shared.runtime.unit import Idempotency, Unit

Row = TypeVar("Row")
Value = TypeVar("Value")

IDEMPOTENCY_KEY_CHARACTERS_MAX: Final = 255
WORD_CHARACTERS_MAX: Final = 1_000
"""Of a word in the path or the query: a database or a log could not keep longer ones, nor control characters."""
WORD_PATTERN: Final = r"^[^\x00-\x1f\x7f]*$"
_WORD: Final = re.compile(rf"[^\x00-\x1f\x7f]{{0,{WORD_CHARACTERS_MAX}}}")
VERSION_DIGITS_MAX: Final = 18
VALIDATE_ONLY: Final = "Validate-Only"
_QUOTED_KEY: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_ESCAPED: Final = re.compile(r'\\(["\\])')
_BARE_KEY: Final = re.compile(r"[!#-\[\]-~]+")


class BadHeader(Malformed):
    """A header cannot be read."""

    slug = "bad-header"


class PreconditionRequired(Malformed):
    """The route changes an object that is there, and the request does not say which version its caller saw."""

    slug = "precondition-required"


class IfMatchNotOffered(Malformed):
    """The route changes no object that is there before, so that there is nothing to match."""

    slug = "if-match-not-offered"


class IdempotencyKeyMissing(Malformed):
    """A repeat of the request would make another object, or move money again, and nothing tells it from a new one."""

    slug = "idempotency-key-missing"


class ValidateOnlyNotOffered(Malformed):
    """A route that cannot say what it would answer is asked to."""

    slug = "validate-only-not-offered"


class BadValidateOnly(Malformed):
    """Whether to write is true or false."""

    slug = "bad-validate-only"


class AsOfNotOffered(Malformed):
    """A route that tells only the present is asked as of an instant."""

    slug = "as-of-not-offered"


@dataclass(slots=True, kw_only=True)
class OneCall:
    """One request, or one line of a bulk request: who asks, when, and the service that answers.

    **Shape**: `route` as the route table names it, `words` those of its path; `line` is the key of the line that the
    call is about; `added` counts facts, `version` is what the ETag says. With `validate_only` commands are decided and
    nothing is written; rows are told as the commands would leave them.
    """

    engine: Engine
    access: Access
    caller: Caller
    now: datetime
    route: str
    words: Mapping[str, str] = field(default_factory=dict)
    response: Response
    expected_version: int | None = None
    idempotency: Idempotency | None = None
    correlation_id: str = ""
    as_of: datetime | None = None
    line: str = ""
    added: int = 0
    version: int = 0
    validate_only: bool = False
    _token: str = ""
    _ids: int = field(default=0)
    _rows_after: dict[RowPlace, Any] = field(default_factory=dict)

    def new_id(self) -> str:
        """Return an id that nobody has; under a key the same at every repeat."""
        key = self.idempotency.key if self.idempotency else self.line
        if not key:
            return clock.new_id()
        self._ids += 1
        return self.id_under(key, self._ids)

    def id_under(self, key: str, number: int = 1) -> str:
        """Return an id that follows from a key of the caller's, and from the route that it was sent to."""
        return named_id(NAMESPACE_URL.bytes, f"{self.caller.tenant_id}\x1f{self.route}\x1f{key}\x1f{number}")

    async def handle(self, command: object, *more: object, files: tuple[File, ...] = ()) -> Any:  # noqa: ANN401
        """Return the new state of the last command's stream; of a repeat under a key with the status of the first.

        The ETag is the version of that stream, or of the one that the route table names; the Consistency-Token says
        where to find what all units of the call added. **Errors**: those of `Engine.handle`.
        """
        outcome = await self.engine.handle(
            self.caller.tenant_id,
            self.caller.actor,
            command,
            *more,
            files=files,
            at=self.now,
            expected_version=self.expected_version,
            idempotency=self._idempotency(),
            correlation_id=self.correlation_id,
            validate_only=self.validate_only,
        )
        self.added += outcome.added
        self._rows_after.update(outcome.rows)
        if outcome.status:
            self.response.status_code = outcome.status
        if self.stream in {"", outcome.stream}:
            self.tell_version(outcome.version)
        else:
            await self.tell_version_of(self.stream)
        if outcome.token:
            self._token = merged(self._token, outcome.token) if self._token else outcome.token
            self.response.headers[CONSISTENCY] = self._token
        return outcome.state

    def _idempotency(self) -> Idempotency | None:
        """Return the key with the status that is kept under it: the one that stands when the command is handed over."""
        if self.idempotency is None or not self.response.status_code:
            return self.idempotency
        return replace(self.idempotency, status=self.response.status_code)

    def ask_for_key(self, instead: str) -> None:
        """Refuse a request that nothing names, so that a repeat would make another object.

        **Shape**: `instead` says what else would do. **Errors**: `IdempotencyKeyMissing`.
        """
        if self.idempotency is None:
            raise IdempotencyKeyMissing(f"send an Idempotency-Key of your own making, or {instead}")

    def unit(self, command: object, *, files: tuple[File, ...] = ()) -> Unit:
        """Return a command as one of several that the engine takes at once, each for itself."""
        return Unit(
            tenant_id=self.caller.tenant_id,
            actor=self.caller.actor,
            commands=(command,),
            ids=iter(clock.new_id, ""),
            now=self.now,
            correlation_id=self.correlation_id,
            files=files,
            validate_only=self.validate_only,
        )

    def of_line(self, key: str) -> "OneCall":
        """Return the call of one line of a request: its ids follow from the line's key, and its headers go nowhere."""
        return replace(self, response=Response(), line=key, added=0, version=0, _token="", _ids=0, _rows_after={})

    @property
    def stream(self) -> str:
        """Return the stream of the object that the request is about, empty where the route table names none."""
        return self.access.version_of.format(**self.words)

    def tell_version(self, version: int) -> None:
        """Put the version that the next command about the object should name into the ETag."""
        self.version = version
        self.response.headers["ETag"] = f'"{version}"'

    async def tell_version_of(self, stream: str) -> None:
        """Put the version of a stream, now or as of the instant that is asked about, into the ETag.

        Call it before reading what is shown: who saw an older state than its version would overwrite a change unseen.
        """
        self.tell_version(await self.engine.store.version(self.caller.tenant_id, stream, until=self.as_of))

    async def row(self, projection: Projection[Row, Any], key: str) -> Row | None:
        """Return one row of a read model, None where there is none.

        As of an instant it is the row of then, and None for facts of other services.
        """
        place = (table_name(projection), (self.caller.tenant_id, key))
        if place in self._rows_after:
            found: Row | None = self._rows_after[place]
            return found
        if self.as_of is None:
            return await self.engine.row(projection, self.caller.tenant_id, key)
        if projection.source == "foreign":
            return None
        return (await rows_then(self.engine, projection, self.caller.tenant_id, [key], self.as_of))[key]

    async def rows_by_key(self, projection: Projection[Row, Any], keys: Collection[str]) -> Mapping[str, Row]:
        """Return those rows of a read model that exist now."""
        return await self.engine.store.rows_by_key(projection, self.caller.tenant_id, keys) if keys else {}

    async def rows(
        self,
        projection: Projection[Row, Any],
        *,
        where: Mapping[str, object] | None = None,
        after: str | None = None,
        rows_max: int = 500,
    ) -> tuple[Row, ...]:
        """Return rows of a read model whose filters have given values, by key.

        As of an instant they are the rows of then; ask by what no fact changes, such as whose they are.
        """
        found = await self.engine.store.select(
            projection, self.caller.tenant_id, where=where or {}, after=after, rows_max=rows_max
        )
        if self.as_of is None:
            return tuple(row for _, row in found)
        keys = [key for key, _ in found]
        then = await rows_then(self.engine, projection, self.caller.tenant_id, keys, self.as_of)
        return tuple(row for row in then.values() if row is not None)

    async def facts(self, stream: str) -> Sequence[tuple[Envelope, Event | None]]:
        """Return the facts of a stream, opened, oldest first: all, or those up to the instant that is asked as of.

        **Errors**: `HistoryTooLong`.
        """
        return await self.engine.opened(await recorded(self.engine, self.caller.tenant_id, [stream], until=self.as_of))

    async def sums(self, projection: AnyProjection, summing: Summing, *, where: Mapping[str, object]) -> Sequence[Sum]:
        """Return what rows come to, by value."""
        return await self.engine.store.sums(projection, self.caller.tenant_id, summing, where=where)

    async def totals(
        self, projection: AnyProjection, choices: Sequence[Choice], days: tuple[date, date]
    ) -> Sequence[Sum]:
        """Return what the rows of each choice come to, in the order of choices."""
        return await self.engine.store.totals(projection, self.caller.tenant_id, choices, days)

    async def counts(
        self, projection: AnyProjection, *, by: str, where: Mapping[str, object] | None = None
    ) -> Mapping[str, int]:
        """Return how many rows have each value of a filter."""
        return await self.engine.counts(projection, self.caller.tenant_id, by=by, where=where)

    def sent(self, content: bytes, media_type: str) -> Response:
        """Return bytes as an answer, with the headers that every answer of ours has."""
        return Response(content, headers=dict(self.response.headers), media_type=media_type)

    async def file(self, sha256_hex: str) -> bytes:
        """Return a stored file. **Errors**: `FileNotFound`."""
        return await self.engine.file(self.caller.tenant_id, sha256_hex)

    async def number(self, sequence: str) -> int:
        """Return the next number of a sequence; 0, and none is drawn, where nothing is written."""
        if self.validate_only:
            return 0
        return await self.engine.store.number(self.caller.tenant_id, sequence)

    def resource(self, kind: type[Value]) -> Value:
        """Return what the service was built with: tables, settings."""
        found = self.engine.service.resources[kind]
        if not isinstance(found, kind):
            raise TypeError(f"the service has no {kind.__name__}")
        return found


@dataclass(slots=True, kw_only=True)
class RequestCall(OneCall):
    """A request of its own, with what a line has not: a body, headers, and a place in a list."""

    request: Request

    async def page(
        self,
        projection: Projection[Row, Any],
        *,
        where: Mapping[str, object] | None = None,
        cursor: str | None = None,
        page_size: int = 100,
    ) -> Page[Row]:
        """Return one page of a read model. **Shape**: filters that are None do not count. **Errors**: `BadCursor`."""
        asked = {name: value for name, value in (where or {}).items() if value is not None}
        return await self.page_in_order(projection, None, where=asked, cursor=cursor, page_size=page_size)

    async def page_in_order(
        self,
        projection: Projection[Row, Any],
        order: Order | None,
        *,
        where: Mapping[str, object],
        cursor: str | None,
        page_size: int,
    ) -> Page[Row]:
        """Return one page of a read model, without an order by key.

        **Shape**: a filter that is None asks for rows without a value. **Errors**: `BadCursor`.
        """
        if order is None:
            before = None if cursor is None else key_before(cursor, self.request, pattern=WORD_PATTERN)
            found = await self.engine.page(
                projection, self.caller.tenant_id, where=where, after=before, page_size=page_size
            )
            return Page(found.items, None if found.next is None else cursor_after(found.next, self.request))
        kind = column_types(projection)[order.by]
        after = None if cursor is None else spot_before(cursor, self.request, pattern=WORD_PATTERN, kind=kind)
        items, end = await self.engine.ordered_page(
            projection, self.caller.tenant_id, order, where=where, after=after, page_size=page_size
        )
        return Page(items, None if end is None else cursor_after(end.key, self.request, end.value))


async def authenticated(request: Request, response: Response) -> RequestCall:
    """Return the call of a request, a read with a token once its facts are here.

    **Errors**: `Unauthenticated`, `TooManyRequests`, `Forbidden`, `AsOfNotOffered`, `PreconditionRequired`,
    `IfMatchNotOffered`, `IdempotencyKeyMissing`, `BadHeader`, `ValidateOnlyNotOffered`, `BadValidateOnly`, those of
    `AskedConsistency.wait`.
    """
    app = request.app
    host: Host = app.state.host
    now = clock.now()
    header = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("send a bearer token in the Authorization header")
    caller = host.verifier.caller(token, now)
    rate: RequestRate | None = app.state.request_rate
    if rate is not None:
        rate.take((caller.tenant_id, caller.actor.id), request.scope)
    name = f"{request.method} {request.scope['route'].path}"
    access: Access = app.state.access[name]
    if access.deprecated_on is not None:
        tell(request.scope, headers_of(access, request.scope.get("root_path", "")))
    if access.scope not in caller.scopes:
        raise Forbidden(f"this needs the scope {access.scope}")
    if request.scope["query_string"] and not access.as_of and "as_of" in request.query_params:
        raise AsOfNotOffered("this route tells the present only; docs/api.md says which ones can look back")
    _refuse_unspeakable(request)
    validate_only = _validate_only(request, access)
    if validate_only:
        response.headers[VALIDATE_ONLY] = "true"
    asked = asked_of(request.scope)
    if asked and not access.does:
        await asked.wait(host.engine.consistency, caller.tenant_id)
    correlation_id = getattr(request.state, "correlation_id", None) or clock.new_id()
    request.state.correlation_id = correlation_id
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Correlation-Id"] = correlation_id
    return RequestCall(
        engine=host.engine,
        access=access,
        caller=caller,
        now=now,
        route=name,
        words=request.path_params,
        request=request,
        response=response,
        expected_version=_expected_version(request, access),
        idempotency=await _idempotency(request, name, access, host.engine),
        correlation_id=correlation_id,
        validate_only=validate_only,
    )


Call: TypeAlias = Annotated[RequestCall, Depends(authenticated)]
AsOf: TypeAlias = Annotated[
    str | None,
    Query(description="An instant, ISO 8601 with its offset: what the facts recorded up to then make of it."),
]


async def looking_back(call: Call, as_of: AsOf = None) -> RequestCall:
    """Return the call, with rows of an earlier instant if it names one, and the version of the object in the ETag.

    **Errors**: `BadInstant`, `FutureInstant`.
    """
    if as_of is not None:
        call.as_of = call.request.state.as_of = instant_of(as_of, call.now)
        call.response.headers["As-Of"] = call.as_of.isoformat()
        if call.access.left_out:
            call.response.headers["As-Of-Left-Out"] = call.access.left_out
    if call.stream:
        await call.tell_version_of(call.stream)
    return call


CallAsOf: TypeAlias = Annotated[RequestCall, Depends(looking_back)]


def _refuse_unspeakable(request: Request) -> None:
    """Refuse words of the address that nothing is called. **Errors**: `RequestValidationError`, as the framework."""
    said = [("path", *each) for each in request.path_params.items()]
    if request.scope["query_string"]:
        said += [("query", *each) for each in request.query_params.multi_items()]
    wrong = [
        {
            "loc": (where, name),
            "type": "string_pattern_mismatch" if len(word) <= WORD_CHARACTERS_MAX else "string_too_long",
        }
        for where, name, word in said
        if not _WORD.fullmatch(word)
    ]
    if wrong:
        raise RequestValidationError(wrong)


def _validate_only(request: Request, access: Access) -> bool:
    """Return whether nothing is to be written. **Errors**: `ValidateOnlyNotOffered`, `BadValidateOnly`."""
    if not request.scope["query_string"] or "validate_only" not in request.query_params:
        return False
    if not access.validates:
        raise ValidateOnlyNotOffered("this route cannot say what it would do; docs/api.md says which ones can")
    asked = request.query_params["validate_only"]
    if asked not in {"true", "false"}:
        raise BadValidateOnly("validate_only is true or false")
    return asked == "true"


def _expected_version(request: Request, access: Access) -> int | None:
    """Return the version that the caller saw, None for whichever there is."""
    if_match = request.headers.get("if-match")
    if if_match is None:
        if access.changes:
            raise PreconditionRequired(
                "send If-Match with the ETag that the last answer about this object had, or * for whatever stands there"
            )
        return None
    text = if_match.strip()
    if text == "*" or request.method != "POST":
        return None
    if not access.changes:
        raise IfMatchNotOffered("this route changes no object that is there before; leave If-Match out")
    text = text.strip('"')
    if not (text.isascii() and text.isdecimal() and len(text) <= VERSION_DIGITS_MAX):
        raise BadHeader("If-Match is the ETag of the last answer, a number in quotes, or *")
    return int(text)


async def _idempotency(request: Request, route: str, access: Access, engine: Engine) -> Idempotency | None:
    if request.method != "POST":
        return None
    header = request.headers.get("idempotency-key")
    if header is None:
        if access.keyed:
            raise IdempotencyKeyMissing("send an Idempotency-Key of your own making, and the same one with each repeat")
        return None
    if access.bulk:
        raise BadHeader("leave Idempotency-Key out: each line has a key of its own")
    key = _key(header.strip())
    query = request.url.remove_query_params("validate_only").query  # what would be answered is asked about the same
    described = f"{request.url.path}?{query}".encode() + b"\0" + _canonical(request, await request.body())
    tenant_less = sha256(described).hexdigest()  # hashed again under a secret key below: bodies hold names
    await engine.vault.prepare_index("")
    usual: APIRoute = request.scope["route"]
    return Idempotency(
        route=route,
        key=key,
        body_hmac=engine.vault.index("", tenant_less),
        status=usual.status_code or HTTPStatus.OK,
    )


def _key(text: str) -> str:
    """Return a key that came as a token or as a quoted string of RFC 9651."""
    quoted = _QUOTED_KEY.fullmatch(text)
    key = _ESCAPED.sub(r"\1", quoted[1]) if quoted else text
    if not 0 < len(key) <= IDEMPOTENCY_KEY_CHARACTERS_MAX or not (quoted or _BARE_KEY.fullmatch(key)):
        raise BadHeader(
            "Idempotency-Key has 1 to 255 characters, printable ASCII, in quotes or without quotes and spaces"
        )
    return key


def media_type_of(request: Request) -> str:
    """Return what a request says that its body is; empty where it says nothing."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _canonical(request: Request, body: bytes) -> bytes:
    """Return a body as it is compared: JSON without its spaces and the order of its fields, all else byte for byte."""
    if media_type_of(request) != "application/json":
        return body
    try:
        return json.encode(json.decode(body), order="sorted")
    except (ValueError, RecursionError):  # no JSON: the route says so
        return body
