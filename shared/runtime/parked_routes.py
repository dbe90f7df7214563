"""The routes that every service has for records that it could not handle: look, try again, give one up.

Owns: what a person sees of them, payloads masked, and what stays parked and why. Refuses: bypassing the order of a key
(`releasing.py`). The log is opened only where a record's bytes lie there: an API is ready without it.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from msgspec import DecodeError
from pydantic import BaseModel, ConfigDict, Field

from shared.events.envelope import Envelope
from shared.kernel.errors import NotFound
from shared.kernel.identifiers import UUID_PATTERN
from shared.runtime.access import Access
from shared.runtime.call import Call, OneCall
from shared.runtime.common_answers import (
    Discarded,
    ParkedRecord,
    ParkedRecords,
    RecordContent,
    Released,
    ShownActor,
    WholeParkedRecord,
)
from shared.runtime.hosting import LogOnDemand
from shared.runtime.keys import masked
from shared.runtime.releasing import RecordGone, discard, read, release_one
from shared.runtime.store import Parked
from shared.runtime.taking import StillNotHandled

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
    reason: str = Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60, description="A slug.", examples=["test-record"]
    )


ROUTER: Final = APIRouter()
EventId = Annotated[
    str, Path(pattern=_ID, description="The record's fact.", examples=["0190f3c2-0000-7000-8000-0000000000b1"])
]
RowsMax = Annotated[
    int,
    Query(ge=1, le=2**31 - 1, description="Records in one answer; more than 1,000 counts as 1,000.", examples=[100]),
]
OfKey = Annotated[
    str | None, Query(description="Only those of this key.", examples=["0190f3c2-0000-7000-8000-000000000007"])
]
OfCause = Annotated[str | None, Query(description="Only those with this cause.", examples=["behind"])]


@ROUTER.get("/v1/parked-records")
async def parked_records(call: Call, limit: RowsMax = 100, key: OfKey = None, cause: OfCause = None) -> ParkedRecords:
    """Return the records that could not be handled, and those that wait behind them, oldest of a partition first."""
    rows = await call.engine.store.parked(
        call.caller.tenant_id, key=key, cause=cause, rows_max=max(1, min(limit, _ROWS_MAX))
    )
    return ParkedRecords(items=tuple(map(_shown, rows)))


@ROUTER.get("/v1/parked-records/{event_id}")
async def parked_record(event_id: EventId, call: Call) -> WholeParkedRecord:
    """Return one parked record with what it says; sealed values stay sealed. **Errors**: 404 `nothing-parked`."""
    row = await _row(call, event_id)
    async with LogOnDemand.of(call.engine.service.settings) as log:
        try:
            envelope = await read(call.engine, log, row)
        except RecordGone:
            return WholeParkedRecord(**dict(_shown(row)), record=None)
    return WholeParkedRecord(**dict(_shown(row)), record=_record(envelope))


@ROUTER.post("/v1/parked-records/{event_id}/releases")
async def releases(event_id: EventId, call: Call) -> Released:
    """Handle the records of this one's key after all, oldest first; the answer says what stays parked and why.

    **Errors**: 404 `nothing-parked`, `record-gone`.
    """
    key = (await _row(call, event_id)).key
    released, cause = 0, None
    async with LogOnDemand.of(call.engine.service.settings) as log:
        try:
            while await release_one(call.engine, log, call.caller.tenant_id, key, by=call.caller.actor):
                released += 1
        except StillNotHandled as error:
            cause = error.cause
    return Released(key=key, released=released, cause=cause, left=await _left(call, key))


@ROUTER.post("/v1/parked-records/{event_id}/discards")
async def discards(event_id: EventId, body: Discarding, call: Call) -> Discarded:
    """Give up a record, the oldest of its key; those behind it wait for a release.

    **Errors**: 404 `nothing-parked`; 409 `not-the-oldest-of-its-key`.
    """
    row = await _row(call, event_id)
    await discard(call.engine, row, reason=body.reason, by=call.caller.actor)
    return Discarded(key=row.key, discarded=row.event_id, left=await _left(call, row.key))


async def _row(call: OneCall, event_id: str) -> Parked:
    rows = await call.engine.store.parked(call.caller.tenant_id, event_id=event_id, rows_max=1)
    if not rows:
        raise NothingParked("no record with this event id is parked; GET /v1/parked-records lists them")
    return rows[0]


async def _left(call: OneCall, key: str) -> tuple[ParkedRecord, ...]:
    rows = await call.engine.store.parked(call.caller.tenant_id, key=key, rows_max=_ROWS_MAX)
    return tuple(map(_shown, rows))


def _shown(row: Parked) -> ParkedRecord:
    return ParkedRecord(
        event_id=row.event_id,
        key=row.key,
        cause=row.cause,
        parked_at=row.parked_at,
        topic=row.place[0],
        partition=row.place[1],
        offset=row.offset,
    )


def _record(envelope: Envelope) -> RecordContent:
    try:
        data: Mapping[str, object] | None = masked(envelope.data)
    except (DecodeError, AttributeError):  # what it holds is no object: that may be why it is parked
        data = None
    return RecordContent(
        type=envelope.type,
        schema_version=envelope.schema_version,
        stream=envelope.stream,
        version=envelope.version,
        position=envelope.position,
        recorded_at=envelope.recorded_at,
        actor=ShownActor.model_validate(envelope.actor),
        data=data,
    )
