"""`services/validation/domain/rules/cms/modifiers_valid.py` as examples."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.modifiers_valid import MODIFIERS_VALID as RULE
from services.validation.domain.subject import LookedUp, ScrubSubject
from shared.codesets.edition import Answer
from tests.unit.validation.samples import ABSENT, CLEAN, UNKNOWN, VALID, lined


def modified(*codes: str, answer: Answer = VALID) -> ScrubSubject:
    return lined({"modifiers": tuple(LookedUp(code, answer) for code in codes)})


@pytest.mark.parametrize("codes", [("25",), ("LT", "59", "XS", "76")])
def test_passes_up_to_four(codes: tuple[str, ...]) -> None:
    assert RULE.outcome(modified(*codes)) is Outcome.PASS


@pytest.mark.parametrize("codes", [("A1", "A2", "A3", "A4", "A5"), ("25", "25"), ("2",), ("lt",), ("LTX",)])
def test_fails_what_cannot_be_sent(codes: tuple[str, ...]) -> None:
    (finding,) = RULE.findings(modified(*codes))

    assert (finding.severity, finding.line_no, finding.inputs) == ("error", 1, codes)


def test_warns_of_a_modifier_that_the_table_does_not_have() -> None:
    (finding,) = RULE.findings(modified("ZZ", answer=UNKNOWN))

    assert (finding.outcome, finding.severity, finding.inputs) == ("fail", "warning", ("ZZ", "2026-03-03"))


def test_has_no_data_where_the_table_cannot_say() -> None:
    assert RULE.outcome(modified("ZZ", answer=ABSENT)) is Outcome.NO_DATA


def test_does_not_apply_without_modifiers() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
