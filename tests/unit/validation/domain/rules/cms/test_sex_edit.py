"""`services/validation/domain/rules/cms/sex_edit.py` as examples."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.sex_edit import SEX_EDIT as RULE
from shared.codesets.mce import Attribute
from shared.kernel.person import Sex
from tests.unit.validation.samples import ABSENT, VALID, diagnosed, subject

IN_FORCE = date(2024, 9, 30)


@pytest.mark.parametrize(
    ("sex", "attribute", "outcome"),
    [
        ("female", Attribute.FEMALE, Outcome.PASS),
        ("male", Attribute.MALE, Outcome.PASS),
        ("female", Attribute.NONE, Outcome.PASS),
        ("unknown", Attribute.NONE, Outcome.PASS),
        ("female", Attribute.MALE, Outcome.FAIL),
        ("male", Attribute.FEMALE, Outcome.FAIL),
        ("unknown", Attribute.FEMALE, Outcome.NO_DATA),
        (None, Attribute.MALE, Outcome.NO_DATA),
    ],
)
def test_compares_the_code_with_the_patient(sex: Sex | None, attribute: Attribute, outcome: Outcome) -> None:
    assert RULE.outcome(diagnosed("N400", VALID, attribute, sex=sex, service_on=IN_FORCE)) is outcome


def test_warns_with_code_and_day_only() -> None:
    (finding,) = RULE.findings(diagnosed("N400", VALID, Attribute.MALE, service_on=IN_FORCE))

    assert (finding.severity, finding.inputs) == ("warning", ("N400", "2024-09-30"))


def test_has_no_data_without_the_table() -> None:
    assert RULE.outcome(diagnosed("N400", VALID, ABSENT, service_on=IN_FORCE)) is Outcome.NO_DATA


def test_does_not_apply_without_diagnoses() -> None:
    assert RULE.outcome(subject(diagnoses=(), service_on=IN_FORCE)) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("day", [date(2015, 9, 30), date(2024, 10, 1), date(2026, 3, 3)])
def test_is_not_asked_outside_the_days_of_the_edit(day: date) -> None:
    assert RULE.outcome(diagnosed("N400", VALID, Attribute.MALE, service_on=day)) is Outcome.NOT_APPLICABLE
