"""`services/validation/domain/rules/x12/billing_provider_known.py` as examples."""

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.billing_provider_known import BILLING_PROVIDER_KNOWN as RULE
from tests.unit.validation.samples import CLEAN, subject


def test_passes_a_known_biller() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_fails_a_claim_that_nobody_bills() -> None:
    (finding,) = RULE.findings(subject(billing_npi=None))

    assert (finding.severity, finding.owner) == ("error", "front-desk")


def test_does_not_apply_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(billing_npi=None, coverages=())) is Outcome.NOT_APPLICABLE
