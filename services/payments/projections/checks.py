"""What stands on a check, claim by claim: what posting needs, and what a person looks at."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias, assert_never

from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.remittance_facts import (
    ClaimPaymentRead,
    ProviderAdjustment,
    RemittanceClaimMatched,
    RemittanceRead,
)
from shared.events.payments import RemittanceReceived
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True)
class ClaimMatch:
    """Which claim a payment was tied to, and by what."""

    index: int
    claim_id: str
    method: str


@dataclass(frozen=True, slots=True)
class Check:
    """One row: a check that was received. **Shape**: keyed by remittance; `payments` in the order of the file."""

    remittance_id: str
    paid_on: date
    file_sha256: str
    payments: tuple[ClaimPayment, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    matches: tuple[ClaimMatch, ...] = ()


Fact: TypeAlias = RemittanceReceived | RemittanceRead | ClaimPaymentRead | RemittanceClaimMatched


def keys(event: Fact) -> tuple[str, ...]:
    """Return the check that a fact is about."""
    return (event.remittance_id,)


def apply(row: Check | None, event: Fact) -> Check | None:
    """Return the check after a fact."""
    match event:
        case RemittanceReceived():
            return Check(event.remittance_id, event.paid_on, event.file_sha256)
        case RemittanceRead():
            return row and replace(row, provider_adjustments=event.provider_adjustments)
        case ClaimPaymentRead():
            return row and replace(row, payments=(*row.payments, event.payment))
        case RemittanceClaimMatched():
            match_ = ClaimMatch(event.index, event.claim_id, event.method)
            return row and replace(row, matches=(*row.matches, match_))
        case _:
            assert_never(event)


CHECKS: Final[Projection[Check, Fact]] = Projection(
    name="checks",
    version=1,
    source="own",
    row=Check,
    events=members(Fact),
    keys=keys,
    apply=apply,
    streams=one_stream("remittance"),
)
