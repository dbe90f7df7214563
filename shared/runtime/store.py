"""The event store as a port: what a flush reads and writes in one transaction, and what questions read outside of it.

Owns: the values that pass the border. Two adapters keep one promise and pass one suite: `store_postgres.py`, and
`store_memory.py`, which forgets. Refuses: deciding and folding (`flush.py`), sealing (`keys.py`).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from msgspec import Struct

from shared.events.envelope import Envelope
from shared.kernel.errors import Malformed, Unavailable
from shared.kernel.projection import AnyProjection, Projection
from shared.runtime.files import File
from shared.runtime.operations import Operations

Row = TypeVar("Row")

Stream = tuple[str, str]
"""Tenant and stream."""
NameKey = tuple[str, str, str]
"""Tenant, kind, HMAC."""
AnswerKey = tuple[str, str, str]
"""Tenant, route, idempotency key."""
RowKey = tuple[str, str]
"""Tenant and key."""
RowPlace = tuple[str, RowKey]
"""Table of a read model, tenant and key."""
Place = tuple[str, int]
Began = Mapping[Place, Mapping[int, int]]
"""After which position a partition has facts of an incarnation, by partition and incarnation."""
"""Topic and partition; a service's own facts are the topic `own`, partition 0."""

OWN: Place = ("own", 0)
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class StoreUnavailable(Unavailable):
    """The database does not answer, or the connection broke where the outcome of a commit is unknown."""

    slug = "store-unavailable"


class UnaskableValue(Malformed):
    """A question names a value that no row can have, such as a key with a NUL."""

    slug = "unaskable-value"


class UnstorableValue(Exception):
    """The database refuses a value in the batch: a NUL in a text, a number out of range."""


def holds_nul(encoded: bytes) -> bool:
    """Return whether a text of a JSON document holds a NUL: few readers can keep it, and a text column only escaped."""
    # looking for constants first is a hundred times faster, and for one byte ten times more
    return b"\\" in encoded and b"\\u0000" in encoded and _NUL.search(encoded) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the store; read with its lock held.

    **Shape**: `session` changes with the connection: what was cached before may not be there any more. While it is
    `restoring`, nobody else writes; `effects_held` until a person resumes them; `streams_locked` where some are.
    `read_models` counts up whenever another generation of a read model came into service.
    """

    store_id: str
    incarnation: int
    position: int
    chain_hash: bytes
    recorded_at: datetime
    session: int = 0
    restoring: bool = False
    effects_held: bool = False
    streams_locked: bool = False
    read_models: int = 0


class Fact(NamedTuple):
    """What a fold needs of a fact. **Shape**: `event_id` may be empty where nothing is sealed."""

    position: int
    tenant_id: str
    event_id: str
    type: str
    schema_version: int
    data: bytes


def fact_of(envelope: Envelope) -> Fact:
    """Return what a fold needs of an envelope."""
    return Fact(
        envelope.position,
        envelope.tenant_id,
        envelope.event_id,
        envelope.type,
        envelope.schema_version,
        envelope.data,
    )


class Checkpoint(Struct, frozen=True, kw_only=True, gc=False):
    """How far a partition was consumed. **Shape**: `position` is the highest of the producing store."""

    next_offset: int
    store_id: str
    incarnation: int
    position: int
    attempts: int = 0


NOTHING_READ = Checkpoint(next_offset=0, store_id="", incarnation=0, position=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an idempotency key was answered with; no personal values.

    **Shape**: an answer of an older release has no `status`.
    """

    body_hmac: str
    stream: str
    version: int
    token: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A record that waits, because it or an earlier one of its key could not be handled. **Shape**: no payload."""

    tenant_id: str
    key: str
    place: Place
    offset: int
    position: int
    event_id: str
    cause: str
    parked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What a store knows about records that were not handled, of some keys.

    **Shape**: `parked` has the first offset that waits, of each key and place; `discarded` the ids of facts that a
    person gave up: who reads them again, after a restore, must not handle them after all.
    """

    parked: Mapping[RowKey, Mapping[Place, int]]
    discarded: frozenset[str]


