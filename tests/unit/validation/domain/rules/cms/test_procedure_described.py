"""`services/validation/domain/rules/cms/procedure_described.py` as examples."""

from datetime import date

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.procedure_described import PROCEDURE_DESCRIBED as RULE
from services.validation.domain.subject import LookedUp
from shared.codesets.hcpcs import HCPCS
from tests.unit.validation.samples import CLEAN, SERVICE_ON, VALID, lined


def test_passes_a_code_that_says_what_was_given() -> None:
    assert RULE.outcome(lined({"level2": HCPCS.row_on("J1885", SERVICE_ON)})) is Outcome.PASS


def test_warns_of_a_code_that_does_not() -> None:
    unspecific = {"procedure": LookedUp("J3490", VALID), "level2": HCPCS.row_on("J3490", SERVICE_ON)}

    (finding,) = RULE.findings(lined({}, unspecific))

    assert (finding.severity, finding.line_no, finding.inputs) == ("warning", 2, ("J3490", "2026-03-03"))


def test_does_not_apply_to_codes_of_which_nothing_is_said() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(lined({"level2": HCPCS.row_on("J3490", date(1999, 1, 1))})) is Outcome.NOT_APPLICABLE
