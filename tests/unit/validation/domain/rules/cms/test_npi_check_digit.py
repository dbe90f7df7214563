"""`services/validation/domain/rules/cms/npi_check_digit.py` as examples."""

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.npi_check_digit import NPI_CHECK_DIGIT as RULE
from tests.unit.validation.samples import CLEAN, subject


def test_passes_well_formed_numbers() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_fails_each_number_with_a_wrong_check_digit() -> None:
    findings = RULE.findings(subject(rendering_npi="1234567890", billing_npi="123456789"))

    assert [(each.severity, each.field, each.inputs) for each in findings] == [
        ("error", "providers/rendering", ("1234567890",)),
        ("error", "providers/billing", ("123456789",)),
    ]


def test_judges_the_one_that_is_documented() -> None:
    assert RULE.outcome(subject(rendering_npi=None)) is Outcome.PASS


def test_does_not_apply_without_providers() -> None:
    assert RULE.outcome(subject(rendering_npi=None, billing_npi=None)) is Outcome.NOT_APPLICABLE
