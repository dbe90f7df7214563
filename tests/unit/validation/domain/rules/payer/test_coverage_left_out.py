"""`services/validation/domain/rules/payer/coverage_left_out.py` as examples; the sample's visit names CV-1, primary."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.validation.domain.facts import Coverage
from services.validation.domain.rule import Outcome
from services.validation.domain.rules.payer.coverage_left_out import COVERAGE_LEFT_OUT as RULE
from tests.unit.validation.samples import CLEAN, INSURED, subject


def other(**changes: Any) -> Coverage:  # noqa: ANN401 (any field of a coverage)
    return replace(INSURED, coverage_id="CV-2", **changes)


def test_passes_a_visit_that_names_all() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


@pytest.mark.parametrize(
    "left_out",
    [
        other(filing_order="secondary"),
        other(effective_from_on=date(2026, 3, 3)),
        other(effective_from_on=date(2026, 1, 2), effective_to_on=None),
    ],
    ids=["secondary", "newer primary that begins on the day", "newer primary without end"],
)
def test_warns_of_a_coverage_in_force_that_is_not_billed(left_out: Coverage) -> None:
    (finding,) = RULE.findings(subject(known_coverages=(INSURED, left_out)))

    assert (finding.severity, finding.owner, finding.field) == ("warning", "front-desk", "coverages")
    assert finding.inputs[:2] == ("CV-2", left_out.filing_order)


@pytest.mark.parametrize(
    "elsewhere",
    [
        other(effective_from_on=date(2025, 1, 1), effective_to_on=None),
        other(filing_order="secondary", effective_from_on=date(2026, 3, 4)),
        other(filing_order="secondary", effective_to_on=date(2026, 3, 2)),
    ],
    ids=["older card for the same place", "begins a day later", "ended a day before"],
)
def test_passes_what_the_desk_would_not_have_named(elsewhere: Coverage) -> None:
    assert RULE.outcome(subject(known_coverages=(INSURED, elsewhere))) is Outcome.PASS


def test_warns_where_the_billed_coverage_had_ended_and_another_had_not() -> None:
    ended = replace(INSURED, effective_to_on=date(2026, 2, 28))
    older = other(effective_from_on=date(2025, 1, 1))

    assert RULE.outcome(subject(coverages=(ended,), known_coverages=(ended, older))) is Outcome.FAIL


def test_warns_of_a_self_payer_who_is_insured() -> None:
    assert RULE.outcome(subject(coverages=(), payers=())) is Outcome.FAIL


def test_does_not_apply_to_a_patient_without_any() -> None:
    assert RULE.outcome(subject(coverages=(), known_coverages=())) is Outcome.NOT_APPLICABLE
