"""Which encounters stand on a claim that somebody received and did not reject; from claims.

A rejected claim was never adjudicated and is sent anew, so its encounters are scrubbed again as if it had not gone out.
Submissions and rejections are kept apart, so that the order in which they come does not matter.
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never

from shared.events.claims import ClaimRejected, ClaimSubmitted
from shared.kernel.projection import Projection
from shared.kernel.unions import members

SubmissionEvent: TypeAlias = ClaimSubmitted | ClaimRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Submissions:
    """One row. **Shape**: ids of submissions, sorted."""

    submitted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()

    @property
    def under_way(self) -> bool:
        """Return whether a payer may decide on the encounter."""
        return not set(self.submitted) <= set(self.rejected)


def keys(event: SubmissionEvent) -> tuple[str, ...]:
    """Return the encounters on the claim."""
    return event.encounter_ids


def apply(row: Submissions | None, event: SubmissionEvent) -> Submissions:
    """Return the submissions of an encounter after a fact."""
    before = row or Submissions()
    match event:
        case ClaimSubmitted():
            return replace(before, submitted=tuple(sorted({*before.submitted, event.submission_id})))
        case ClaimRejected():
            return replace(before, rejected=tuple(sorted({*before.rejected, event.submission_id})))
        case _:
            assert_never(event)


SUBMISSIONS: Final[Projection[Submissions, SubmissionEvent]] = Projection(
    name="submissions",
    version=1,
    source="foreign",
    row=Submissions,
    events=members(SubmissionEvent),
    keys=keys,
    apply=apply,
)
