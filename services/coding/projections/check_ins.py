"""Which coverages the desk saw at each check-in; from registration's `PatientCheckedIn`.

A visit that begins at the desk has its filing order from there, so that nobody has to send it a second time, and a
documentation that leaves it out never makes an insured patient a self-payer.
"""

from dataclasses import dataclass
from typing import Final

from shared.events.registration import PatientCheckedIn
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInRow:
    """One check-in. **Shape**: `coverage_ids` in filing order as known at the desk; none: the patient pays."""

    encounter_id: str
    patient_id: str
    coverage_ids: tuple[str, ...]


def keys(event: PatientCheckedIn) -> tuple[str, ...]:
    """Return the encounter that the check-in minted."""
    return (event.encounter_id,)


def apply(_: CheckInRow | None, event: PatientCheckedIn) -> CheckInRow:
    """Return the row of the encounter after a fact."""
    return CheckInRow(encounter_id=event.encounter_id, patient_id=event.patient_id, coverage_ids=event.coverage_ids)


CHECK_INS: Final[Projection[CheckInRow, PatientCheckedIn]] = Projection(
    name="check_ins",
    version=1,
    source="foreign",
    row=CheckInRow,
    events=(PatientCheckedIn,),
    keys=keys,
    apply=apply,
)
