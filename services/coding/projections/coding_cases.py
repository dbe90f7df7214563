"""What waits for a coder, what nobody can code yet, and the latest codes of what is coded: one row per encounter."""

from datetime import date, datetime
from typing import Final, Literal, assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.coding.domain.coding_case import CaseEvent, CodingCaseOpened
from shared.events.coding import CodedLine, CodesAssigned, Diagnosis
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members


class CodingCaseRow(Struct, frozen=True, kw_only=True, gc=False):
    """One case. **Shape**: `reason` is the first of `reasons`; both stay when codes came, as why it had waited."""

    encounter_id: str
    patient_id: str
    status: Literal["open", "refused", "coded"]
    reason: str | None = None
    reasons: tuple[str, ...] = ()
    service_from_on: date | None = None
    opened_at: datetime | None = None
    coding_version: int | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    lines: tuple[CodedLine, ...] = ()
    editions: tuple[str, ...] = ()
    attribution: Literal["coder", "documented-codes", "exact-title"] | None = None
    assigned_at: datetime | None = None


def keys(event: CaseEvent) -> tuple[str, ...]:
    """Return the encounter whose row a fact touches."""
    return (event.encounter_id,)


def apply(row: CodingCaseRow | None, event: CaseEvent) -> CodingCaseRow:
    """Return the row of the encounter after a fact."""
    match event:
        case CodingCaseOpened():
            return CodingCaseRow(
                encounter_id=event.encounter_id,
                patient_id=event.patient_id,
                status=event.status,
                reason=event.reasons[0] if event.reasons else None,
                reasons=event.reasons,
                service_from_on=event.service_from_on,
                opened_at=event.opened_at,
            )
        case CodesAssigned():
            case = row or CodingCaseRow(encounter_id=event.encounter_id, patient_id=event.patient_id, status="coded")
            return replace(
                case,
                status="coded",
                coding_version=event.coding_version,
                diagnoses=event.diagnoses,
                lines=event.lines,
                editions=event.editions,
                attribution=event.attribution,
                assigned_at=event.assigned_at,
            )
        case _:
            assert_never(event)


CODING_CASES: Final[Projection[CodingCaseRow, CaseEvent]] = Projection(
    name="coding_cases",
    version=1,
    source="own",
    row=CodingCaseRow,
    events=members(CaseEvent),
    keys=keys,
    apply=apply,
    streams=one_stream("coding_case"),
    handed_on=("diagnoses", "lines"),
    filters=("status", "reason", "attribution", "patient_id"),
    countable=("status", "reason", "attribution"),
)
