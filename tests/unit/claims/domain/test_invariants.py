"""`services/claims/domain/invariants.py`: what was sent as it should breaks none, each planted fault its own."""

from dataclasses import replace

from msgspec import structs

from services.claims.domain.claim_facts import ClaimQueued
from services.claims.domain.invariants import INVARIANTS
from shared.events.claims import ClaimPriced, ClaimSubmitted
from tests.support.own_invariants import broken_by
from tests.unit.claims.domain.test_claim import ASSEMBLE, NEW_CODES, QUEUE, SUBMIT, after, answer

AGAIN = replace(QUEUE, submission_id="S-2", patient_control_number="PCN2", coding_version=2)


def test_claim_that_was_rejected_and_sent_again_breaks_none() -> None:
    facts = after(ASSEMBLE, QUEUE, SUBMIT, answer("rejected"), NEW_CODES, AGAIN, replace(SUBMIT, submission_id="S-2"))

    assert broken_by(INVARIANTS, *([fact] for fact in facts)) == set()


def test_submission_that_is_told_after_its_rejection_breaks_none() -> None:
    facts = after(ASSEMBLE, QUEUE, answer("rejected"), NEW_CODES, SUBMIT, AGAIN)

    assert broken_by(INVARIANTS, *([fact] for fact in facts)) == set()


def test_second_sending_beside_the_first_is_found() -> None:
    facts = after(ASSEMBLE, QUEUE, SUBMIT)
    second = [structs.replace(each, submission_id="S-2") for each in facts if isinstance(each, ClaimQueued)]

    assert broken_by(INVARIANTS, facts, second) == {"one-sending"}


def test_sending_at_another_charge_is_found() -> None:
    *before, submitted = after(ASSEMBLE, QUEUE, SUBMIT)
    assert isinstance(submitted, ClaimSubmitted)

    assert broken_by(INVARIANTS, before, [structs.replace(submitted, charge_cents=1)]) == {"one-sending"}


def test_charge_that_is_not_its_lines_is_found() -> None:
    _, priced = after(ASSEMBLE)
    assert isinstance(priced, ClaimPriced)

    assert broken_by(INVARIANTS, [structs.replace(priced, charge_cents=1)]) == {"claim-charges"}
