"""The rules of `services/coding/domain/coding_case.py` as examples."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.coding.domain.coding_case import (
    CODING_CASES,
    AssignCodes,
    CodeAsDocumented,
    CodeSetNotLoaded,
    CodingCaseOpened,
    LineWanted,
)
from services.coding.domain.coding_rule import Coded, Stuck
from shared.events.coding import CodedLine, CodesAssigned, Diagnosis
from shared.kernel.errors import Malformed

NOW = datetime(2026, 3, 3, 20, tzinfo=UTC)
DAY = date(2026, 3, 3)
CODED_LINE = CodedLine(
    line_no=1,
    procedure_code="99213",
    modifiers=("25",),
    units=1,
    pointers=(1,),
    service_from_on=DAY,
    service_to_on=DAY,
)
READING = Coded(
    diagnoses=(Diagnosis(order=1, code="E119"),),
    lines=(CODED_LINE,),
    editions=("icd10cm test",),
    attribution="documented-codes",
)
AUTOMATIC = CodeAsDocumented(encounter_id="e-1", patient_id="p-1", service_from_on=DAY, reading=READING, now=NOW)
STUCK = replace(AUTOMATIC, reading=Stuck(reasons=("no-diagnosis-code", "provider-missing")))
LINE = LineWanted(
    procedure_code="99213", modifiers=("25",), units=1, pointers=(1,), service_from_on=None, service_to_on=None
)
ASSIGN = AssignCodes(
    encounter_id="e-1",
    patient_id="p-1",
    service_from_on=DAY,
    service_to_on=date(2026, 3, 5),
    diagnoses=("E119",),
    lines=(LINE,),
    editions=("icd10cm test",),
    now=NOW,
)
OPENED = CodingCaseOpened(
    encounter_id="e-1",
    patient_id="p-1",
    service_from_on=DAY,
    status="open",
    reasons=("no-diagnosis-code", "provider-missing"),
    opened_at=NOW,
)
BY_RULE = CodesAssigned(
    encounter_id="e-1",
    patient_id="p-1",
    coding_version=1,
    diagnoses=READING.diagnoses,
    lines=READING.lines,
    editions=READING.editions,
    attribution="documented-codes",
    assigned_at=NOW,
)
BY_CODER = CodesAssigned(
    encounter_id="e-1",
    patient_id="p-1",
    coding_version=1,
    diagnoses=READING.diagnoses,
    lines=READING.lines,
    editions=READING.editions,
    attribution="coder",
    assigned_at=NOW,
)


def test_signs_what_the_rule_read() -> None:
    assert CODING_CASES.outcome(given=(), when=AUTOMATIC) == (BY_RULE,)


def test_opens_a_case_where_the_rule_stuck() -> None:
    assert CODING_CASES.outcome(given=(), when=STUCK) == (OPENED,)


def test_refuses_a_case_that_nobody_can_code_yet() -> None:
    early = replace(AUTOMATIC, reading=Stuck(reasons=("code-set-not-loaded", "no-procedure-code")))
    (opened,) = CODING_CASES.outcome(given=(), when=early)

    assert isinstance(opened, CodingCaseOpened)
    assert opened.status == "refused"


@pytest.mark.parametrize("given", [OPENED, BY_RULE, BY_CODER], ids=["open", "by rule", "by coder"])
@pytest.mark.parametrize("late", [AUTOMATIC, STUCK], ids=["complete", "stuck"])
def test_adds_nothing_when_the_rule_runs_again_or_late(
    given: CodingCaseOpened | CodesAssigned, late: CodeAsDocumented
) -> None:
    assert CODING_CASES.outcome(given=[given], when=late) == ()


@pytest.mark.parametrize("given", [(), (OPENED,)], ids=["before the rule", "from the queue"])
def test_lets_a_coder_end_the_waiting(given: tuple[CodingCaseOpened, ...]) -> None:
    assert CODING_CASES.outcome(given=given, when=ASSIGN) == (BY_CODER,)

    state = CODING_CASES.state([*given, BY_CODER])
    assert state is not None
    assert state.latest == BY_CODER


def test_counts_each_set_of_codes_as_a_version() -> None:
    second = CODING_CASES.outcome(given=[BY_RULE], when=replace(ASSIGN, diagnoses=("I10",)))
    third = CODING_CASES.outcome(given=[BY_RULE, *second], when=ASSIGN)

    assert [event.coding_version for event in (*second, *third) if isinstance(event, CodesAssigned)] == [2, 3]


def test_dates_lines_within_the_visit() -> None:
    later = replace(LINE, service_from_on=date(2026, 3, 4), service_to_on=date(2026, 3, 5))
    (event,) = CODING_CASES.outcome(given=(), when=replace(ASSIGN, lines=(LINE, later)))

    assert isinstance(event, CodesAssigned)
    assert [(line.line_no, line.service_from_on, line.service_to_on) for line in event.lines] == [
        (1, DAY, DAY),
        (2, date(2026, 3, 4), date(2026, 3, 5)),
    ]


def test_refuses_to_code_a_date_that_no_edition_covers() -> None:
    with pytest.raises(CodeSetNotLoaded):
        CODING_CASES.outcome(given=[OPENED], when=replace(ASSIGN, editions=()))


@pytest.mark.parametrize(
    ("wrong", "slug"),
    [
        (replace(ASSIGN, diagnoses=()), "no-diagnoses"),
        (replace(ASSIGN, diagnoses=tuple(f"Z{n:02d}" for n in range(13))), "too-many-diagnoses"),
        (replace(ASSIGN, diagnoses=("E119", "E119")), "diagnosis-twice"),
        (replace(ASSIGN, diagnoses=("99213",)), "not-a-diagnosis-code"),
        (replace(ASSIGN, diagnoses=("E1",)), "not-a-diagnosis-code"),
        (replace(ASSIGN, lines=()), "no-lines"),
        (replace(ASSIGN, lines=(LINE,) * 51), "too-many-lines"),
        (replace(ASSIGN, lines=(replace(LINE, procedure_code="E11.9"),)), "not-a-procedure-code"),
        (replace(ASSIGN, lines=(replace(LINE, modifiers=("25", "26", "TC", "59", "LT")),)), "too-many-modifiers"),
        (replace(ASSIGN, lines=(replace(LINE, modifiers=("255",)),)), "not-a-modifier"),
        (replace(ASSIGN, lines=(replace(LINE, pointers=()),)), "pointers-wrong"),
        (replace(ASSIGN, lines=(replace(LINE, pointers=(2,)),)), "pointers-wrong"),
        (replace(ASSIGN, lines=(replace(LINE, pointers=(0,)),)), "pointers-wrong"),
        (replace(ASSIGN, lines=(replace(LINE, pointers=(1, 1)),)), "pointers-wrong"),
        (replace(ASSIGN, lines=(replace(LINE, service_from_on=date(2026, 3, 2)),)), "service-date-outside-visit"),
        (replace(ASSIGN, lines=(replace(LINE, service_to_on=date(2026, 3, 6)),)), "service-date-outside-visit"),
        (
            replace(ASSIGN, lines=(replace(LINE, service_from_on=date(2026, 3, 5), service_to_on=date(2026, 3, 4)),)),
            "service-date-outside-visit",
        ),
    ],
)
def test_refuses_a_set_of_codes_that_no_claim_could_hold(wrong: AssignCodes, slug: str) -> None:
    with pytest.raises(Malformed) as refused:
        CODING_CASES.outcome(given=[OPENED], when=wrong)

    assert refused.value.slug == slug


def test_takes_a_code_that_validation_will_find_fault_with() -> None:
    (event,) = CODING_CASES.outcome(given=[OPENED], when=replace(ASSIGN, diagnoses=("E11",)))

    assert isinstance(event, CodesAssigned)
    assert event.diagnoses == (Diagnosis(order=1, code="E11"),)
