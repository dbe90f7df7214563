"""Which encounters of a patient were coded with a procedure that may have days after it; from coding's `CodesAssigned`.

Keyed by patient and year, so that a visit asks for two rows at most. As in `days.py` the row only says where to look:
what holds is the latest codes of each encounter, and each fact only adds its own, so their order does not matter.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.validation.domain.included_visit import may_last
from shared.events.coding import CodesAssigned
from shared.kernel.projection import Projection

PROCEDURES_MAX: Final = 100
"""Days with a procedure of one patient in a year, by encounter, that visits are held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """A day on which an encounter was coded with such a procedure."""

    on: date
    encounter_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureYear:
    """One row. **Shape**: by day and encounter; `cut`: there were more, of which the last ones are left out."""

    performed: tuple[Performed, ...]
    cut: bool = False


def key(patient_id: str, year: int) -> str:
    """Return the key of a patient's year."""
    return f"{patient_id}/{year}"


def keys(event: CodesAssigned) -> tuple[str, ...]:
    """Return the years of the procedures; none for most sets of codes."""
    return tuple(dict.fromkeys(key(event.patient_id, on.year) for on in _days(event)))


def apply(row: ProcedureYear | None, event: CodesAssigned) -> ProcedureYear:
    """Return the days with those of this set of codes, also of the next year where a visit spans the turn."""
    before = row or ProcedureYear(performed=())
    added = {Performed(on=on, encounter_id=event.encounter_id) for on in _days(event)}
    if added <= set(before.performed):
        return before
    performed = sorted({*before.performed, *added}, key=lambda each: (each.on, each.encounter_id))
    return ProcedureYear(performed=tuple(performed[:PROCEDURES_MAX]), cut=before.cut or len(performed) > PROCEDURES_MAX)


def _days(event: CodesAssigned) -> tuple[date, ...]:
    lasting = (line for line in event.lines if may_last(line.procedure_code))
    return tuple(dict.fromkeys(line.service_from_on for line in lasting))


PROCEDURE_YEARS: Final[Projection[ProcedureYear, CodesAssigned]] = Projection(
    name="procedure_years",
    version=1,
    source="foreign",
    row=ProcedureYear,
    events=(CodesAssigned,),
    keys=keys,
    apply=apply,
)
