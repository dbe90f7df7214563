"""How much of what rules find an outcome tells, up to the worst claim."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from msgspec import json, structs

from services.validation.domain.payer_rule.draft import ID_LENGTH_MAX
from services.validation.domain.payer_rule.in_force import JUDGES_MAX, PAYER_RULE_SETS, judges_of
from services.validation.domain.payer_rule.reading import TEXT_BYTES_MAX
from services.validation.domain.rule import Failure, NoData, Result, Severity
from services.validation.domain.rules import RULES
from services.validation.domain.rules.x12.line_count import LINES_MAX
from services.validation.domain.scrub import SCRUBS, ScrubCodes, findings_of, stops
from services.validation.domain.subject import ScrubSubject
from services.validation.domain.told import FINDINGS_MAX, INPUTS_CHARACTERS_MAX, told, told_inputs
from services.validation.settings import Settings
from shared.events.validation import CodesRejected, Finding, Override
from tests.unit.validation.domain.payer_rule.rules import draft
from tests.unit.validation.domain.payer_rule.test_in_force import advise, after, version
from tests.unit.validation.samples import CLEAN, LINE, NOW, lined

PLACE: Final = "with line 50 of encounter 0190f3c2-0000-7000-8000-000000000001"
MARK: Final = Override(reason="payer-allows", overridden_by="biller-2", overridden_at=NOW)


def _on_every_line(_: ScrubSubject) -> Iterator[Result]:
    """Yield what is wrong with each line of the longest claim, and what is not known of it, with many inputs."""
    inputs = (PLACE,) * 40
    for line_no in range(1, LINES_MAX + 1):
        yield Failure(field=f"lines/{line_no}/procedure_code", line_no=line_no, inputs=inputs, edition="2026" * 15)
        yield NoData(field="lines", line_no=line_no, inputs=inputs, mend="Judge by hand.", missing_table="mue")


EVERY_RULE: Final = tuple(
    replace(rule, check=_on_every_line, applies=lambda _: True, effective_to=date.max) for rule in RULES
)


def found(
    rule_at: int, count: int, *, severity: Severity = "warning", missing_table: str | None = None
) -> list[Finding]:
    """Return so many findings of a rule, of the lines from the first."""
    rule = RULES[rule_at]

    def check(_: ScrubSubject) -> Iterator[Result]:
        for line_no in range(1, count + 1):
            field = f"lines/{line_no}/units"
            if missing_table:
                yield NoData(field=field, line_no=line_no, inputs=(), mend="Load it.", missing_table=missing_table)
            else:
                yield Failure(field=field, line_no=line_no, inputs=(), severity=severity)

    return replace(rule, check=check, applies=lambda _: True).findings(CLEAN)


def test_the_worst_claim_fits_into_a_fact_with_what_rules_of_payers_find_and_all_marks() -> None:
    finds = {"kind": "present", "field": "line.procedure"}
    texts = {name: "x" * length for name, length in TEXT_BYTES_MAX.items()}
    wordy = draft(applies=None, finds=finds, **texts)
    payers = [
        advise(version(made=wordy, rule_id=f"payer-{number:0{ID_LENGTH_MAX - 6}}")) for number in range(JUDGES_MAX)
    ]
    claim = lined(*[{"procedure": LINE.procedure}] * LINES_MAX)
    of_payers = judges_of(PAYER_RULE_SETS.state(after(*payers)), NOW).findings(claim)
    (outcome,) = (fact for fact in SCRUBS.outcome(given=(), when=_scrub(claim)) if isinstance(fact, CodesRejected))

    findings = (*findings_of(claim, EVERY_RULE), *of_payers)
    marked = tuple(structs.replace(each, overridden=MARK) for each in findings)

    assert len({each.rule_id for each in findings}) == len(RULES) + JUDGES_MAX
    assert len(json.encode(structs.replace(outcome, findings=marked))) < Settings().event_bytes_max


def _scrub(claim: ScrubSubject) -> ScrubCodes:
    return ScrubCodes(encounter_id="EN-1", patient_id="PT-1", coding_version=1, missing=(), subject=claim, now=NOW)


def test_tells_one_by_one_what_fits() -> None:
    findings = [*found(0, FINDINGS_MAX - 1), *found(1, 1)]

    assert told(findings) == tuple(findings)


def test_what_few_leave_over_others_have_and_the_last_names_the_rest() -> None:
    few, many = found(0, 3), found(1, FINDINGS_MAX)
    shown = told([*few, *many])

    assert len(shown) == FINDINGS_MAX
    assert shown[:-1] == (*few, *many[: FINDINGS_MAX - 4])
    assert (shown[-1].line_no, shown[-1].field, shown[-1].inputs) == (
        None,
        "lines",
        ("line 77", "line 78", "line 79", "line 80"),
    )


def test_what_stops_a_claim_stops_it_though_it_is_told_with_the_rest() -> None:
    warnings = found(1, FINDINGS_MAX)
    last = found(1, 1, severity="error")
    shown = told([*warnings, *last])

    assert not stops(told(warnings))
    assert stops(shown)
    assert shown[-1].severity == "error"


def test_every_table_that_is_missing_is_named() -> None:
    failures = found(1, FINDINGS_MAX)
    gaps = [*found(1, 2, missing_table="mue"), *found(1, 1, missing_table="mpfs")]
    shown = told([*failures, *gaps])

    assert [(each.outcome, each.missing_table) for each in shown[-3:]] == [
        ("fail", None),
        ("no-data", "mue"),
        ("no-data", "mpfs"),
    ]


def test_tells_inputs_up_to_a_length_and_the_last_which_says_why() -> None:
    codes = tuple(str(99000 + number) for number in range(500))
    shown = told_inputs((*codes, "mue: absent"))

    assert shown[:2] == codes[:2]
    assert shown[-2:] == (f"and {500 - len(shown[:-2])} more", "mue: absent")
    assert sum(map(len, shown[:-2])) <= INPUTS_CHARACTERS_MAX
    assert told_inputs(codes[:50]) == codes[:50]
    assert told_inputs((*codes[:120], "why")) == (*codes[:120], "why")
