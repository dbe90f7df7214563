"""Speaking to claims: publish prices, ask what became of encounters and claims, release holds; a repeat is safe.

The client brings address, token and time-outs: `httpx.AsyncClient(base_url=…, headers=…, timeout=…)`.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

import httpx
from msgspec import to_builtins

from shared.clients.conditions import WHATEVER_STANDS, Shown, if_match, keyed, shown
from shared.clients.pages import rows
from shared.clients.paths import part
from shared.clients.problem import asked_as_of, body_of, created
from shared.events.claims import FeeScheduleItem

SubmissionStage: TypeAlias = Literal[
    "assembled",
    "held",
    "queued",
    "failed",
    "submitted",
    "acknowledged",
    "accepted-by-clearinghouse",
    "accepted-by-payer",
    "rejected",
]
EncounterStatus: TypeAlias = Literal["waiting", "claim", "self-pay", "held"]
BatchStatus: TypeAlias = Literal["queued", "attempted", "failed", "failed-for-good", "transmitted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesToPublish:
    """A version of a fee schedule. **Shape**: both days inclusive, no last day: open; at most 2,000 items."""

    schedule_name: str
    schedule_version: int
    effective_from_on: date
    effective_to_on: date | None = None
    items: tuple[FeeScheduleItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version that is in force. **Shape**: `created` False: it was published before."""

    fee_schedule_id: str
    created: bool


class ClaimsClient:
    """The routes of claims. **Errors**: every method raises `ProblemAnswered` or what httpx raises."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def publish_prices(self, prices: PricesToPublish, *, key: str | None = None) -> Published:
        """Put a version in force, or find that it was."""
        answer = await self._http.post("/v1/fee-schedules", json=to_builtins(prices), headers=keyed(key))
        return Published(fee_schedule_id=body_of(answer)["fee_schedule_id"], created=created(answer))

    async def fee_schedule(self, fee_schedule_id: str) -> Mapping[str, Any]:
        """Return a schedule with its versions."""
        return await self._one(f"/v1/fee-schedules/{part(fee_schedule_id)}")

    async def claim(self, claim_id: str, *, as_of: datetime | None = None) -> Shown:
        """Return a claim: its content and five axes; as known at an instant without those of money."""
        return await self._one(f"/v1/claims/{part(claim_id)}", as_of)

    def claims(  # noqa: PLR0913 (each filter is a query parameter)
        self,
        *,
        submission: SubmissionStage | None = None,
        work_owner: str | None = None,
        payer_id: str | None = None,
        patient_id: str | None = None,
        encounter_id: str | None = None,
        payer_claim_number: str | None = None,
        patient_control_number: str | None = None,
        page_size: int = 500,
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield claims that fit every filter, page after page."""
        return rows(
            self._http,
            "/v1/claims",
            submission=submission,
            work_owner=work_owner,
            payer_id=payer_id,
            patient_id=patient_id,
            encounter_id=encounter_id,
            payer_claim_number=payer_claim_number,
            patient_control_number=patient_control_number,
            page_size=page_size,
        )

    async def hourly_figures(self, first: datetime, end: datetime) -> tuple[Mapping[str, Any], ...]:
        """Return what was charged and submitted by UTC hour, from one instant to another, at most 100 days."""
        asked = {"from": first.isoformat(), "to": end.isoformat()}
        return tuple(body_of(await self._http.get("/v1/hourly-figures", params=asked))["items"])

    async def timeline(self, claim_id: str) -> tuple[Mapping[str, Any], ...]:
        """Return every fact about a claim, oldest first."""
        return tuple((await self._one(f"/v1/claims/{part(claim_id)}/timeline"))["entries"])

    async def file(self, claim_id: str, sha256: str) -> bytes:
        """Return a file that names a claim, byte for byte."""
        answer = await self._http.get(f"/v1/claims/{part(claim_id)}/files/{part(sha256)}")
        return answer.content if answer.is_success else body_of(answer)

    async def hold(
        self,
        claim_id: str,
        *,
        reason: str,
        until_on: date | None = None,
        etag: str = WHATEVER_STANDS,
        key: str | None = None,
    ) -> Shown:
        """Keep a claim from going out until somebody releases it; return it as it stands then."""
        body = to_builtins({"reason": reason, "until_on": until_on})
        path = f"/v1/claims/{part(claim_id)}/holds"
        return shown(await self._http.post(path, json=body, headers={**if_match(etag), **keyed(key)}))

    async def release(
        self, claim_id: str, *, reason: str, etag: str = WHATEVER_STANDS, key: str | None = None
    ) -> Shown:
        """Let a held claim go out; return it as it stands then."""
        path = f"/v1/claims/{part(claim_id)}/releases"
        return shown(await self._http.post(path, json={"reason": reason}, headers={**if_match(etag), **keyed(key)}))

    async def resubmit(self, claim_id: str, *, etag: str = WHATEVER_STANDS, key: str | None = None) -> Shown:
        """Let a rejected claim go out again with the same codes; return it as it stands then."""
        path = f"/v1/claims/{part(claim_id)}/resubmissions"
        return shown(await self._http.post(path, headers={**if_match(etag), **keyed(key)}))

    async def release_encounter(
        self, encounter_id: str, *, etag: str = WHATEVER_STANDS, key: str | None = None
    ) -> Shown:
        """Have a held encounter looked at anew; return it as it stands before that."""
        path = f"/v1/encounter-billings/{part(encounter_id)}/releases"
        return shown(await self._http.post(path, headers={**if_match(etag), **keyed(key)}))

    async def requeue(self, batch_id: str, *, etag: str = WHATEVER_STANDS, key: str | None = None) -> Shown:
        """Send a file that failed again, byte for byte; return it as it stands then."""
        return shown(
            await self._http.post(f"/v1/batches/{part(batch_id)}/requeues", headers={**if_match(etag), **keyed(key)})
        )

    async def encounter_billing(self, encounter_id: str) -> Shown:
        """Return what became of an encounter."""
        return await self._one(f"/v1/encounter-billings/{part(encounter_id)}")

    def encounter_billings(
        self, *, status: EncounterStatus | None = None, patient_id: str | None = None, page_size: int = 500
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield what became of encounters, page after page."""
        return rows(self._http, "/v1/encounter-billings", status=status, patient_id=patient_id, page_size=page_size)

    async def batch(self, batch_id: str) -> Shown:
        """Return a file that went out."""
        return await self._one(f"/v1/batches/{part(batch_id)}")

    def batches(self, *, status: BatchStatus | None = None, page_size: int = 500) -> AsyncIterator[Mapping[str, Any]]:
        """Yield files that went out, page after page."""
        return rows(self._http, "/v1/batches", status=status, page_size=page_size)

    async def _one(self, path: str, as_of: datetime | None = None) -> Shown:
        return shown(await self._http.get(path, params=asked_as_of(as_of)))
