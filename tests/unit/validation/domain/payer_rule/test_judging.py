"""What rules of payers say of a claim: each kind of condition, three answers, findings, proposals."""

from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from services.validation.domain.payer_rule.claim import Claim, ClaimCoverage, ClaimLine, ClaimProvider
from services.validation.domain.payer_rule.condition import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Has,
    HasAll,
    HasOnly,
    IsFlag,
    Lines,
    Not,
    OnDays,
    Present,
)
from services.validation.domain.payer_rule.field import FIELDS
from services.validation.domain.payer_rule.judging import Judge, Mode, Truth, outcome_of, truth_of, unlike
from shared.events.validation import Finding, ProposedChange
from tests.unit.validation.domain.payer_rule.rules import CLAIM, RULE_ID, draft

FIRST: Final = CLAIM.lines[0]
VISIT: Final = Has(field="line.procedure", any_of=("99202-99215",))
OLD: Final = Between(field="age_years", at_least=65)


def holds(condition: Condition, claim: Claim = CLAIM, line: ClaimLine = FIRST) -> Truth:
    return truth_of(condition)(claim, line)


def found(claim: Claim = CLAIM, mode: Mode = "enforcing", **changes: Any) -> list[Finding]:  # noqa: ANN401 (any field of a rule)
    return list(Judge.of(RULE_ID, 3, draft(**changes).rule).findings(claim, mode))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Has(field="diagnoses", any_of=("E11*",)), True),
        (Has(field="first_diagnosis", any_of=("I10",)), False),
        (Has(field="rendering_npi", any_of=("1234567893",)), False),
        (HasAll(field="diagnoses", all_of=("E10-E14", "I10")), True),
        (HasAll(field="diagnoses", all_of=("E11*", "Z00")), False),
        (HasOnly(field="procedures", only=("9*",)), True),
        (HasOnly(field="procedures", only=("992*",)), False),
        (HasOnly(field="modifiers", only=("25",)), False),
        (Present(field="modifiers"), False),
        (Present(field="place_of_service"), True),
        (Between(field="line_count", at_least=2, at_most=2), True),
        (Between(field="line_count", at_most=1), False),
        (OnDays(field="service_on", from_on=date(2026, 3, 3), to_on=date(2026, 3, 3)), True),
        (OnDays(field="service_on", from_on=date(2026, 3, 4)), False),
        (IsFlag(field="rendering_is_billing", value=False), True),
        (IsFlag(field="rendering_is_billing", value=True), False),
        (Lines(of=VISIT), True),
        (Lines(of=VISIT, at_least=2), False),
        (Lines(of=VISIT, at_most=0), False),
        (Lines(of=Present(field="line.modifiers"), at_most=0), True),
        (VISIT, True),
        (Not(of=VISIT), False),
        (AllOf(of=(VISIT, Present(field="line.modifiers"))), False),
        (AnyOf(of=(VISIT, Present(field="line.modifiers"))), True),
    ],
)
def test_a_condition_holds_or_does_not(condition: Condition, expected: bool) -> None:  # noqa: FBT001 (what is expected)
    assert holds(condition) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (OLD, None),
        (Not(of=OLD), None),
        (Has(field="sex", any_of=("female",)), None),
        (IsFlag(field="in_facility", value=True), None),
        (OnDays(field="filing_deadline_on", to_on=date(2026, 1, 1)), None),
        (AllOf(of=(VISIT, OLD)), None),
        (AllOf(of=(OLD, Not(of=VISIT))), False),
        (AnyOf(of=(OLD, VISIT)), True),
        (AnyOf(of=(OLD, Not(of=VISIT))), None),
        (Lines(of=AllOf(of=(VISIT, OLD))), None),
        (Lines(of=AllOf(of=(VISIT, OLD)), at_least=2), False),
        (Lines(of=AnyOf(of=(VISIT, OLD)), at_least=1), True),
        (Lines(of=OLD, at_most=2), True),
    ],
)
def test_what_nobody_knows_decides_nothing_alone(condition: Condition, expected: Truth) -> None:
    assert holds(condition) is expected


