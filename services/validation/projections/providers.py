"""Who renders or bills, and whether a claim has all that it wants of them; from registration's `ProviderAdded`."""

from typing import Final

from services.validation.domain.facts import Provider
from shared.events.registration import ProviderAdded
from shared.kernel.erased import Erased
from shared.kernel.projection import Projection


def keys(event: ProviderAdded) -> tuple[str, ...]:
    """Return the provider."""
    return (event.provider_id,)


def apply(_: Provider | None, event: ProviderAdded) -> Provider:
    """Return the identity, and what there is of the rest; no name, tax number or address."""
    return Provider(
        provider_id=event.provider_id,
        kind=event.kind,
        npi=event.npi,
        taxonomy=event.taxonomy,
        has_given_name=bool(event.given_name),
        has_tax_id=None if isinstance(event.tax_id, Erased) else event.tax_id is not None,
        zip_digits=None if event.address is None else len(event.address.zip),
    )


PROVIDERS: Final[Projection[Provider, ProviderAdded]] = Projection(
    name="providers", version=2, source="foreign", row=Provider, events=(ProviderAdded,), keys=keys, apply=apply
)
