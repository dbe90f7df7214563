"""Examples of what agencies published, as the rules judge them on the days around each change.

The published samples lie beside the repository; what ships needs none of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from services.validation.domain.rule import Outcome, Rule
from services.validation.domain.rules.cms.ncci_pair_edit import NCCI_PAIR_EDIT
from services.validation.domain.rules.cms.procedure_code_known import PROCEDURE_CODE_KNOWN
from services.validation.domain.rules.cms.sex_edit import SEX_EDIT
from services.validation.domain.rules.nchs.diagnosis_billable import DIAGNOSIS_BILLABLE
from services.validation.domain.subject import subject_of
from services.validation.domain.tables import Tables
from shared.codesets import hcpcs
from shared.codesets.loaders.hcpcs import build_codes
from shared.codesets.official import Stated
from tests.unit.shared.codesets import test_hcpcs_files
from tests.unit.shared.codesets.reference_data import rows
from tests.unit.shared.x12.examples import CLAIM, DOE, OFFICE_VISIT
from tests.unit.validation.claims_as_facts import facts_of, sent_at
from tests.unit.validation.driver import TABLES
from tests.unit.validation.tables import with_published_pair_edits

FAIL, PASS, NOT_APPLICABLE, NO_DATA = Outcome.FAIL, Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.NO_DATA
LIFTED, NOT_LIFTED = "59", ""


def outcome(  # noqa: PLR0913 (each has its usual value)
    rule: Rule,
    on: date,
    *,
    tables: Tables = TABLES,
    procedures: Sequence[str] = ("99213",),
    modifier: str = "",
    diagnosis: str = "I10",
    sex: str = "F",
) -> Outcome:
    """Return what a rule says of a claim of one day; the modifier stands on the last line."""
    lines = [replace(OFFICE_VISIT, procedure=code, service_from=on, service_to=on) for code in procedures]
    lines[-1] = replace(lines[-1], modifiers=(modifier,) if modifier else ())
    claim = replace(CLAIM, diagnoses=(diagnosis,), lines=tuple(lines), subscriber=replace(DOE, sex=sex))
    facts = facts_of(claim)
    return rule.outcome(subject_of(facts, tables, sent_at(facts)))


@cache
def pair_edits() -> Tables:
    """Return the published sample of pair edits beside what ships."""
    return with_published_pair_edits(TABLES)


@cache
def level2() -> Tables:
    """Return the published codes of Level II with their days, for all days since 2010."""
    records = [
        test_hcpcs_files.record(
            each["code"],
            added=each["date_added"].replace("-", ""),
            ended=each["date_terminated"].replace("-", ""),
        )
        for each in rows("hcpcs/hcpcs_level2_merged.csv.gz")
        if each["date_added"]
    ]
    stated = Stated(release="merged", effective_from=date(2010, 1, 1), effective_to=date(2015, 9, 30))
    made = build_codes([test_hcpcs_files.member(*records)], stated)
    return Tables(library=TABLES.library.with_table(hcpcs.SYSTEM, hcpcs.SYSTEM.read(made.table)))


@pytest.mark.parametrize(
    ("column1", "column2", "on", "modifier", "expected"),
    [
        ("11721", "11720", date(1996, 12, 31), NOT_LIFTED, PASS),
        ("11721", "11720", date(1997, 1, 1), NOT_LIFTED, FAIL),
        ("11721", "11720", date(2026, 10, 1), LIFTED, FAIL),  # indicator 0
        ("12002", "12001", date(2026, 10, 1), LIFTED, FAIL),
        ("11043", "11042", date(1996, 1, 1), NOT_LIFTED, FAIL),
        ("11043", "11042", date(1996, 1, 1), LIFTED, PASS),  # indicator 1
        ("10061", "10060", date(2026, 10, 1), LIFTED, PASS),
        ("10060", "99213", date(2013, 6, 30), NOT_LIFTED, PASS),
        ("10060", "99213", date(2013, 7, 1), NOT_LIFTED, FAIL),
        ("10060", "99213", date(2019, 12, 31), NOT_LIFTED, FAIL),
        ("10060", "99213", date(2020, 1, 1), NOT_LIFTED, PASS),  # the pair rests
        ("10060", "99213", date(2020, 9, 30), NOT_LIFTED, PASS),
        ("10060", "99213", date(2020, 10, 1), NOT_LIFTED, FAIL),
        ("10060", "99213", date(2020, 10, 1), "25", PASS),
        ("10060", "92012", date(2013, 7, 1), NOT_LIFTED, PASS),  # indicator 9: it never applied
        ("10060", "92012", date(2014, 3, 31), NOT_LIFTED, PASS),
        ("10060", "92012", date(2014, 4, 1), NOT_LIFTED, FAIL),
        ("11720", "10060", date(2026, 10, 1), NOT_LIFTED, FAIL),  # in either order of the lines
    ],
)
def test_pairs_hold_in_their_published_periods(
    column1: str, column2: str, on: date, modifier: str, expected: Outcome
) -> None:
    found = outcome(NCCI_PAIR_EDIT, on, tables=pair_edits(), procedures=(column1, column2), modifier=modifier)

    assert found is expected


@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("G0438", date(2010, 12, 31), FAIL),
        ("G0438", date(2011, 1, 1), PASS),
        ("G0438", date(2015, 9, 30), PASS),
        ("G0463", date(2013, 12, 31), FAIL),
        ("G0463", date(2014, 1, 1), PASS),
        ("J1885", date(2010, 1, 1), PASS),
    ],
)
def test_codes_hold_in_their_published_days(code: str, on: date, expected: Outcome) -> None:
    assert outcome(PROCEDURE_CODE_KNOWN, on, tables=level2(), procedures=(code,)) is expected


@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("G0438", date(2011, 1, 1), NO_DATA),  # what ships begins with ICD-10
        ("G0438", date(2026, 3, 3), PASS),
        ("G2012", date(2024, 12, 31), PASS),
        ("G2012", date(2025, 1, 1), FAIL),
        ("G0297", date(2020, 12, 31), PASS),
        ("G0297", date(2021, 1, 1), FAIL),
    ],
)
def test_codes_that_ship_hold_in_their_days(code: str, on: date, expected: Outcome) -> None:
    assert outcome(PROCEDURE_CODE_KNOWN, on, procedures=(code,)) is expected


@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("U071", date(2020, 3, 31), FAIL),  # between two fiscal years
        ("U071", date(2020, 4, 1), PASS),
        ("F0391", date(2022, 9, 30), PASS),
        ("F0391", date(2022, 10, 1), FAIL),  # split
        ("F03911", date(2022, 9, 30), FAIL),
        ("F03911", date(2022, 10, 1), PASS),
        ("I10", date(2015, 9, 30), NO_DATA),  # ICD-9
    ],
)
def test_diagnoses_hold_in_their_days(code: str, on: date, expected: Outcome) -> None:
    assert outcome(DIAGNOSIS_BILLABLE, on, diagnosis=code) is expected


@pytest.mark.parametrize(("code", "sex"), [("C61", "F"), ("N400", "F"), ("O0900", "M"), ("Z3401", "M")])
def test_sex_is_asked_until_the_last_day_of_september_2024(code: str, sex: str) -> None:
    own = {"F": "M", "M": "F"}[sex]

    assert outcome(SEX_EDIT, date(2024, 9, 30), diagnosis=code, sex=sex) is FAIL
    assert outcome(SEX_EDIT, date(2024, 9, 30), diagnosis=code, sex=own) is PASS
    assert outcome(SEX_EDIT, date(2024, 10, 1), diagnosis=code, sex=sex) is NOT_APPLICABLE
