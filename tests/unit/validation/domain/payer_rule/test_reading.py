"""What a draft may say; what it may not is named by its place and a reason."""

from copy import deepcopy
from typing import Any

import pytest
from msgspec import json, to_builtins

from services.validation.domain.payer_rule.condition import Draft, Has
from services.validation.domain.payer_rule.reading import (
    DEPTH_MAX,
    WHY,
    PayerRuleMalformed,
    draft_of,
)
from tests.unit.validation.domain.payer_rule.rules import RAW, draft, raw

LINE_CODE = {"kind": "has", "field": "line.procedure", "any_of": ["99213"]}
AGED = {"kind": "number", "field": "age_years", "at_least": 65}
ABSENT: Any = object()


def faults(whole: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(PayerRuleMalformed) as refused:
        draft_of(whole)
    return [(each["pointer"], each["code"]) for each in refused.value.errors]


def nested(deep: int) -> dict[str, Any]:
    return LINE_CODE if deep == 0 else {"kind": "not", "of": nested(deep - 1)}


def test_reads_a_rule_and_stores_it_as_it_read_it() -> None:
    read = draft()

    assert read.rule.judges == "lines"
    assert json.decode(json.encode(read), type=Draft) == read
    assert draft_of(to_builtins(read)) == read


def test_writes_codes_as_claims_have_them() -> None:
    read = draft(finds={"kind": "has", "field": "diagnoses", "any_of": ["e11.*", "I10"]})

    assert read.rule.finds == Has(field="diagnoses", any_of=("E11*", "I10"))


@pytest.mark.parametrize(
    ("finds", "pointer", "code"),
    [
        ({"kind": "maybe"}, "/kind", "unknown-kind"),
        ({"kind": "has", "any_of": ["1"]}, "/field", "missing"),
        ({"kind": "has", "field": 1, "any_of": []}, "/field", "wrong-type"),
        ({"kind": "has", "field": "shoe_size", "any_of": ["44"]}, "/field", "unknown-field"),
        ({"kind": "has", "field": "age_years", "any_of": ["44"]}, "/kind", "wrong-comparison"),
        ({"kind": "present", "field": "age_years"}, "/kind", "wrong-comparison"),
        ({"kind": "number", "field": "diagnoses", "at_least": 1}, "/kind", "wrong-comparison"),
        ({"kind": "day", "field": "sex", "from_on": "2026-01-01"}, "/kind", "wrong-comparison"),
        ({"kind": "flag", "field": "sex", "value": True}, "/kind", "wrong-comparison"),
        ({"kind": "has", "field": "modifiers", "any_of": []}, "/any_of", "empty"),
        ({"kind": "has-all", "field": "modifiers", "all_of": ["25", "2"]}, "/all_of/1", "code-form"),
        ({"kind": "has-only", "field": "procedures", "only": ["99205-99202"]}, "/only/0", "range-reversed"),
        ({"kind": "has", "field": "sex", "any_of": ["f"]}, "/any_of/0", "code-form"),
        ({"kind": "has", "field": "sex", "any_of": ["female"] * 201}, "/any_of", "length"),
        ({"kind": "number", "field": "age_years"}, "", "empty"),
        ({"kind": "number", "field": "age_years", "at_least": 9, "at_most": 8}, "", "reversed"),
        ({"kind": "number", "field": "age_years", "at_least": 10**9}, "/at_least", "out-of-range"),
        ({"kind": "day", "field": "service_on", "from_on": "2026-02-30"}, "/from_on", "form"),
        ({"kind": "day", "field": "service_on", "from_on": "2026-02-03", "to_on": "2026-02-02"}, "", "reversed"),
        ({"kind": "all", "of": []}, "/of", "empty"),
        ({"kind": "any", "of": [AGED, {"kind": "not", "of": {"kind": "no"}}]}, "/of/1/of/kind", "unknown-kind"),
        ({"kind": "all", "of": [AGED, {**AGED, "at_least": None, "at_most": 64}]}, "", "never"),
        ({"kind": "all", "of": [LINE_CODE, {**LINE_CODE, "any_of": ["99214"]}]}, "", "never"),
        ({"kind": "lines", "of": LINE_CODE, "at_least": 2, "at_most": 1}, "/at_most", "reversed"),
        ({"kind": "lines", "of": {"kind": "lines", "of": LINE_CODE}}, "/of", "lines-in-lines"),
        ({**AGED, "remark": "x"}, "", "unknown-property"),
        (nested(DEPTH_MAX), "/of" * DEPTH_MAX, "too-deep"),
    ],
)
def test_names_the_place_of_a_condition_that_makes_no_sense(finds: Any, pointer: str, code: str) -> None:  # noqa: ANN401 (JSON)
    assert faults(raw(finds=finds)) == [(f"/rule/finds{pointer}", code)]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"title": ""}, "/rule/title", "length"),
        ({"mend": "   "}, "/rule/mend", "form"),
        ({"mend": "x" * 501}, "/rule/mend", "length"),
        ({"owner": "nobody"}, "/rule/owner", "not-in-list"),
        ({"severity": "error"}, "/rule", "unknown-property"),
        ({"payer_ids": ["PY 1"]}, "/rule/payer_ids/0", "code-form"),
        ({"filing_indicators": ["Medicare"]}, "/rule/filing_indicators/0", "code-form"),
        (
            {"service_from_on": "2026-02-01", "service_to_on": "2026-01-01"},
            "/rule/service_to_on",
            "reversed",
        ),
        ({"applies": LINE_CODE}, "/rule/applies/field", "field-of-line"),
        ({"action": {"kind": "explode"}}, "/rule/action/kind", "unknown-kind"),
        (
            {"action": {"kind": "fix", "change": {"kind": "add-modifier", "modifier": "255"}}},
            "/rule/action/change/modifier",
            "code-form",
        ),
        (
            {"action": {"kind": "fix", "change": {"kind": "replace-modifier", "modifier": "25", "by": "25"}}},
            "/rule/action/change",
            "no-change",
        ),
        (
            {"action": {"kind": "fix", "change": {"kind": "diagnosis-first", "any_of": ["1"]}}},
            "/rule/action/change/any_of/0",
            "code-form",
        ),
    ],
)
def test_names_the_place_of_a_rule_that_makes_no_sense(change: dict[str, Any], pointer: str, code: str) -> None:
    assert faults(raw(**change)) == [(pointer, code)]


