"""`services/validation/domain/rules/cms/medically_unlikely_units.py` as examples."""

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.medically_unlikely_units import MEDICALLY_UNLIKELY_UNITS as RULE
from services.validation.domain.same_day import Service
from services.validation.domain.subject import LookedUp, ScrubSubject
from services.validation.domain.tables import Tables
from shared.codesets.library import Library
from tests.unit.validation.samples import CLEAN, SERVICE, SERVICE_ON, VALID, lined, subject
from tests.unit.validation.tables import with_unit_limits

BY_LINE, BY_POLICY, BY_EXPERIENCE = "82374", "11042", "J1885"
LIMITS = with_unit_limits("82374,2,1 Line", "11042,1,2 Date of Service", "J1885,8,3 Date of Service", "76140,0,3 Date")
NEXT_DAY = date(2026, 3, 4)


def counted(
    *lines: dict[str, Any], others: tuple[Service, ...] = (), tables: Tables = LIMITS, biller: str | None = None
) -> ScrubSubject:
    """Return lines with a code, units and modifiers, each with its limit."""
    changes = [
        {
            **line,
            "procedure": LookedUp(line["procedure"], VALID),
            "modifiers": tuple(LookedUp(each, VALID) for each in line.get("modifiers", ())),
            "unit_limit": tables.unit_limit(line["procedure"], line.get("service_from_on", SERVICE_ON), biller),
        }
        for line in lines
    ]
    return lined(*changes, others=others)


def line(procedure: str, units: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 (any field of the line)
    return {"procedure": procedure, "units": units, **changes}


def elsewhere(code: str, units: int, *modifiers: str) -> Service:
    return structs.replace(SERVICE, encounter_id="EN-2", code=code, units=units, modifiers=modifiers)


@pytest.mark.parametrize(("code", "units"), [(BY_LINE, 2), (BY_POLICY, 1), (BY_EXPERIENCE, 8), ("99213", 1_000)])
def test_passes_up_to_the_limit_and_what_has_none(code: str, units: int) -> None:
    assert RULE.outcome(counted(line(code, units))) is Outcome.PASS


@pytest.mark.parametrize(
    ("code", "units", "limit", "indicator", "mend"),
    [
        (BY_LINE, 3, 2, 1, "further line"),
        (BY_POLICY, 2, 1, 2, "no modifier or appeal"),
        (BY_EXPERIENCE, 9, 8, 3, "override"),
        ("76140", 1, 0, 3, "not paid in this setting"),
    ],
)
def test_fails_more_and_says_what_can_be_done(code: str, units: int, limit: int, indicator: int, mend: str) -> None:
    (finding,) = RULE.findings(counted(line(code, units)))

    assert (finding.severity, finding.line_no, finding.field) == ("error", 1, "lines/1/units")
    assert finding.inputs == (code, "2026-03-03", f"{units} units", f"limit {limit}", f"indicator {indicator}")
    assert finding.edition == "mue_practitioner example"
    assert mend in finding.mend


def test_a_limit_by_line_lets_a_modifier_split_the_units() -> None:
    assert RULE.outcome(counted(line(BY_LINE, 2), line(BY_LINE, 2, modifiers=("91",)))) is Outcome.PASS


def test_a_limit_by_day_adds_up_the_lines_whatever_their_modifiers() -> None:
    (finding,) = RULE.findings(counted(line(BY_POLICY, 1, modifiers=("LT",)), line(BY_POLICY, 1, modifiers=("59",))))

    assert (finding.line_no, finding.inputs[2], finding.inputs[-1]) == (2, "2 units", "with line 1")


def test_a_limit_by_day_adds_up_other_encounters_of_the_provider() -> None:
    (finding,) = RULE.findings(counted(line(BY_EXPERIENCE, 5), others=(elsewhere(BY_EXPERIENCE, 4),)))

    assert (finding.inputs[2], finding.inputs[-1]) == ("9 units", "with line 1 of encounter EN-2")


def test_a_limit_by_line_does_not_ask_about_other_encounters() -> None:
    assert RULE.outcome(counted(line(BY_LINE, 2), others=(elsewhere(BY_LINE, 2),))) is Outcome.PASS


def test_care_after_surgery_is_not_added_up() -> None:
    assert RULE.outcome(counted(line(BY_POLICY, 1), others=(elsewhere(BY_POLICY, 1, "55"),))) is Outcome.PASS


def test_other_days_are_other_sums() -> None:
    lines = (line(BY_POLICY, 1), line(BY_POLICY, 1, service_from_on=NEXT_DAY, service_to_on=NEXT_DAY))

    assert RULE.outcome(counted(*lines)) is Outcome.PASS


@pytest.mark.parametrize(("units", "outcome"), [(20, Outcome.PASS), (24, Outcome.PASS), (26, Outcome.FAIL)])
def test_a_span_counts_by_its_day_in_whole_units(units: int, outcome: Outcome) -> None:
    three_days = line(BY_EXPERIENCE, units, service_to_on=date(2026, 3, 5))

    assert RULE.outcome(counted(three_days)) is outcome


def test_suppliers_have_limits_of_their_own() -> None:
    supplies = with_unit_limits("A4253,1,3 Date of Service", supplier=True)

    of_supplier = RULE.findings(counted(line("A4253", 2), tables=supplies, biller="332B00000X"))
    of_practitioner = RULE.findings(counted(line("A4253", 2), tables=supplies, biller="207Q00000X"))

    assert [finding.edition for finding in of_supplier] == ["mue_dme example"]
    assert [finding.missing_table for finding in of_practitioner] == ["mue_practitioner"]


@pytest.mark.parametrize(
    ("tables", "on"), [(Tables(library=Library()), SERVICE_ON), (LIMITS, date(2025, 12, 31))], ids=["absent", "earlier"]
)
def test_has_no_data_outside_of_the_tables_and_says_so_once(tables: Tables, on: date) -> None:
    lines = [line(code, 99, service_from_on=on, service_to_on=on) for code in (BY_POLICY, BY_LINE, BY_POLICY)]

    (finding,) = RULE.findings(counted(*lines, tables=tables))

    assert (finding.outcome, finding.missing_table) == ("no-data", "mue_practitioner")
    assert finding.inputs[:2] == (BY_POLICY, BY_LINE)


def test_has_no_data_where_a_day_has_more_encounters_than_are_compared() -> None:
    assert RULE.outcome(subject(services_cut=True)) is Outcome.NO_DATA


def test_does_not_apply_without_lines() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS
    assert RULE.outcome(subject(lines=())) is Outcome.NOT_APPLICABLE
