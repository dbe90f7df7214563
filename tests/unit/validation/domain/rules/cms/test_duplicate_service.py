"""`services/validation/domain/rules/cms/duplicate_service.py` as examples; EN-9 is another encounter of the day."""

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.duplicate_line import DISTINGUISHING
from services.validation.domain.rules.cms.duplicate_service import DUPLICATE_SERVICE as RULE
from services.validation.domain.same_day import Service
from services.validation.domain.subject import LookedUp
from tests.unit.validation.samples import CLEAN, SERVICE, VALID, lined


def other(**changes: Any) -> Service:  # noqa: ANN401 (any field of a service)
    return structs.replace(SERVICE, encounter_id="EN-9", line_no=4, **changes)


def marked(*codes: str) -> dict[str, Any]:
    return {"modifiers": tuple(LookedUp(code, VALID) for code in codes)}


@pytest.mark.parametrize(
    "elsewhere",
    [
        other(code="G0439"),
        other(modifiers=("25",)),
        other(service_to_on=date(2026, 3, 4)),
        other(service_from_on=date(2026, 3, 2), service_to_on=date(2026, 3, 2)),
    ],
    ids=["another procedure", "another modifier", "more days", "another day"],
)
def test_passes_what_differs(elsewhere: Service) -> None:
    assert RULE.outcome(lined({}, others=(elsewhere,))) is Outcome.PASS


@pytest.mark.parametrize("modifier", sorted(DISTINGUISHING))
def test_passes_what_a_modifier_sets_apart(modifier: str) -> None:
    assert RULE.outcome(lined(marked(modifier), others=(other(modifiers=(modifier,)),))) is Outcome.PASS


def test_fails_a_line_that_another_encounter_has_too() -> None:
    (finding,) = RULE.findings(
        lined(
            {"procedure": LookedUp("G0439", VALID)}, marked("LT", "25"), others=(other(), other(modifiers=("25", "LT")))
        )
    )

    assert (finding.severity, finding.owner, finding.line_no) == ("error", "coder", 2)
    assert finding.inputs == ("G0438", "25", "LT", "2026-03-03", "as line 4 of encounter EN-9")


@pytest.mark.parametrize("code", ["J1885", "S5000"])
def test_warns_of_what_may_be_another_drug(code: str) -> None:
    (finding,) = RULE.findings(lined({"procedure": LookedUp(code, VALID)}, others=(other(code=code),)))

    assert (finding.severity, finding.line_no) == ("warning", 1)
    assert "different drugs" in finding.mend


def test_does_not_apply_where_there_is_no_other_encounter() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(lined({}, {})) is Outcome.NOT_APPLICABLE
