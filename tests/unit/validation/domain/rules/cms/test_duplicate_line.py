"""`services/validation/domain/rules/cms/duplicate_line.py` as examples."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.duplicate_line import DISTINGUISHING
from services.validation.domain.rules.cms.duplicate_line import DUPLICATE_LINE as RULE
from services.validation.domain.subject import LookedUp
from tests.unit.validation.samples import CLEAN, VALID, lined

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


def test_does_not_apply_to_a_single_line() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
