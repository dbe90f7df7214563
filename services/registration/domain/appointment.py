"""An appointment: a visit that is planned, until the patient stands at the desk and it has an encounter.

Owns: booking and check-in, at which the encounter's id is minted. Refuses: what is done in the visit (coding).
Next: `coverage.py` has the order of coverages that a check-in keeps.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from shared.events.registration import AppointmentBooked, AppointmentEvent, PatientCheckedIn
from shared.kernel.decider import Decider
from shared.kernel.errors import NotFound
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A visit; `None` in its place means that none was booked. **Shape**: an encounter once the patient is there."""

    appointment_id: str
    patient_id: str
    provider_id: str
    starts_at: datetime
    visit_type: str
    encounter_id: str | None = None
    coverage_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAppointment:
    """Plan a visit."""

    appointment_id: str
    patient_id: str
    provider_id: str
    starts_at: datetime
    visit_type: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """The patient is there. **Shape**: `encounter_id` is used if the visit has none yet."""

    appointment_id: str
    encounter_id: str
    coverage_ids: tuple[str, ...]
    now: datetime


Command: TypeAlias = BookAppointment | CheckIn


class AppointmentNotFound(NotFound):
    """No appointment has this id."""

    slug = "appointment-not-found"


def decide(appointment: Appointment | None, command: Command) -> tuple[AppointmentEvent, ...]:
    """Return the facts that a command adds. **Shape**: one; none for a repeat. **Errors**: `AppointmentNotFound`."""
    match command:
        case BookAppointment():
            return () if appointment else (_book(command),)
        case CheckIn():
            return _check_in(appointment, command)
        case _:
            assert_never(command)


def _book(command: BookAppointment) -> AppointmentBooked:
    return AppointmentBooked(
        appointment_id=command.appointment_id,
        patient_id=command.patient_id,
        provider_id=command.provider_id,
        starts_at=command.starts_at,
        visit_type=command.visit_type,
        booked_at=command.now,
    )


def _check_in(appointment: Appointment | None, command: CheckIn) -> tuple[PatientCheckedIn, ...]:
    if appointment is None:
        raise AppointmentNotFound("nobody booked this appointment")
    if appointment.encounter_id is not None:
        return ()
    return (
        PatientCheckedIn(
            appointment_id=command.appointment_id,
            patient_id=appointment.patient_id,
            encounter_id=command.encounter_id,
            coverage_ids=command.coverage_ids,
            checked_in_at=command.now,
        ),
    )


def evolve(appointment: Appointment | None, event: AppointmentEvent) -> Appointment | None:
    """Return the state after a stored fact. A check-in of nothing leaves nothing."""
    match event:
        case AppointmentBooked():
            return Appointment(
                appointment_id=event.appointment_id,
                patient_id=event.patient_id,
                provider_id=event.provider_id,
                starts_at=event.starts_at,
                visit_type=event.visit_type,
            )
        case PatientCheckedIn():
            if appointment is None:
                return None
            return replace(appointment, encounter_id=event.encounter_id, coverage_ids=event.coverage_ids)
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per appointment, so that two desks mint one encounter."""
    return f"appointment-{command.appointment_id}"


APPOINTMENTS: Final[Decider[Appointment | None, Command, AppointmentEvent]] = Decider(
    commands=members(Command),
    events=members(AppointmentEvent),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
)
