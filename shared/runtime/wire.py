"""A fact on the log: CloudEvents 1.0 in Kafka's binary mode; the value is the event's stored bytes.

Owns: the headers, both ways. Refuses: personal values in keys and headers; the sealed block stays in the value.
**Source**: CloudEvents 1.0.2, Kafka protocol binding, section 3.2.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from msgspec import json

from shared.events.envelope import ACTOR_KINDS, Actor, Envelope
from shared.runtime.log import Fetched, Record

SPEC_VERSION: Final = b"1.0"
CONTENT_TYPE: Final = b"application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A fact from the log and where it stood in its store's partition."""

    envelope: Envelope
    previous_position: int
    store_id: str
    incarnation: int


def to_record(envelope: Envelope, *, service: str, store_id: str, incarnation: int, previous_position: int) -> Record:
    """Return a fact as it is published. **Shape**: every value a text in UTF-8."""
    values = {
        "ce_specversion": SPEC_VERSION,
        "content-type": CONTENT_TYPE,
        "ce_id": envelope.event_id,
        "ce_type": envelope.type,
        "ce_source": f"/claimlog/{service}",
        "ce_subject": envelope.stream,
        "ce_time": envelope.occurred_at.isoformat(),
        "ce_dataschema": f"/schemas/{envelope.type}.v{envelope.schema_version}.json",
        "ce_schemaversion": envelope.schema_version,
        "ce_sequence": envelope.version,
        "ce_position": envelope.position,
        "ce_previousposition": previous_position,
        "ce_store": store_id,
        "ce_incarnation": incarnation,
        "ce_unit": f"{envelope.unit_first}-{envelope.unit_last}",
        "ce_recordedtime": envelope.recorded_at.isoformat(),
        "ce_chainhash": envelope.chain_hash.hex(),
        "ce_partitionkey": envelope.key,
        "ce_tenant": envelope.tenant_id,
        "ce_actor": envelope.actor.id,
        "ce_actorkind": envelope.actor.kind,
        "ce_correlationid": envelope.correlation_id,
        "ce_visibility": "public" if envelope.public else "private",
    }
    if envelope.causation_id:
        values["ce_causationid"] = envelope.causation_id
    if envelope.names:
        values["ce_names"] = json.encode(envelope.names)
    headers = tuple((name, each if isinstance(each, bytes) else str(each).encode()) for name, each in values.items())
    return Record(key=envelope.key.encode(), value=envelope.data, headers=headers)


def arrived(record: Fetched) -> Arrived | None:
    """Return the fact of a record, None where it is not one of ours: such a record is skipped and counted."""
    try:
        text = {name: value.decode() for name, value in record.headers.items()}
        if any("\0" in value for value in text.values()):
            return None  # no store could keep who it is about, not even to park it
        kind = text["ce_actorkind"]
        first, _, last = text["ce_unit"].partition("-")
        if kind not in ACTOR_KINDS:
            return None
        UUID(text["ce_id"])
        envelope = Envelope(
            position=int(text["ce_position"]),
            tenant_id=text["ce_tenant"],
            stream=text["ce_subject"],
            version=int(text["ce_sequence"]),
            event_id=text["ce_id"],
            type=text["ce_type"],
            schema_version=int(text["ce_schemaversion"]),
            key=text["ce_partitionkey"],
            public=text["ce_visibility"] == "public",
            occurred_at=_instant(text["ce_time"]),
            recorded_at=_instant(text["ce_recordedtime"]),
            actor=Actor(kind=kind, id=text["ce_actor"]),  # type: ignore[arg-type]  # it is one of ActorKind
            correlation_id=text["ce_correlationid"],
            causation_id=text.get("ce_causationid"),
            unit_first=int(first),
            unit_last=int(last),
            names=tuple((name, hmac) for name, hmac in json.decode(text.get("ce_names", "[]"))),
            chain_hash=bytes.fromhex(text["ce_chainhash"]),
            data=record.value,
        )
        return Arrived(
            envelope=envelope,
            previous_position=int(text["ce_previousposition"]),
            store_id=text["ce_store"],
            incarnation=int(text["ce_incarnation"]),
        )
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
