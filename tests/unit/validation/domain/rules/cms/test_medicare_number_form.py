"""`services/validation/domain/rules/cms/medicare_number_form.py` as examples."""

from dataclasses import replace
from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.cms.medicare_number_form import MEDICARE_NUMBER_FORM as RULE
from services.validation.domain.subject import ScrubSubject
from tests.unit.validation.samples import CLEAN, INSURED, INSURER, subject

MEDICARE = replace(INSURER, claim_filing_indicator="MB")


def numbered(*, of_form: bool | None) -> ScrubSubject:
    return subject(coverages=(replace(INSURED, medicare_number=of_form),), payers=(MEDICARE,))


def test_passes_a_number_of_the_form() -> None:
    assert RULE.outcome(numbered(of_form=True)) is Outcome.PASS


def test_fails_another_form_and_keeps_the_number_to_itself() -> None:
    (finding,) = RULE.findings(numbered(of_form=False))

    assert (finding.severity, finding.owner) == ("error", "front-desk")
    assert (finding.field, finding.inputs) == ("coverages/1/member_id", ())


def test_warns_where_medicare_is_not_first() -> None:
    second = subject(coverages=(INSURED, replace(INSURED, medicare_number=False)), payers=(INSURER, MEDICARE))

    assert [(each.severity, each.field) for each in RULE.findings(second)] == [("warning", "coverages/2/member_id")]


def test_has_no_data_once_the_number_is_erased() -> None:
    assert RULE.outcome(numbered(of_form=None)) is Outcome.NO_DATA


@pytest.mark.parametrize("case", [CLEAN, subject(coverages=(), payers=())], ids=["another payer", "self-pay"])
def test_does_not_apply_where_medicare_is_not_asked(case: ScrubSubject) -> None:
    assert RULE.outcome(case) is Outcome.NOT_APPLICABLE


def test_is_not_asked_of_services_before_the_new_numbers_alone_counted() -> None:
    assert RULE.outcome(replace(numbered(of_form=False), service_on=date(2019, 12, 31))) is Outcome.NOT_APPLICABLE
