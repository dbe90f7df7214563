"""Which days a coverage insures, and whose it is; from registration's `CoverageAdded`."""

from typing import Final

from services.validation.domain.facts import Coverage
from shared.events.registration import CoverageAdded
from shared.kernel.projection import Projection


def keys(event: CoverageAdded) -> tuple[str, ...]:
    """Return the coverage."""
    return (event.coverage_id,)


def apply(_: Coverage | None, event: CoverageAdded) -> Coverage:
    """Return the insured days."""
    return Coverage(
        coverage_id=event.coverage_id,
        payer_id=event.payer_id,
        effective_from_on=event.effective_from_on,
        effective_to_on=event.effective_to_on,
    )


COVERAGES: Final[Projection[Coverage, CoverageAdded]] = Projection(
    name="coverages", version=1, source="foreign", row=Coverage, events=(CoverageAdded,), keys=keys, apply=apply
)
