"""HTTP of payers: add and show whom claims are sent to."""

from dataclasses import replace
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints

from services.registration.api.body import (
    READ,
    ROUTER,
    WRITE,
    Address,
    Body,
    Listed,
    NumberOnClaims,
    Text,
    address_value,
)
from services.registration.domain.identity import folded
from services.registration.domain.payer import AddPayer
from services.registration.projections.payers import PAYERS, PayerRow
from services.registration.projections.payers import row_of as payer_row
from shared.kernel.errors import NotFound
from shared.runtime.access import Access
from shared.runtime.call import Call, CallAsOf, OneCall
from shared.runtime.days_and_instants import Zone
from shared.runtime.pages import Cursor, PageSize
from shared.runtime.unit import NameTaken

ACCESS: Final = {
    "POST /v1/payers": Access(scope=WRITE, does="AddPayer → PayerAdded"),
    "GET /v1/payers": Access(scope=READ, reads="payers"),
    "GET /v1/payers/{payer_id}": Access(scope=READ, reads="payers", as_of=True, version_of="payer-{payer_id}"),
}


class NewPayer(Body):
    """Whom to send claims to. **Units**: the filing limit in days or in calendar months."""

    payer_name: Text
    clearinghouse_payer_id: NumberOnClaims
    claim_filing_indicator: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2}$")] = "CI"
    filing_limit_days: Annotated[int | None, Field(ge=1, le=3_660, strict=True)] = None
    filing_limit_months: Annotated[int | None, Field(ge=1, le=120, strict=True)] = None
    zone: Zone = "America/New_York"
    address: Address | None = Field(default=None, description="Where paper would go.")


class Payer(NewPayer):
    """A payer as it was added."""

    payer_id: str
    clearinghouse_payer_id: str

    @classmethod
    def of(cls, row: PayerRow) -> Self:
        """Return what is shown of a payer."""
        return cls.model_validate(row)


@ROUTER.post("/payers", status_code=201, responses={200: {"model": Payer}})
async def add_payer(body: NewPayer, call: Call) -> Payer:
    """Add a payer; 200 with the one that is there for a repeat.

    **Errors**: 409 `name-taken` where a payer with another name has the clearinghouse's number, `payer-differs` where
    the payer is known with another limit, kind, zone or address; 422 `filing-limit-ambiguous`.
    """
    command = AddPayer(
        payer_id=call.new_id(),
        payer_name=body.payer_name,
        clearinghouse_payer_id=body.clearinghouse_payer_id,
        claim_filing_indicator=body.claim_filing_indicator,
        filing_limit_days=body.filing_limit_days,
        filing_limit_months=body.filing_limit_months,
        zone=body.zone,
        address=address_value(body.address),
        now=call.now,
    )
    try:
        return Payer.of(payer_row(await call.handle(command)))
    except NameTaken as taken:
        row = await call.row(PAYERS, taken.stream.removeprefix("payer-"))
        if row is None or folded(row.payer_name) != folded(body.payer_name):
            raise
        call.response.status_code = 200
        return Payer.of(payer_row(await call.handle(replace(command, payer_id=row.payer_id))))


@ROUTER.get("/payers")
async def payers(
    call: Call, clearinghouse_payer_id: str | None = None, cursor: Cursor = None, page_size: PageSize = 100
) -> Listed[Payer]:
    """Return the payers, or the one with a number at the clearinghouse."""
    where = {"payer_key": folded(clearinghouse_payer_id)} if clearinghouse_payer_id else {}
    page = await call.page(PAYERS, where=where, cursor=cursor, page_size=page_size)
    return Listed(items=tuple(map(Payer.of, page.items)), next=page.next)


class PayerNotFound(NotFound):
    """No payer has this id."""

    slug = "payer-not-found"


async def known_payer(payer_id: str, call: OneCall) -> PayerRow:
    """Return a payer. **Errors**: `PayerNotFound`."""
    row = await call.row(PAYERS, payer_id)
    if row is None:
        raise PayerNotFound("no payer was added under this id")
    return row


@ROUTER.get("/payers/{payer_id}")
async def payer(payer_id: str, call: CallAsOf) -> Payer:
    """Return a payer. **Errors**: 404 `payer-not-found`."""
    return Payer.of(await known_payer(payer_id, call))
