"""Which fee schedules there are, with every version that was published."""

from datetime import date, datetime
from typing import Final

from msgspec import Struct

from shared.events.claims import FeeScheduleItem, FeeScheduleVersionPublished
from shared.kernel.projection import Projection, one_stream


class Version(Struct, frozen=True, kw_only=True):
    """The prices of a period."""

    schedule_version: int
    effective_from_on: date
    effective_to_on: date | None
    items: tuple[FeeScheduleItem, ...]
    published_at: datetime


class FeeScheduleRow(Struct, frozen=True, kw_only=True):
    """One row: a schedule. **Shape**: versions by number."""

    fee_schedule_id: str
    schedule_name: str
    versions: tuple[Version, ...]


def keys(event: FeeScheduleVersionPublished) -> tuple[str, ...]:
    """Return the schedule."""
    return (event.fee_schedule_id,)


def apply(row: FeeScheduleRow | None, event: FeeScheduleVersionPublished) -> FeeScheduleRow:
    """Return the schedule with one more version."""
    version = Version(
        schedule_version=event.schedule_version,
        effective_from_on=event.effective_from_on,
        effective_to_on=event.effective_to_on,
        items=event.items,
        published_at=event.published_at,
    )
    versions = sorted((*(row.versions if row else ()), version), key=lambda each: each.schedule_version)
    name = row.schedule_name if row else event.schedule_name
    return FeeScheduleRow(fee_schedule_id=event.fee_schedule_id, schedule_name=name, versions=tuple(versions))


FEE_SCHEDULE_VERSIONS: Final[Projection[FeeScheduleRow, FeeScheduleVersionPublished]] = Projection(
    name="fee_schedules",
    version=1,
    source="own",
    row=FeeScheduleRow,
    events=(FeeScheduleVersionPublished,),
    keys=keys,
    apply=apply,
    streams=one_stream("fee_schedule"),
)
