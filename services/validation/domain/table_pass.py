"""A table of codes that is here at last: what was scrubbed without it is scrubbed again, in turns.

Owns: the mark of each turn, and of the end of a pass over all that lacked the table. Refuses nothing. Next:
`effects.py` says when a table is here and takes the turns, `reactors.py` scrubs.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from msgspec import Meta

from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.identifiers import EncounterId
from shared.kernel.unions import members

PASSES: Final = 2
"""Passes over what lacked a table: another process may have had it later than the one that made the first."""

System = Annotated[str, Meta(description="Which code set.", examples=["mue_practitioner"])]
TableHash = Annotated[str, Meta(description="The table, by its hash as it is mapped.", examples=["0" * 64])]


class TableTurnTaken(Event, frozen=True, kw_only=True):
    """A table is here, and these encounters were scrubbed without it. **Moment**: a turn. **Key**: `sha256`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "sha256"
    system: System
    sha256: TableHash
    encounter_ids: Annotated[
        tuple[EncounterId, ...],
        Meta(description="Whom the turn scrubs again.", examples=[["0190f3c2-0000-7000-8000-000000000006"]]),
    ]
    taken_at: Instant


class TablePassEnded(Event, frozen=True, kw_only=True):
    """All that had lacked a table had its turn. **Moment**: after the last turn. **Key**: `sha256`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "sha256"
    system: System
    sha256: TableHash
    pass_no: Annotated[int, Meta(description="Which pass, from 1.", examples=[1], ge=1)]
    ended_at: Instant


TablePassEvent: TypeAlias = TableTurnTaken | TablePassEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTableTurn:
    """Scrub some encounters again, because a table is here."""

    system: str
    sha256: str
    encounter_ids: tuple[str, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTablePass:
    """Say that a pass has come to its end."""

    system: str
    sha256: str
    pass_no: int
    now: datetime


TablePassCommand: TypeAlias = TakeTableTurn | EndTablePass


def decide(passes: int, command: TablePassCommand) -> tuple[TablePassEvent, ...]:
    """Return the mark; none for a pass that has ended already."""
    match command:
        case TakeTableTurn():
            return (
                TableTurnTaken(
                    system=command.system,
                    sha256=command.sha256,
                    encounter_ids=command.encounter_ids,
                    taken_at=command.now,
                ),
            )
        case EndTablePass():
            if command.pass_no <= passes:
                return ()
            return (
                TablePassEnded(
                    system=command.system, sha256=command.sha256, pass_no=command.pass_no, ended_at=command.now
                ),
            )
        case _:
            assert_never(command)


def evolve(passes: int, event: TablePassEvent) -> int:
    """Return how many passes have ended."""
    return event.pass_no if isinstance(event, TablePassEnded) else passes


def stream(command: TablePassCommand) -> str:
    """Return the history that a command is decided on: one per table."""
    return f"table-{command.sha256}"


TABLE_PASSES: Final[Decider[int, TablePassCommand, TablePassEvent]] = Decider(
    commands=members(TablePassCommand),
    events=members(TablePassEvent),
    stream=stream,
    initial=0,
    decide=decide,
    evolve=evolve,
)
