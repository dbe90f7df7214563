"""The other end of `lending.py`: a service that publishes, in registration's name, so that its facts are public."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter

from shared.events.registration import PayerAdded
from shared.kernel.decider import Decider
from shared.runtime.definition import Api, Service
from shared.runtime.settings import RuntimeSettings

ADDED_AT: Final = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Donate:
    """Say that a donor gives; as often as they like."""

    donor_id: str
    name: str = "Example"
    pages: int = 90


def donated(donor_id: str, name: str = "Example", pages: int = 90) -> PayerAdded:
    """Return the fact that a gift adds."""
    return PayerAdded(
        payer_id=donor_id,
        payer_name=name,
        clearinghouse_payer_id="X",
        claim_filing_indicator="CI",
        filing_limit_days=pages,
        filing_limit_months=None,
        zone="America/New_York",
        address=None,
        added_at=ADDED_AT,
    )


GIFTS: Final[Decider[None, Donate, PayerAdded]] = Decider(
    commands=(Donate,),
    events=(PayerAdded,),
    stream=lambda command: f"donor-{command.donor_id}",
    initial=None,
    decide=lambda _, command: (donated(command.donor_id, command.name, command.pages),),
    evolve=lambda _, __: None,
)


def donating(**settings: object) -> Service:
    """Return the service."""
    return Service(
        name="registration",
        title="Donating",
        api=lambda: Api(router=APIRouter(), access={}),
        settings=RuntimeSettings.model_validate(settings),
        deciders=(GIFTS,),
    )
