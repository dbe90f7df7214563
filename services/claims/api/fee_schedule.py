"""Prices over HTTP: publish a version, read a schedule. What was published never changes; a new version does."""

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import Field

from services.claims.api.body import ROUTER, Answer, Request, plain
from services.claims.domain.fee_schedule import PublishFeeSchedule, fee_schedule_id_of
from services.claims.projections.fee_schedules import FEE_SCHEDULE_VERSIONS, FeeScheduleRow
from shared.events.claims import FeeScheduleItem
from shared.kernel.errors import NotFound
from shared.runtime.days_and_instants import Day
from shared.runtime.http import Access, Call, CallAsOf

ACCESS: Final = {
    "POST /v1/fee-schedules": Access(
        scope="claims.prices",
        does="PublishFeeSchedule → FeeScheduleVersionPublished",
        reads="fee_schedules",
        keyed=True,
        validates=True,
    ),
    "GET /v1/fee-schedules/{fee_schedule_id}": Access(
        scope="claims.read", reads="fee_schedules", as_of=True, version_of="fee_schedule-{fee_schedule_id}"
    ),
}
ITEMS_MAX: Final = 2_000


class FeeScheduleNotFound(NotFound):
    """No fee schedule has this id."""

    slug = "fee-schedule-not-found"


class NewItem(Request):
    """The price of one unit of a procedure, or of it with a modifier. **Units**: cents."""

    procedure_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{5}$", examples=["99213"])]
    modifier: Annotated[str | None, Field(pattern=r"^[0-9A-Z]{2}$", examples=["26"])] = None
    charge_cents: Annotated[
        int, Field(ge=0, le=100_000_000, strict=True, description="The price, in cents.", examples=[15000])
    ]


class NewVersion(Request):
    """A version of a schedule. **Shape**: a name has one schedule, however it is typed; longer lists take two names."""

    schedule_name: Annotated[str, Field(min_length=1, max_length=100, examples=["practice"])]
    schedule_version: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    effective_from_on: Day
    effective_to_on: Day | None = None
    items: Annotated[tuple[NewItem, ...], Field(min_length=1, max_length=ITEMS_MAX)]


class ItemAnswer(Answer):
    """The price of one unit. **Units**: cents."""

    procedure_code: str
    modifier: str | None
    charge_cents: int = Field(description="The price of one unit, in cents.", examples=[15000])


class VersionAnswer(Answer):
    """The prices of a period, both days inclusive."""

    schedule_version: int
    effective_from_on: date
    effective_to_on: date | None
    items: tuple[ItemAnswer, ...]
    published_at: datetime


class FeeScheduleAnswer(Answer):
    """A schedule with all its versions."""

    fee_schedule_id: str
    schedule_name: str
    versions: tuple[VersionAnswer, ...] = Field(description="Oldest first.")


@ROUTER.post("/fee-schedules", status_code=201, responses={200: {"model": FeeScheduleAnswer}})
async def publish(new: NewVersion, call: Call) -> FeeScheduleAnswer:
    """Put prices in force: 201, or 200 where the same was published before.

    **Errors**: 409 `fee-schedule-version-exists` where the version has another content; 422 `fee-schedule-unclear`.
    """
    fee_schedule_id = fee_schedule_id_of(new.schedule_name)
    before = await call.row(FEE_SCHEDULE_VERSIONS, fee_schedule_id)
    if before and any(version.schedule_version == new.schedule_version for version in before.versions):
        call.response.status_code = 200
    await call.handle(
        PublishFeeSchedule(
            fee_schedule_id=fee_schedule_id,
            schedule_name=new.schedule_name,
            schedule_version=new.schedule_version,
            effective_from_on=new.effective_from_on,
            effective_to_on=new.effective_to_on,
            items=tuple(FeeScheduleItem(**item.model_dump()) for item in new.items),
            now=call.now,
        )
    )
    return await fee_schedule(fee_schedule_id, call)


@ROUTER.get("/fee-schedules/{fee_schedule_id}")
async def fee_schedule(fee_schedule_id: str, call: CallAsOf) -> FeeScheduleAnswer:
    """Return a schedule. **Errors**: 404 `fee-schedule-not-found`."""
    row: FeeScheduleRow | None = await call.row(FEE_SCHEDULE_VERSIONS, fee_schedule_id)
    if row is None:
        raise FeeScheduleNotFound("no fee schedule has this id")
    return FeeScheduleAnswer.model_validate(plain(row))
