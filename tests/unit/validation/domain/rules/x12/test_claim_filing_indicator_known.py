"""`services/validation/domain/rules/x12/claim_filing_indicator_known.py` as examples."""

from dataclasses import replace

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.claim_filing_indicator_known import CLAIM_FILING_INDICATOR_KNOWN as RULE
from tests.unit.validation.samples import INSURER, subject

UNKNOWN_KIND = replace(INSURER, claim_filing_indicator="XX")


@pytest.mark.parametrize("indicator", ["CI", "MB", "MC", "ZZ", "11"])
def test_passes_the_kinds_of_the_guide(indicator: str) -> None:
    assert RULE.outcome(subject(payers=(replace(INSURER, claim_filing_indicator=indicator),))) is Outcome.PASS


def test_fails_a_kind_that_the_guide_does_not_have() -> None:
    (finding,) = RULE.findings(subject(payers=(UNKNOWN_KIND,)))

    assert (finding.severity, finding.owner, finding.inputs) == ("error", "biller", ("XX",))


def test_warns_of_a_payer_that_is_not_billed_first() -> None:
    (finding,) = RULE.findings(subject(payers=(INSURER, UNKNOWN_KIND)))

    assert (finding.severity, finding.field) == ("warning", "payers/2/claim_filing_indicator")


def test_does_not_apply_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(payers=())) is Outcome.NOT_APPLICABLE
