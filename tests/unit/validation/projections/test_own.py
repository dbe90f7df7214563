"""Waits, scrubs and findings as folds of our own facts."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from itertools import permutations
from typing import Any

import pytest
from msgspec import structs

from services.validation.domain.scrub import AwaitedFactsArrived, FindingMended, FindingRaised, ScrubWaiting
from services.validation.projections import findings, gaps, rule_months, scrubs, waits
from shared.events.validation import CodesRejected, Finding, FindingOverridden, Override, OverrideLapsed
from tests.unit.validation.samples import NOW


def waiting(encounter_id: str, *missing: str) -> ScrubWaiting:
    return ScrubWaiting(encounter_id=encounter_id, patient_id="PT-1", coding_version=1, missing=missing, waiting_at=NOW)


def arrived(encounter_id: str, *things: str) -> AwaitedFactsArrived:
    return AwaitedFactsArrived(encounter_id=encounter_id, arrived=things, arrived_at=NOW)


def finding(outcome: str, severity: str) -> Finding:
    return Finding(
        rule_id="timely_filing",
        rule_version=1,
        outcome="fail" if outcome == "fail" else "no-data",
        severity="error" if severity == "error" else "warning",
        line_no=None,
        field="payer/filing_limit",
        inputs=(),
        edition=None,
        citation="42 CFR 424.44",
        owner="biller",
        mend="Send it.",
    )


def raised(*each: Finding) -> FindingRaised:
    return FindingRaised(encounter_id="EN-1", rule_id="timely_filing", coding_version=1, findings=each, raised_at=NOW)


def test_lists_who_waits_for_a_thing_in_any_order() -> None:
    first, second = waiting("EN-2", "payer/PY-1"), waiting("EN-1", "payer/PY-1", "patient/PT-1")

    rows = [waits.apply(waits.apply(None, a), b) for a, b in ((first, second), (second, first))]

    assert rows == [waits.Waiters(encounter_ids=("EN-1", "EN-2"))] * 2
    assert waits.keys(second) == ("payer/PY-1", "patient/PT-1")


def test_forgets_a_thing_that_nobody_waits_for() -> None:
    row = waits.apply(None, waiting("EN-1", "payer/PY-1"))

    assert waits.apply(row, arrived("EN-1", "payer/PY-1")) is None
    assert waits.apply(None, arrived("EN-1", "payer/PY-1")) is None


def test_keeps_those_who_wait_on() -> None:
    row = waits.Waiters(encounter_ids=("EN-1", "EN-2"))

    assert waits.apply(row, arrived("EN-1", "payer/PY-1")) == waits.Waiters(encounter_ids=("EN-2",))


def test_a_scrub_that_waits_says_for_what_is_left() -> None:
    row = scrubs.apply(None, waiting("EN-1", "payer/PY-1", "patient/PT-1"))
    row = scrubs.apply(row, arrived("EN-1", "payer/PY-1"))

    assert row is not None
    assert (row.status, row.missing) == ("waiting", ("patient/PT-1",))


def test_a_scrub_that_nobody_heard_of_waits_for_nothing() -> None:
    assert scrubs.apply(None, arrived("EN-1", "payer/PY-1")) is None


@pytest.mark.parametrize(
    ("each", "worst"),
    [
        ((finding("no-data", "warning"),), ("no-data", "warning")),
        ((finding("no-data", "warning"), finding("fail", "warning")), ("fail", "warning")),
        ((finding("fail", "warning"), finding("fail", "error")), ("fail", "error")),
    ],
)
def test_a_row_of_the_work_list_counts_as_its_worst(each: tuple[Finding, ...], worst: tuple[str, str]) -> None:
    row = findings.apply(None, raised(*each))

    assert row is not None
    assert (row.outcome, row.severity) == worst
    assert len(row.places) == len(each)


def test_a_mended_finding_leaves_the_work_list() -> None:
    row = findings.apply(None, raised(finding("fail", "error")))
    mended = FindingMended(encounter_id="EN-1", rule_id="timely_filing", coding_version=2, mended_at=NOW)

    assert findings.apply(row, mended) is None
    assert findings.keys(mended) == findings.keys(raised(finding("fail", "error"))) == ("EN-1/timely_filing",)


def let_pass(*each: Finding) -> FindingOverridden:
    return FindingOverridden(
        encounter_id="EN-1",
        patient_id="PT-1",
        coding_version=1,
        rule_id="timely_filing",
        rule_version=1,
        findings=each,
        reason="payer-allows",
        note=None,
        overridden_by="biller-2",
        overridden_at=NOW,
    )


def test_what_a_person_let_pass_leaves_the_work_list() -> None:
    row = findings.apply(None, raised(finding("fail", "error")))

    assert findings.apply(row, let_pass(finding("fail", "error"))) is None
    assert findings.apply(None, let_pass(finding("fail", "error"))) is None


def test_what_a_rule_could_not_judge_stays_when_the_rest_was_let_pass() -> None:
    row = findings.apply(None, raised(finding("fail", "error"), finding("no-data", "warning")))
    row = findings.apply(row, let_pass(finding("fail", "error")))

    assert row is not None
    assert (row.outcome, row.severity, len(row.places)) == ("no-data", "warning", 1)


def test_what_is_found_beside_something_let_pass_is_listed_alone() -> None:
    mark = Override(reason="payer-allows", overridden_by="biller-2", overridden_at=NOW)
    passing, other = structs.replace(finding("fail", "error"), overridden=mark), finding("fail", "warning")
    row = findings.apply(None, raised(passing, other))

    assert row is not None
    assert [each.severity for each in row.places] == ["warning"]
    assert findings.apply(None, raised(passing)) is None


def test_what_was_let_pass_is_open_since_the_day_on_which_that_was_withdrawn() -> None:
    both = (finding("fail", "error"), finding("no-data", "warning"))
    withdrawn = {"raised_at": NOW + timedelta(days=9)}
    whole = findings.apply(findings.apply(None, raised(both[0])), let_pass(both[0]))
    part = findings.apply(findings.apply(None, raised(*both)), let_pass(both[0]))

    back = findings.apply(whole, structs.replace(raised(both[0]), **withdrawn))
    beside = findings.apply(part, structs.replace(raised(*both), **withdrawn))

    assert back is not None
    assert back.raised_on == date(2026, 3, 19)
    assert beside is not None
    assert (beside.raised_on, len(beside.places)) == (date(2026, 3, 10), 2)


def test_a_finding_keeps_the_day_on_which_it_was_first_raised() -> None:
    row = findings.apply(None, raised(finding("fail", "error")))
    later = structs.replace(raised(finding("fail", "warning")), raised_at=NOW + timedelta(days=9), payer_id="PY-2")
    row = findings.apply(row, later)

    assert row is not None
    assert (row.raised_on, row.severity, row.payer_id) == (date(2026, 3, 10), "warning", "PY-2")


def counted(facts: Iterable[Any]) -> rule_months.RuleMonth | None:
    row = None
    for fact in facts:
        row = rule_months.apply(row, fact)
    return row


def test_counts_facts_of_a_rule_by_month_in_any_order() -> None:
    mended = FindingMended(encounter_id="EN-1", rule_id="timely_filing", coding_version=2, mended_at=NOW)
    facts = (raised(finding("fail", "error")), mended, let_pass(finding("fail", "error")), mended)

    rows = {counted(order) for order in permutations(facts)}

    assert rows == {rule_months.RuleMonth(rule_id="timely_filing", month="2026-03", raised=1, mended=2, overridden=1)}
    assert {rule_months.keys(each) for each in facts} == {("timely_filing/2026-03",)}


def test_counts_an_override_that_a_person_withdrew_and_none_that_lapsed_with_the_codes() -> None:
    passed = let_pass(finding("fail", "error"))
    withdrawn = OverrideLapsed(
        encounter_id="EN-1",
        patient_id="PT-1",
        coding_version=1,
        rule_id="timely_filing",
        rule_version=1,
        findings=passed.findings,
        reason="withdrawn",
        note="A mistake.",
        lapsed_by="biller-2",
        lapsed_at=NOW,
    )
    row = counted((passed, withdrawn))

    assert row is not None
    assert (row.overridden, row.withdrawn) == (1, 1)
    assert rule_months.keys(withdrawn) == rule_months.keys(passed)
    assert rule_months.keys(structs.replace(withdrawn, reason="codes-changed")) == ()


def test_counts_a_fact_in_the_month_of_greenwich() -> None:
    newyear = datetime(2025, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5)))
    fact = structs.replace(raised(finding("fail", "error")), raised_at=newyear)

    assert rule_months.keys(fact) == ("timely_filing/2026-01",)


def outcome(*findings: Finding) -> CodesRejected:
    return CodesRejected(
        encounter_id="EN-1",
        patient_id="PT-1",
        coding_version=1,
        rule_set_version="2026.11",
        editions=(),
        findings=findings,
        rejected_at=NOW,
    )


def test_keeps_which_tables_the_last_scrub_lacked() -> None:
    lacking = [structs.replace(finding("no-data", "warning"), missing_table=each) for each in ("mue", "add_ons", "mue")]
    row = gaps.apply(None, outcome(*lacking, finding("fail", "error")))

    assert row == gaps.Gap(encounter_id="EN-1", missing_tables=("add_ons", "mue"))
    assert gaps.apply(row, outcome(finding("no-data", "warning"))) is None
