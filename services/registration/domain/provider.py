"""A provider: a clinician who treats, or an organization that bills.

Owns: master data of providers, and that an NPI is well formed and used once. Refuses: enrollment with payers.
Next: `appointment.py` books a provider.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from msgspec import structs

from services.registration.domain.identity import same
from shared.events.registration import ProviderAdded
from shared.kernel.decider import Decider, Name
from shared.kernel.errors import Malformed, Rejected
from shared.kernel.identifiers import is_npi
from shared.kernel.person import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class AddProvider:
    """Let somebody render or bill."""

    provider_id: str
    kind: Literal["person", "organization"]
    npi: str
    provider_name: str
    given_name: str | None
    taxonomy: str | None
    tax_id: str | None
    address: Address | None
    now: datetime


class NpiNotValid(Malformed):
    """A National Provider Identifier has ten digits, the last of which checks the others."""

    slug = "npi-not-valid"


class ProviderDiffers(Rejected):
    """A provider is added once: other content for it is for a person to judge, and never dropped in silence."""

    slug = "provider-differs"


def decide(provider: ProviderAdded | None, command: AddProvider) -> tuple[ProviderAdded, ...]:
    """Return the provider, none for a repeat. **Errors**: `ProviderDiffers`, `NpiNotValid`."""
    if provider is not None:
        if not same(structs.replace(_added(command), added_at=provider.added_at), provider):
            raise ProviderDiffers("the provider is known with other content; nothing of it was changed")
        return ()
    if not is_npi(command.npi):
        raise NpiNotValid("the NPI has a wrong length or check digit")
    return (_added(command),)


def _added(command: AddProvider) -> ProviderAdded:
    return ProviderAdded(
        provider_id=command.provider_id,
        kind=command.kind,
        npi=command.npi,
        provider_name=command.provider_name,
        given_name=command.given_name,
        taxonomy=command.taxonomy,
        tax_id=command.tax_id,
        address=command.address,
        added_at=command.now,
    )


def evolve(_: ProviderAdded | None, event: ProviderAdded) -> ProviderAdded:
    """Return the state after a stored fact: the provider as it was added."""
    return event


def stream(command: AddProvider) -> str:
    """Return the history that a command is decided on: one per provider."""
    return f"provider-{command.provider_id}"


def names(event: ProviderAdded) -> tuple[Name, ...]:
    """Return what a fact reserves: the NPI, which the country gives once."""
    return (Name("npi", event.npi),)


PROVIDERS: Final[Decider[ProviderAdded | None, AddProvider, ProviderAdded]] = Decider(
    commands=(AddProvider,),
    events=(ProviderAdded,),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
    names=names,
)
