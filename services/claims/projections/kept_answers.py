"""Answers that wait for their claim, or are nobody's: for the reaction that applies them, and for a person."""

from datetime import datetime
from typing import Final, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.claims.domain.inbound import ClaimAnswer
from services.claims.domain.kept_answer import AnswerKept
from shared.events.claims import ClaimSubmitted
from shared.kernel.projection import Projection
from shared.kernel.unions import members

KeptEvent: TypeAlias = AnswerKept | ClaimSubmitted


class KeptAnswer(Struct, frozen=True, kw_only=True):
    """What was said, and in which file."""

    answer: ClaimAnswer | None
    file_sha256: str


class KeptAnswers(Struct, frozen=True, kw_only=True):
    """One row, keyed by kind and number: what was said of it.

    **Shape**: `status` unmatched, waiting (for its file to arrive), unclear, applied.
    """

    answered: str
    status: str
    answers: tuple[KeptAnswer, ...]
    kept_at: datetime


def claim_key(patient_control_number: str) -> str:
    """Return the key of what was said of a claim."""
    return f"claim/{patient_control_number}"


def keys(event: KeptEvent) -> tuple[str, ...]:
    """Return the number that was answered, or got its meaning."""
    return (event.answered if isinstance(event, AnswerKept) else claim_key(event.patient_control_number),)


def apply(row: KeptAnswers | None, event: KeptEvent) -> KeptAnswers | None:
    """Return what is kept after a fact."""
    match event:
        case AnswerKept():
            kept = KeptAnswer(answer=event.answer, file_sha256=event.file_sha256)
            before = row.answers if row else ()
            return KeptAnswers(
                answered=event.answered, status=event.why, answers=(*before, kept), kept_at=event.kept_at
            )
        case ClaimSubmitted():
            return replace(row, status="applied") if row and row.status == "waiting" else row
        case _:
            assert_never(event)


KEPT_ANSWER_ROWS: Final[Projection[KeptAnswers, KeptEvent]] = Projection(
    name="kept_answers",
    version=1,
    source="own",
    row=KeptAnswers,
    events=members(KeptEvent),
    keys=keys,
    apply=apply,
    filters=("status",),
)
