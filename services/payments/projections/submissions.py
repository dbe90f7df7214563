"""Which claim a patient control number means: what an 835 is matched by first.

Foreign: claims says so when the receiver has the file.
"""

from dataclasses import dataclass
from typing import Final

from shared.events.claims import ClaimSubmitted
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True)
class Submission:
    """One row: a sending of a claim. **Shape**: keyed by patient control number, which is of one sending alone."""

    patient_control_number: str
    claim_id: str
    submission_id: str
    patient_id: str


def keys(event: ClaimSubmitted) -> tuple[str, ...]:
    """Return the number that a fact gives a meaning."""
    return (event.patient_control_number,)


def apply(_: Submission | None, event: ClaimSubmitted) -> Submission:
    """Return what the number means."""
    return Submission(event.patient_control_number, event.claim_id, event.submission_id, event.patient_id)


SUBMISSIONS: Final[Projection[Submission, ClaimSubmitted]] = Projection(
    name="submissions",
    version=1,
    source="foreign",
    row=Submission,
    events=(ClaimSubmitted,),
    keys=keys,
    apply=apply,
    filters=("claim_id",),
)
