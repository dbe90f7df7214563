"""HTTP of coverages: what an insurance card says, added to a patient."""

from dataclasses import replace
from datetime import date
from typing import Final, Self

from fastapi import Response

from services.registration.api.body import (
    ROUTER,
    WRITE,
    Body,
    Number,
    NumberOnClaims,
    ReferenceOnClaims,
    Subscriber,
    Text,
)
from services.registration.api.payer import known_payer
from services.registration.domain.coverage import AddCoverage
from services.registration.domain.patient import KnowMemberId
from services.registration.projections.coverages import CoverageRow
from services.registration.projections.coverages import row_of as coverage_row
from services.registration.projections.patients import PATIENTS, PatientRow
from shared.events.registration import FilingOrder, Relationship
from shared.kernel.errors import NotFound
from shared.runtime.access import Access
from shared.runtime.bulk import Intake, Key, one_by_one
from shared.runtime.call import Call, OneCall
from shared.runtime.days_and_instants import Day
from shared.runtime.unit import NameTaken

ACCESS: Final = {
    "POST /v1/patients/{patient_id}/coverages": Access(scope=WRITE, does="AddCoverage → CoverageAdded", validates=True),
    "POST /v1/coverages/bulk": Access(scope=WRITE, does="AddCoverage → CoverageAdded", bulk=True, validates=True),
}


class Coverage(Body):
    """A coverage as it was added. **Shape**: none where a value was erased."""

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

    @classmethod
    def of(cls, row: CoverageRow) -> Self:
        """Return what is shown of a coverage."""
        return cls.model_validate(row)


class NewCoverage(Body):
    """What the insurance card says. **Shape**: `subscriber` exactly where the relationship is not self."""

    payer_id: Number
    filing_order: FilingOrder = "primary"
    plan: Text | None = None
    relationship: Relationship = "self"
    member_id: NumberOnClaims
    group_number: ReferenceOnClaims | None = None
    subscriber: Subscriber | None = None
    effective_from_on: Day
    effective_to_on: Day | None = None


@ROUTER.post("/patients/{patient_id}/coverages", status_code=201, responses={200: {"model": Coverage}})
async def add_coverage(patient_id: str, body: NewCoverage, call: Call) -> Coverage:
    """Add a coverage; 200 with the one that is there for a repeat.

    **Errors**: 404 `patient-not-found`, `payer-not-found`; 409 `coverage-differs` where the card was added with another
    end, plan, group or insured, `name-taken` where a person of this name, birth date and member id has another
    record; 422 `effective-range-reversed`, `subscriber-unclear`.
    """
    return await _added(patient_id, body, call)


async def _added(patient_id: str, body: NewCoverage, call: OneCall) -> Coverage:
    await known_patient(patient_id, call)
    await known_payer(body.payer_id, call)
    command = AddCoverage(
        coverage_id=call.new_id(),
        patient_id=patient_id,
        payer_id=body.payer_id,
        filing_order=body.filing_order,
        plan=body.plan,
        relationship=body.relationship,
        member_id=body.member_id,
        group_number=body.group_number,
        subscriber=body.subscriber.value() if body.subscriber else None,
        effective_from_on=body.effective_from_on,
        effective_to_on=body.effective_to_on,
        now=call.now,
    )
    card = KnowMemberId(patient_id=patient_id, member_id=body.member_id, now=call.now)
    try:
        return Coverage.of(coverage_row(await call.handle(card, command)))
    except NameTaken as taken:
        if taken.kind != "coverage":
            raise
        call.response.status_code = 200
        there = replace(command, coverage_id=taken.stream.removeprefix("coverage-"))
        return Coverage.of(coverage_row(await call.handle(there)))


class CoverageLine(NewCoverage):
    """One line of many: what an insurance card says, whose it is, and what the sender calls the line."""

    key: Key
    patient_id: Number


async def _add_one(line: CoverageLine, call: OneCall) -> Coverage:
    return await _added(line.patient_id, line, call)


IN_BULK: Final = Intake(CoverageLine, one_by_one(_add_one, lambda coverage: coverage.coverage_id))


@ROUTER.post("/coverages/bulk", **IN_BULK.described)
async def add_in_bulk(call: Call) -> Response:
    """Add many coverages, one to a line; each is answered as a request of its own would be.

    **Errors**: 422 `not-ndjson`; those of a line in its result.
    """
    return await IN_BULK.taken(call)


class PatientNotFound(NotFound):
    """No patient has this id."""

    slug = "patient-not-found"


async def known_patient(patient_id: str, call: OneCall) -> PatientRow:
    """Return a patient. **Errors**: `PatientNotFound`."""
    row = await call.row(PATIENTS, patient_id)
    if row is None:
        raise PatientNotFound("nobody was registered under this id")
    return row
