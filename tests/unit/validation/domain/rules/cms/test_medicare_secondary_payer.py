"""`services/validation/domain/rules/cms/medicare_secondary_payer.py` as examples."""

from dataclasses import replace

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.medicare_secondary_payer import MEDICARE_SECONDARY_PAYER as RULE
from services.validation.domain.subject import ScrubSubject
from tests.unit.validation.samples import CLEAN, INSURED, INSURER, subject


def behind(first: str, second: str, *, of_group: bool | None) -> ScrubSubject:
    second_coverage = replace(INSURED, coverage_id="CV-2", filing_order="secondary", of_group=of_group)
    payers = tuple(replace(INSURER, claim_filing_indicator=kind) for kind in (first, second))
    return subject(coverages=(INSURED, second_coverage), payers=payers)


def test_passes_a_plan_that_somebody_bought_alone() -> None:
    assert RULE.outcome(behind("MB", "CI", of_group=False)) is Outcome.PASS


def test_warns_of_a_plan_of_a_group_behind_medicare() -> None:
    (finding,) = RULE.findings(behind("MB", "BL", of_group=True))

    assert (finding.severity, finding.owner, finding.field) == ("warning", "front-desk", "coverages/2")
    assert finding.inputs == ("MB", "secondary")


def test_has_no_data_once_the_group_is_erased() -> None:
    assert RULE.outcome(behind("MA", "CI", of_group=None)) is Outcome.NO_DATA


@pytest.mark.parametrize(
    "case",
    [
        CLEAN,
        behind("CI", "MB", of_group=True),
        behind("MB", "MC", of_group=True),
        subject(coverages=(), payers=()),
    ],
    ids=["one plan", "the plan is first", "Medicaid behind", "self-pay"],
)
def test_does_not_apply_where_no_commercial_plan_stands_behind_medicare(case: ScrubSubject) -> None:
    assert RULE.outcome(case) is Outcome.NOT_APPLICABLE
