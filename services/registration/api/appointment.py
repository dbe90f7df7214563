"""HTTP of appointments: book, show, check in."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self, TypeAlias

from fastapi import Query
from pydantic import StringConstraints

from services.registration.api.body import READ, ROUTER, ROWS_MAX, WRITE, Body, Listed, Moment, Number
from services.registration.api.coverage import known_patient
from services.registration.api.provider import known_provider
from services.registration.domain.appointment import Appointment as PlannedVisit
from services.registration.domain.appointment import AppointmentNotFound, BookAppointment, CheckIn
from services.registration.domain.coverage import order_on
from services.registration.projections.appointments import APPOINTMENTS, AppointmentRow
from services.registration.projections.coverages import COVERAGES
from services.registration.settings import Settings
from shared.kernel.dates import local_day
from shared.runtime.access import Access
from shared.runtime.call import Call, CallAsOf, OneCall
from shared.runtime.pages import Cursor, PageSize

_STREAM: Final = "appointment-{appointment_id}"
ACCESS: Final = {
    "POST /v1/appointments": Access(scope=WRITE, does="BookAppointment → AppointmentBooked", keyed=True),
    "GET /v1/appointments": Access(scope=READ, reads="appointments"),
    "GET /v1/appointments/{appointment_id}": Access(scope=READ, reads="appointments", as_of=True, version_of=_STREAM),
    "POST /v1/appointments/{appointment_id}/check-ins": Access(
        scope=WRITE, does="CheckIn → PatientCheckedIn", version_of=_STREAM, changes=True
    ),
}


VisitStatus: TypeAlias = Annotated[Literal["booked", "checked-in"] | None, Query(description="How far they are.")]


class NewAppointment(Body):
    """Which visit to plan."""

    patient_id: Number
    provider_id: Number
    starts_at: Moment
    visit_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)] = "office-visit"


class Appointment(Body):
    """A visit: planned, or begun with an encounter."""

    appointment_id: str
    patient_id: str
    provider_id: str
    starts_at: datetime
    visit_type: str
    encounter_id: str | None
    coverage_ids: tuple[str, ...]

    @classmethod
    def of(cls, visit: PlannedVisit | AppointmentRow) -> Self:
        """Return what is shown of a visit."""
        return cls.model_validate(visit)


@ROUTER.post("/appointments", status_code=201)
async def book(body: NewAppointment, call: Call) -> Appointment:
    """Book a visit. **Errors**: 404 `patient-not-found`, `provider-not-found`."""
    await known_patient(body.patient_id, call)
    await known_provider(body.provider_id, call)
    command = BookAppointment(
        appointment_id=call.new_id(),
        patient_id=body.patient_id,
        provider_id=body.provider_id,
        starts_at=body.starts_at,
        visit_type=body.visit_type,
        now=call.now,
    )
    return Appointment.of(await call.handle(command))


@ROUTER.get("/appointments")
async def appointments(
    call: Call,
    patient_id: str | None = None,
    status: VisitStatus = None,
    cursor: Cursor = None,
    page_size: PageSize = 100,
) -> Listed[Appointment]:
    """Return visits, of a patient or in a state."""
    asked = {"patient_id": patient_id, "status": status}
    where = {name: value for name, value in asked.items() if value is not None}
    page = await call.page(APPOINTMENTS, where=where, cursor=cursor, page_size=page_size)
    return Listed(items=tuple(map(Appointment.of, page.items)), next=page.next)


async def known_appointment(appointment_id: str, call: OneCall) -> AppointmentRow:
    """Return a visit. **Errors**: `AppointmentNotFound`."""
    row = await call.row(APPOINTMENTS, appointment_id)
    if row is None:
        raise AppointmentNotFound("nobody booked this appointment")
    return row


@ROUTER.get("/appointments/{appointment_id}")
async def appointment(appointment_id: str, call: CallAsOf) -> Appointment:
    """Return a visit. **Errors**: 404 `appointment-not-found`."""
    return Appointment.of(await known_appointment(appointment_id, call))


@ROUTER.post("/appointments/{appointment_id}/check-ins", status_code=201, responses={200: {"model": Appointment}})
async def check_in(appointment_id: str, call: Call) -> Appointment:
    """Note that the patient is there, and mint the encounter; 200 with the first check-in for a repeat.

    The order of coverages is kept as known now for the day of the visit. **Errors**: 404 `appointment-not-found`.
    """
    visit = await known_appointment(appointment_id, call)
    coverages = await call.rows(COVERAGES, where={"patient_id": visit.patient_id}, rows_max=ROWS_MAX)
    day = local_day(visit.starts_at, call.resource(Settings).practice_zone)
    command = CheckIn(
        appointment_id=appointment_id,
        encounter_id=call.new_id(),
        coverage_ids=order_on(coverages, day),
        now=call.now,
    )
    checked_in: PlannedVisit = await call.handle(command)
    if checked_in.encounter_id != command.encounter_id:
        call.response.status_code = 200
    return Appointment.of(checked_in)
