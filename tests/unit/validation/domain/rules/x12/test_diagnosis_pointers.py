"""`services/validation/domain/rules/x12/diagnosis_pointers.py` as examples; the sample has two diagnoses."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.diagnosis_pointers import DIAGNOSIS_POINTERS as RULE
from tests.unit.validation.samples import lined, subject


@pytest.mark.parametrize("pointers", [(1,), (2, 1)])
def test_passes_pointers_within_the_list(pointers: tuple[int, ...]) -> None:
    assert RULE.outcome(lined({"pointers": pointers})) is Outcome.PASS


@pytest.mark.parametrize("pointers", [(), (0,), (3,), (1, 3), (1, 2, 1, 2, 1)])
def test_fails_none_too_many_and_beyond_the_list(pointers: tuple[int, ...]) -> None:
    (finding,) = RULE.findings(lined({"pointers": (1,)}, {"pointers": pointers}))

    assert (finding.severity, finding.line_no, finding.field) == ("error", 2, "lines/2/pointers")


def test_does_not_apply_without_lines() -> None:
    assert RULE.outcome(subject(lines=())) is Outcome.NOT_APPLICABLE
