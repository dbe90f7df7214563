"""`services/validation/domain/rules/payer/coverage_of_patient.py` as examples."""

from dataclasses import replace

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.payer.coverage_of_patient import COVERAGE_OF_PATIENT as RULE
from tests.unit.validation.samples import CLEAN, INSURED, subject

OF_ANOTHER = replace(INSURED, coverage_id="CV-9", patient_id="PT-9")


def test_passes_a_coverage_of_the_patient_of_the_visit() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_fails_a_coverage_that_belongs_to_somebody_else() -> None:
    (finding,) = RULE.findings(subject(coverages=(OF_ANOTHER,)))

    assert (finding.severity, finding.owner, finding.field) == ("error", "front-desk", "coverages/1")
    assert finding.inputs == ("CV-9",)


def test_judges_every_place_of_the_filing_order() -> None:
    second = replace(OF_ANOTHER, filing_order="secondary")

    assert [each.field for each in RULE.findings(subject(coverages=(INSURED, second)))] == ["coverages/2"]


def test_does_not_apply_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(coverages=())) is Outcome.NOT_APPLICABLE
