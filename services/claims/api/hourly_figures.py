"""What was charged and submitted by the hour, over HTTP."""

from typing import Final

from pydantic import Field

from services.claims.api.body import ROUTER, Answer, plain
from services.claims.projections.hours import HOURS
from shared.runtime.hours import HoursFrom, HoursTo, hours_between
from shared.runtime.http import Access, Call

ACCESS: Final = {"GET /v1/hourly-figures": Access(scope="claims.read", reads="hours")}


class HourAnswer(Answer):
    """One hour. **Units**: cents; each sending of a claim counts as submitted."""

    hour: str = Field(description="The hour in UTC.", examples=["2026-03-03T14"])
    charged_cents: int = Field(
        description="What claims were priced at, and by how much anew, in cents.", examples=[15000]
    )
    charged_claims: int = Field(description="Claims that were priced first.", examples=[1])
    submitted_cents: int = Field(description="What was asked for of receivers, in cents.", examples=[15000])
    submitted_claims: int = Field(description="Sendings of claims.", examples=[1])


class HourlyFigures(Answer):
    """Hours in which something happened."""

    items: tuple[HourAnswer, ...] = Field(description="Earliest first; an hour without figures is left out.")


@ROUTER.get("/hourly-figures")
async def hourly_figures(first: HoursFrom, end: HoursTo, call: Call) -> HourlyFigures:
    """Return what was charged and submitted in each hour, of at most 100 days; days of any place are sums of hours.

    **Errors**: 422 `hours-not-askable`.
    """
    found = await call.rows_by_key(HOURS, hours_between(first, end))
    return HourlyFigures(items=tuple(HourAnswer.model_validate(plain(row)) for _, row in sorted(found.items())))
