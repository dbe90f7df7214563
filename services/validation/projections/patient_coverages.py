"""All coverages of each patient, whichever of them a visit is billed to; from registration's `CoverageAdded`."""

from dataclasses import dataclass
from typing import Final

from services.validation.domain.facts import Coverage
from services.validation.projections import coverages
from shared.events.registration import CoverageAdded
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCoverages:
    """One row. **Shape**: by coverage id."""

    coverages: tuple[Coverage, ...]


def keys(event: CoverageAdded) -> tuple[str, ...]:
    """Return the patient."""
    return (event.patient_id,)


def apply(row: PatientCoverages | None, event: CoverageAdded) -> PatientCoverages:
    """Return the coverages with this one."""
    others = [each for each in (row.coverages if row else ()) if each.coverage_id != event.coverage_id]
    held = sorted((*others, coverages.apply(None, event)), key=lambda each: each.coverage_id)
    return PatientCoverages(coverages=tuple(held))


PATIENT_COVERAGES: Final[Projection[PatientCoverages, CoverageAdded]] = Projection(
    name="patient_coverages",
    version=1,
    source="foreign",
    row=PatientCoverages,
    events=(CoverageAdded,),
    keys=keys,
    apply=apply,
)
