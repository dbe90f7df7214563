"""What all events have in common, and the envelope that they are stored and published in.

Owns: `Event`, `Envelope`, `Actor`, the chain over stored bytes. Refuses: sealing and opening
(`shared/runtime/keys.py`). Next: `registry.py` finds the class of an event, one module per producer has the events.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias, get_args

from msgspec import Meta, Struct
from msgspec.inspect import Metadata, StructType, type_info

from shared.kernel.dates import Instant

ActorKind: TypeAlias = Literal["human", "rule", "ai", "service"]
ACTOR_KINDS: Final = frozenset(get_args(ActorKind))


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """A past fact. Unknown fields are ignored, so that readers survive a producer that is one release ahead.

    `key` names the field that is the fact's subject: the record key on the log, by which facts keep their order.
    What is frozen and made of plain values has no cycles: the garbage collector need not know it or its parts.
    """

    schema_version: ClassVar[int] = 1
    key: ClassVar[str]

    def subject(self) -> str:
        """Return what the fact is about, as the log orders it."""
        return str(getattr(self, self.key))


class Actor(Struct, frozen=True, kw_only=True, gc=False):
    """Who caused a fact."""

    kind: Annotated[ActorKind, Meta(description="Person, declared rule, model or service.", examples=["human"])]
    id: Annotated[str, Meta(description="Which one; an account or a reaction, never a name.", examples=["coder-7"])]


class Envelope(Struct, frozen=True, kw_only=True, gc=False):
    """A fact and its place in history, readable without knowing the fact."""

    position: Annotated[int, Meta(description="Place in the store, from 1, without gaps.", examples=[1])]
    tenant_id: Annotated[str, Meta(description="Whose fact it is.", examples=["demo"])]
    stream: Annotated[str, Meta(description="The history that the fact belongs to.", examples=["patient-0190f3c2"])]
    version: Annotated[int, Meta(description="Place in the stream, from 1, without gaps.", examples=[1])]
    event_id: Annotated[str, Meta(description="The fact's identity; a reaction derives it from its cause.")]
    type: Annotated[str, Meta(description="Class name of the event.", examples=["PatientRegistered"])]
    schema_version: Annotated[int, Meta(description="Form of `data`; a breaking change counts up.", examples=[1])]
    key: Annotated[str, Meta(description="The subject: record key on the log.", examples=["0190f3c2"])]
    public: Annotated[bool, Meta(description="Whether other services and analytics may read it.", examples=[True])]
    occurred_at: Instant
    recorded_at: Instant
    actor: Annotated[Actor, Meta(description="Who caused it.")]
    correlation_id: Annotated[str, Meta(description="The same for all that one request led to.")]
    causation_id: Annotated[str | None, Meta(description="The fact that a reaction followed.")]
    unit_first: Annotated[int, Meta(description="First position of what was written together.", examples=[1])]
    unit_last: Annotated[int, Meta(description="Last position of what was written together.", examples=[1])]
    names: Annotated[
        tuple[tuple[str, str], ...], Meta(description="Reserved names: kind and HMAC, so that a restore finds them.")
    ]
    chain_hash: Annotated[bytes, Meta(description="SHA-256 over the previous fact's chain hash and this fact.")]
    data: Annotated[bytes, Meta(description="The event, byte for byte as stored, personal fields sealed.")]


def link(previous: bytes, envelope: Envelope) -> bytes:
    """Return the chain hash of a fact that follows another: a changed, lost or moved fact breaks all later ones.

    **Shape**: over place, identity, type, time and stored bytes, each with its length, so that none can borrow from the
    next; `chain_hash` of the envelope itself is not read.
    """
    position, version = b"%d" % envelope.position, b"%d" % envelope.version
    stream, event_id = envelope.stream.encode(), envelope.event_id.encode()
    recorded_at = instant_text(envelope.recorded_at, envelope.recorded_at.utcoffset())
    return sha256(
        b"%d:%b%d:%b%b%d:%b%d:%b%d:%b%b%b%d:%b%b%b%d:%b"
        % (
            *(len(previous), previous),
            *(len(position), position),
            _part(envelope.tenant_id),
            *(len(stream), stream),
            *(len(version), version),
            *(len(event_id), event_id),
            _part(envelope.type),
            _part(str(envelope.schema_version)),
            *(len(recorded_at), recorded_at),
            _part(envelope.actor.kind),
            _part(envelope.actor.id),
            *(len(envelope.data), envelope.data),
        )
    ).digest()


@lru_cache(4_096)
def _part(text: str) -> bytes:
    """Return the part of a text of which there are few: a tenant, a type, an actor."""
    return b"%d:%b" % (len(text.encode()), text.encode())


@lru_cache(1_024)
def instant_text(instant: datetime, _offset: timedelta | None) -> bytes:
    """Return an instant in ISO 8601; facts that were decided together have the same.

    **Shape**: `_offset` is its own; by it, equal instants of two zones are told apart.
    """
    return instant.isoformat().encode()


_PERSONAL: Final[dict[type[Event], frozenset[str]]] = {}


def personal_fields(event: type[Event]) -> frozenset[str]:
    """Return the names of the fields that travel in the sealed block."""
    if event not in _PERSONAL:
        described: Any = type_info(event)
        if not isinstance(described, StructType):
            raise TypeError("an event is a msgspec Struct")
        _PERSONAL[event] = frozenset(
            field.encode_name
            for field in described.fields
            if isinstance(field.type, Metadata) and (field.type.extra or {}).get("personal")
        )
    return _PERSONAL[event]
