"""`services/validation/domain/rules/cms/anatomical_modifiers.py` as examples."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.anatomical_modifiers import ANATOMICAL_MODIFIERS as RULE
from services.validation.domain.rules.cms.anatomical_modifiers import CORONARY, LEFT, RIGHT
from services.validation.domain.subject import LookedUp, ScrubSubject
from shared.codesets.modifiers import MODIFIERS, Kind
from tests.unit.validation.samples import CLEAN, VALID, lined


def modified(codes: str, units: int = 1) -> ScrubSubject:
    return lined({"modifiers": tuple(LookedUp(code, VALID) for code in codes.split()), "units": units})


@pytest.mark.parametrize(
    ("codes", "units"),
    [("LT", 1), ("50", 1), ("F5", 1), ("F5 59", 1), ("RT F5", 1), ("LT E1", 1), ("LC", 1), ("LT RT", 2), ("T1 T2", 2)],
)
def test_passes_places_that_fit(codes: str, units: int) -> None:
    assert RULE.outcome(modified(codes, units)) is Outcome.PASS


@pytest.mark.parametrize(
    ("codes", "units", "why"),
    [
        ("LT RT", 1, "more places than units"),
        ("F5 F6", 1, "more places than units"),
        ("LC RC", 1, "more places than units"),
        ("T1 T2 T3", 2, "more places than units"),
        ("50 LT", 1, "both sides, and one place"),
        ("50 RT", 2, "both sides, and one place"),
        ("50 E1", 1, "both sides, and one place"),
        ("LT F5", 1, "one side, and a place on the other"),
        ("RT T1", 3, "one side, and a place on the other"),
        ("LC F1", 2, "a coronary artery, and another part of the body"),
    ],
)
def test_fails_places_that_do_not(codes: str, units: int, why: str) -> None:
    (finding,) = RULE.findings(modified(codes, units))

    assert (finding.severity, finding.line_no, finding.inputs[-1]) == ("error", 1, why)
    assert finding.inputs[-2] == f"{units} units"


def test_knows_every_place_of_the_table_of_modifiers() -> None:
    kinds = {Kind.SIDE, Kind.DIGIT, Kind.EYELID, Kind.CORONARY}

    assert {row.code for row in MODIFIERS if row.kind in kinds} == LEFT | RIGHT | CORONARY | {"50"}


def test_does_not_apply_without_modifiers() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
