"""`services/validation/domain/rules/cms/age_edit.py` as examples."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.age_edit import AGE_EDIT as RULE
from shared.codesets.mce import Attribute
from tests.unit.validation.samples import ABSENT, CLEAN, UNKNOWN, VALID, diagnosed, subject


@pytest.mark.parametrize(
    ("group", "youngest", "oldest"),
    [
        (Attribute.NEWBORN, 0, 0),
        (Attribute.PEDIATRIC, 0, 17),
        (Attribute.MATERNITY, 9, 64),
        (Attribute.ADULT, 15, 124),
    ],
)
def test_passes_both_ends_of_an_age_group_and_warns_beyond(group: Attribute, youngest: int, oldest: int) -> None:
    outcomes = [
        RULE.outcome(diagnosed("X", VALID, group, age_years=age))
        for age in (youngest - 1, youngest, oldest, oldest + 1)
    ]

    assert outcomes == [Outcome.FAIL, Outcome.PASS, Outcome.PASS, Outcome.FAIL]


def test_goes_by_the_ages_of_the_day() -> None:
    before, after = (
        diagnosed("O80", VALID, Attribute.MATERNITY, age_years=60, service_on=day)
        for day in (date(2019, 9, 30), date(2019, 10, 1))
    )

    assert (RULE.outcome(before), RULE.outcome(after)) == (Outcome.FAIL, Outcome.PASS)


def test_warns_without_saying_how_old_the_patient_is() -> None:
    (finding,) = RULE.findings(diagnosed("P220", VALID, Attribute.PEDIATRIC, age_years=43))

    assert finding.severity == "warning"
    assert finding.inputs == ("P220", "2026-03-03", "age outside 0-17")


def test_has_no_data_for_an_erased_birth_date() -> None:
    assert RULE.outcome(diagnosed("P220", VALID, Attribute.NEWBORN, age_years=None)) is Outcome.NO_DATA


def test_has_no_data_without_the_table() -> None:
    assert RULE.outcome(diagnosed("P220", VALID, ABSENT)) is Outcome.NO_DATA


def test_passes_codes_of_every_age_and_codes_that_are_none() -> None:
    assert RULE.outcome(subject(age_years=None)) is Outcome.PASS
    assert RULE.outcome(diagnosed("QQQ", UNKNOWN)) is Outcome.PASS
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_does_not_apply_without_diagnoses() -> None:
    assert RULE.outcome(subject(diagnoses=())) is Outcome.NOT_APPLICABLE


def test_is_not_asked_before_icd10cm() -> None:
    early = diagnosed("P220", VALID, Attribute.NEWBORN, service_on=date(2015, 9, 30))

    assert RULE.outcome(early) is Outcome.NOT_APPLICABLE