def _leaf(field: str) -> st.SearchStrategy[Condition]:
    match FIELDS[field].kind:
        case "codes":
            form = FIELDS[field].form
            named = ["I10", "25", "female", "1234567893"]
            wide = ["E11*", "99202-99215", "1*"] if form is not None and form.start is not None else []
            patterns = st.lists(st.sampled_from([*named, *wide]), min_size=1).map(tuple)
            return st.one_of(
                st.builds(Has, field=st.just(field), any_of=patterns),
                st.builds(HasAll, field=st.just(field), all_of=patterns),
                st.builds(HasOnly, field=st.just(field), only=patterns),
                st.builds(Present, field=st.just(field)),
            )
        case "number":
            return st.builds(Between, field=st.just(field), at_least=st.integers(-2, 70))
        case "day":
            days = st.dates(date(2026, 3, 1), date(2026, 3, 5))
            return st.builds(OnDays, field=st.just(field), from_on=days)
        case "flag":
            return st.builds(IsFlag, field=st.just(field), value=st.booleans())


LEAVES: Final = st.sampled_from(sorted(FIELDS)).flatmap(_leaf)
CONDITIONS: Final = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(AllOf, of=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, of=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, of=inner),
        st.builds(Lines, of=inner, at_least=st.integers(0, 2), at_most=st.none() | st.integers(2, 3)),
    ),
    max_leaves=6,
)
MODIFIERS: Final = st.lists(st.sampled_from(["25", "59"]), max_size=2).map(tuple)
LINE: Final = st.builds(
    ClaimLine,
    procedure=st.sampled_from(["99213", "90471", "G0438"]),
    modifiers=MODIFIERS,
    units=st.integers(0, 3),
    pointers=st.lists(st.integers(1, 3), max_size=2).map(tuple),
)
PROVIDER: Final = st.none() | st.builds(
    ClaimProvider, npi=st.sampled_from(["1234567893", "1987654328"]), has_tax_id=st.none() | st.booleans()
)
COVERAGE: Final = st.builds(ClaimCoverage, payer_id=st.just("PY-1"), of_group=st.none() | st.booleans())
CLAIMS: Final = st.builds(
    Claim,
    service_on=st.dates(date(2026, 3, 1), date(2026, 3, 5)),
    diagnoses=st.lists(st.sampled_from(["E119", "I10", "Z0000"]), max_size=3).map(tuple),
    lines=st.lists(LINE, max_size=3).map(tuple),
    place_of_service=st.none() | st.just("11"),
    in_facility=st.none() | st.booleans(),
    age_years=st.none() | st.integers(0, 100),
    sex=st.sampled_from([None, "female", "male"]),
    has_address=st.none() | st.booleans(),
    coverages=st.lists(COVERAGE, max_size=1).map(tuple),
    rendering=PROVIDER,
    billing=PROVIDER,
    days_left_to_file=st.none() | st.integers(-1, 90),
)


def _said(pattern: str, codes: tuple[str, ...]) -> bool:
    """Return whether a pattern means one of some codes, character by character and one way only."""
    first, dash, last = pattern.partition("-")
    if dash:
        return any(first <= code[: len(first)] <= last for code in codes)
    return any(code == pattern or (pattern[-1] == "*" and code[: len(pattern) - 1] == pattern[:-1]) for code in codes)


def naive(condition: Condition, claim: Claim, line: ClaimLine) -> Truth:  # noqa: C901, PLR0911, PLR0912 (one for each kind of condition)
    """Return what a condition says, told once more: over answers as numbers, 0 no, 1 nobody knows, 2 yes."""
    match condition:
        case AllOf(of=of):
            return _truth(min(_number(naive(each, claim, line)) for each in of))
        case AnyOf(of=of):
            return _truth(max(_number(naive(each, claim, line)) for each in of))
        case Not(of=inner):
            return _truth(2 - _number(naive(inner, claim, line)))
        case Lines(of=inner, at_least=least, at_most=most):
            numbers = [_number(naive(inner, claim, each)) for each in claim.lines]
            possible = range(numbers.count(2), numbers.count(2) + numbers.count(1) + 1)
            answers = {(least or 0) <= count <= (len(numbers) if most is None else most) for count in possible}
            return answers.pop() if len(answers) == 1 else None
        case _:
            value: Any = FIELDS[condition.field].read(claim, line)
    if value is None:
        return None
    match condition:
        case Has(any_of=patterns):
            return any(_said(each, value) for each in patterns)
        case HasAll(all_of=patterns):
            return all(_said(each, value) for each in patterns)
        case HasOnly(only=patterns):
            return bool(value) and all(any(_said(each, (code,)) for each in patterns) for code in value)
        case Present():
            return len(value) > 0
        case Between(at_least=least):
            return bool(value >= least)
        case OnDays(from_on=first):
            return bool(value >= first)
        case IsFlag(value=expected):
            return bool(value == expected)


