"""`services/validation/domain/rules/x12/service_not_in_future.py` as examples; the sample's service is 2026-03-03."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.service_not_in_future import SERVICE_NOT_IN_FUTURE as RULE
from tests.unit.validation.samples import LINE, lined, subject


@pytest.mark.parametrize(
    ("today", "severities"),
    [
        (date(2026, 3, 4), []),
        (date(2026, 3, 3), []),
        (date(2026, 3, 2), ["warning"]),
        (date(2026, 3, 1), ["error"]),
        (date(2025, 3, 3), ["error"]),
    ],
)
def test_warns_of_tomorrow_and_fails_what_lies_behind_it(today: date, severities: list[str]) -> None:
    assert [finding.severity for finding in RULE.findings(subject(today=today))] == severities


def test_goes_by_the_last_day_of_a_line() -> None:
    lines = lined({}, {"service_to_on": date(2026, 3, 12)}).lines
    (finding,) = RULE.findings(subject(lines=lines, today=date(2026, 3, 10)))

    assert (finding.severity, finding.owner, finding.line_no) == ("error", "coder", 2)
    assert finding.inputs == ("2026-03-03", "2026-03-12")


def test_does_not_apply_without_lines() -> None:
    assert RULE.outcome(subject(lines=())) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(subject(lines=(LINE,))) is Outcome.PASS
