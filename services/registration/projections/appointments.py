"""Which visits are planned, and which have begun: one row per appointment."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, assert_never

from shared.events.registration import AppointmentBooked, AppointmentEvent, PatientCheckedIn
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRow:
    """One appointment. **Shape**: an encounter and the order of coverages once the patient is there."""

    appointment_id: str
    patient_id: str
    provider_id: str
    starts_at: datetime
    visit_type: str
    status: Literal["booked", "checked-in"]
    encounter_id: str | None = None
    coverage_ids: tuple[str, ...] = ()


def keys(event: AppointmentEvent) -> tuple[str, ...]:
    """Return the appointment whose row a fact touches."""
    return (event.appointment_id,)


def apply(row: AppointmentRow | None, event: AppointmentEvent) -> AppointmentRow | None:
    """Return the row of the appointment after a fact."""
    match event:
        case AppointmentBooked():
            return AppointmentRow(
                appointment_id=event.appointment_id,
                patient_id=event.patient_id,
                provider_id=event.provider_id,
                starts_at=event.starts_at,
                visit_type=event.visit_type,
                status="booked",
            )
        case PatientCheckedIn():
            if row is None:
                return None
            return replace(row, status="checked-in", encounter_id=event.encounter_id, coverage_ids=event.coverage_ids)
        case _:
            assert_never(event)


APPOINTMENTS: Final[Projection[AppointmentRow, AppointmentEvent]] = Projection(
    name="appointments",
    version=1,
    source="own",
    row=AppointmentRow,
    events=members(AppointmentEvent),
    keys=keys,
    apply=apply,
    streams=one_stream("appointment"),
    filters=("patient_id", "provider_id", "status"),
    countable=("status",),
)
