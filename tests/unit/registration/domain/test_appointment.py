"""The rules of `services/registration/domain/appointment.py` as examples."""

from datetime import UTC, datetime

import pytest

from services.registration.domain.appointment import APPOINTMENTS, AppointmentNotFound, BookAppointment, CheckIn
from shared.events.registration import AppointmentBooked, PatientCheckedIn

NOW = datetime(2026, 3, 3, 14, tzinfo=UTC)
BOOK = BookAppointment(
    appointment_id="a-1", patient_id="p-1", provider_id="v-1", starts_at=NOW, visit_type="office-visit", now=NOW
)
CHECK_IN = CheckIn(appointment_id="a-1", encounter_id="e-1", coverage_ids=("c-1", "c-2"), now=NOW)
BOOKED = AppointmentBooked(
    appointment_id="a-1", patient_id="p-1", provider_id="v-1", starts_at=NOW, visit_type="office-visit", booked_at=NOW
)
CHECKED_IN = PatientCheckedIn(
    appointment_id="a-1", patient_id="p-1", encounter_id="e-1", coverage_ids=("c-1", "c-2"), checked_in_at=NOW
)


def test_books_once() -> None:
    assert APPOINTMENTS.outcome(given=(), when=BOOK) == (BOOKED,)
    assert APPOINTMENTS.outcome(given=[BOOKED], when=BOOK) == ()


def test_checks_in_with_an_encounter_and_the_order_of_coverages() -> None:
    assert APPOINTMENTS.outcome(given=[BOOKED], when=CHECK_IN) == (CHECKED_IN,)


def test_mints_one_encounter_for_two_desks() -> None:
    second = CheckIn(appointment_id="a-1", encounter_id="e-2", coverage_ids=(), now=NOW)
    state = APPOINTMENTS.state([BOOKED, CHECKED_IN])

    assert APPOINTMENTS.outcome(given=[BOOKED, CHECKED_IN], when=second) == ()
    assert state is not None
    assert (state.encounter_id, state.coverage_ids) == ("e-1", ("c-1", "c-2"))


def test_checks_nobody_in_without_an_appointment() -> None:
    with pytest.raises(AppointmentNotFound):
        APPOINTMENTS.outcome(given=(), when=CHECK_IN)


def test_folds_a_check_in_of_nothing_into_nothing() -> None:
    assert APPOINTMENTS.state([CHECKED_IN]) is None
