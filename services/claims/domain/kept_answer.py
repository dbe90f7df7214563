"""An answer that cannot be given to a claim or a file: it is kept, and found again when its number appears.

Owns: keeping. Refuses: applying (`reactors.py` does it when the claim is submitted). An acknowledgment may be read
before we know that the file arrived, or name a number that is nobody's; neither is lost, the latter is a person's work.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from msgspec import Meta

from services.claims.domain.inbound import ClaimAnswer
from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.identifiers import Sha256
from shared.kernel.unions import members

Why: TypeAlias = Literal["unmatched", "waiting", "unclear"]


class AnswerKept(Event, frozen=True, kw_only=True):
    """An answer has no place yet. **Moment**: acknowledgment read. **Key**: `answered`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "answered"
    answered: Annotated[
        str, Meta(description="Kind and number that is answered.", examples=["claim/CLM7H2K9Q4M1X", "group/1"])
    ]
    why: Annotated[
        Why,
        Meta(
            description="Nobody's number; the claim's file is not known to have arrived; or nothing follows from it.",
            examples=["unmatched"],
        ),
    ]
    answer: Annotated[ClaimAnswer | None, Meta(description="What was said, where it is of a claim.", examples=[None])]
    file_sha256: Sha256
    kept_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAnswer:
    """Keep an answer that cannot be applied."""

    answered: str
    why: Why
    answer: ClaimAnswer | None
    file_sha256: str
    now: datetime


Command: TypeAlias = KeepAnswer


def decide(_: None, command: Command) -> tuple[AnswerKept, ...]:
    """Return that it is kept. A repeat cannot reach it: it comes from a reaction, whose facts have ids of their own."""
    return (
        AnswerKept(
            answered=command.answered,
            why=command.why,
            answer=command.answer,
            file_sha256=command.file_sha256,
            kept_at=command.now,
        ),
    )


def evolve(_: None, _event: AnswerKept) -> None:
    """Return nothing: no decision rests on what was kept."""


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per number."""
    return f"answer-{command.answered}"


KEPT_ANSWERS: Final[Decider[None, Command, AnswerKept]] = Decider(
    commands=members(Command), events=members(AnswerKept), stream=stream, initial=None, decide=decide, evolve=evolve
)