class AskedOfLock(NamedTuple):
    """What a flush asks of the lock: partitions and keys of its records, ids of facts, idempotency keys, streams."""

    places: Collection[Place] = ()
    keys: Collection[RowKey] = ()
    event_ids: Collection[str] = ()
    answers: Collection[AnswerKey] = ()
    streams: Collection[Stream] = ()


NOTHING_ASKED: Final = AskedOfLock()


class Standing(NamedTuple):
    """What the lock shows of what it was asked.

    **Shape**: `checkpoints` of all partitions; `existing` are the event ids that are there; `answers` of keys that were
    used before; `consumed` is the sum of the offsets of all checkpoints, which grows with each record that anybody
    takes; `streams` has all facts of each stream, also where there are none.
    """

    checkpoints: Mapping[Place, Checkpoint]
    held_back: HeldBack
    existing: frozenset[str]
    answers: Mapping[AnswerKey, Answer]
    consumed: int
    streams: Mapping[Stream, Sequence[Envelope]]


class Sought(NamedTuple):
    """Facts that somebody waits for, of a tenant and a partition: those from one position to another."""

    tenant_id: str
    place: Place
    first: int
    last: int


class Applied(NamedTuple):
    """How far facts are in read models.

    **Shape**: `checkpoints` of places that were asked for and have one; that of `OWN` is up to where own read models
    are. `parked` are the numbers of what was sought in which a record waits.
    """

    checkpoints: Mapping[Place, Checkpoint]
    parked: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """What a store is told when all that was published is back.

    **Shape**: `relayed` and `sent` are where the topics end; `began` says after which position a partition has facts of
    an incarnation, of the new one too; `numbers` the highest of each tenant's sequence that a fact says was given out;
    a unit spans at most `unit_events_max` positions; facts of the types in `never_locked` are the runtime's own, whose
    streams go on.
    """

    incarnation: int
    relayed: int
    sent: Mapping[Place, int]
    began: Began
    numbers: Mapping[tuple[str, str], int]
    unit_events_max: int
    never_locked: Sequence[str]


@dataclass(frozen=True, slots=True)
class AtMost:
    """What a filter asks instead of one value: rows that have one, and none above this."""

    value: object


class Order(NamedTuple):
    """By which column rows are sorted, and then by key, both in one direction; those without a value come last."""

    by: str
    descending: bool = False


class Spot(NamedTuple):
    """Where in an `Order` a row stands: what it has in that field, and its key."""

    value: Any
    key: str


class Summing(NamedTuple):
    """What is summed up of rows: by the values of a field, a number, and by two days of a date; None: that not.

    **Shape**: all three are columns.
    """

    by: str | None
    amount: str | None
    due: str | None
    days: tuple[date, date]


class Sum(NamedTuple):
    """What rows with one value come to. **Shape**: `late` are due before the first of both days, `soon` within them."""

    value: str | None
    rows: int
    amount: int
    late: int
    soon: int


class Choice(NamedTuple):
    """Rows whose filters have given values, and what is summed up of them: a number, a date; None: that not.

    **Shape**: both are columns.
    """

    where: Mapping[str, object]
    amount: str | None = None
    due: str | None = None


@dataclass(slots=True, kw_only=True)
class Batch:
    """All that one flush writes. **Shape**: `absent` are the rows that the lock showed not to be there."""

    events: list[Envelope] = field(default_factory=list)
    names: dict[NameKey, str] = field(default_factory=dict)
    answers: dict[AnswerKey, Answer] = field(default_factory=dict)
    rows: dict[str, dict[RowKey, Any]] = field(default_factory=dict)
    absent: dict[str, set[RowKey]] = field(default_factory=lambda: defaultdict(set))
    checkpoints: dict[Place, tuple[Checkpoint, Checkpoint]] = field(default_factory=dict)
    parked: list[Parked] = field(default_factory=list)
    released: list[tuple[Place, int]] = field(default_factory=list)
    discarded: list[Parked] = field(default_factory=list)
    unlocked: dict[Stream, None] = field(default_factory=dict)
    files: dict[tuple[str, str], tuple[File, bytes]] = field(default_factory=dict)
    projected: dict[str, int] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def is_empty(self) -> bool:
        """Return whether there is nothing to write."""
        return self.only_folds() and not (self.rows or self.projected)

    def only_folds(self) -> bool:
        """Return whether all of it follows from facts that are stored already: what is lost is folded again."""
        return not (self.events or self.checkpoints or self.parked or self.released)


