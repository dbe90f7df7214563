"""`services/validation/domain/rules/x12/line_units.py` as examples."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.line_units import LINE_UNITS as RULE
from tests.unit.validation.samples import lined, subject


@pytest.mark.parametrize("units", [1, 999])
def test_passes_what_somebody_means(units: int) -> None:
    assert RULE.outcome(lined({"units": units})) is Outcome.PASS


@pytest.mark.parametrize("units", [-1, 0, 1000])
def test_fails_what_nobody_means(units: int) -> None:
    (finding,) = RULE.findings(lined({}, {"units": units}))

    assert (finding.severity, finding.line_no, finding.inputs) == ("error", 2, ("G0438", str(units)))


def test_does_not_apply_without_lines() -> None:
    assert RULE.outcome(subject(lines=())) is Outcome.NOT_APPLICABLE
