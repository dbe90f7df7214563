"""A payer: whom a claim is sent to, and how long it takes one.

Owns: master data of payers. Refuses: what a payer pays (claims and payments). Next: `coverage.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec import structs

from services.registration.domain.identity import folded, same
from shared.events.registration import PayerAdded
from shared.kernel.decider import Decider, Name
from shared.kernel.errors import Malformed, Rejected
from shared.kernel.person import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPayer:
    """Let claims be sent to a payer. **Units**: the filing limit is in days or in calendar months, never both."""

    payer_id: str
    payer_name: str
    clearinghouse_payer_id: str
    claim_filing_indicator: str
    filing_limit_days: int | None
    filing_limit_months: int | None
    zone: str
    address: Address | None
    now: datetime


class FilingLimitAmbiguous(Malformed):
    """A filing limit is counted in days or in months."""

    slug = "filing-limit-ambiguous"


class PayerDiffers(Rejected):
    """A payer is added once: other content for it is for a person to judge, and never dropped in silence."""

    slug = "payer-differs"


def decide(payer: PayerAdded | None, command: AddPayer) -> tuple[PayerAdded, ...]:
    """Return the payer, none for a repeat. **Errors**: `PayerDiffers`, `FilingLimitAmbiguous`."""
    if payer is not None:
        if not same(structs.replace(_added(command), added_at=payer.added_at), payer):
            raise PayerDiffers("the payer is known with other content; nothing of it was changed")
        return ()
    if command.filing_limit_days is not None and command.filing_limit_months is not None:
        raise FilingLimitAmbiguous("give the filing limit in days or in months, not in both")
    return (_added(command),)


def _added(command: AddPayer) -> PayerAdded:
    return PayerAdded(
        payer_id=command.payer_id,
        payer_name=command.payer_name,
        clearinghouse_payer_id=command.clearinghouse_payer_id,
        claim_filing_indicator=command.claim_filing_indicator,
        filing_limit_days=command.filing_limit_days,
        filing_limit_months=command.filing_limit_months,
        zone=command.zone,
        address=command.address,
        added_at=command.now,
    )


def evolve(_: PayerAdded | None, event: PayerAdded) -> PayerAdded:
    """Return the state after a stored fact: the payer as it was added."""
    return event


def stream(command: AddPayer) -> str:
    """Return the history that a command is decided on: one per payer."""
    return f"payer-{command.payer_id}"


def names(event: PayerAdded) -> tuple[Name, ...]:
    """Return what a fact reserves: the payer's number at the clearinghouse, by which its answers come back."""
    return (Name("clearinghouse_payer_id", folded(event.clearinghouse_payer_id)),)


PAYERS: Final[Decider[PayerAdded | None, AddPayer, PayerAdded]] = Decider(
    commands=(AddPayer,),
    events=(PayerAdded,),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
    names=names,
)
