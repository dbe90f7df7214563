"""Which claims a payer refused, in whole or in part: the denial specialist's list."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from services.payments.domain.claim_account import PaymentReversed
from shared.events.payments import ClaimDenied, ClaimPartiallyPaid
from shared.kernel.projection import Projection
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True)
class Denial:
    """One row: a claim with a refusal. **Shape**: keyed by claim; `batches` whose refusals stand. **Units**: cents.

    `reason` is the first of `reasons`; a claim that was paid in part has none.
    """

    claim_id: str
    patient_id: str
    remittance_id: str
    is_whole: bool
    denied_cents: int
    reasons: tuple[str, ...]
    batches: tuple[str, ...]
    denied_at: datetime
    reason: str | None = None


Fact: TypeAlias = ClaimDenied | ClaimPartiallyPaid | PaymentReversed


def keys(event: Fact) -> tuple[str, ...]:
    """Return the claim that a fact is about."""
    return (event.claim_id,)


def apply(row: Denial | None, event: Fact) -> Denial | None:
    """Return the claim's refusals after a fact; None when the payer took them all back."""
    match event:
        case ClaimDenied() | ClaimPartiallyPaid():
            return _refused(row, event)
        case PaymentReversed():
            if row is None or event.reversed_batch_id not in row.batches:
                return row
            batches = tuple(batch for batch in row.batches if batch != event.reversed_batch_id)
            remaining = replace(row, batches=batches, denied_cents=row.denied_cents + event.denied_cents)
            return remaining if batches else None
        case _:
            assert_never(event)


def _refused(row: Denial | None, event: ClaimDenied | ClaimPartiallyPaid) -> Denial:
    now = event.reasons if isinstance(event, ClaimDenied) else ()
    reasons = tuple(dict.fromkeys((*(row.reasons if row else ()), *now)))
    return Denial(
        claim_id=event.claim_id,
        patient_id=event.patient_id,
        remittance_id=event.remittance_id,
        is_whole=isinstance(event, ClaimDenied),
        denied_cents=event.denied_cents + (row.denied_cents if row else 0),
        reasons=reasons,
        batches=(*(row.batches if row else ()), event.ledger_batch_id),
        denied_at=event.posted_at,
        reason=reasons[0] if reasons else None,
    )


DENIALS: Final[Projection[Denial, Fact]] = Projection(
    name="denials",
    version=2,
    source="own",
    row=Denial,
    events=members(Fact),
    keys=keys,
    apply=apply,
    filters=("is_whole", "patient_id"),
    columns=("reason", "denied_cents"),
    countable=("reason",),
)
