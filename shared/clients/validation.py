"""Speaking to validation: scrub, try codes, let findings pass, write rules of payers; see scrubs, findings and rules.

The client brings address, token and time-outs: `httpx.AsyncClient(base_url=…, headers=…, timeout=…)`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

import httpx
from msgspec import to_builtins

from shared.clients.conditions import WHATEVER_STANDS, Shown, if_match, shown
from shared.clients.pages import rows
from shared.clients.paths import part
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
    """A coverage to try, with its payer's kind, filing limit and clock. **Shape**: no `payer_id`: nobody's."""

    effective_from_on: date
    effective_to_on: date | None = None
    filing_limit_days: int | None = None
    filing_limit_months: int | None = None
    zone: str = "America/New_York"
    claim_filing_indicator: str = "CI"
    payer_id: str | None = None


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

    async def scrub(self, encounter_id: str, *, as_of: datetime | None = None) -> Shown:
        """Return how the scrub of an encounter stands, or stood at an instant."""
        path = f"/v1/scrubs/{part(encounter_id)}"
        return shown(await self._http.get(path, params=asked_as_of(as_of)))

    async def history(self, encounter_id: str, *, as_of: datetime | None = None) -> Sequence[Mapping[str, Any]]:
        """Return what rules said of an encounter's codes, scrub by scrub, oldest first."""
        path = f"/v1/scrubs/{part(encounter_id)}/history"
        items: Sequence[Mapping[str, Any]] = body_of(await self._http.get(path, params=asked_as_of(as_of)))["items"]
        return items

    async def override(  # noqa: PLR0913 (what, of what, why, and on which version)
        self,
        encounter_id: str,
        rule_id: str,
        *,
        coding_version: int,
        reason: OverrideReason,
        note: str | None = None,
        etag: str = WHATEVER_STANDS,
    ) -> Shown:
        """Let pass what a rule found in a set of codes; return how the scrub stands then."""
        body = {"rule_id": rule_id, "coding_version": coding_version, "reason": reason, "note": note}
        path = f"/v1/scrubs/{part(encounter_id)}/overrides"
        return shown(await self._http.post(path, json=body, headers=if_match(etag)))

    async def withdraw(
        self, encounter_id: str, rule_id: str, *, coding_version: int, note: str, etag: str = WHATEVER_STANDS
    ) -> Shown:
        """Withdraw what was let pass of a rule in a set of codes; return how the scrub stands then."""
        body = {"rule_id": rule_id, "coding_version": coding_version, "note": note}
        path = f"/v1/scrubs/{part(encounter_id)}/withdrawals"
        return shown(await self._http.post(path, json=body, headers=if_match(etag)))

    def findings(
        self, asked: FindingsAsked = EVERY_FINDING, *, page_size: int = 500
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield what rules found and nobody mended or let pass yet, page after page."""
        return rows(self._http, "/v1/findings", **asked.params(), page_size=page_size)

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
        rule: Mapping[str, Any] = body_of(await self._http.get(f"/v1/rules/{part(rule_id)}"))
        return rule

    async def rule_statistics(self, rule_id: str) -> Mapping[str, Any]:
        """Return how often a rule found something, and what became of it."""
        path = f"/v1/rules/{part(rule_id)}/statistics"
        statistics: Mapping[str, Any] = body_of(await self._http.get(path))
        return statistics

    async def rule_sets(self) -> Sequence[Mapping[str, Any]]:
        """Return which rules judge together, and from when."""
        items: Sequence[Mapping[str, Any]] = body_of(await self._http.get("/v1/rule-sets"))["items"]
        return items

    async def check_payer_rule(self, rule: Mapping[str, Any], cases: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Return what a draft says of its cases; nothing is kept. **Shape**: as docs/payer-rules.md tells."""
        body = {"rule": rule, "cases": cases}
        checked: Mapping[str, Any] = body_of(await self._http.post("/v1/payer-rule-checks", json=body))
        return checked

    async def draft_payer_rule(
        self, rule_id: str, rule: Mapping[str, Any], cases: Sequence[Mapping[str, Any]]
    ) -> Shown:
        """Keep a next version of a rule, or the first; return it."""
        return shown(await self._http.post(_rule_path(rule_id, "versions"), json={"rule": rule, "cases": cases}))

    async def advise_payer_rule(
        self, rule_id: str, version: int, *, in_force_from: datetime | None = None, etag: str = WHATEVER_STANDS
    ) -> Shown:
        """Let a version warn of what is assigned from an instant on, none: from now on; return the rule."""
        return await self._of_payer_rule(rule_id, "advisories", _activated(version, in_force_from), etag)

    async def enforce_payer_rule(
        self, rule_id: str, version: int, *, in_force_from: datetime | None = None, etag: str = WHATEVER_STANDS
    ) -> Shown:
        """Let a version that advised stop what is assigned from an instant on; return the rule."""
        return await self._of_payer_rule(rule_id, "enforcements", _activated(version, in_force_from), etag)

    async def retire_payer_rule(self, rule_id: str, *, etag: str = WHATEVER_STANDS) -> Shown:
        """Let a rule judge no more; return it."""
        return await self._of_payer_rule(rule_id, "retirements", {}, etag)

    def payer_rules(self, *, page_size: int = 500) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the rules of payers in their latest versions, page after page."""
        return rows(self._http, "/v1/payer-rules", page_size=page_size)

    async def payer_rule(self, rule_id: str, *, as_of: datetime | None = None) -> Shown:
        """Return a rule of a payer with its versions, cases, terms and history, also as of an instant."""
        path = f"/v1/payer-rules/{part(rule_id)}"
        return shown(await self._http.get(path, params=asked_as_of(as_of)))

    async def payer_rule_fields(self) -> Sequence[Mapping[str, Any]]:
        """Return what conditions of rules of payers may ask about."""
        items: Sequence[Mapping[str, Any]] = body_of(await self._http.get("/v1/payer-rule-fields"))["items"]
        return items

    async def _of_payer_rule(self, rule_id: str, what: str, body: Mapping[str, Any], etag: str) -> Shown:
        return shown(await self._http.post(_rule_path(rule_id, what), json=body, headers=if_match(etag)))


def _rule_path(rule_id: str, what: str) -> str:
    return f"/v1/payer-rules/{part(rule_id)}/{what}"


def _activated(version: int, in_force_from: datetime | None) -> Mapping[str, Any]:
    return {"version": version, "in_force_from": None if in_force_from is None else in_force_from.isoformat()}
