"""Findings over HTTP: what rules found and nobody mended or let pass yet, in pages and in counts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal, TypeAlias

from fastapi import Depends, Query
from pydantic import Field

from services.validation.api.body import ROUTER, Body
from services.validation.projections.findings import FINDINGS, OpenFinding
from shared.kernel.dates import day_as_sent
from shared.runtime.http import Access, Call, OneCall
from shared.runtime.pages import Cursor, PageSize
from shared.runtime.store import AtMost

ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/findings": Access(scope="validation.read", reads="findings"),
    "GET /v1/findings/counts": Access(scope="validation.read", reads="findings"),
}
AgeDays: TypeAlias = Annotated[
    int | None,
    Query(ge=0, le=36_500, description="Days since the rule first found something there, at least.", examples=[30]),
]
OwnedBy: TypeAlias = Annotated[str | None, Query(description="Who mends them.", examples=["coder"])]
CountedBy: TypeAlias = Annotated[
    Literal["rule_id", "payer_id", "owner", "severity", "outcome"], Query(description="By what they are counted.")
]
Where: TypeAlias = Mapping[str, object]


class OpenFindings(Body):
    """One page of findings. **Shape**: `next` is the cursor of the following page, none after the last."""

    items: tuple[OpenFinding, ...]
    next: str | None


class FindingCounts(Body):
    """How many open findings have each value. **Shape**: `None` stands for findings without one: no payer."""

    by: str = Field(description="By what they are counted.", examples=["owner"])
    counts: Mapping[str, int] = Field(description="How many, by value; `None`: without one.", examples=[{"coder": 3}])


def _asked(  # noqa: PLR0913 (each filter is a parameter of the route)
    call: Call,
    *,
    rule_id: str | None = None,
    owner: OwnedBy = None,
    severity: str | None = None,
    outcome: str | None = None,
    payer_id: str | None = None,
    encounter_id: str | None = None,
    age_days_min: AgeDays = None,
) -> Where:
    return {
        "rule_id": rule_id,
        "owner": owner,
        "severity": severity,
        "outcome": outcome,
        "payer_id": payer_id,
        "encounter_id": encounter_id,
        "raised_on": None if age_days_min is None else _raised_by(call, age_days_min),
    }


Filters: TypeAlias = Annotated[Where, Depends(_asked)]


def _raised_by(call: OneCall, age_days: int) -> AtMost:
    return AtMost(day_as_sent(call.now) - timedelta(days=age_days))


@ROUTER.get("/findings")
async def show_findings(call: Call, where: Filters, cursor: Cursor = None, page_size: PageSize = 100) -> OpenFindings:
    """Return what rules found and nobody mended or let pass yet, by encounter and rule."""
    page = await call.page(FINDINGS, where=where, cursor=cursor, page_size=page_size)
    return OpenFindings(items=page.items, next=page.next)


@ROUTER.get("/findings/counts")
async def count_findings(call: Call, where: Filters, by: CountedBy) -> FindingCounts:
    """Return how many of these findings there are by rule, payer, owner, severity or outcome."""
    given = {name: value for name, value in where.items() if value is not None}
    return FindingCounts(by=by, counts=await call.counts(FINDINGS, by=by, where=given))
