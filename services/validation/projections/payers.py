"""Which kind each payer is, and how long it waits for a claim; from registration's `PayerAdded`."""

from typing import Final

from services.validation.domain.facts import Payer
from shared.events.registration import PayerAdded
from shared.kernel.projection import Projection


def keys(event: PayerAdded) -> tuple[str, ...]:
    """Return the payer."""
    return (event.payer_id,)


def apply(_: Payer | None, event: PayerAdded) -> Payer:
    """Return its kind, the filing limit and its clock."""
    return Payer(
        payer_id=event.payer_id,
        claim_filing_indicator=event.claim_filing_indicator,
        filing_limit_days=event.filing_limit_days,
        filing_limit_months=event.filing_limit_months,
        zone=event.zone,
    )


PAYERS: Final[Projection[Payer, PayerAdded]] = Projection(
    name="payers", version=2, source="foreign", row=Payer, events=(PayerAdded,), keys=keys, apply=apply
)
