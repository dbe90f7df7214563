"""`services/validation/domain/rules/cms/duplicate_line.py` as examples."""

from dataclasses import replace
from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.duplicate_line import DISTINGUISHING
from services.validation.domain.rules.cms.duplicate_line import DUPLICATE_LINE as RULE
from services.validation.domain.subject import LookedUp
from shared.codesets.edition import Interval
from shared.codesets.hcpcs import ProcedureCode
from tests.unit.validation.samples import CLEAN, VALID, lined

UNSPECIFIC = ProcedureCode(code="A9999", label="example", valid=Interval(date(2004, 1, 1)), unspecific=True)
NEXT_DAY = {"service_from_on": date(2026, 3, 4), "service_to_on": date(2026, 3, 4)}


def marked(*codes: str) -> dict[str, tuple[LookedUp, ...]]:
    return {"modifiers": tuple(LookedUp(code, VALID) for code in codes)}


@pytest.mark.parametrize("other", [NEXT_DAY, {"procedure": LookedUp("G0439", VALID)}, marked("LT")])
def test_passes_another_day_procedure_or_side(other: dict[str, object]) -> None:
    assert RULE.outcome(lined({}, other)) is Outcome.PASS


@pytest.mark.parametrize("modifier", sorted(DISTINGUISHING))
def test_passes_what_a_modifier_sets_apart(modifier: str) -> None:
    assert RULE.outcome(lined({}, marked(modifier), marked(modifier))) is Outcome.PASS


def test_fails_the_later_line_and_names_the_first() -> None:
    (finding,) = RULE.findings(lined(marked("LT", "RT"), {}, marked("RT", "LT")))

    assert (finding.severity, finding.line_no) == ("error", 3)
    assert finding.inputs == ("G0438", "LT", "RT", "2026-03-03", "as line 1")


@pytest.mark.parametrize(
    "drug",
    [
        {"procedure": LookedUp("J1885", VALID)},
        {"procedure": LookedUp("S5000", VALID)},
        {"procedure": LookedUp("A9999", VALID), "level2": UNSPECIFIC},
    ],
    ids=["a drug", "a prescription", "an item without a code of its own"],
)
def test_only_warns_where_one_code_stands_for_many_things(drug: dict[str, object]) -> None:
    (finding,) = RULE.findings(lined(drug, drug))

    assert (finding.severity, finding.line_no) == ("warning", 2)
    assert "different drugs" in finding.mend


def test_a_code_that_says_what_it_is_stays_an_error() -> None:
    item = {"procedure": LookedUp("A4550", VALID), "level2": replace(UNSPECIFIC, code="A4550", unspecific=False)}
    (finding,) = RULE.findings(lined(item, item))

    assert finding.severity == "error"


def test_does_not_apply_to_a_single_line() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
