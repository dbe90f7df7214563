"""What pages compute before they show it: days of a place, levels of a check, what is owed, reasons as slugs."""

from datetime import date
from typing import Any

import pytest

from apps.console.columns import SHOWN, flat, shown_as, usual_order
from apps.console.pages.home import by_day
from apps.console.pages.patient import owed, visits
from apps.console.pages.remittance import gate
from apps.console.reasons import slug


def test_hours_are_summed_up_by_the_days_of_the_practice() -> None:
    hours = [
        {"hour": "2026-03-03T04", "paid_cents": 1},  # still the evening of the day before in New York
        {"hour": "2026-03-03T05", "paid_cents": 20},
        {"hour": "2026-03-04T04", "paid_cents": 300},
    ]

    assert by_day(hours, "paid_cents", "America/New_York") == {date(2026, 3, 2): 1, date(2026, 3, 3): 320}


def check(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 (fields of an answer)
    line = {"charged_cents": 100, "paid_cents": 80, "adjustments": [{"amount_cents": 20}], "remark_codes": []}
    claim = {"charged_cents": 100, "paid_cents": 80, "lines": [line], "adjustments": []}
    return {"claims": [claim], "provider_adjustment_cents": 0, "paid_cents": 80, **changed}


def test_a_check_adds_up_at_three_levels() -> None:
    assert [(each["left"], each["right"], each["off"]) for each in gate(check())] == [
        (100, 100, 0),
        (80, 80, 0),
        (80, 80, 0),
    ]


@pytest.mark.parametrize(
    ("changed", "off"),
    [
        ({"paid_cents": 70}, [0, 0, 1]),
        ({"provider_adjustment_cents": 10, "paid_cents": 70}, [0, 0, 0]),
        ({"claims": [{"charged_cents": 90, "paid_cents": 80, "lines": [], "adjustments": []}]}, [0, 1, 0]),
    ],
)
def test_the_level_at_which_a_check_does_not_add_up_is_told(changed: dict[str, Any], off: list[int]) -> None:
    assert [each["off"] for each in gate(check(**changed))] == off


def test_what_is_owed_says_why_in_plain_words() -> None:
    claims = {"K-1": {"patient_control_number": "P1"}}
    of_claim = owed({"claim_id": "K-1", "encounter_id": None, "amount_cents": 5}, claims)
    of_visit = owed({"claim_id": None, "encounter_id": "E-1", "amount_cents": 5}, claims)

    assert ("deductible" in of_claim["why"], of_claim["number"]) == (True, "P1")
    assert ("billed to the patient" in of_visit["why"], of_visit["number"]) == (True, None)


def test_visits_stand_newest_first_with_their_claim() -> None:
    documented = [
        {"encounter_id": "E-1", "service_from_on": "2026-01-01"},
        {"encounter_id": "E-2", "service_from_on": "2026-02-01"},
    ]
    found = visits(documented, [{"encounter_id": "E-1", "claim_id": "K-1"}], {"K-1": {"claim_id": "K-1"}})

    assert [each["encounter_id"] for each in found] == ["E-2", "E-1"]
    assert (found[0]["billing"], found[1]["billing"]["claim"]) == (None, {"claim_id": "K-1"})


def test_a_reason_in_words_is_a_slug_that_names_nobody() -> None:
    assert slug(" Checked with the Payer! ") == "checked-with-the-payer"
    assert len(slug("x" * 200)) <= 64


def test_a_worklist_that_nobody_described_shows_its_plain_fields() -> None:
    shown = shown_as("new-list", [{"thing_id": "T-1", "days": 3, "parts": [1]}])

    assert [column.title for column in shown.columns] == ["thing id", "days"]
    assert shown.link({}) == ""


def test_what_is_due_first_comes_first_and_else_what_costs_most() -> None:
    assert [usual_order(name) for name in ("rejected-claims", "denials", "coder-queue", "new-list")] == [
        "due",
        "-amount",
        "key",
        "key",
    ]


def test_a_column_that_is_empty_is_not_shown_unless_rows_are_ordered_by_it() -> None:
    row = {"claim_id": "K-1", "patient_id": "P-1", "charge_cents": 0, "work_reason": None, "status_codes": []}

    assert [column.title for column in shown_as("rejected-claims", [row]).columns] == [
        "Claim",
        "Patient",
        "Charge",
        "Filing deadline",
    ]


def test_a_scrub_says_which_rules_were_broken_and_not_let_pass() -> None:
    def found(rule_id: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 (fields of an answer)
        return {"rule_id": rule_id, "severity": "error", "outcome": "fail", "overridden": None, **changed}

    row = {
        "findings": [
            found("line_units"),
            found("line_units"),
            found("timely_filing", overridden={"reason": "payer-allows"}),
            found("excludes1_pair", outcome="no-data"),
            found("advice", severity="warning"),
        ]
    }

    assert flat("rejected-codes", row)["broken"] == "line units"


def test_a_finding_says_what_to_do_in_its_first_place() -> None:
    row = {"encounter_id": "E-1", "rule_id": "r", "places": [{"mend": "Do this.", "inputs": ["a"]}]}

    assert flat("findings-coder", row)["mend"] == "Do this."
    assert flat("denials", row) == row
    assert SHOWN["findings-coder"].link(row) == "/encounter/E-1"
