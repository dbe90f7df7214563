"""A fact on the log: CloudEvents 1.0 in Kafka's binary mode; the value is the event's stored bytes.

Owns: the headers, both ways. Refuses: personal values in keys and headers; the sealed block stays in the value.
**Source**: CloudEvents 1.0.2, Kafka protocol binding, section 3.2.
"""

import re
from collections.abc import Container, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from msgspec import Struct, json

from shared.events.envelope import ACTOR_KINDS, Actor, Envelope, instant_text
from shared.kernel.identifiers import UUID_PATTERN
from shared.runtime.log import Fetched, Record
from shared.runtime.tracing import TRACEPARENT, traceparent

SPEC_VERSION: Final = b"1.0"
CONTENT_TYPE: Final = b"application/json"
_NOT_OURS: Final = (KeyError, ValueError, TypeError, OverflowError)
_ID: Final = re.compile(UUID_PATTERN.encode())


class Standing(Struct, frozen=True, kw_only=True, gc=False):
    """Where a fact from the log stood in its store's partition: all that counts of one that nobody wants."""

    type: str
    position: int
    previous_position: int
    recorded_at: datetime
    store_id: str
    incarnation: int


class Arrived(Standing, frozen=True, kw_only=True, gc=False):
    """A fact from the log."""

    envelope: Envelope


def to_record(envelope: Envelope, *, service: str, store_id: str, incarnation: int, previous_position: int) -> Record:
    """Return a fact as it is published. **Shape**: every value a text in UTF-8."""
    key = envelope.key.encode()
    headers = [
        *_same_for_all(service, store_id, incarnation),
        *_same_for_type(envelope.type, envelope.schema_version),
        ("ce_id", envelope.event_id.encode()),
        ("ce_subject", envelope.stream.encode()),
        ("ce_time", instant_text(envelope.occurred_at, envelope.occurred_at.utcoffset())),
        ("ce_sequence", b"%d" % envelope.version),
        ("ce_position", b"%d" % envelope.position),
        ("ce_previousposition", b"%d" % previous_position),
        ("ce_unit", b"%d-%d" % (envelope.unit_first, envelope.unit_last)),
        ("ce_recordedtime", instant_text(envelope.recorded_at, envelope.recorded_at.utcoffset())),
        ("ce_chainhash", envelope.chain_hash.hex().encode()),
        ("ce_partitionkey", key),
        ("ce_tenant", envelope.tenant_id.encode()),
        ("ce_actor", envelope.actor.id.encode()),
        ("ce_actorkind", envelope.actor.kind.encode()),
        ("ce_correlationid", envelope.correlation_id.encode()),
        ("ce_visibility", b"public" if envelope.public else b"private"),
    ]
    trace = traceparent(envelope.correlation_id)
    if trace:
        headers.append((TRACEPARENT, trace.encode()))
    if envelope.causation_id:
        headers.append(("ce_causationid", envelope.causation_id.encode()))
    if envelope.names:
        headers.append(("ce_names", json.encode(envelope.names)))
    return Record(key=key, value=envelope.data, headers=tuple(headers))


@lru_cache(16)
def _same_for_all(service: str, store_id: str, incarnation: int) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_specversion", SPEC_VERSION),
        ("content-type", CONTENT_TYPE),
        ("ce_source", f"/claimlog/{service}".encode()),
        ("ce_store", store_id.encode()),
        ("ce_incarnation", b"%d" % incarnation),
    )


@lru_cache(512)
def _same_for_type(kind: str, schema_version: int) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_type", kind.encode()),
        ("ce_dataschema", f"/schemas/{kind}.v{schema_version}.json".encode()),
        ("ce_schemaversion", b"%d" % schema_version),
    )


def arrived(record: Fetched) -> Arrived | None:
    """Return the fact of a record, None where it is not one of ours: such a record is skipped and counted."""
    try:
        return _arrived(dict(record.headers), record.value)
    except _NOT_OURS:
        return None


def arrived_if(wanted: Container[str], record: Fetched) -> Standing | None:
    """Return the fact of a record, as `Arrived` where somebody wants its type, else only where it stands.

    **Shape**: None where it is not one of ours. Of a fact that only moves a checkpoint, the rest is not looked at.
    """
    try:
        given = dict(record.headers)
        kind = given["ce_type"].decode()
        if kind in wanted:
            return _arrived(given, record.value)
        if b"\0" in given["ce_store"]:
            return None  # no checkpoint could keep it
        return Standing(
            type=kind,
            position=int(given["ce_position"]),
            previous_position=int(given["ce_previousposition"]),
            recorded_at=_instant(given["ce_recordedtime"]),
            store_id=given["ce_store"].decode(),
            incarnation=int(given["ce_incarnation"]),
        )
    except _NOT_OURS:
        return None


def _arrived(given: Mapping[str, bytes], value: bytes) -> Arrived | None:
    """Return the fact that headers and a value make, None as `arrived`. **Errors**: those of `_NOT_OURS`."""
    if b"\0" in b"".join(given.values()):
        return None  # no store could keep who it is about, not even to park it
    first, _, last = given["ce_unit"].partition(b"-")
    if not _ID.fullmatch(given["ce_id"]):
        return None
    names = given.get("ce_names")
    causation_id = given.get("ce_causationid")
    envelope = Envelope(
        position=int(given["ce_position"]),
        tenant_id=given["ce_tenant"].decode(),
        stream=given["ce_subject"].decode(),
        version=int(given["ce_sequence"]),
        event_id=given["ce_id"].decode(),
        type=given["ce_type"].decode(),
        schema_version=int(given["ce_schemaversion"]),
        key=given["ce_partitionkey"].decode(),
        public=given["ce_visibility"] == b"public",
        occurred_at=_instant(given["ce_time"]),
        recorded_at=_instant(given["ce_recordedtime"]),
        actor=_actor(given["ce_actorkind"], given["ce_actor"]),
        correlation_id=given["ce_correlationid"].decode(),
        causation_id=None if causation_id is None else causation_id.decode(),
        unit_first=int(first),
        unit_last=int(last),
        names=tuple((name, hmac) for name, hmac in json.decode(names)) if names else (),
        chain_hash=bytes.fromhex(given["ce_chainhash"].decode()),
        data=value,
    )
    return Arrived(
        type=envelope.type,
        position=envelope.position,
        previous_position=int(given["ce_previousposition"]),
        recorded_at=envelope.recorded_at,
        store_id=given["ce_store"].decode(),
        incarnation=int(given["ce_incarnation"]),
        envelope=envelope,
    )


@lru_cache(1_024)
def _actor(kind: bytes, name: bytes) -> Actor:
    """Return who caused a fact: few, and the same again and again. **Errors**: `ValueError` for an unknown kind."""
    if kind.decode() not in ACTOR_KINDS:
        raise ValueError("no kind of actor of ours")
    return Actor(kind=kind.decode(), id=name.decode())  # type: ignore[arg-type]  # it is one of ActorKind


@lru_cache(1_024)  # facts that were decided together have the same
def _instant(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode()).astimezone(UTC)
