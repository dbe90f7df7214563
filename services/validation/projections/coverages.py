"""Which days a coverage insures, whose it is, and in which place; from registration's `CoverageAdded`."""

from typing import Final

from services.validation.domain.facts import Coverage
from shared.events.registration import CoverageAdded
from shared.kernel.erased import Erased
from shared.kernel.identifiers import is_mbi
from shared.kernel.projection import Projection


def keys(event: CoverageAdded) -> tuple[str, ...]:
    """Return the coverage."""
    return (event.coverage_id,)


def apply(_: Coverage | None, event: CoverageAdded) -> Coverage:
    """Return whom it insures, in which place, and when; of its numbers, only what they look like."""
    return Coverage(
        coverage_id=event.coverage_id,
        patient_id=event.patient_id,
        payer_id=event.payer_id,
        filing_order=event.filing_order,
        effective_from_on=event.effective_from_on,
        effective_to_on=event.effective_to_on,
        of_group=None if isinstance(event.group_number, Erased) else event.group_number is not None,
        medicare_number=None if isinstance(event.member_id, Erased) else is_mbi(event.member_id),
    )


COVERAGES: Final[Projection[Coverage, CoverageAdded]] = Projection(
    name="coverages", version=2, source="foreign", row=Coverage, events=(CoverageAdded,), keys=keys, apply=apply
)
