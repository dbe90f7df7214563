"""Speaking to payments: hand in an 835, ask what became of a check, a claim, a patient, the ledger; a repeat is safe.

The client brings address, token and time-outs: `httpx.AsyncClient(base_url=…, headers=…, timeout=…)`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import httpx
from msgspec import convert

from shared.clients.conditions import keyed
from shared.clients.pages import page_of, rows
from shared.clients.paths import part
from shared.clients.problem import asked_as_of, body_of, created

SetOutcome: TypeAlias = Literal["received", "posted", "duplicate", "quarantined"]
RemittanceState: TypeAlias = Literal["received", "posted", "quarantined"]
RemittanceOrder: TypeAlias = Literal["key", "paid_on", "-paid_on"]
ExceptionKind: TypeAlias = Literal["quarantined", "unmatched", "unreadable", "duplicate"]
_X12: Final = {"Content-Type": "application/edi-x12"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReceived:
    """What became of one ST. **Shape**: a duplicate points to the check that was there first, and to its file."""

    remittance_id: str
    transaction_control_number: str
    outcome: SetOutcome
    first_file_sha256: str
    level: str | None = None
    reason: str | None = None
    difference_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReceived:
    """What became of an 835. **Shape**: `created` False: every ST of it was known."""

    file_sha256: str
    remittances: tuple[SetReceived, ...]
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What became of all charges; `charged` is the sum of the others. **Units**: cents."""

    charged: int
    paid: int
    contractual: int
    denied: int
    patient: int
    open: int
    unposted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The ledger. **Shape**: `balance_cents` by account; `total_cents` is 0 where the books are right."""

    balance_cents: Mapping[str, int]
    total_cents: int
    money_cents: Money


class PaymentsClient:
    """The routes of payments. **Errors**: every method raises `ProblemAnswered` or what httpx raises."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def receive(self, content: bytes, *, key: str | None = None) -> FileReceived:
        """Hand in an 835; one that cannot be read is `remittance-unreadable`, and kept."""
        answer = await self._http.post("/v1/remittances", content=content, headers={**_X12, **keyed(key)})
        body = body_of(answer)
        sets = convert(body["remittances"], tuple[SetReceived, ...])
        return FileReceived(file_sha256=body["file_sha256"], remittances=sets, created=created(answer))

    async def remittance(self, remittance_id: str) -> Mapping[str, Any]:
        """Return a check with its claims."""
        return await self._get(f"/v1/remittances/{part(remittance_id)}")

    async def file(self, remittance_id: str, sha256: str) -> bytes:
        """Return the 835 that a check came in, byte for byte."""
        answer = await self._http.get(f"/v1/remittances/{part(remittance_id)}/files/{part(sha256)}")
        return answer.content if answer.is_success else body_of(answer)

    def remittances(
        self, *, state: RemittanceState | None = None, trace_number: str | None = None, page_size: int = 500
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield checks without their claims, page after page."""
        return rows(self._http, "/v1/remittances", state=state, trace_number=trace_number, page_size=page_size)

    async def remittance_page(
        self,
        *,
        state: RemittanceState | None = None,
        order: RemittanceOrder = "key",
        cursor: str | None = None,
        page_size: int = 100,
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        """Return one page of checks, and the cursor of the next one, None at the end."""
        page = await page_of(
            self._http, "/v1/remittances", state=state, order=order, cursor=cursor, page_size=page_size
        )
        return page["items"], page["next"]

    def exceptions(
        self,
        *,
        kind: ExceptionKind | None = None,
        needs_action: bool | None = None,
        remittance_id: str | None = None,
        page_size: int = 500,
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield what somebody must look at, and the duplicates that ask for nothing, page after page."""
        return rows(
            self._http,
            "/v1/exceptions",
            kind=kind,
            needs_action=needs_action,
            remittance_id=remittance_id,
            page_size=page_size,
        )

    async def claim_account(self, claim_id: str, *, as_of: datetime | None = None) -> Mapping[str, Any]:
        """Return a claim's money and every posting behind it, as known now or at an instant."""
        return await self._get(f"/v1/claim-accounts/{part(claim_id)}", **asked_as_of(as_of))

    async def patient_balance(self, patient_id: str) -> Mapping[str, Any]:
        """Return what a patient owes, by claim and visit."""
        return await self._get(f"/v1/patient-balances/{part(patient_id)}")

    async def trial_balance(self) -> Trial:
        """Return every account of the ledger and what became of all charges."""
        body = await self._get("/v1/trial-balance")
        return Trial(
            balance_cents={each["account"]: each["balance_cents"] for each in body["accounts"]},
            total_cents=body["total_cents"],
            money_cents=convert(body["money_cents"], Money),
        )

    async def hourly_figures(self, first: datetime, end: datetime) -> tuple[Mapping[str, Any], ...]:
        """Return what payers paid, refused and took off by UTC hour, between two instants, at most 100 days."""
        asked = {"from": first.isoformat(), "to": end.isoformat()}
        return tuple(body_of(await self._http.get("/v1/hourly-figures", params=asked))["items"])

    async def _get(self, path: str, **asked: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = body_of(await self._http.get(path, params=asked))
        return found