def _number(truth: Truth) -> int:
    return 1 if truth is None else 2 if truth else 0


def _truth(number: int) -> Truth:
    return (False, None, True)[number]


@given(condition=CONDITIONS, claim=CLAIMS, line=LINE)
def test_says_what_a_plain_reading_says(condition: Condition, claim: Claim, line: ClaimLine) -> None:
    assert holds(condition, claim, line) is naive(condition, claim, line)


@given(condition=CONDITIONS, claim=CLAIMS, line=LINE)
def test_what_is_decided_stays_so_whatever_comes_to_be_known(
    condition: Condition, claim: Claim, line: ClaimLine
) -> None:
    decided = holds(condition, claim, line)
    whole = structs.replace(
        claim,
        age_years=claim.age_years if claim.age_years is not None else 66,
        sex=claim.sex or "male",
        in_facility=True if claim.in_facility is None else claim.in_facility,
        filing_deadline_on=date(2026, 3, 4),
    )

    assert decided is None or holds(condition, whole, line) is decided


@given(one=CONDITIONS, other=CONDITIONS, claim=CLAIMS, line=LINE)
def test_not_all_is_any_not(one: Condition, other: Condition, claim: Claim, line: ClaimLine) -> None:
    not_all = Not(of=AllOf(of=(one, other)))
    any_not = AnyOf(of=(Not(of=one), Not(of=other)))

    assert holds(not_all, claim, line) is holds(any_not, claim, line)
    assert holds(Not(of=Not(of=one)), claim, line) is holds(one, claim, line)


def test_finds_each_line_and_proposes_a_change() -> None:
    twice = structs.replace(CLAIM, lines=(*CLAIM.lines, ClaimLine(line_no=3, procedure="99212", modifiers=("59",))))

    first, second = found(twice)

    assert (first.line_no, second.line_no) == (1, 3)
    assert (first.rule_id, first.rule_version, first.outcome, first.severity) == (RULE_ID, 3, "fail", "error")
    assert (first.field, first.inputs, second.inputs) == ("modifiers", ("99213",), ("99212", "59"))
    assert first.proposed == ProposedChange("add", "modifiers", 1, "25")
    assert (first.owner, first.citation.split(",")[0]) == ("coder", "Example Health Plan")


def test_names_the_rest_of_many_lines_together() -> None:
    lines = tuple(ClaimLine(line_no=line_no, procedure="99213") for line_no in range(1, 6))
    judge = Judge.of(RULE_ID, 1, draft(applies=None).rule)
    claim = structs.replace(CLAIM, lines=lines)

    every, some, one = (judge.findings(claim, "enforcing", findings_max) for findings_max in (5, 3, 1))

    assert [each.line_no for each in every] == [1, 2, 3, 4, 5]
    assert [(each.line_no, each.inputs) for each in some] == [
        (1, ("99213",)),
        (2, ("99213",)),
        (None, ("line 3", "line 4", "line 5")),
    ]
    assert [(each.severity, each.proposed, len(each.inputs)) for each in one] == [("error", None, 5)]


def test_nothing_of_an_advisory_rule_stops_a_claim() -> None:
    assert [(each.outcome, each.severity) for each in found(mode="advisory")] == [("fail", "warning")]


def test_a_rule_that_warns_stops_nothing_in_any_mode() -> None:
    modes: tuple[Mode, ...] = ("advisory", "enforcing")
    severities = {each.severity for mode in modes for each in found(mode=mode, action={"kind": "warn"})}

    assert severities == {"warning"}


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"payer_ids": ["PY-2"]}, CLAIM),
        ({"payer_ids": [], "filing_indicators": ["MB"]}, CLAIM),
        ({"service_from_on": "2026-03-04"}, CLAIM),
        ({"service_to_on": "2026-03-02"}, CLAIM),
        ({"applies": {"kind": "has", "field": "procedures", "any_of": ["96372"]}}, CLAIM),
        ({}, structs.replace(CLAIM, coverages=())),
        ({}, structs.replace(CLAIM, coverages=(ClaimCoverage(payer_id="PY-2"), ClaimCoverage(payer_id="PY-1")))),
    ],
    ids=["payer", "indicator", "before", "after", "applies", "self-pay", "second payer"],
)
def test_lets_a_claim_alone_that_it_is_not_about(change: dict[str, Any], claim: Claim) -> None:
    assert found(claim, **change) == []


