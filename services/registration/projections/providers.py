"""Who renders and bills: one row per provider, found by id or NPI. Tax numbers are not shown and so not kept here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from shared.events.registration import ProviderAdded
from shared.kernel.person import Address
from shared.kernel.projection import Projection, one_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """One provider."""

    provider_id: str
    kind: Literal["person", "organization"]
    npi: str
    provider_name: str
    given_name: str | None
    taxonomy: str | None
    address: Address | None
    added_at: datetime


def row_of(event: ProviderAdded) -> ProviderRow:
    """Return what is known of a provider."""
    return ProviderRow(
        provider_id=event.provider_id,
        kind=event.kind,
        npi=event.npi,
        provider_name=event.provider_name,
        given_name=event.given_name,
        taxonomy=event.taxonomy,
        address=event.address,
        added_at=event.added_at,
    )


def keys(event: ProviderAdded) -> tuple[str, ...]:
    """Return the provider whose row a fact touches."""
    return (event.provider_id,)


def apply(_: ProviderRow | None, event: ProviderAdded) -> ProviderRow:
    """Return the row of the provider after a fact."""
    return row_of(event)


PROVIDERS: Final[Projection[ProviderRow, ProviderAdded]] = Projection(
    name="providers",
    version=1,
    source="own",
    row=ProviderRow,
    events=(ProviderAdded,),
    keys=keys,
    apply=apply,
    streams=one_stream("provider"),
    filters=("npi", "kind"),
)
