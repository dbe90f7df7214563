"""Payers as registration told of them: under which number the clearinghouse knows each."""

from typing import Final

from services.claims.domain.parties import Payer
from shared.events.registration import PayerAdded
from shared.kernel.projection import Projection


def keys(event: PayerAdded) -> tuple[str, ...]:
    """Return the payer."""
    return (event.payer_id,)


def apply(_: Payer | None, event: PayerAdded) -> Payer:
    """Return the payer after a fact."""
    return Payer(
        payer_id=event.payer_id,
        payer_name=event.payer_name,
        clearinghouse_payer_id=event.clearinghouse_payer_id,
        claim_filing_indicator=event.claim_filing_indicator,
    )


PAYERS: Final[Projection[Payer, PayerAdded]] = Projection(
    name="payers", version=1, source="foreign", row=Payer, events=(PayerAdded,), keys=keys, apply=apply
)
