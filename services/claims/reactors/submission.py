"""What follows from files: a file that arrived submits its claims, an answer finds the claim or file that it names.

Answers may be read in any order, and before we know that a file arrived: then they are kept until it is known.
"""

from collections.abc import Mapping
from typing import Any, Final

from services.claims.domain.batch import RecordInterchangeAnswer, RecordSetAnswer
from services.claims.domain.batch_facts import BatchTransmitted, InterchangeRejected, TransactionSetRejected
from services.claims.domain.claim import RecordAdjudication, RecordAnswer, SubmitClaim
from services.claims.domain.inbound import AcknowledgmentReceived, ClaimAnswer
from services.claims.domain.kept_answer import KeepAnswer, Why
from services.claims.projections.adjudications import decided
from services.claims.projections.batches import BATCH_ROWS, BatchRow
from services.claims.projections.interchanges import INTERCHANGES, group_key, interchange_key
from services.claims.projections.kept_answers import KEPT_ANSWER_ROWS, claim_key
from services.claims.projections.submissions import SUBMISSIONS, SubmissionRow
from shared.events.claims import ClaimSubmitted
from shared.events.payments import ClaimDenied, ClaimPaid, ClaimPartiallyPaid
from shared.kernel.projection import AnyProjection
from shared.kernel.reaction import Reaction, Rows

_DUPLICATE: Final = "TA1:025"
"""The interchange was received before: said of a repeat, and so of a file that arrived."""
NeededRows = Mapping[AnyProjection, tuple[str, ...]]
BatchFact = BatchTransmitted | InterchangeRejected | TransactionSetRejected
Decision = ClaimPaid | ClaimPartiallyPaid | ClaimDenied


def _batch_needs(event: BatchFact, _: Rows) -> NeededRows:
    return {BATCH_ROWS: (event.batch_id,)}


def submit(event: BatchTransmitted, rows: Rows) -> tuple[SubmitClaim, ...]:
    """Return a command per claim of a file that arrived."""
    batch = rows.get(BATCH_ROWS, event.batch_id)
    if batch is None:
        return ()
    return tuple(
        SubmitClaim(
            claim_id=claim.claim_id,
            submission_id=claim.submission_id,
            interchange_control_number=batch.interchange_control_number,
            group_control_number=batch.group_control_number,
            transaction_control_number=claim.transaction_control_number,
            file_sha256=batch.file_sha256,
            channel=batch.channel,
            now=event.transmitted_at,
        )
        for claim in batch.claims
    )


def reject(event: InterchangeRejected | TransactionSetRejected, rows: Rows) -> tuple[RecordAnswer, ...]:
    """Return a command per claim of what a TA1 or 999 rejected: nothing of it was processed."""
    batch = rows.get(BATCH_ROWS, event.batch_id)
    rejected_set = event.transaction_control_number if isinstance(event, TransactionSetRejected) else None
    return tuple(
        RecordAnswer(
            claim_id=claim.claim_id,
            submission_id=claim.submission_id,
            kind="rejected",
            level="clearinghouse",
            status_codes=event.codes,
            payer_claim_number=None,
            file_sha256=event.file_sha256,
            now=event.answered_at,
        )
        for claim in (batch.claims if batch else ())
        if rejected_set in (None, claim.transaction_control_number)
    )


def _acknowledged_needs(event: AcknowledgmentReceived, rows: Rows) -> NeededRows:
    numbers = (
        *(interchange_key(each.interchange_control_number) for each in event.interchanges),
        *(group_key(each.group_control_number) for each in event.sets),
    )
    rejected = [interchange_key(each.interchange_control_number) for each in event.interchanges if not each.accepted]
    found = [rows.get(INTERCHANGES, key) for key in rejected if rows.has(INTERCHANGES, key)]
    return {
        INTERCHANGES: numbers,
        SUBMISSIONS: tuple(each.patient_control_number for each in event.claims),
        BATCH_ROWS: tuple(row.batch_id for row in found if row),
    }


def acknowledge(event: AcknowledgmentReceived, rows: Rows) -> tuple[object, ...]:
    """Return a command per answer: to the file or claim that it names, or to keep it."""
    return (
        *(_interchange(event, number, rows) for number in range(len(event.interchanges))),
        *(_set(event, number, rows) for number in range(len(event.sets))),
        *(_claim(event, claim, rows.get(SUBMISSIONS, claim.patient_control_number)) for claim in event.claims),
    )


