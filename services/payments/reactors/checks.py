"""Facts, foreign or own, that make payments act: which rows they need, which commands they become.

Owns: matching, and what belongs into one unit. Refuses: to decide; the aggregates do. A check posts as one unit: its
claims, its patients' shares and itself. A charge may come after its payment and a claim after its check: sums do not
mind, and what waits without a claim is taken up when the claim is submitted. A held check is tried again when the claim
that it waits for is submitted or posted on. Next: `obstacles.py` says what stands in its way.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from services.payments.domain.adjudication import ClaimPayment, adjudicate
from services.payments.domain.claim_account import PostCharge, PostClaimPayment, ReverseClaimPayment, batch_id
from services.payments.domain.ledger import Account, Source
from services.payments.domain.patient_account import ChangePatientShare, ChargeSelfPay
from services.payments.domain.remittance import (
    FinishPosting,
    Match,
    MatchClaimPayment,
    QuarantineRemittance,
)
from services.payments.domain.remittance_facts import RemittanceClaimMatched
from services.payments.projections.billed_claims import BILLED_CLAIMS
from services.payments.projections.checks import CHECKS, Check
from services.payments.projections.claim_accounts import CLAIM_ACCOUNTS, Decision
from services.payments.projections.held_checks import HELD_CHECKS, waits_for_claim, waits_for_number
from services.payments.projections.submissions import SUBMISSIONS, Submission
from services.payments.projections.unmatched import UNMATCHED
from services.payments.reactors.obstacles import (
    Standing,
    filing_order,
    obstacle,
    originals,
    standing,
    submission_of,
)
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
    """Return the check; then what its control numbers mean; then those claims and their money."""
    return _needs_of_checks((event.remittance_id,), rows)


def _needs_of_checks(remittance_ids: tuple[str, ...], rows: Rows) -> Needs:
    if not all(rows.has(CHECKS, remittance_id) for remittance_id in remittance_ids):
        return {CHECKS: remittance_ids}
    checks = [check for remittance_id in remittance_ids if (check := rows.get(CHECKS, remittance_id))]
    payments = [payment for check in checks for payment in check.payments]
    numbers = tuple(dict.fromkeys(payment.patient_control_number for payment in payments))
    if not all(rows.has(SUBMISSIONS, number) for number in numbers):
        return {SUBMISSIONS: numbers}
    submissions = [submission for payment in payments if (submission := submission_of(payment, rows))]
    claims = tuple(dict.fromkeys(submission.claim_id for submission in submissions))
    return {BILLED_CLAIMS: claims, CLAIM_ACCOUNTS: claims}


def post_check(event: RemittanceReceived, rows: Rows) -> tuple[object, ...]:
    """Return the unit that posts a check, or the command that holds it whole."""
    check = rows.get(CHECKS, event.remittance_id)
    return _post_or_hold(check, rows) if check else ()


def _post_or_hold(check: Check, rows: Rows) -> tuple[object, ...]:
    found = originals(check, rows)
    hold = obstacle(check, found, rows)
    if hold:
        return (
            QuarantineRemittance(
                remittance_id=check.remittance_id,
                quarantine=hold.quarantine,
                waits_for=hold.waits_for,
                now=rows.now,
            ),
        )
    matches = []
    commands: list[object] = []
    for payment in check.payments:
        submission = submission_of(payment, rows)
        if submission is None:
            continue
        matches.append(_match(payment, submission))
        decision = found.get(payment.index)
        if decision is not None:
            commands += _reverse(check, payment, submission, decision, rows)
        else:
            commands += _post(check, payment, submission, Account.REMITTANCE_CLEARING, rows)
    finish = FinishPosting(remittance_id=check.remittance_id, matches=tuple(matches), now=rows.now)
    return (*commands, finish)


ClaimMeant: TypeAlias = RemittanceClaimMatched | ClaimSubmitted
"""A claim and its control number: something was posted on it, or the number has a meaning now."""


def needs_of_held(event: ClaimMeant, rows: Rows) -> Needs:
    """Return which checks wait for the claim that was posted on or submitted; then all that posting them needs."""
    keys = _held_keys(event)
    if not all(rows.has(HELD_CHECKS, key) for key in keys):
        return {HELD_CHECKS: keys}
    held = _held(event, rows)
    return _needs_of_checks(held, rows) if held else {}


def retry_held(event: ClaimMeant, rows: Rows) -> tuple[object, ...]:
    """Return the unit that posts the first held check that can be posted now.

    One only: it changes what the others find on the claim, and its own postings have them tried again. Where none can
    be posted, each is held for what stands in its way now.
    """
    holds: list[object] = []
    for remittance_id in _held(event, rows):
        check = rows.get(CHECKS, remittance_id)
        unit = _post_or_hold(check, rows) if check else ()
        if unit and not isinstance(unit[0], QuarantineRemittance):
            return unit
        holds += unit
    return tuple(holds)


def _held_keys(event: ClaimMeant) -> tuple[str, ...]:
    return (waits_for_claim(event.claim_id), waits_for_number(event.patient_control_number))


def _held(event: ClaimMeant, rows: Rows) -> tuple[str, ...]:
    found = [row for key in _held_keys(event) if (row := rows.get(HELD_CHECKS, key))]
    return tuple(dict.fromkeys(remittance_id for row in found for remittance_id in row.remittance_ids))


def needs_of_submission(event: ClaimSubmitted, rows: Rows) -> Needs:
    """Return what waits under the control number; then the checks that it came with, and the claim."""
    number = event.patient_control_number
    waiting = rows.get(UNMATCHED, number) if rows.has(UNMATCHED, number) else None
    if waiting is None:
        return {UNMATCHED: (number,)}
    return {
        CHECKS: tuple(dict.fromkeys(each.remittance_id for each in waiting.payments)),
        BILLED_CLAIMS: (event.claim_id,),
        CLAIM_ACCOUNTS: (event.claim_id,),
    }


def apply_waiting(event: ClaimSubmitted, rows: Rows) -> tuple[object, ...]:
    """Return the unit that posts what waited for a claim, out of what was kept unapplied.

    A decision that may not stand beside another stays unapplied, for a person: its money is on no claim.
    """
    waiting = rows.get(UNMATCHED, event.patient_control_number)
    submission = Submission(event.patient_control_number, event.claim_id, event.submission_id, event.patient_id)
    stands = standing(event.claim_id, rows) if waiting else Standing()
    commands: list[object] = []
    for each in waiting.payments if waiting else ():
        check = rows.get(CHECKS, each.remittance_id)
        for payment in check.payments if check else ():
            if check and payment.index == each.index and not _is_refused(payment, event.claim_id, stands, rows):
                commands += _post(check, payment, submission, Account.UNAPPLIED, rows)
                match = _match(payment, submission)
                commands.append(MatchClaimPayment(remittance_id=check.remittance_id, match=match, now=rows.now))
    return tuple(commands)


def _is_refused(payment: ClaimPayment, claim_id: str, stands: Standing, rows: Rows) -> bool:
    return payment.posts and stands.refuses(payment, filing_order(payment, claim_id, rows)) is not None


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
    yield PostClaimPayment(
        claim_id=submission.claim_id,
        submission_id=submission.submission_id,
        patient_id=submission.patient_id,
        filing_order=filing_order(payment, submission.claim_id, rows),
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
RETRY_HELD: Final[Reaction[RemittanceClaimMatched]] = Reaction(
    name="retry_held", on=RemittanceClaimMatched, needs=needs_of_held, react=retry_held
)
RETRY_HELD_BY_NUMBER: Final[Reaction[ClaimSubmitted]] = Reaction(
    name="retry_held_by_number", on=ClaimSubmitted, needs=needs_of_held, react=retry_held
)
