"""Facts, foreign or own, that make payments act: which rows they need, which commands they become.

Owns: matching, and what belongs into one unit. Refuses: to decide; the aggregates do. A check posts as one unit: its
claims, its patients' shares and itself. A charge may come after its payment and a claim after its check: sums do not
mind, and what waits without a claim is taken up when the claim is submitted.
"""

from collections.abc import Iterator
from typing import Final

from services.payments.domain.adjudication import ClaimPayment, adjudicate
from services.payments.domain.claim_account import PostCharge, PostClaimPayment, ReverseClaimPayment, batch_id
from services.payments.domain.ledger import Account, Source
from services.payments.domain.patient_account import ChangePatientShare, ChargeSelfPay
from services.payments.domain.remittance import (
    FinishPosting,
    Match,
    MatchClaimPayment,
    Quarantine,
    QuarantineRemittance,
)
from services.payments.projections.billed_claims import BILLED_CLAIMS
from services.payments.projections.checks import CHECKS, Check
from services.payments.projections.claim_accounts import CLAIM_ACCOUNTS, Decision, original
from services.payments.projections.submissions import SUBMISSIONS, Submission
from services.payments.projections.unmatched import UNMATCHED
from shared.events.claims import ClaimPriced, ClaimSubmitted, EncounterReleasedToSelfPay
from shared.events.payments import RemittanceReceived
from shared.kernel.reaction import Needs, Reaction, Rows


def charge(event: ClaimPriced, rows: Rows) -> tuple[PostCharge, ...]:
    """Return the command that charges a priced claim."""
    return (
        PostCharge(claim_id=event.claim_id, patient_id=event.patient_id, charge_cents=event.charge_cents, now=rows.now),
    )


def charge_self_pay(event: EncounterReleasedToSelfPay, rows: Rows) -> tuple[ChargeSelfPay, ...]:
    """Return the command that charges a visit to its patient."""
    return (
        ChargeSelfPay(
            patient_id=event.patient_id,
            encounter_id=event.encounter_id,
            charge_cents=event.charge_cents,
            now=rows.now,
        ),
    )


def needs_of_check(event: RemittanceReceived, rows: Rows) -> Needs:
    """Return the check; then what its control numbers mean; then those claims, and the money of reversed ones."""
    check = rows.get(CHECKS, event.remittance_id) if rows.has(CHECKS, event.remittance_id) else None
    if check is None:
        return {CHECKS: (event.remittance_id,)}
    numbers = tuple(dict.fromkeys(payment.patient_control_number for payment in check.payments))
    if not all(rows.has(SUBMISSIONS, number) for number in numbers):
        return {SUBMISSIONS: numbers}
    matched = [(payment, submission) for payment in check.payments if (submission := _submission(payment, rows))]
    return {
        BILLED_CLAIMS: tuple(dict.fromkeys(submission.claim_id for _, submission in matched)),
        CLAIM_ACCOUNTS: tuple(dict.fromkeys(each.claim_id for payment, each in matched if payment.reverses)),
    }


def post_check(event: RemittanceReceived, rows: Rows) -> tuple[object, ...]:
    """Return the unit that posts a check, or the command that holds it: a reversal must have its original."""
    check = rows.get(CHECKS, event.remittance_id)
    if check is None:
        return ()
    originals = {payment.index: _original(payment, rows) for payment in check.payments if payment.reverses}
    taken = [decision.batch_id for decision in originals.values() if decision]
    if len(taken) != len(originals) or len(set(taken)) != len(taken):
        why = Quarantine(level="claim", reason="reversal-without-original")
        return (QuarantineRemittance(remittance_id=event.remittance_id, quarantine=why, now=rows.now),)
    matches = []
    commands: list[object] = []
    for payment in check.payments:
        submission = _submission(payment, rows)
        if submission is None:
            continue
        matches.append(_match(payment, submission))
        decision = originals.get(payment.index)
        if decision is not None:
            commands += _reverse(check, payment, submission, decision, rows)
        else:
            commands += _post(check, payment, submission, Account.REMITTANCE_CLEARING, rows)
    finish = FinishPosting(remittance_id=event.remittance_id, matches=tuple(matches), now=rows.now)
    return (*commands, finish)


