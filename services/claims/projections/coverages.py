"""Coverages as registration told of them: who is insured where, under which number."""

from typing import Final

from services.claims.domain.parties import Coverage
from shared.events.registration import CoverageAdded
from shared.kernel.projection import Projection


def keys(event: CoverageAdded) -> tuple[str, ...]:
    """Return the coverage."""
    return (event.coverage_id,)


def apply(_: Coverage | None, event: CoverageAdded) -> Coverage:
    """Return the coverage after a fact."""
    return Coverage(
        coverage_id=event.coverage_id,
        patient_id=event.patient_id,
        payer_id=event.payer_id,
        filing_order=event.filing_order,
        relationship=event.relationship,
        member_id=event.member_id,
        group_number=event.group_number,
        subscriber=event.subscriber,
    )


COVERAGES: Final[Projection[Coverage, CoverageAdded]] = Projection(
    name="coverages", version=1, source="foreign", row=Coverage, events=(CoverageAdded,), keys=keys, apply=apply
)
