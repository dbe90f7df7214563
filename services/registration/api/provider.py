"""HTTP of providers: add and show who renders and bills."""

from dataclasses import replace
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints

from services.registration.api.body import (
    READ,
    ROUTER,
    WRITE,
    Address,
    Body,
    Listed,
    Number,
    TaxId,
    Text,
    address_value,
)
from services.registration.domain.provider import AddProvider
from services.registration.projections.providers import PROVIDERS, ProviderRow
from services.registration.projections.providers import row_of as provider_row
from shared.kernel.errors import NotFound
from shared.runtime.access import Access
from shared.runtime.call import Call, CallAsOf, OneCall
from shared.runtime.pages import Cursor, PageSize
from shared.runtime.unit import NameTaken

ACCESS: Final = {
    "POST /v1/providers": Access(scope=WRITE, does="AddProvider → ProviderAdded"),
    "GET /v1/providers": Access(scope=READ, reads="providers"),
    "GET /v1/providers/{provider_id}": Access(
        scope=READ, reads="providers", as_of=True, version_of="provider-{provider_id}"
    ),
}


class NewProvider(Body):
    """Who renders or bills. **Shape**: `tax_id` goes in and is never shown."""

    kind: Literal["person", "organization"]
    npi: Number
    provider_name: Text
    given_name: Text | None = None
    taxonomy: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{9}X$")] | None = None
    tax_id: TaxId | None = None
    address: Address | None = Field(default=None, description="Where the provider works.")


class Provider(Body):
    """A provider as it was added."""

    provider_id: str
    kind: Literal["person", "organization"]
    npi: str
    provider_name: str
    given_name: str | None
    taxonomy: str | None
    address: Address | None = Field(description="Where the provider works.")

    @classmethod
    def of(cls, row: ProviderRow) -> Self:
        """Return what is shown of a provider."""
        return cls.model_validate(row)


@ROUTER.post("/providers", status_code=201, responses={200: {"model": Provider}})
async def add_provider(body: NewProvider, call: Call) -> Provider:
    """Add a provider; 200 with the one that is there for a repeat of the NPI.

    **Errors**: 422 `npi-not-valid`; 409 `name-taken` where the NPI is that of the other kind, `provider-differs` where
    the provider is known with another name, taxonomy, tax number or address.
    """
    command = AddProvider(
        provider_id=call.new_id(),
        kind=body.kind,
        npi=body.npi,
        provider_name=body.provider_name,
        given_name=body.given_name,
        taxonomy=body.taxonomy,
        tax_id=body.tax_id,
        address=address_value(body.address),
        now=call.now,
    )
    try:
        return Provider.of(provider_row(await call.handle(command)))
    except NameTaken as taken:
        row = await call.row(PROVIDERS, taken.stream.removeprefix("provider-"))
        if row is None or row.kind != body.kind:
            raise
        call.response.status_code = 200
        return Provider.of(provider_row(await call.handle(replace(command, provider_id=row.provider_id))))


@ROUTER.get("/providers")
async def providers(
    call: Call, npi: str | None = None, cursor: Cursor = None, page_size: PageSize = 100
) -> Listed[Provider]:
    """Return the providers, or the one with an NPI."""
    page = await call.page(PROVIDERS, where={"npi": npi} if npi else {}, cursor=cursor, page_size=page_size)
    return Listed(items=tuple(map(Provider.of, page.items)), next=page.next)


class ProviderNotFound(NotFound):
    """No provider has this id."""

    slug = "provider-not-found"


async def known_provider(provider_id: str, call: OneCall) -> ProviderRow:
    """Return a provider. **Errors**: `ProviderNotFound`."""
    row = await call.row(PROVIDERS, provider_id)
    if row is None:
        raise ProviderNotFound("no provider was added under this id")
    return row


@ROUTER.get("/providers/{provider_id}")
async def provider(provider_id: str, call: CallAsOf) -> Provider:
    """Return a provider. **Errors**: 404 `provider-not-found`."""
    return Provider.of(await known_provider(provider_id, call))