@cache  # a few dozen read models, each asked for with every fact
def table_name(projection: AnyProjection) -> str:
    """Return what a version of a read model is called; its first generation is the table of that name."""
    return f"rm_{projection.name}_v{projection.version}"


class ProjectionBroken(Unavailable):
    """A read model could not fold a fact; facts go on, its readers wait until it is mended and rebuilt."""

    slug = "projection-broken"


class StoreTx(Protocol):
    """One transaction that holds the lock of the store; leaving it without an error commits."""

    head: Head
    standing: Standing

    async def events_after(self, known: Mapping[Stream, int]) -> Sequence[Envelope]:
        """Return the events of streams above the versions that are known, in order of stream and version."""

    async def held_names(self, names: Sequence[NameKey]) -> Mapping[NameKey, str]:
        """Return the streams that hold names."""

    async def rows(
        self, wanted: Mapping[AnyProjection, Sequence[RowKey]]
    ) -> Mapping[AnyProjection, Mapping[RowKey, Any]]:
        """Return the rows of read models that exist."""

    async def oldest_parked(self, keys: Sequence[RowKey]) -> Mapping[RowKey, tuple[Place, int]]:
        """Return the place of the oldest parked record of each key that has one."""

    async def locked_streams(self) -> frozenset[Stream]:
        """Return the streams on which nothing is decided."""

    async def projected(self) -> Mapping[str, tuple[int, str | None]]:
        """Return up to which position each own read model was folded, and why it is broken, by `table_name`."""

    async def facts_between(self, after: int, to: int, types: Collection[str]) -> Sequence[Fact]:
        """Return the facts of some types above a position up to another, by position."""

    async def write(self, batch: Batch) -> None:
        """Write a batch. **Errors**: `UnstorableValue`."""

    async def begin_restore(self, store_id: str) -> None:
        """Let nobody else write, hold effects, and be the store that the topics know."""

    async def end_restore(self, ended: Restoration) -> None:
        """Begin a new incarnation here, raise numbers, lock streams of which facts are lost, and let others write."""


