"""Records that could not be handled, and the later ones of their key that wait behind them.

Owns: the private facts about parking; the table `parked` follows from them. A key parks, not a record: what belongs
together keeps its order. Refuses: keeping payloads; a release reads the bytes again from the log.
Next: `taking.py` parks, `releasing.py` releases.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from msgspec import Meta

from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.unions import members

Topic = Annotated[str, Meta(description="Topic of the record; `own` for the service's own facts.", examples=["own"])]
Partition = Annotated[int, Meta(description="Partition of the record.", examples=[0])]
Offset = Annotated[int, Meta(description="Place of the record in its partition.", examples=[41])]
ParkedKey = Annotated[str, Meta(description="Record key: the subject.", examples=["0190f3c2"])]


class KeyParked(Event, frozen=True, kw_only=True):
    """A record could not be handled, or waits behind one.

    **Moment**: delivery. **Key**: `parked_key`. **Versions**: 1.
    """

    key: ClassVar[str] = "parked_key"
    parked_key: ParkedKey
    topic: Topic
    partition: Partition
    offset: Offset
    cause: Annotated[str, Meta(description="Why: a slug or an error's class; nothing of the record.")]
    parked_at: Instant


class KeyReleased(Event, frozen=True, kw_only=True):
    """A parked record was handled after all. **Moment**: release. **Key**: `parked_key`. **Versions**: 1."""

    key: ClassVar[str] = "parked_key"
    parked_key: ParkedKey
    topic: Topic
    partition: Partition
    offset: Offset
    released_at: Instant


class RecordDiscarded(Event, frozen=True, kw_only=True):
    """A person decided that a parked record is never handled.

    **Moment**: discard. **Key**: `parked_key`. **Versions**: 1.
    """

    key: ClassVar[str] = "parked_key"
    parked_key: ParkedKey
    topic: Topic
    partition: Partition
    offset: Offset
    reason: Annotated[str, Meta(description="Why, a slug.", examples=["test-record"])]
    discarded_at: Instant


ParkingEvent: TypeAlias = KeyParked | KeyReleased | RecordDiscarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Say that a record waits."""

    parked: KeyParked


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpark:
    """Say that a record waits no longer."""

    ended: KeyReleased | RecordDiscarded


Command: TypeAlias = Park | Unpark
Waiting: TypeAlias = frozenset[tuple[str, int, int]]


def decide(waiting: Waiting, command: Command) -> tuple[ParkingEvent, ...]:
    """Return the fact, none for a repeat."""
    match command:
        case Park(parked=parked):
            return () if _place(parked) in waiting else (parked,)
        case Unpark(ended=ended):
            return (ended,) if _place(ended) in waiting else ()
        case _:
            assert_never(command)


def evolve(waiting: Waiting, event: ParkingEvent) -> Waiting:
    """Return the records of a key that wait after a fact."""
    match event:
        case KeyParked():
            return waiting | {_place(event)}
        case KeyReleased() | RecordDiscarded():
            return waiting - {_place(event)}
        case _:
            assert_never(event)


def _place(event: ParkingEvent) -> tuple[str, int, int]:
    return (event.topic, event.partition, event.offset)


def stream(command: Command) -> str:
    """Return the history of a parked key."""
    fact = command.parked if isinstance(command, Park) else command.ended
    return f"parked-{fact.topic}-{fact.parked_key}"


PARKINGS: Final[Decider[Waiting, Command, ParkingEvent]] = Decider(
    commands=members(Command),
    events=members(ParkingEvent),
    stream=stream,
    initial=frozenset(),
    decide=decide,
    evolve=evolve,
)
