"""`services/validation/domain/rules/x12/billing_provider_complete.py` as examples."""

from dataclasses import replace
from typing import Any

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.billing_provider_complete import BILLING_PROVIDER_COMPLETE as RULE
from tests.unit.validation.samples import BILLS, CLEAN, subject

PERSON: dict[str, Any] = {"kind": "person", "has_given_name": True}


@pytest.mark.parametrize("changes", [{}, PERSON], ids=["organization", "person"])
def test_passes_whoever_the_guide_can_name(changes: dict[str, Any]) -> None:
    assert RULE.outcome(subject(billing=replace(BILLS, **changes))) is Outcome.PASS


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"has_tax_id": False}, ["tax_id"]),
        ({"zip_digits": None}, ["address"]),
        ({"zip_digits": 5}, ["address/zip"]),
        (PERSON | {"has_given_name": False}, ["given_name"]),
        ({"has_tax_id": False, "zip_digits": None}, ["tax_id", "address"]),
    ],
)
def test_fails_each_thing_that_is_missing(changes: dict[str, Any], fields: list[str]) -> None:
    findings = RULE.findings(subject(billing=replace(BILLS, **changes)))

    assert [finding.field for finding in findings] == [f"providers/billing/{field}" for field in fields]
    assert {(each.outcome, each.severity, each.owner) for each in findings} == {("fail", "error", "front-desk")}


def test_has_no_data_once_the_tax_number_is_erased() -> None:
    assert RULE.outcome(subject(billing=replace(BILLS, has_tax_id=None))) is Outcome.NO_DATA


def test_does_not_apply_without_a_biller_or_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(billing=None)) is Outcome.NOT_APPLICABLE
    assert (
        RULE.outcome(replace(CLEAN, coverages=(), billing=replace(BILLS, has_tax_id=False))) is Outcome.NOT_APPLICABLE
    )