def _interchange(event: AcknowledgmentReceived, number: int, rows: Rows) -> RecordInterchangeAnswer | KeepAnswer:
    said = event.interchanges[number]
    key = interchange_key(said.interchange_control_number)
    found = rows.get(INTERCHANGES, key)
    if found is None:
        return _keep(event, key, "unmatched", None)
    if not said.accepted and (_DUPLICATE in said.codes or _was_accepted(rows.get(BATCH_ROWS, found.batch_id))):
        return _keep(event, key, "unclear", None)
    return RecordInterchangeAnswer(
        batch_id=found.batch_id,
        accepted=said.accepted,
        codes=said.codes,
        file_sha256=event.file_sha256,
        now=event.received_at,
    )


def _was_accepted(batch: BatchRow | None) -> bool:
    """Return whether a TA1 or a 999 took the file or a part of it: a late rejection must not reject its claims."""
    return batch is not None and any(answer.accepted for answer in batch.answers)


def _set(event: AcknowledgmentReceived, number: int, rows: Rows) -> RecordSetAnswer | KeepAnswer:
    said = event.sets[number]
    key = group_key(said.group_control_number)
    found = rows.get(INTERCHANGES, key)
    if found is None:
        return _keep(event, key, "unmatched", None)
    return RecordSetAnswer(
        batch_id=found.batch_id,
        transaction_control_number=said.transaction_control_number,
        accepted=said.accepted,
        codes=said.codes,
        file_sha256=event.file_sha256,
        now=event.received_at,
    )


def _claim(event: AcknowledgmentReceived, said: ClaimAnswer, found: SubmissionRow | None) -> RecordAnswer | KeepAnswer:
    key = claim_key(said.patient_control_number)
    if found is None:
        return _keep(event, key, "unmatched", said)
    if said.kind == "unclear":
        return _keep(event, key, "unclear", said)
    if not found.submitted:
        return _keep(event, key, "waiting", said)
    return RecordAnswer(
        claim_id=found.claim_id,
        submission_id=found.submission_id,
        kind=said.kind,
        level=said.level,
        status_codes=said.status_codes,
        payer_claim_number=said.payer_claim_number,
        file_sha256=event.file_sha256,
        now=event.received_at,
    )


def _keep(event: AcknowledgmentReceived, key: str, why: Why, answer: ClaimAnswer | None) -> KeepAnswer:
    return KeepAnswer(answered=key, why=why, answer=answer, file_sha256=event.file_sha256, now=event.received_at)


def _submitted_needs(event: ClaimSubmitted, _: Rows) -> NeededRows:
    return {KEPT_ANSWER_ROWS: (claim_key(event.patient_control_number),)}


def apply_kept(event: ClaimSubmitted, rows: Rows) -> tuple[RecordAnswer, ...]:
    """Return a command per answer that was read before the claim was known to have arrived."""
    kept = rows.get(KEPT_ANSWER_ROWS, claim_key(event.patient_control_number))
    return tuple(
        RecordAnswer(
            claim_id=event.claim_id,
            submission_id=event.submission_id,
            kind=each.answer.kind,
            level=each.answer.level,
            status_codes=each.answer.status_codes,
            payer_claim_number=each.answer.payer_claim_number,
            file_sha256=each.file_sha256,
            now=rows.now,
        )
        for each in (kept.answers if kept else ())
        if each.answer and each.answer.kind != "unclear"
    )


def adjudicate(event: Decision, rows: Rows) -> tuple[RecordAdjudication, ...]:
    """Return the command that notes a payer's decision on the claim."""
    return (
        RecordAdjudication(
            claim_id=event.claim_id,
            submission_id=event.submission_id,
            remittance_id=event.remittance_id,
            decision=decided(event),
            now=rows.now,
        ),
    )


REACTIONS: Final[tuple[Reaction[Any], ...]] = (
    Reaction(name="submit_transmitted", on=BatchTransmitted, needs=_batch_needs, react=submit),
    Reaction(name="reject_interchange", on=InterchangeRejected, needs=_batch_needs, react=reject),
    Reaction(name="reject_set", on=TransactionSetRejected, needs=_batch_needs, react=reject),
    Reaction(name="acknowledge", on=AcknowledgmentReceived, needs=_acknowledged_needs, react=acknowledge),
    Reaction(name="apply_kept_answers", on=ClaimSubmitted, needs=_submitted_needs, react=apply_kept),
    Reaction(name="note_paid", on=ClaimPaid, react=adjudicate),
    Reaction(name="note_partially_paid", on=ClaimPartiallyPaid, react=adjudicate),
    Reaction(name="note_denied", on=ClaimDenied, react=adjudicate),
)
