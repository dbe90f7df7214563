"""How a patient is insured: one row per coverage, asked for by patient."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shared.events.registration import CoverageAdded, FilingOrder, Relationship
from shared.kernel.erased import known
from shared.kernel.person import Subscriber
from shared.kernel.projection import Projection, one_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """One coverage. **Shape**: `member_id` is None where it was erased."""

    coverage_id: str
    patient_id: str
    payer_id: str
    filing_order: FilingOrder
    plan: str | None
    relationship: Relationship
    member_id: str | None
    group_number: str | None
    subscriber: Subscriber | None
    effective_from_on: date
    effective_to_on: date | None
    added_at: datetime


def row_of(event: CoverageAdded) -> CoverageRow:
    """Return what an insurance card said."""
    return CoverageRow(
        coverage_id=event.coverage_id,
        patient_id=event.patient_id,
        payer_id=event.payer_id,
        filing_order=event.filing_order,
        plan=event.plan,
        relationship=event.relationship,
        member_id=known(event.member_id, otherwise=None),
        group_number=known(event.group_number, otherwise=None),
        subscriber=known(event.subscriber, otherwise=None),
        effective_from_on=event.effective_from_on,
        effective_to_on=event.effective_to_on,
        added_at=event.added_at,
    )


def keys(event: CoverageAdded) -> tuple[str, ...]:
    """Return the coverage whose row a fact touches."""
    return (event.coverage_id,)


def apply(_: CoverageRow | None, event: CoverageAdded) -> CoverageRow:
    """Return the row of the coverage after a fact."""
    return row_of(event)


COVERAGES: Final[Projection[CoverageRow, CoverageAdded]] = Projection(
    name="coverages",
    version=1,
    source="own",
    row=CoverageRow,
    events=(CoverageAdded,),
    keys=keys,
    apply=apply,
    streams=one_stream("coverage"),
    filters=("patient_id",),
)
