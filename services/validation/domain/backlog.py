"""What is left to scrub after a fact that many encounters waited for: a unit has a limit, so they take turns.

Owns: the mark between two turns. Refuses nothing. Next: `reactors.py` takes the next turn when the mark is written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final

from msgspec import Meta

from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider

TURN_ENCOUNTERS_MAX: Final = 6
"""Encounters of one turn: each adds at most a fact a rule, of payers too, and two more, and a unit may add 1,000."""


class BacklogLeft(Event, frozen=True, kw_only=True):
    """More encounters wait for a fact than one turn took. **Moment**: in one unit with the turn. **Key**: `thing`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "thing"
    thing: Annotated[
        str, Meta(description="What arrived, kind and id.", examples=["payer/0190f3c2-0000-7000-8000-000000000003"])
    ]
    after: Annotated[
        str, Meta(description="Last encounter of the turn.", examples=["0190f3c2-0000-7000-8000-000000000006"])
    ]
    left_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveBacklog:
    """Mark where a turn ended."""

    thing: str
    after: str
    now: datetime


def decide(after: str, command: LeaveBacklog) -> tuple[BacklogLeft, ...]:
    """Return the mark; none where it stands there already."""
    if after == command.after:
        return ()
    return (BacklogLeft(thing=command.thing, after=command.after, left_at=command.now),)


def evolve(_: str, event: BacklogLeft) -> str:
    """Return the last encounter of the last turn."""
    return event.after


def stream(command: LeaveBacklog) -> str:
    """Return the history that a command is decided on: one per fact that is waited for."""
    return f"backlog-{command.thing}"


BACKLOGS: Final[Decider[str, LeaveBacklog, BacklogLeft]] = Decider(
    commands=(LeaveBacklog,), events=(BacklogLeft,), stream=stream, initial="", decide=decide, evolve=evolve
)
