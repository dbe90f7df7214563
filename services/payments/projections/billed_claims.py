"""Whose turn a claim's payer has: what a denial does not say about itself.

Foreign: a claim is assembled before it is submitted, under the same key, so that a claim that is matched has its row.
"""

from dataclasses import dataclass
from typing import Final

from shared.events.claims import ClaimAssembled
from shared.events.registration import FilingOrder
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True)
class BilledClaim:
    """One row: a claim as it was assembled. **Shape**: keyed by claim."""

    claim_id: str
    filing_order: FilingOrder


def keys(event: ClaimAssembled) -> tuple[str, ...]:
    """Return the claim that a fact is about."""
    return (event.claim_id,)


def apply(_: BilledClaim | None, event: ClaimAssembled) -> BilledClaim:
    """Return the claim as it was assembled last."""
    return BilledClaim(event.claim_id, event.filing_order)


BILLED_CLAIMS: Final[Projection[BilledClaim, ClaimAssembled]] = Projection(
    name="billed_claims",
    version=1,
    source="foreign",
    row=BilledClaim,
    events=(ClaimAssembled,),
    keys=keys,
    apply=apply,
)
