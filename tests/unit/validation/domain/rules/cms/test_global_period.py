"""`services/validation/domain/rules/cms/global_period.py` as examples."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec import structs

from services.validation.domain.included_visit import Included, IncludedVisit
from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.global_period import GLOBAL_PERIOD as RULE
from services.validation.domain.same_day import Pair
from services.validation.domain.subject import LookedUp, ScrubSubject
from shared.codesets.edition import Interval, TableNotLoaded, Why
from shared.codesets.mpfs import GlobalPeriod
from shared.codesets.ncci_ptp import PairEdit
from tests.unit.validation.samples import CLEAN, INSURER, SERVICE, SERVICE_ON, VALID, lined

MINOR, MAJOR, SAME_DAY = GlobalPeriod.MINOR, GlobalPeriod.MAJOR, GlobalPeriod.SAME_DAY
MEDICARE = (replace(INSURER, claim_filing_indicator="MB"),)


def visited(  # noqa: PLR0913 (each has its usual value)
    period: GlobalPeriod = MAJOR,
    after: int = 20,
    *modifiers: str,
    code: str = "99213",
    of_procedure: tuple[str, ...] = (),
    of_group: bool = False,
    elsewhere: bool = True,
    medicare: bool = True,
) -> ScrubSubject:
    """Return a visit so many days after a procedure, with what would be found for the two."""
    performed_on = SERVICE_ON - timedelta(days=after)
    procedure = structs.replace(
        SERVICE,
        encounter_id="EN-0" if elsewhere else None,
        line_no=2,
        code="27447",
        modifiers=of_procedure,
        service_from_on=performed_on,
        service_to_on=performed_on,
    )
    found = IncludedVisit(
        line_no=1,
        code=code,
        modifiers=modifiers,
        visit_on=SERVICE_ON,
        procedure=procedure,
        period=period,
        of_group=of_group,
        edition="mpfs example",
    )
    return lined(
        {"procedure": LookedUp(code, VALID), "modifiers": tuple(LookedUp(each, VALID) for each in modifiers)},
        included=Included((found,)),
        payers=MEDICARE if medicare else (INSURER,),
    )


def test_passes_a_visit_on_no_day_of_a_procedure() -> None:
    assert RULE.outcome(lined({"procedure": LookedUp("99213", VALID)})) is Outcome.PASS


def test_fails_a_visit_that_a_procedure_of_another_encounter_includes() -> None:
    (finding,) = RULE.findings(visited())

    assert (finding.severity, finding.line_no, finding.field) == ("error", 1, "lines/1/modifiers")
    assert finding.inputs == (
        "99213",
        "2026-03-03",
        "27447 on 2026-02-11",
        "global period 090",
        "with line 2 of encounter EN-0",
    )
    assert (finding.edition, finding.owner) == ("mpfs example", "coder")
    assert finding.mend.endswith("add modifier 24.")


@pytest.mark.parametrize(
    ("period", "after", "setting_apart"),
    [
        (SAME_DAY, 0, {"25"}),
        (MINOR, 0, {"25"}),
        (MINOR, 10, {"24"}),
        (MAJOR, -1, {"57"}),
        (MAJOR, 0, {"25", "57"}),
        (MAJOR, 90, {"24"}),
    ],
)
@pytest.mark.parametrize("modifier", ["24", "25", "57", "58", "78", "79", "59", "FT", "GT"])
def test_each_day_has_modifiers_that_set_a_visit_apart(
    period: GlobalPeriod, after: int, setting_apart: set[str], modifier: str
) -> None:
    outcome = RULE.outcome(visited(period, after, "95", modifier))

    assert outcome is (Outcome.PASS if modifier in setting_apart else Outcome.FAIL)


@pytest.mark.parametrize(("period", "after"), [(SAME_DAY, 0), (MAJOR, -1), (MAJOR, 30)])
def test_critical_care_has_one_of_its_own(period: GlobalPeriod, after: int) -> None:
    assert RULE.outcome(visited(period, after, "FT", code="99291")) is Outcome.PASS
    assert RULE.outcome(visited(period, after, "FT", code="99233")) is Outcome.FAIL


def test_names_every_modifier_that_would_do() -> None:
    (finding,) = RULE.findings(visited(MAJOR, 0))

    assert finding.mend.endswith("add modifier 25 or 57.")


@pytest.mark.parametrize("modifier", ["54", "56", "78"])
def test_nothing_follows_where_the_care_after_it_is_not_part_of_the_procedure(modifier: str) -> None:
    assert RULE.outcome(visited(MAJOR, 20, of_procedure=(modifier,))) is Outcome.PASS
    assert RULE.outcome(visited(MAJOR, 0, of_procedure=(modifier,))) is Outcome.FAIL


@pytest.mark.parametrize(
    ("medicare", "of_group", "severity"),
    [(True, False, "error"), (True, True, "warning"), (False, False, "warning")],
    ids=["medicare", "another physician of the group", "another payer"],
)
def test_is_an_error_where_medicare_is_sure_to_refuse(severity: str, *, medicare: bool, of_group: bool) -> None:
    (finding,) = RULE.findings(visited(medicare=medicare, of_group=of_group))

    assert finding.severity == severity
    assert (finding.inputs[-1] == "of the same group and specialty") is of_group


def paired(visit: ScrubSubject) -> ScrubSubject:
    """Return the subject with a pair edit between the visit and the procedure."""
    own = structs.replace(SERVICE, code="99213")
    edit = PairEdit(days=Interval(date(2013, 7, 1)), indicator=1, rationale="example")
    column1 = visit.included.visits[0].procedure
    return replace(visit, pairs=(Pair(column1=column1, column2=own, edit=edit, edition="ncci example"),))


@pytest.mark.parametrize("elsewhere", [True, False])
def test_leaves_to_a_pair_edit_what_that_judges(*, elsewhere: bool) -> None:
    same_day = visited(MINOR, 0, elsewhere=elsewhere)

    assert RULE.outcome(same_day) is Outcome.FAIL
    assert RULE.outcome(paired(same_day)) is Outcome.PASS


def test_another_pair_of_the_day_does_not_hide_it() -> None:
    visit = visited(MINOR, 0)
    pair = paired(visit).pairs[0]
    other = structs.replace(pair, column1=structs.replace(pair.column1, line_no=3))

    assert RULE.outcome(replace(visit, pairs=(other,))) is Outcome.FAIL


def test_has_no_data_without_the_schedule_and_says_so_once() -> None:
    absent = TableNotLoaded("mpfs", Why.ABSENT)
    visit = lined({"procedure": LookedUp("99213", VALID)}, {"procedure": LookedUp("99213", VALID)})

    (finding,) = RULE.findings(replace(visit, included=Included(gaps=(absent,))))

    assert (finding.outcome, finding.missing_table) == ("no-data", "mpfs")
    assert finding.inputs == ("99213", "mpfs: absent")


def test_has_no_data_where_not_all_procedures_are_compared() -> None:
    assert RULE.outcome(lined({"procedure": LookedUp("99213", VALID)}, included_cut=True)) is Outcome.NO_DATA


def test_does_not_apply_without_a_visit_or_where_the_patient_pays() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(replace(visited(), coverages=(), payers=())) is Outcome.NOT_APPLICABLE


def test_does_not_apply_before_medicare_paid_by_schedule() -> None:
    assert RULE.outcome(replace(visited(), service_on=date(1991, 12, 31))) is Outcome.NOT_APPLICABLE
    assert RULE.outcome(replace(visited(), service_on=date(1992, 1, 1))) is Outcome.FAIL
