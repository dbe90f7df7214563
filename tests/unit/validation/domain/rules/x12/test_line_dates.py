"""`services/validation/domain/rules/x12/line_dates.py` as examples; the sample's visit is of 2026-03-03."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.line_dates import LINE_DATES as RULE
from tests.unit.validation.samples import CLEAN, lined, subject

BEFORE, ON, AFTER = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


def test_passes_a_line_of_the_day_of_the_visit() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_passes_every_day_of_a_longer_visit() -> None:
    lines = lined(
        {"service_from_on": BEFORE, "service_to_on": BEFORE},
        {"service_from_on": BEFORE, "service_to_on": AFTER},
        {"service_from_on": AFTER, "service_to_on": AFTER},
    ).lines

    assert RULE.outcome(subject(lines=lines, visit=(BEFORE, AFTER))) is Outcome.PASS


@pytest.mark.parametrize(("first_on", "last_on"), [(BEFORE, ON), (ON, AFTER), (AFTER, AFTER), (BEFORE, BEFORE)])
def test_fails_a_line_outside_the_visit(first_on: date, last_on: date) -> None:
    (finding,) = RULE.findings(lined({}, {"service_from_on": first_on, "service_to_on": last_on}))

    assert (finding.severity, finding.owner, finding.line_no) == ("error", "coder", 2)
    assert finding.inputs == (f"line {first_on} to {last_on}", "visit 2026-03-03 to 2026-03-03")


def test_fails_a_line_that_ends_before_it_begins() -> None:
    turned = lined({"service_from_on": AFTER, "service_to_on": BEFORE}).lines

    assert RULE.outcome(subject(lines=turned, visit=(BEFORE, AFTER))) is Outcome.FAIL


def test_does_not_apply_without_lines() -> None:
    assert RULE.outcome(subject(lines=())) is Outcome.NOT_APPLICABLE
