"""The routes that every service has for records that it could not handle: look, try again, give one up.

Owns: what a person sees of them, payloads masked, and what stays parked and why. Refuses: bypassing the order of a key
(`releasing.py`). The log is opened only where a record's bytes lie there: an API is ready without it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from msgspec import DecodeError
from pydantic import BaseModel, ConfigDict, Field

from shared.events.envelope import Envelope
from shared.kernel.errors import NotFound
from shared.kernel.identifiers import UUID_PATTERN
from shared.runtime.access import Access
from shared.runtime.call import Call, OneCall
from shared.runtime.flush import StillNotHandled
from shared.runtime.hosting import LogOnDemand
from shared.runtime.keys import masked
from shared.runtime.releasing import RecordGone, discard, read, release_one
from shared.runtime.store import Parked

PARKED_ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/parked-records": Access(scope="operations.read", reads="parked"),
    "GET /v1/parked-records/{event_id}": Access(scope="operations.read", reads="parked"),
    "POST /v1/parked-records/{event_id}/releases": Access(scope="operations.write", does="Unpark → KeyReleased"),
    "POST /v1/parked-records/{event_id}/discards": Access(scope="operations.write", does="Unpark → RecordDiscarded"),
}
_ROWS_MAX: Final = 1_000
_ID: Final = f"^{UUID_PATTERN}$"


class NothingParked(NotFound):
    """No record of this key is parked."""

    slug = "nothing-parked"


class Discarding(BaseModel):
    """Why a record is given up."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60, description="A slug: test-record.")


ROUTER: Final = APIRouter()
EventId = Annotated[str, Path(pattern=_ID, description="The record's fact.")]


@ROUTER.get("/v1/parked-records")
async def parked_records(
    call: Call, limit: int = 100, key: str | None = None, cause: str | None = None
) -> dict[str, Any]:
    """Return the records that could not be handled, and those that wait behind them, oldest of a partition first."""
    rows = await call.engine.store.parked(
        call.caller.tenant_id, key=key, cause=cause, rows_max=max(1, min(limit, _ROWS_MAX))
    )
    return {"items": [_shown(row) for row in rows]}


@ROUTER.get("/v1/parked-records/{event_id}")
async def parked_record(event_id: EventId, call: Call) -> dict[str, Any]:
    """Return one parked record with what it says; sealed values stay sealed. **Errors**: `NothingParked`."""
    row = await _row(call, event_id)
    async with LogOnDemand.of(call.engine.service.settings) as log:
        try:
            envelope = await read(call.engine, log, row)
        except RecordGone:
            return {**_shown(row), "record": None}
    return {**_shown(row), "record": _record(envelope)}


@ROUTER.post("/v1/parked-records/{event_id}/releases")
async def releases(event_id: EventId, call: Call) -> dict[str, Any]:
    """Handle the records of this one's key after all, oldest first; the answer says what stays parked and why.

    **Errors**: `NothingParked`, `RecordGone`.
    """
    key = (await _row(call, event_id)).key
    released, cause = 0, None
    async with LogOnDemand.of(call.engine.service.settings) as log:
        try:
            while await release_one(call.engine, log, call.caller.tenant_id, key, by=call.caller.actor):
                released += 1
        except StillNotHandled as error:
            cause = error.cause
    return {"key": key, "released": released, "cause": cause, "left": await _left(call, key)}


@ROUTER.post("/v1/parked-records/{event_id}/discards")
async def discards(event_id: EventId, body: Discarding, call: Call) -> dict[str, Any]:
    """Give up a record, the oldest of its key; those behind it wait for a release.

    **Errors**: `NothingParked`, `NotTheOldest`.
    """
    row = await _row(call, event_id)
    await discard(call.engine, row, reason=body.reason, by=call.caller.actor)
    return {"key": row.key, "discarded": row.event_id, "left": await _left(call, row.key)}


async def _row(call: OneCall, event_id: str) -> Parked:
    rows = await call.engine.store.parked(call.caller.tenant_id, event_id=event_id, rows_max=1)
    if not rows:
        raise NothingParked("no record with this event id is parked; GET /v1/parked-records lists them")
    return rows[0]


async def _left(call: OneCall, key: str) -> list[dict[str, Any]]:
    return [_shown(row) for row in await call.engine.store.parked(call.caller.tenant_id, key=key, rows_max=_ROWS_MAX)]


def _shown(row: Parked) -> dict[str, Any]:
    return {
        "event_id": row.event_id,
        "key": row.key,
        "cause": row.cause,
        "parked_at": row.parked_at,
        "topic": row.place[0],
        "partition": row.place[1],
        "offset": row.offset,
    }


def _record(envelope: Envelope) -> dict[str, Any]:
    try:
        data: Mapping[str, object] | None = masked(envelope.data)
    except (DecodeError, AttributeError):  # what it holds is no object: that may be why it is parked
        data = None
    return {
        "type": envelope.type,
        "schema_version": envelope.schema_version,
        "stream": envelope.stream,
        "version": envelope.version,
        "position": envelope.position,
        "recorded_at": envelope.recorded_at,
        "actor": {"kind": envelope.actor.kind, "id": envelope.actor.id},
        "data": data,
    }
