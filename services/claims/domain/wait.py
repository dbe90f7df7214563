"""A fact that many encounters waited for: they go on in portions, so that no unit grows without limit.

Owns: the mark up to which encounter a fact was handed on. Refuses: who waits (`projections/waits.py` knows). A price
list may free thousands of encounters; each portion ends with this command, and the next one reacts to its fact.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final, TypeAlias

from msgspec import Meta

from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.identifiers import EncounterId
from shared.kernel.unions import members


class WaitingResumed(Event, frozen=True, kw_only=True):
    """A portion of those who waited for a fact went on, more are left. **Moment**: end of a portion. **Key**: `thing`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "thing"
    thing: Annotated[str, Meta(description="The fact by kind and id.", examples=["price/99213"])]
    after_encounter_id: Annotated[
        EncounterId | None, Meta(description="Last encounter, by id, that went on; none: nobody yet.", examples=[None])
    ]
    resumed_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeWaiting:
    """Let the next portion of those who wait for a fact go on."""

    thing: str
    after_encounter_id: str | None
    now: datetime


Command: TypeAlias = ResumeWaiting


def decide(_: None, command: Command) -> tuple[WaitingResumed, ...]:
    """Return the mark. A repeat cannot reach it: it comes from a reaction, whose facts have ids of their own."""
    return (WaitingResumed(thing=command.thing, after_encounter_id=command.after_encounter_id, resumed_at=command.now),)


def evolve(_: None, _event: WaitingResumed) -> None:
    """Return nothing: no decision rests on earlier marks."""


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per fact."""
    return f"waiting-{command.thing}"


WAITS: Final[Decider[None, Command, WaitingResumed]] = Decider(
    commands=members(Command),
    events=members(WaitingResumed),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
)
