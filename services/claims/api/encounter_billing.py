"""What became of encounters, over HTTP."""

from datetime import datetime
from typing import Annotated, Final, TypeAlias

from fastapi import Query
from pydantic import Field

from services.claims.api.body import ROUTER, Answer, Paged, plain
from services.claims.domain.encounter_billing import AskAgain
from services.claims.projections.encounter_billings import ENCOUNTER_BILLING_ROWS, Status
from shared.kernel.errors import NotFound
from shared.runtime.http import Access, Call, CallAsOf
from shared.runtime.pages import Cursor, PageSize

_STREAM: Final = "encounter_billing-{encounter_id}"
BillingStatus: TypeAlias = Annotated[Status | None, Query(description="What they became.")]
ACCESS: Final = {
    "GET /v1/encounter-billings": Access(scope="claims.read", reads="encounter_billings"),
    "GET /v1/encounter-billings/{encounter_id}": Access(
        scope="claims.read", reads="encounter_billings", as_of=True, version_of=_STREAM
    ),
    "POST /v1/encounter-billings/{encounter_id}/releases": Access(
        scope="claims.write",
        does="AskAgain → BillingAskedAgain",
        reads="encounter_billings",
        version_of=_STREAM,
        changes=True,
        keyed=True,
    ),
}


class EncounterBillingNotFound(NotFound):
    """No encounter with this id has codes that may be billed."""

    slug = "encounter-billing-not-found"


class EncounterBillingAnswer(Answer):
    """What became of an encounter. **Shape**: `missing` are the facts that it waits for. **Units**: cents."""

    encounter_id: str
    patient_id: str
    status: Status = Field(description="What it became.")
    coding_version: int
    missing: tuple[str, ...]
    claim_id: str | None
    payer_id: str | None
    charge_cents: int | None = Field(description="What is asked for, in cents.", examples=[15000])
    attention: str | None = Field(description="Why somebody must look at it, a slug.", examples=["payer-on-hold"])
    changed_at: datetime = Field(description="When that was last settled.")


@ROUTER.get("/encounter-billings")
async def encounter_billings(
    call: Call,
    status: BillingStatus = None,
    patient_id: str | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 100,
) -> Paged[EncounterBillingAnswer]:
    """Return encounters by id, those alone that fit every filter."""
    where = {"status": status, "patient_id": patient_id}
    page = await call.page(ENCOUNTER_BILLING_ROWS, where=where, cursor=cursor, page_size=page_size)
    return Paged(items=tuple(EncounterBillingAnswer.model_validate(plain(row)) for row in page.items), next=page.next)


@ROUTER.get("/encounter-billings/{encounter_id}")
async def encounter_billing(encounter_id: str, call: CallAsOf) -> EncounterBillingAnswer:
    """Return what became of an encounter. **Errors**: 404 `encounter-billing-not-found`."""
    row = await call.row(ENCOUNTER_BILLING_ROWS, encounter_id)
    if row is None:
        raise EncounterBillingNotFound("no encounter with this id has codes that may be billed")
    return EncounterBillingAnswer.model_validate(plain(row))


@ROUTER.post("/encounter-billings/{encounter_id}/releases", status_code=201)
async def release_encounter(encounter_id: str, call: Call) -> EncounterBillingAnswer:
    """Look anew at a held encounter, now that it was mended; what it becomes follows.

    **Errors**: 404 `encounter-billing-not-found`, 409 `encounter-not-held`.
    """
    await encounter_billing(encounter_id, call)
    await call.handle(AskAgain(encounter_id=encounter_id, now=call.now))
    return await encounter_billing(encounter_id, call)
