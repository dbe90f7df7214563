"""The NPI of whoever renders or bills; from registration's `ProviderAdded`."""

from typing import Final

from services.validation.domain.facts import Provider
from shared.events.registration import ProviderAdded
from shared.kernel.projection import Projection


def keys(event: ProviderAdded) -> tuple[str, ...]:
    """Return the provider."""
    return (event.provider_id,)


def apply(_: Provider | None, event: ProviderAdded) -> Provider:
    """Return the NPI."""
    return Provider(provider_id=event.provider_id, npi=event.npi)


PROVIDERS: Final[Projection[Provider, ProviderAdded]] = Projection(
    name="providers", version=1, source="foreign", row=Provider, events=(ProviderAdded,), keys=keys, apply=apply
)
