"""`services/validation/domain/rules/payer/coverage_filing_order.py` as examples."""

from dataclasses import replace

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.payer.coverage_filing_order import COVERAGE_FILING_ORDER as RULE
from shared.events.registration import FilingOrder
from tests.unit.validation.samples import CLEAN, INSURED, subject


def ordered(*orders: FilingOrder) -> Outcome:
    return RULE.outcome(subject(coverages=tuple(replace(INSURED, filing_order=order) for order in orders)))


def test_passes_the_clean_sample() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


@pytest.mark.parametrize(
    ("orders", "outcome"),
    [
        (("primary", "secondary"), Outcome.PASS),
        (("primary", "secondary", "tertiary"), Outcome.PASS),
        (("secondary",), Outcome.FAIL),
        (("secondary", "primary"), Outcome.FAIL),
        (("primary", "primary"), Outcome.FAIL),
        (("primary", "tertiary", "secondary"), Outcome.FAIL),
    ],
)
def test_wants_the_primary_first_and_each_place_once(orders: tuple[FilingOrder, ...], outcome: Outcome) -> None:
    assert ordered(*orders) is outcome


def test_warns_of_a_place_that_is_left_out() -> None:
    third = (INSURED, replace(INSURED, filing_order="tertiary"))
    (finding,) = RULE.findings(subject(coverages=third))

    assert (finding.severity, finding.owner, finding.field) == ("warning", "front-desk", "coverages/2")
    assert finding.inputs == ("primary", "tertiary")


def test_says_which_order_was_sent_and_where_it_goes_wrong() -> None:
    wrong = (replace(INSURED, filing_order="secondary"), INSURED)
    (finding,) = RULE.findings(subject(coverages=wrong))

    assert (finding.severity, finding.owner, finding.field) == ("error", "front-desk", "coverages/1")
    assert finding.inputs == ("secondary", "primary")


def test_does_not_apply_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(coverages=())) is Outcome.NOT_APPLICABLE
