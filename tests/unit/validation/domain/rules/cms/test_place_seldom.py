"""`services/validation/domain/rules/cms/place_seldom.py` as examples."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.place_seldom import PLACE_SELDOM as RULE
from services.validation.domain.subject import LookedUp
from shared.codesets.mpfs import GlobalPeriod, Indicators, RelativeValues
from tests.unit.validation.samples import ABSENT, CLEAN, EDITION, UNKNOWN, VALID, lined, subject


def values(*, office: bool = False, facility: bool = False) -> RelativeValues:
    """Return values of a code that is seldom rendered in some places."""
    return RelativeValues(
        edition=EDITION,
        code="G0438",
        modifier="",
        work=100,
        office_expense=100,
        facility_expense=100,
        malpractice=10,
        cap=None,
        indicators=Indicators(
            status="A",
            components="0",
            global_period=GlobalPeriod.NONE,
            multiple="0",
            bilateral="0",
            assistant="0",
            co_surgeons="0",
            team="0",
            endoscopy_of=None,
            supervision="09",
            imaging_family="99",
            seldom_in_office=office,
            seldom_in_facility=facility,
            share_before_percent=0,
            share_during_percent=0,
            share_after_percent=0,
        ),
        factor=334009,
    )


@pytest.mark.parametrize(
    ("in_facility", "says", "outcome"),
    [
        (False, values(), Outcome.PASS),
        (True, values(), Outcome.PASS),
        (False, values(facility=True), Outcome.PASS),
        (True, values(office=True), Outcome.PASS),
        (False, values(office=True), Outcome.FAIL),
        (True, values(facility=True), Outcome.FAIL),
        (True, UNKNOWN, Outcome.PASS),
        (True, ABSENT, Outcome.NO_DATA),
    ],
)
def test_goes_by_what_the_fee_schedule_says_of_the_place(in_facility: bool, says: object, outcome: Outcome) -> None:  # noqa: FBT001 (a column)
    assert RULE.outcome(lined({"values": says}, in_facility=in_facility)) is outcome


def test_names_line_code_and_place() -> None:
    (finding,) = RULE.findings(lined({}, {"values": values(office=True)}, in_facility=False))

    assert (finding.severity, finding.owner, finding.line_no) == ("warning", "coder", 2)
    assert (finding.inputs, finding.edition) == (("G0438", "place 11"), "TEST 2026")


def test_tells_one_gap_for_all_lines() -> None:
    (finding,) = RULE.findings(
        lined({"values": ABSENT}, {"values": ABSENT, "procedure": LookedUp("G0439", VALID)}, in_facility=True)
    )

    assert finding.inputs[:2] == ("G0438", "G0439")


def test_does_not_apply_without_lines_or_a_place() -> None:
    assert RULE.outcome(subject(lines=(), in_facility=True)) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(subject(in_facility=None)) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(CLEAN) in {Outcome.PASS, Outcome.NOT_APPLICABLE}
