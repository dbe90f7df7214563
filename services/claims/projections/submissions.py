"""Which claim a patient control number means: how a 277CA finds its claim."""

from typing import Final, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.claims.domain.claim_facts import ClaimQueued
from shared.events.claims import ClaimSubmitted
from shared.kernel.projection import Projection
from shared.kernel.unions import members

SubmissionEvent: TypeAlias = ClaimQueued | ClaimSubmitted


class SubmissionRow(Struct, frozen=True, kw_only=True):
    """One row, keyed by patient control number: a sending of a claim."""

    claim_id: str
    submission_id: str
    submitted: bool


def keys(event: SubmissionEvent) -> tuple[str, ...]:
    """Return the number."""
    return (event.patient_control_number,)


def apply(row: SubmissionRow | None, event: SubmissionEvent) -> SubmissionRow:
    """Return what the number means after a fact."""
    known = row or SubmissionRow(claim_id=event.claim_id, submission_id=event.submission_id, submitted=False)
    match event:
        case ClaimQueued():
            return known
        case ClaimSubmitted():
            return replace(known, submitted=True)
        case _:
            assert_never(event)


SUBMISSIONS: Final[Projection[SubmissionRow, SubmissionEvent]] = Projection(
    name="submissions",
    version=1,
    source="own",
    row=SubmissionRow,
    events=members(SubmissionEvent),
    keys=keys,
    apply=apply,
)
