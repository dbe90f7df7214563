"""Which payers there are: one row per payer, found by id or by its number at the clearinghouse."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.registration.domain.identity import folded
from shared.events.registration import PayerAdded
from shared.kernel.person import Address
from shared.kernel.projection import Projection, one_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRow:
    """One payer. **Shape**: `payer_key` is what a question by clearinghouse number compares."""

    payer_id: str
    payer_name: str
    clearinghouse_payer_id: str
    claim_filing_indicator: str
    filing_limit_days: int | None
    filing_limit_months: int | None
    zone: str
    address: Address | None
    added_at: datetime
    payer_key: str


def row_of(event: PayerAdded) -> PayerRow:
    """Return what is known of a payer."""
    return PayerRow(
        payer_id=event.payer_id,
        payer_name=event.payer_name,
        clearinghouse_payer_id=event.clearinghouse_payer_id,
        claim_filing_indicator=event.claim_filing_indicator,
        filing_limit_days=event.filing_limit_days,
        filing_limit_months=event.filing_limit_months,
        zone=event.zone,
        address=event.address,
        added_at=event.added_at,
        payer_key=folded(event.clearinghouse_payer_id),
    )


def keys(event: PayerAdded) -> tuple[str, ...]:
    """Return the payer whose row a fact touches."""
    return (event.payer_id,)


def apply(_: PayerRow | None, event: PayerAdded) -> PayerRow:
    """Return the row of the payer after a fact."""
    return row_of(event)


PAYERS: Final[Projection[PayerRow, PayerAdded]] = Projection(
    name="payers",
    version=1,
    source="own",
    row=PayerRow,
    events=(PayerAdded,),
    keys=keys,
    apply=apply,
    streams=one_stream("payer"),
    filters=("payer_key",),
)
