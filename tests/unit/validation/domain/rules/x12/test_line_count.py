"""`services/validation/domain/rules/x12/line_count.py` as examples; it always applies, on every day."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.line_count import LINE_COUNT as RULE
from tests.unit.validation.samples import lined


@pytest.mark.parametrize(
    ("count", "outcome"), [(0, Outcome.FAIL), (1, Outcome.PASS), (50, Outcome.PASS), (51, Outcome.FAIL)]
)
def test_allows_one_to_fifty(count: int, outcome: Outcome) -> None:
    assert RULE.outcome(lined(*({} for _ in range(count)))) is outcome
