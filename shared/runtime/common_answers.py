"""What the routes that every service has answer: facts, streams, counts, health, parked records.

Owns: these shapes, and what each field means. Refuses: filling them where that needs more than a record of facts
(`common_routes.py`, `parked_routes.py`). A feed is written past its model, which is the contract.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from shared.events.envelope import ActorKind, Envelope

Position: TypeAlias = Annotated[int, Field(description="Place in the service's store, from 1.", examples=[17])]
Version: TypeAlias = Annotated[int, Field(description="Place in the stream, from 1: its version then.", examples=[3])]
FactType: TypeAlias = Annotated[str, Field(description="What happened.", examples=["ClaimHeld"])]
SchemaVersion: TypeAlias = Annotated[int, Field(description="Version of the fact's form.", examples=[1])]
StreamName: TypeAlias = Annotated[
    str,
    Field(
        description="The stream: a kind of object and its id.", examples=["claim-0190f3c2-0000-7000-8000-000000000007"]
    ),
]
EventId: TypeAlias = Annotated[str, Field(description="The fact.", examples=["0190f3c2-0000-7000-8000-0000000000b1"])]
Moment: TypeAlias = Annotated[datetime, Field(description="When it was recorded.", examples=["2026-03-03T14:30:00Z"])]
CorrelationId: TypeAlias = Annotated[
    str, Field(description="The request that led to it.", examples=["0190f3c2-0000-7000-8000-0000000000aa"])
]
Key: TypeAlias = Annotated[
    str,
    Field(
        description="What orders it: facts of one key keep their order.",
        examples=["0190f3c2-0000-7000-8000-000000000007"],
    ),
]
Count: TypeAlias = Annotated[int, Field(description="How many.", examples=[3])]
ServiceName: TypeAlias = Annotated[str, Field(description="The service.", examples=["claims"])]


class Shown(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class ShownActor(Shown):
    """Who did it."""

    kind: ActorKind = Field(description="A person, a rule, a model, or a service by itself.", examples=["human"])
    id: str = Field(description="Account or name; never a patient.", examples=["clerk-1"])


class ListedFact(Shown):
    """A fact of a stream, without what it says."""

    position: Position
    version: Version
    event_id: EventId
    type: FactType
    recorded_at: Moment
    actor: ShownActor = Field(description="Who caused it.")
    correlation_id: CorrelationId

    @classmethod
    def of(cls, envelope: Envelope) -> Self:
        """Return what is listed of a fact."""
        return cls.model_validate(envelope)


class StreamFacts(Shown):
    """The facts of a stream, oldest first."""

    stream: StreamName
    facts: tuple[ListedFact, ...] = Field(description="Oldest first.")


class FeedFact(ListedFact):
    """A public fact. **Shape**: `data` as docs/events.md has it, without what the caller may not see."""

    schema_version: SchemaVersion
    stream: StreamName
    key: Key
    causation_id: str | None = Field(
        description="The fact to which it is a reaction.", examples=["0190f3c2-0000-7000-8000-0000000000b0"]
    )
    data: Mapping[str, Any] = Field(
        description="What happened, field by field.", examples=[{"claim_id": "0190f3c2-0000-7000-8000-000000000007"}]
    )
    personal_fields: tuple[str, ...] = Field(
        description="Which fields of `data` are personal; empty where they are not shown.", examples=[["birth_on"]]
    )


class Feed(Shown):
    """Public facts in their order."""

    events: tuple[FeedFact, ...] = Field(description="By position; fewer than `limit` at the end.")
    next_after: int = Field(description="`after` of the next question.", examples=[17])


class Counts(Shown):
    """How many rows have each value of a filter."""

    counts: Mapping[str, int] = Field(description="How many, by value.", examples=[{"held": 2, "submitted": 40}])


class Health(Shown):
    """That a process answers."""

    service: ServiceName
    status: Literal["ok"] = Field(description="It answers.", examples=["ok"])


class Readiness(Shown):
    """Whether a service can take commands."""

    service: ServiceName
    status: Literal["ready", "not-ready", "stopped"] = Field(description="Whether it can.", examples=["ready"])
    position: int = Field(default=0, description="How many facts its store has; where it answers.", examples=[17])
    effects: str = Field(default="", description="`held` while nothing is sent out.", examples=["held"])
    cause: str = Field(default="", description="Why it is not ready.", examples=["StoreUnavailable"])
    stopped: str = Field(default="", description="Why it takes no commands any more.", examples=["diverged"])


class ParkedRecord(Shown):
    """A record that could not be handled, or waits behind one."""

    event_id: EventId
    key: Key
    cause: str = Field(description="Why: a slug, or the class of a fault.", examples=["behind"])
    parked_at: datetime | None = Field(description="Since when.", examples=["2026-03-03T14:30:00Z"])
    topic: str = Field(description="Where it comes from.", examples=["claimlog.coding"])
    partition: int = Field(description="Which part of the topic.", examples=[0])
    offset: int = Field(description="Which record of the partition.", examples=[41])


class ParkedRecords(Shown):
    """Parked records, oldest of a partition first."""

    items: tuple[ParkedRecord, ...] = Field(description="At most `limit`.")


class RecordContent(Shown):
    """What a parked record says. **Shape**: sealed values are masked; `data` is null where it is no object."""

    type: FactType
    schema_version: SchemaVersion
    stream: StreamName
    version: Version
    position: Position
    recorded_at: Moment
    actor: ShownActor = Field(description="Who caused it.")
    data: Mapping[str, Any] | None = Field(
        description="What happened, field by field.",
        examples=[{"encounter_id": "0190f3c2-0000-7000-8000-000000000006"}],
    )


class WholeParkedRecord(ParkedRecord):
    """A parked record with what it says."""

    record: RecordContent | None = Field(description="Null where it left the log.")


class Released(Shown):
    """What came of trying again."""

    key: Key
    released: int = Field(description="How many records were handled.", examples=[2])
    cause: str | None = Field(description="Why the next one was not; null: none is left.", examples=["defect"])
    left: tuple[ParkedRecord, ...] = Field(description="What stays parked of this key.")


class Discarded(Shown):
    """What is left behind a record that was given up."""

    key: Key
    discarded: EventId
    left: tuple[ParkedRecord, ...] = Field(description="What stays parked of this key.")


class ShownProblem(Shown):
    """A reason for which requests are refused."""

    type: str = Field(description="What a refusal for it has as its type.", examples=["/problems/name-taken"])
    title: str = Field(description="The slug in words.", examples=["Name taken"])
    status: int = Field(description="The status code of such an answer.", examples=[409])
    means: str = Field(description="What is so.", examples=["Another stream holds the name."])
    mend: str = Field(description="What to do about it.", examples=["Go on with the object that `existing` names."])


class ShownOperation(Shown):
    """Work that outlasts its request."""

    operation_id: str = Field(description="The operation.", examples=["0190f3c2-0000-7000-8000-0000000000c1"])
    kind: Literal["bulk", "rebuild"] = Field(description="Lines that are taken, or a read model.", examples=["bulk"])
    subject: str = Field(description="The route, or the read model.", examples=["POST /v1/encounters/bulk"])
    state: Literal["running", "succeeded", "failed", "cancelled"] = Field(
        description="Where it is; a bulk request whose lines were all answered has succeeded.", examples=["running"]
    )
    done: int = Field(description="Lines or facts that are behind it.", examples=[12_000])
    total: int = Field(description="Of how many, as far as is known.", examples=[60_000])
    per_second: float = Field(description="How many a second since it was asked for.", examples=[1_500.0])
    seconds_left: int | None = Field(description="How long it will take at this rate.", examples=[32])
    problem: str | None = Field(description="The slug of what made it fail.", examples=["store-unavailable"])
    created_at: Moment
    ended_at: datetime | None = Field(description="When it ended.", examples=["2026-03-03T14:31:00Z"])
    results: str | None = Field(
        description="Where its results are, once there are some.",
        examples=["/v1/operations/0190f3c2-0000-7000-8000-0000000000c1/results"],
    )


class ShownOperations(Shown):
    """One page of operations."""

    items: tuple[ShownOperation, ...]
    next: str | None