def test_a_rule_of_the_claim_asks_and_changes_no_line() -> None:
    found = faults(raw(judges="claim"))

    assert ("/rule/action/change", "needs-lines") in found
    assert ("/rule/finds/of/0/field", "field-of-line") in found


def test_a_rule_of_the_claim_may_count_lines() -> None:
    counted = {"kind": "lines", "of": LINE_CODE, "at_most": 0}

    assert draft(judges="claim", finds=counted, action={"kind": "hold"}).rule.judges == "claim"


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("lines/0/procedure", "9921", "code-form"),
        ("lines/0/modifiers", ["255"], "code-form"),
        ("lines/0/units", -1, "out-of-range"),
        ("diagnoses", ["99"], "code-form"),
        ("coverages/0/filing_indicator", "MBX", "code-form"),
        ("rendering", {"npi": "1234567890"}, "code-form"),
        ("billing", {"npi": "1234567893", "taxonomy": "207"}, "code-form"),
        ("place_of_service", "1", "code-form"),
        ("same_day", [{"procedure": "1"}], "code-form"),
        ("service_on", ABSENT, "missing"),
        ("birth_on", "1970-05-15", "unknown-property"),
    ],
)
def test_names_the_place_of_a_case_that_makes_no_sense(pointer: str, value: object, code: str) -> None:
    whole = deepcopy(RAW)
    place: Any = whole["cases"][1]["claim"]
    *steps, last = pointer.split("/")
    for step in steps:
        place = place[int(step) if step.isdecimal() else step]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value

    ((found, why),) = faults(whole)

    assert why == code
    assert found.startswith("/cases/1/claim")
    assert code == "unknown-property" or last in found


def test_wants_a_case_of_each_kind() -> None:
    none = RAW | {"cases": []}
    one = RAW | {"cases": RAW["cases"][:1]}

    assert faults(none) == [("/cases", "needs-found"), ("/cases", "needs-nothing")]
    assert faults(one) == [("/cases", "needs-nothing")]


def test_names_every_place_at_once() -> None:
    found = faults(
        raw(payer_ids=["PY 1"], finds={"kind": "has", "field": "line.modifiers", "any_of": ["1", "25", "x"]})
    )

    assert [pointer for pointer, _ in found] == [
        "/rule/payer_ids/0",
        "/rule/finds/any_of/0",
        "/rule/finds/any_of/2",
    ]


def test_has_limits() -> None:
    assert faults(raw(finds={"kind": "any", "of": [LINE_CODE] * 200})) == [("/rule", "too-large")]
    assert faults(raw(finds=nested(500))) == [("/rule", "too-deep")]
    assert faults(raw(citation="é" * 101)) == [("/rule/citation", "length")]
    assert faults(raw(payer_ids=["x" * 80] * 101)) == [("/rule", "too-large")]
    assert faults(RAW | {"cases": [_large(number) for number in range(50)]}) == [("/cases", "too-large")]


def _large(number: int) -> dict[str, Any]:
    lines = [{"procedure": "99213", "modifiers": ["25", "59"], "units": 2} for _ in range(40)]
    return {"name": f"case {number}", "expects": "nothing", "claim": {"service_on": "2026-03-03", "lines": lines}}


def test_repeats_nothing_that_it_was_given() -> None:
    for change in (
        {"finds": {"kind": "Sample"}},
        {"finds": {"kind": "has", "field": "Sample", "any_of": ["x"]}},
        {"owner": "Sample"},
        {"Sample": 1},
        {"service_from_on": "Sample"},
    ):
        with pytest.raises(PayerRuleMalformed) as refused:
            draft_of(raw(**change))
        assert "Sample" not in f"{refused.value} {refused.value.errors}"


def test_every_reason_is_a_sentence() -> None:
    assert all(WHY.values())
    assert sorted(set(WHY.values())) == sorted(WHY.values())