def needs_of_submission(event: ClaimSubmitted, rows: Rows) -> Needs:
    """Return what waits under the control number; then the checks that it came with, and the claim."""
    number = event.patient_control_number
    waiting = rows.get(UNMATCHED, number) if rows.has(UNMATCHED, number) else None
    if waiting is None:
        return {UNMATCHED: (number,)}
    return {
        CHECKS: tuple(dict.fromkeys(each.remittance_id for each in waiting.payments)),
        BILLED_CLAIMS: (event.claim_id,),
    }


def apply_waiting(event: ClaimSubmitted, rows: Rows) -> tuple[object, ...]:
    """Return the unit that posts what waited for a claim, out of what was kept unapplied."""
    waiting = rows.get(UNMATCHED, event.patient_control_number)
    submission = Submission(event.patient_control_number, event.claim_id, event.submission_id, event.patient_id)
    commands: list[object] = []
    for each in waiting.payments if waiting else ():
        check = rows.get(CHECKS, each.remittance_id)
        for payment in check.payments if check else ():
            if check and payment.index == each.index:
                commands += _post(check, payment, submission, Account.UNAPPLIED, rows)
                match = _match(payment, submission)
                commands.append(MatchClaimPayment(remittance_id=check.remittance_id, match=match, now=rows.now))
    return tuple(commands)


def _submission(payment: ClaimPayment, rows: Rows) -> Submission | None:
    return rows.get(SUBMISSIONS, payment.patient_control_number)


def _original(payment: ClaimPayment, rows: Rows) -> Decision | None:
    submission = _submission(payment, rows)
    return original(rows.get(CLAIM_ACCOUNTS, submission.claim_id), payment) if submission else None


def _match(payment: ClaimPayment, submission: Submission) -> Match:
    return Match(
        index=payment.index,
        patient_control_number=payment.patient_control_number,
        claim_id=submission.claim_id,
        method="patient-control-number",
    )


def _post(check: Check, payment: ClaimPayment, submission: Submission, source: Source, rows: Rows) -> Iterator[object]:
    if not payment.posts:
        return
    claim = rows.get(BILLED_CLAIMS, submission.claim_id)
    yield PostClaimPayment(
        claim_id=submission.claim_id,
        submission_id=submission.submission_id,
        patient_id=submission.patient_id,
        filing_order=payment.filing_order or (claim.filing_order if claim else "primary"),
        remittance_id=check.remittance_id,
        payment=payment,
        paid_on=check.paid_on,
        source=source,
        file_sha256=check.file_sha256,
        now=rows.now,
    )
    change_cents = adjudicate(payment, check.paid_on).patient_cents
    yield from _share(check, payment, submission, change_cents, rows)


def _reverse(
    check: Check, payment: ClaimPayment, submission: Submission, decision: Decision, rows: Rows
) -> Iterator[object]:
    yield ReverseClaimPayment(
        claim_id=submission.claim_id,
        patient_id=submission.patient_id,
        remittance_id=check.remittance_id,
        payment=payment,
        reversed_batch_id=decision.batch_id,
        file_sha256=check.file_sha256,
        now=rows.now,
    )
    yield from _share(check, payment, submission, -decision.patient_cents, rows)


def _share(
    check: Check, payment: ClaimPayment, submission: Submission, change_cents: int, rows: Rows
) -> Iterator[ChangePatientShare]:
    if change_cents:
        yield ChangePatientShare(
            patient_id=submission.patient_id,
            claim_id=submission.claim_id,
            ledger_batch_id=batch_id(check.remittance_id, payment.index),
            change_cents=change_cents,
            now=rows.now,
        )


CHARGE: Final[Reaction[ClaimPriced]] = Reaction(name="charge", on=ClaimPriced, react=charge)
CHARGE_SELF_PAY: Final[Reaction[EncounterReleasedToSelfPay]] = Reaction(
    name="charge_self_pay", on=EncounterReleasedToSelfPay, react=charge_self_pay
)
POST_CHECK: Final[Reaction[RemittanceReceived]] = Reaction(
    name="post_check", on=RemittanceReceived, needs=needs_of_check, react=post_check
)
APPLY_WAITING: Final[Reaction[ClaimSubmitted]] = Reaction(
    name="apply_waiting", on=ClaimSubmitted, needs=needs_of_submission, react=apply_waiting
)
REACTIONS: Final = (CHARGE, CHARGE_SELF_PAY, POST_CHECK, APPLY_WAITING)
