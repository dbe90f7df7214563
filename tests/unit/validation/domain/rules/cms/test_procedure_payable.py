"""`services/validation/domain/rules/cms/procedure_payable.py` as examples."""

from dataclasses import replace
from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.procedure_payable import PROCEDURE_PAYABLE as RULE
from services.validation.domain.subject import LookedUp, ScrubSubject
from shared.codesets.edition import Interval
from shared.codesets.hcpcs import Coverage, ProcedureCode
from tests.unit.validation.samples import CLEAN, INSURER, VALID, lined

MEDICARE = (replace(INSURER, claim_filing_indicator="MB"),)


def covered(coverage: Coverage | None, *modifiers: str, medicare: bool = True) -> ScrubSubject:
    level2 = ProcedureCode(code="S0610", label="Example", valid=Interval(date(2000, 1, 1)), coverage=coverage)
    line = {"level2": level2, "modifiers": tuple(LookedUp(modifier, VALID) for modifier in modifiers)}
    return lined(line, payers=MEDICARE if medicare else CLEAN.payers)


@pytest.mark.parametrize("coverage", [Coverage.CONTRACTOR, Coverage.SPECIAL, None])
def test_passes_what_medicare_may_pay_and_what_no_table_speaks_of(coverage: Coverage | None) -> None:
    assert RULE.outcome(covered(coverage)) is Outcome.PASS


@pytest.mark.parametrize(
    ("coverage", "why"),
    [
        (Coverage.NOT_PAYABLE, "not payable by Medicare"),
        (Coverage.NOT_COVERED, "not covered"),
        (Coverage.EXCLUDED, "excluded by statute"),
    ],
)
def test_warns_of_what_it_does_not(coverage: Coverage, why: str) -> None:
    (finding,) = RULE.findings(covered(coverage))

    assert (finding.severity, finding.line_no, finding.inputs) == ("warning", 1, ("G0438", "2026-03-03", why))


@pytest.mark.parametrize("modifier", ["GA", "GX", "GY", "GZ"])
def test_passes_where_the_denial_is_expected(modifier: str) -> None:
    assert RULE.outcome(covered(Coverage.EXCLUDED, modifier)) is Outcome.PASS


def test_does_not_apply_to_other_payers_or_to_cpt() -> None:
    assert RULE.outcome(covered(Coverage.NOT_PAYABLE, medicare=False)) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(lined({}, payers=MEDICARE)) is Outcome.NOT_APPLICABLE
