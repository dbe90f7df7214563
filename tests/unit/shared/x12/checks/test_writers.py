"""What our own writers write has no fault of syntax, guide or sums: two readings of a guide, made apart."""

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.x12.checks import check
from shared.x12.sets.t270_x279a1 import write_270
from shared.x12.sets.t271_x279a1 import write_271
from shared.x12.sets.t276_x212 import write_276
from shared.x12.sets.t277_x212 import write_277
from shared.x12.sets.t277ca_x214 import write_277ca
from shared.x12.sets.t835_x221a1 import Remittance, write_835
from shared.x12.sets.t837i_x223a2 import InstitutionalClaim, write_837i
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim, write_837p
from shared.x12.sets.t999_x231a1 import GroupAcknowledgement, write_999
from tests.unit.shared.x12 import acknowledgements, claim_strategies, eligibility, inquiries, strategies
from tests.unit.shared.x12.examples import CLAIM_STATUSES, ENVELOPE, PATIENTS, batch, stays

_SOME: Final = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
_REFUSED: Final = {
    "4-claim-number",
    "4-claim-number-blank",
    "4-decided-on-missing",
    "4-decided-on-twice",
    "4-group-name",
    "4-line-number-twice",
    "4-negative",
    "4-no-other-payer",
    "4-not-decided",
    "4-payer-order-twice",
    "4-payer-twice",
    "4-remaining-twice",
}
"""Situations that no writer writes."""
_ANSWERS: Final[dict[str, Callable[[], bytes]]] = {
    "270": lambda: write_270(
        [eligibility.question(eligibility.OF_JOHN, eligibility.OF_SALLY)], envelope=ENVELOPE, first_control_number=1
    ),
    "271": lambda: write_271(
        [eligibility.answer(eligibility.INSURED, eligibility.INSURED_CHILD, eligibility.REFUSED)],
        envelope=ENVELOPE,
        first_control_number=1,
    ),
    "276": lambda: write_276(
        [inquiries.question(inquiries.OF_JOHN, inquiries.OF_SALLY)], envelope=ENVELOPE, first_control_number=1
    ),
    "277": lambda: write_277([inquiries.answer(inquiries.ANSWERED)], envelope=ENVELOPE, first_control_number=1),
    "277CA": lambda: write_277ca([CLAIM_STATUSES], envelope=ENVELOPE, first_control_number=1, patients=PATIENTS),
}


def _faults(data: bytes) -> list[tuple[str, int, str, str]]:
    found = check(data)
    return [
        (each.rule.id, each.segment, each.place, each.detail)
        for each in found
        if (each.is_error and each.rule.level in {1, 2, 3}) or each.rule.id in _REFUSED
    ]


@given(st.lists(claim_strategies.professional_claims(), min_size=1, max_size=2))
@_SOME
def test_an_837p_has_no_fault(claims: list[ProfessionalClaim]) -> None:
    assert _faults(write_837p(batch(*claims), envelope=ENVELOPE, transaction_control_number=1)) == []


@given(st.lists(claim_strategies.institutional_claims(), min_size=1, max_size=2))
@_SOME
def test_an_837i_has_no_fault(claims: list[InstitutionalClaim]) -> None:
    assert _faults(write_837i(stays(*claims), envelope=ENVELOPE, transaction_control_number=1)) == []


@given(strategies.remittances())
@_SOME
def test_an_835_has_no_fault(remittance: Remittance) -> None:
    assert _faults(write_835([remittance], envelope=ENVELOPE, first_control_number=1)) == []


@given(acknowledgements.group_acknowledgements(judged=True))
@_SOME
def test_a_999_has_no_fault(answer: GroupAcknowledgement) -> None:
    found = _faults(write_999([answer], envelope=ENVELOPE, first_control_number=1))

    assert {rule for rule, *_ in found} <= {"3-counts"}  # the strategy counts at random


@pytest.mark.parametrize("name", _ANSWERS)
def test_questions_and_answers_have_no_fault(name: str) -> None:
    assert _faults(_ANSWERS[name]()) == []
