"""`services/validation/domain/rules/cms/medicaid_pays_last.py` as examples."""

from dataclasses import replace

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.medicaid_pays_last import MEDICAID_PAYS_LAST as RULE
from services.validation.domain.subject import ScrubSubject
from tests.unit.validation.samples import CLEAN, INSURED, INSURER, subject


def of_kinds(*kinds: str) -> ScrubSubject:
    payers = tuple(replace(INSURER, claim_filing_indicator=kind) for kind in kinds)
    return subject(coverages=(INSURED,) * len(kinds), payers=payers)


@pytest.mark.parametrize("kinds", [("MC",), ("CI", "MC"), ("MB", "CI", "MC"), ("MC", "MC")])
def test_passes_medicaid_at_the_end(kinds: tuple[str, ...]) -> None:
    assert RULE.outcome(of_kinds(*kinds)) is Outcome.PASS


@pytest.mark.parametrize(("kinds", "place"), [(("MC", "CI"), 1), (("CI", "MC", "MB"), 2)])
def test_warns_of_medicaid_before_somebody_else(kinds: tuple[str, ...], place: int) -> None:
    (finding,) = RULE.findings(of_kinds(*kinds))

    assert (finding.severity, finding.owner, finding.field) == ("warning", "front-desk", f"coverages/{place}")
    assert finding.inputs == kinds


def test_does_not_apply_without_medicaid() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(subject(coverages=(), payers=())) is Outcome.NOT_APPLICABLE
