"""Providers as registration told of them: who treats, and who is paid."""

from typing import Final

from services.claims.domain.parties import Provider
from shared.events.registration import ProviderAdded
from shared.kernel.projection import Projection


def keys(event: ProviderAdded) -> tuple[str, ...]:
    """Return the provider."""
    return (event.provider_id,)


def apply(_: Provider | None, event: ProviderAdded) -> Provider:
    """Return the provider after a fact."""
    return Provider(
        provider_id=event.provider_id,
        kind=event.kind,
        npi=event.npi,
        provider_name=event.provider_name,
        given_name=event.given_name,
        taxonomy=event.taxonomy,
        tax_id=event.tax_id,
        address=event.address,
    )


PROVIDERS: Final[Projection[Provider, ProviderAdded]] = Projection(
    name="providers", version=1, source="foreign", row=Provider, events=(ProviderAdded,), keys=keys, apply=apply
)
