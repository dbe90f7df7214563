"""One unit: commands that are decided together, who asks, and what comes of it.

Owns: the values, the refusals that any unit may meet, the ids of facts that a reaction adds. Refuses: deciding
(`working_set.py`) and writing (`flush.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from msgspec import Struct

from shared.events.envelope import Actor, Event
from shared.kernel.errors import Conflict, Malformed, Rejected
from shared.kernel.identifiers import named_id
from shared.runtime.files import File
from shared.runtime.store import AnswerKey, NameKey, RowPlace, Stream


class UnitTooLarge(Rejected):
    """Everything has a limit: a larger unit would keep all others waiting."""

    slug = "unit-too-large"


class EventTooLarge(Malformed):
    """A fact has a limit; longer texts travel as files."""

    slug = "event-too-large"


class NameTaken(Conflict):
    """Another stream holds the name. **Shape**: `stream` is that stream, for the caller to go on with."""

    slug = "name-taken"

    def __init__(self, kind: str, stream: str) -> None:
        super().__init__("another record holds this name")
        self.kind = kind
        self.stream = stream


class SeveralMatch(Conflict):
    """The names of one object are held by several others: which of them is meant, a person must say."""

    slug = "several-match"


class VersionDiffers(Conflict):
    """The caller decided on a version that is not the latest."""

    slug = "version-differs"


class StreamLocked(Rejected):
    """A restore found that facts of this history were lost: nothing is decided on it until a person looked."""

    slug = "stream-locked"


class IdempotencyKeyReused(Rejected):
    """The key was used for another request."""

    slug = "idempotency-key-reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """A request that may be repeated: the same key and body are answered once. **Shape**: `status` of the answer."""

    route: str
    key: str
    body_hmac: str
    status: int = 0


class Unit(Struct, frozen=True, kw_only=True, eq=False):
    """Commands that are decided together, and who asks.

    **Shape**: `ids` yields the ids of the facts that they add. `validate_only`: they are decided, and nothing is added.
    `wants_token`: somebody is told where its facts are.
    """

    tenant_id: str
    actor: Actor
    commands: tuple[object, ...]
    ids: Iterator[str]
    now: datetime
    correlation_id: str
    causation_id: str | None = None
    files: tuple[File, ...] = ()
    expected_version: int | None = None
    idempotency: Idempotency | None = None
    validate_only: bool = False
    wants_token: bool = False

    @property
    def answer_key(self) -> AnswerKey | None:
        """Return under what its answer is kept, None where it may not be repeated."""
        asked = self.idempotency
        return (self.tenant_id, asked.route, asked.key) if asked else None


class Outcome(Struct, frozen=True, kw_only=True):
    """What a unit leaves: state and version of the stream that its last command was decided on.

    **Shape**: `token` says where its public facts are, for who reads them elsewhere; empty where there are none, and
    where the unit wants none. Of a repeat under a key, version, token and `status` are those
    of the first answer. `rows` are those of own read models as they would be, where the unit was only validated.
    """

    state: Any
    version: int
    stream: str
    position: int
    added: int
    token: str = ""
    status: int = 0
    rows: Mapping[RowPlace, Any] = {}


@dataclass(slots=True)
class Stage:
    """One unit on its way into a batch, which it joins whole or not at all."""

    unit: Unit
    states: dict[Stream, tuple[int, Any]] = field(default_factory=dict)
    facts: list[tuple[Event, str, int, str]] = field(default_factory=list)  # fact, stream, version, event id
    names: dict[NameKey, str] = field(default_factory=dict)
    fact_names: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def reaction_ids(cause: str, reaction: str) -> Iterator[str]:
    """Yield the ids of the facts that a reaction adds: the same for the same cause, so that a repeat is recognized."""
    namespace = bytes.fromhex(cause.replace("-", ""))
    return (named_id(namespace, f"{reaction}/{n}") for n in count(1))
