"""`services/validation/domain/rules/x12/diagnosis_count.py` as examples; it always applies, on every day."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.diagnosis_count import DIAGNOSIS_COUNT as RULE
from services.validation.domain.subject import Diagnosis
from tests.unit.validation.samples import NO_EDITS, VALID, subject


@pytest.mark.parametrize(
    ("count", "outcome"), [(0, Outcome.FAIL), (1, Outcome.PASS), (12, Outcome.PASS), (13, Outcome.FAIL)]
)
def test_allows_one_to_twelve(count: int, outcome: Outcome) -> None:
    diagnoses = tuple(Diagnosis(f"E{number:03}", VALID, NO_EDITS) for number in range(count))

    assert RULE.outcome(subject(diagnoses=diagnoses)) is outcome


def test_stops_the_claim_and_says_how_many() -> None:
    (finding,) = RULE.findings(subject(diagnoses=()))

    assert (finding.severity, finding.inputs, finding.owner) == ("error", ("0",), "coder")
