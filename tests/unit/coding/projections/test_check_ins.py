"""`services/coding/projections/check_ins.py`: what coding keeps of the desk, and that it needs nothing else of it."""

from dataclasses import fields
from datetime import UTC, datetime

from msgspec import json

from services.coding.projections.check_ins import CHECK_INS, CheckInRow
from shared.events.registration import PatientCheckedIn

CHECKED_IN = PatientCheckedIn(
    appointment_id="a-1",
    patient_id="p-1",
    encounter_id="e-7",
    coverage_ids=("c-1", "c-2"),
    checked_in_at=datetime(2026, 3, 3, 14, tzinfo=UTC),
)


def test_keeps_the_filing_order_of_the_desk_under_the_encounter() -> None:
    row = CHECK_INS.apply(None, CHECKED_IN)

    assert CHECK_INS.keys(CHECKED_IN) == ("e-7",)
    assert row == CheckInRow(encounter_id="e-7", patient_id="p-1", coverage_ids=("c-1", "c-2"))
    assert CHECK_INS.apply(row, CHECKED_IN) == row


def test_keeps_nothing_that_a_documentation_does_not_ask_for() -> None:
    row = CHECK_INS.apply(None, CHECKED_IN)

    assert {each.name for each in fields(CheckInRow)} == {"encounter_id", "patient_id", "coverage_ids"}
    assert json.decode(json.encode(row), type=CheckInRow) == row
