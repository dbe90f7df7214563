"""`services/validation/domain/rules/cms/modifiers_agree.py` as examples."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.modifiers_agree import MODIFIERS_AGREE as RULE
from services.validation.domain.subject import LookedUp, ScrubSubject
from tests.unit.validation.samples import CLEAN, VALID, lined


def modified(*lines: str) -> ScrubSubject:
    return lined(*({"modifiers": tuple(LookedUp(code, VALID) for code in line.split())} for line in lines))


@pytest.mark.parametrize("codes", ["26 59", "LT 59", "XE XS", "GA GY", "GX GY", "QX QS", "95 GC", "KX GP", "RT 76"])
def test_passes_what_may_stand_together(codes: str) -> None:
    assert RULE.outcome(modified(codes)) is Outcome.PASS


@pytest.mark.parametrize(
    "codes",
    [
        "26 TC",
        "59 XE",
        "59 XP",
        "59 XS",
        "59 XU",
        "76 77",
        "93 95",
        "95 GT",
        "GA GZ",
        "GX GZ",
        "GA GX",
        "GO GP",
        "JW JZ",
        "NU RR",
        "AA QK",
        "QX QZ",
        "P1 P3",
        "62 66",
        "73 74",
    ],
)
def test_fails_what_contradicts_each_other_in_either_order(codes: str) -> None:
    turned = " ".join(reversed(codes.split()))

    (finding,) = RULE.findings(modified(codes))

    assert (finding.severity, finding.line_no, finding.inputs) == ("error", 1, tuple(codes.split()))
    assert RULE.findings(modified(turned)) == [finding]


def test_finds_each_contradiction_of_a_line() -> None:
    assert [finding.inputs for finding in RULE.findings(modified("26 TC GA GZ"))] == [("26", "TC"), ("GA", "GZ")]


def test_lines_stand_by_themselves() -> None:
    assert RULE.outcome(modified("26 LT", "TC LT")) is Outcome.PASS


def test_does_not_apply_to_a_single_modifier() -> None:
    assert RULE.outcome(modified("26")) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