@pytest.mark.parametrize(
    "change",
    [
        {"payer_ids": ["PY-2"], "filing_indicators": ["CI"]},
        {"payer_ids": []},
        {"service_from_on": "2026-03-03", "service_to_on": "2026-03-03"},
        {"applies": None},
    ],
    ids=["indicator", "everyone", "its day", "all"],
)
def test_looks_at_a_claim_that_it_is_about(change: dict[str, Any]) -> None:
    assert [each.line_no for each in found(**change)] == [1]


def test_says_that_it_cannot_judge_what_nobody_knows() -> None:
    aged = {"kind": "number", "field": "age_years", "at_least": 65}
    (gap,) = found(judges="claim", finds=aged, applies=None, action={"kind": "hold"})

    assert (gap.outcome, gap.severity, gap.proposed, gap.missing_table) == ("no-data", "warning", None, None)
    assert gap.mend != draft().rule.mend
    assert (gap.field, gap.inputs, gap.line_no) == ("age_years", (), None)
    assert found(judges="claim", finds=aged, applies=None, action={"kind": "hold"}, payer_ids=["PY-9"]) == []


def test_cannot_judge_where_nobody_knows_whether_it_applies() -> None:
    aged = {"kind": "number", "field": "age_years", "at_least": 65}

    assert [each.outcome for each in found(applies=aged)] == ["no-data"]
    assert found(structs.replace(CLAIM, age_years=64), applies=aged) == []


PLACE: Final = {"kind": "present", "field": "place_of_service"}


@pytest.mark.parametrize(
    ("change", "claim", "proposed"),
    [
        ({"kind": "remove-modifier", "modifier": "59"}, ("59",), ProposedChange("remove", "modifiers", 1, None, "59")),
        ({"kind": "remove-modifier", "modifier": "59"}, (), None),
        (
            {"kind": "replace-modifier", "modifier": "59", "by": "XE"},
            ("59",),
            ProposedChange("replace", "modifiers", 1, "XE", "59"),
        ),
        ({"kind": "replace-modifier", "modifier": "59", "by": "XE"}, (), None),
        ({"kind": "add-modifier", "modifier": "59"}, ("59",), None),
        (
            {"kind": "replace-place-of-service", "by": "02"},
            (),
            ProposedChange("replace", "place_of_service", None, "02", "11"),
        ),
        ({"kind": "replace-place-of-service", "by": "11"}, (), None),
        (
            {"kind": "diagnosis-first", "any_of": ["I1*"]},
            (),
            ProposedChange("move-first", "diagnoses", None, "I10", "E119"),
        ),
        ({"kind": "diagnosis-first", "any_of": ["E11*"]}, (), None),
        ({"kind": "diagnosis-first", "any_of": ["Z00*"]}, (), None),
    ],
)
def test_proposes_what_would_change_something(
    change: dict[str, Any], claim: tuple[str, ...], proposed: ProposedChange | None
) -> None:
    line = structs.replace(FIRST, modifiers=claim)

    (finding,) = found(
        structs.replace(CLAIM, lines=(line,)), applies=None, finds=PLACE, action={"kind": "fix", "change": change}
    )

    assert finding.outcome == "fail"
    assert finding.proposed == proposed


def test_shows_codes_and_nothing_about_the_person() -> None:
    known = structs.replace(CLAIM, sex="female", age_years=70)
    finds = {
        "kind": "all",
        "of": [
            {"kind": "has", "field": "sex", "any_of": ["female"]},
            {"kind": "number", "field": "age_years", "at_least": 65},
            {"kind": "has", "field": "diagnoses", "any_of": ["E11*"]},
        ],
    }
    (finding,) = found(known, judges="claim", finds=finds, applies=None, action={"kind": "hold"})

    assert finding.inputs == ("E119", "I10")


def test_a_case_says_found_nothing_or_no_data() -> None:
    judge = Judge.of(RULE_ID, 1, draft().rule)
    lone = structs.replace(CLAIM, lines=(FIRST,))

    assert (outcome_of(judge, CLAIM), outcome_of(judge, lone)) == ("found", "nothing")


def test_names_the_cases_that_it_contradicts() -> None:
    made = draft()
    turned = tuple(structs.replace(each, expects="no-data") for each in made.cases)

    assert unlike(made.rule, made.cases) == {}
    assert unlike(made.rule, (made.cases[0], turned[1], turned[0])) == {1: "nothing", 2: "found"}