class Store(Protocol):
    """A service's facts, names, read models, checkpoints and files."""

    operations: Operations

    def locked(
        self, asked: AskedOfLock = NOTHING_ASKED, *, restoring: bool = False
    ) -> AbstractAsyncContextManager[StoreTx]:
        """Return a transaction that holds the head and shows what was asked of it. **Errors**: `StoreUnavailable`."""

    async def settle_here(self) -> None:
        """Take the server that the store lies on now for its home: somebody compared the store with its topics."""

    async def head(self) -> Head:
        """Return the end of the store, without its lock."""

    async def events(
        self, after: int, *, types: Sequence[str] | None = None, tenant_id: str | None = None, events_max: int
    ) -> Sequence[Envelope]:
        """Return events by position."""

    async def facts_between(self, head: Head, after: int, to: int, types: Collection[str]) -> Sequence[Fact]:
        """Return the facts of some types above a position up to another, by position.

        **Errors**: `StoreUnavailable`, also where who answers has not the fact at this head: it is another store.
        """

    async def history(
        self, tenant_id: str, streams: Sequence[str], *, until: datetime | None = None, events_max: int
    ) -> Sequence[Envelope]:
        """Return the events of streams by position, those alone that were recorded up to an instant."""

    async def version(self, tenant_id: str, stream: str, *, until: datetime | None = None) -> int:
        """Return the version of a stream, or that at an instant; 0 without a fact."""

    async def row(self, projection: Projection[Row, Any], tenant_id: str, key: str) -> Row | None:
        """Return one row of a read model."""

    async def rows_by_key(
        self, projection: Projection[Row, Any], tenant_id: str, keys: Collection[str]
    ) -> Mapping[str, Row]:
        """Return those rows of a read model that exist."""

    async def rows_of_tenants(self, projection: Projection[Row, Any], key: str) -> Mapping[str, Row]:
        """Return the rows of one key, by tenant: for read models that have a row or two of each tenant."""

    async def select(
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        *,
        where: Mapping[str, object],
        after: str | None,
        rows_max: int,
    ) -> Sequence[tuple[str, Row]]:
        """Return keys and rows whose filters have given values, or at most one (`AtMost`), by key."""

    async def ordered(  # noqa: PLR0913 (as `select`, and the order)
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        order: Order,
        *,
        where: Mapping[str, object],
        after: Spot | None,
        rows_max: int,
    ) -> Sequence[tuple[Spot, Row]]:
        """Return rows as `select` finds them, in another order and with where in it they stand."""

    async def counts(
        self, projection: AnyProjection, tenant_id: str, *, by: str, where: Mapping[str, object]
    ) -> Mapping[str, int]:
        """Return how many rows have each value of a filter."""

    async def sums(
        self, projection: AnyProjection, tenant_id: str, summing: Summing, *, where: Mapping[str, object]
    ) -> Sequence[Sum]:
        """Return what rows come to, by value in no order; of no rows nothing, or one that says 0."""

    async def totals(
        self, projection: AnyProjection, tenant_id: str, choices: Sequence[Choice], days: tuple[date, date]
    ) -> Sequence[Sum]:
        """Return what the rows of each choice come to, in the order of choices; a `Sum` is of whatever value."""

    async def file(self, tenant_id: str, sha256: str) -> tuple[str, bytes] | None:
        """Return kind and sealed bytes of a stored file."""

    async def files(self, known: int) -> Sequence[tuple[str, str, str]]:
        """Return tenant, hash and kind of stored files in order of storing, after the first `known`."""

    async def forget_answers(self, before: datetime, *, rows_max: int) -> int:
        """Forget what idempotency keys were answered with before an instant; return how many there were, up to most."""

    async def number(self, tenant_id: str, sequence: str) -> int:
        """Return the next number of a sequence."""

    async def relayed(self) -> tuple[int, Mapping[Place, int]]:
        """Return up to which position facts were published, and the highest of each partition."""

    async def remember_relayed(self, position: int, sent: Mapping[Place, int]) -> None:
        """Remember what was published."""

    async def began(self) -> Began:
        """Return after which position a partition has facts of an incarnation; empty where nothing was restored."""

    async def locked_streams(self) -> Sequence[Stream]:
        """Return the streams of which a restore found facts missing, until a person releases them."""

    async def hold_effects(self, *, held: bool) -> None:
        """Hold effects back, or let them act again."""

    async def units_caused(self, actor_id: str, after: int) -> Mapping[str, int]:
        """Return how many units with facts an actor added after a position, by the fact that caused them."""

    async def tenants(self) -> Sequence[str]:
        """Return all tenants that have facts."""

    async def checkpoint(self, place: Place) -> Checkpoint:
        """Return how far a partition was consumed."""

    async def applied(self, sought: Sequence[Sought], own_tables: Sequence[str]) -> Applied:
        """Return how far facts are applied that somebody waits for. **Shape**: `own_tables` by `table_name`."""

    async def attempt(self, place: Place) -> int:
        """Count one more try at what follows a checkpoint, at once and for good; return how many there were."""

    async def forgive(self, place: Place) -> None:
        """Take a try back that failed for no fault of the records: the other side was away."""

    async def parked(
        self,
        tenant_id: str | None,
        *,
        key: str | None = None,
        cause: str | None = None,
        event_id: str | None = None,
        rows_max: int,
    ) -> Sequence[Parked]:
        """Return parked records, of one key, cause, fact, or all, oldest first."""

    async def wait_for_facts(self, after: int, *, seconds: float, types: Iterable[str] | None = None) -> int:
        """Return when the store has facts (of some types) after a position, or when the time is over; or earlier.

        **Shape**: up to which position facts are known to exist; who finds nothing up to there goes on from there.
        """
