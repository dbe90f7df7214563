"""Speaking to validation: scrub again, try codes, let a finding pass and withdraw that; see scrubs, findings and rules.

The client brings address, token and time-outs: `httpx.AsyncClient(base_url=…, headers=…, timeout=…)`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

import httpx
from msgspec import to_builtins

from shared.clients.problem import asked_as_of, body_of
from shared.events.validation import OverrideReason
from shared.kernel.person import Sex

Owner: TypeAlias = Literal["coder", "biller", "front-desk"]
Severity: TypeAlias = Literal["error", "warning"]
Outcome: TypeAlias = Literal["fail", "no-data"]
CountedBy: TypeAlias = Literal["rule_id", "payer_id", "owner", "severity", "outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsAsked:
    """Which findings; what is None is not asked. **Units**: `age_days_min` in days since the finding was raised."""

    rule_id: str | None = None
    owner: Owner | None = None
    severity: Severity | None = None
    outcome: Outcome | None = None
    payer_id: str | None = None
    encounter_id: str | None = None
    age_days_min: int | None = None

    def params(self) -> dict[str, str]:
        """Return what is asked as the parameters of a question."""
        return {name: str(value) for name, value in to_builtins(self).items() if value is not None}


EVERY_FINDING: Final = FindingsAsked()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToTry:
    """One line to try. **Shape**: `pointers` count diagnoses from 1; no last day: the first."""

    procedure_code: str
    service_from_on: date
    service_to_on: date | None = None
    modifiers: tuple[str, ...] = ()
    units: int = 1
    pointers: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageToTry:
    """A coverage to try, with its payer's filing limit and clock."""

    effective_from_on: date
    effective_to_on: date | None = None
    filing_limit_days: int | None = None
    filing_limit_months: int | None = None
    zone: str = "America/New_York"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesToTry:
    """Codes and facts to try. **Shape**: diagnoses and coverages in order, no coverage: the patient pays."""

    service_on: date
    diagnoses: tuple[str, ...]
    lines: tuple[LineToTry, ...]
    place_of_service: str | None = None
    birth_on: date | None = None
    sex: Sex | None = None
    rendering_npi: str | None = None
    billing_npi: str | None = None
    coverages: tuple[CoverageToTry, ...] = ()


class ValidationClient:
    """The routes of validation. **Errors**: every method raises `ProblemAnswered` for a refusal, httpx's otherwise."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def scrub_again(self, encounter_id: str) -> Mapping[str, Any]:
        """Scrub what is known of an encounter again; return how the scrub stands."""
        standing: Mapping[str, Any] = body_of(await self._http.post("/v1/scrubs", json={"encounter_id": encounter_id}))
        return standing

    async def try_codes(self, codes: CodesToTry) -> Mapping[str, Any]:
        """Return what the rules say of codes; nothing is kept."""
        body = {"validate_only": True, **to_builtins(codes)}
        standing: Mapping[str, Any] = body_of(await self._http.post("/v1/scrubs", json=body))
        return standing

    async def scrub(self, encounter_id: str, *, as_of: datetime | None = None) -> Mapping[str, Any]:
        """Return how the scrub of an encounter stands, or stood at an instant."""
        path = f"/v1/scrubs/{quote(encounter_id, safe='')}"
        standing: Mapping[str, Any] = body_of(await self._http.get(path, params=asked_as_of(as_of)))
        return standing

    async def history(self, encounter_id: str, *, as_of: datetime | None = None) -> Sequence[Mapping[str, Any]]:
        """Return what rules said of an encounter's codes, scrub by scrub, oldest first."""
        path = f"/v1/scrubs/{quote(encounter_id, safe='')}/history"
        items: Sequence[Mapping[str, Any]] = body_of(await self._http.get(path, params=asked_as_of(as_of)))["items"]
        return items

    async def override(
        self, encounter_id: str, rule_id: str, *, coding_version: int, reason: OverrideReason, note: str | None = None
    ) -> Mapping[str, Any]:
        """Let pass what a rule found in a set of codes; return how the scrub stands then."""
        body = {"rule_id": rule_id, "coding_version": coding_version, "reason": reason, "note": note}
        path = f"/v1/scrubs/{quote(encounter_id, safe='')}/overrides"
        standing: Mapping[str, Any] = body_of(await self._http.post(path, json=body))
        return standing

    async def withdraw(self, encounter_id: str, rule_id: str, *, coding_version: int, note: str) -> Mapping[str, Any]:
        """Withdraw what was let pass of a rule in a set of codes; return how the scrub stands then."""
        body = {"rule_id": rule_id, "coding_version": coding_version, "note": note}
        path = f"/v1/scrubs/{quote(encounter_id, safe='')}/withdrawals"
        standing: Mapping[str, Any] = body_of(await self._http.post(path, json=body))
        return standing

    async def findings(
        self, asked: FindingsAsked = EVERY_FINDING, *, page_size: int = 500
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield what rules found and nobody mended or let pass yet, page after page."""
        given = asked.params() | {"page_size": str(page_size)}
        cursor: str | None = None
        while True:
            params = given if cursor is None else {**given, "cursor": cursor}
            page = body_of(await self._http.get("/v1/findings", params=params))
            for finding in page["items"]:
                yield finding
            cursor = page["next"]
            if cursor is None:
                return

    async def finding_counts(self, by: CountedBy, asked: FindingsAsked = EVERY_FINDING) -> Mapping[str, int]:
        """Return how many of these findings there are by rule, payer, owner, severity or outcome."""
        answer = body_of(await self._http.get("/v1/findings/counts", params=asked.params() | {"by": by}))
        counts: Mapping[str, int] = answer["counts"]
        return counts

    async def rules(self) -> Sequence[Mapping[str, Any]]:
        """Return the catalogue of rules."""
        items: Sequence[Mapping[str, Any]] = body_of(await self._http.get("/v1/rules"))["items"]
        return items

    async def rule(self, rule_id: str) -> Mapping[str, Any]:
        """Return one rule."""
        rule: Mapping[str, Any] = body_of(await self._http.get(f"/v1/rules/{quote(rule_id, safe='')}"))
        return rule

    async def rule_statistics(self, rule_id: str) -> Mapping[str, Any]:
        """Return how often a rule found something, and what became of it."""
        path = f"/v1/rules/{quote(rule_id, safe='')}/statistics"
        statistics: Mapping[str, Any] = body_of(await self._http.get(path))
        return statistics

    async def rule_sets(self) -> Sequence[Mapping[str, Any]]:
        """Return which rules judge together, and from when."""
        items: Sequence[Mapping[str, Any]] = body_of(await self._http.get("/v1/rule-sets"))["items"]
        return items
