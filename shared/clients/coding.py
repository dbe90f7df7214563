"""Speaking to coding: document visits, assign codes, see what waits; a repeat of a documentation is safe.

The client brings address, token and time-outs: `httpx.AsyncClient(base_url=…, headers=…, timeout=…)`.
"""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

import httpx
from msgspec import to_builtins

from shared.clients.conditions import WHATEVER_STANDS, Shown, if_match, keyed, shown
from shared.clients.lines import results
from shared.clients.pages import rows
from shared.clients.paths import part
from shared.clients.problem import asked_as_of, body_of, created
from shared.events.coding import DocumentedCode
from shared.kernel.person import Identifier

CodeSystem: TypeAlias = Literal["icd10cm", "hcpcs", "cpt"]
CaseStatus: TypeAlias = Literal["open", "refused", "coded"]
_TITLES_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionToDocument:
    """A condition: its codes, its words, or both."""

    codes: tuple[DocumentedCode, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureToDocument:
    """A service that was rendered. **Shape**: `pointers` count conditions from 1; no day: the first of the visit."""

    codes: tuple[DocumentedCode, ...] = ()
    text: str = ""
    modifiers: tuple[str, ...] = ()
    units: int = 1
    pointers: tuple[int, ...] = ()
    service_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterToDocument:
    """A visit.

    **Shape**: `encounter_id` from a check-in; `source_identifier` is the record that it comes from; `coverage_ids`
    empty: the patient pays, None: as the check-in has them.
    """

    patient_id: str
    service_from_on: date
    service_to_on: date | None = None
    encounter_id: str | None = None
    source_identifier: Identifier | None = None
    appointment_id: str | None = None
    place_of_service: str | None = None
    rendering_provider_id: str | None = None
    billing_provider_id: str | None = None
    coverage_ids: tuple[str, ...] | None = None
    conditions: tuple[ConditionToDocument, ...] = ()
    procedures: tuple[ProcedureToDocument, ...] = ()
    note: str | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToAssign:
    """One line of an assignment. **Shape**: `pointers` count diagnoses from 1; no day: the first of the visit."""

    procedure_code: str
    pointers: tuple[int, ...]
    modifiers: tuple[str, ...] = ()
    units: int = 1
    service_from_on: date | None = None
    service_to_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """An encounter that coding knows. **Shape**: `created` False: it was there before; `state` as coding names it."""

    encounter_id: str
    state: str
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableToLoad:
    """What is said of a table. **Shape**: `files` are names and hashes of what it was built from."""

    sha256: str
    rows: int
    files: tuple[tuple[str, str], ...]
    rejected_rows: int = 0
    licence: str | None = None
    replaces: str | None = None


class CodingClient:
    """The routes of coding. **Errors**: every method raises `ProblemAnswered` or what httpx raises."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def document(self, encounter: EncounterToDocument, *, key: str | None = None) -> Documented:
        """Document a visit, or find the one that is there: of this id, this source or, without both, this key."""
        headers = {} if encounter.encounter_id or encounter.source_identifier else keyed(key)
        answer = await self._http.post("/v1/encounters", json=to_builtins(encounter), headers=headers)
        body = body_of(answer)
        return Documented(encounter_id=body["encounter_id"], state=body["state"], created=created(answer))

    def document_many(self, lines: AsyncIterable[bytes]) -> AsyncIterator[Mapping[str, Any]]:
        """Document many visits, a line each; yield what came of each."""
        return results(self._http, "/v1/encounters/bulk", lines)

    async def encounter(self, encounter_id: str, *, as_of: datetime | None = None) -> Shown:
        """Return an encounter, as known now or at an instant: its documentation, its codes, why it waits."""
        path = f"/v1/encounters/{part(encounter_id)}"
        return shown(await self._http.get(path, params=asked_as_of(as_of)))

    async def note(self, encounter_id: str) -> str | None:
        """Return the note of an encounter, None where nobody wrote one."""
        found: str | None = body_of(await self._http.get(f"/v1/encounters/{part(encounter_id)}/note"))["note"]
        return found

    async def assign_codes(
        self,
        encounter_id: str,
        *,
        diagnoses: tuple[str, ...],
        lines: tuple[LineToAssign, ...],
        etag: str = WHATEVER_STANDS,
        key: str | None = None,
    ) -> Shown:
        """Sign a set of codes as a coder; return it with its coding version. Each call signs another one."""
        body = to_builtins({"diagnoses": diagnoses, "lines": lines})
        path = f"/v1/encounters/{part(encounter_id)}/code-assignments"
        return shown(await self._http.post(path, json=body, headers={**if_match(etag), **keyed(key)}))

    def encounters(self, patient_id: str, *, page_size: int = 500) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the documented visits of a patient, page after page."""
        return rows(self._http, "/v1/encounters", patient_id=patient_id, page_size=page_size)

    def coding_cases(
        self, *, status: CaseStatus | None = None, reason: str | None = None, page_size: int = 500
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield coding cases, page after page; `status="open"` is the coders' queue."""
        return rows(self._http, "/v1/coding-cases", status=status, reason=reason, page_size=page_size)

    async def codes(self, system: CodeSystem, search: str, *, on: date, limit: int = 20) -> Mapping[str, Any]:
        """Return the codes of a day's edition that begin with a text or have its words in their titles, best first.

        **Shape**: `items`, `edition`, and `reason` where no edition is loaded.
        """
        asked = {"system": system, "search": search, "on": on.isoformat(), "limit": str(limit)}
        found: Mapping[str, Any] = body_of(await self._http.get("/v1/codes", params=asked))
        return found

    async def code_titles(
        self, codes: Sequence[tuple[CodeSystem, str]], *, on: date
    ) -> Mapping[tuple[CodeSystem, str], Mapping[str, Any]]:
        """Return what a day's editions say of codes, by code set and stored form: title, whether billable, in force.

        **Shape**: any number of codes, as somebody wrote them; a request for each 100. What is not known is left out.
        """
        asked = list(dict.fromkeys(codes))
        found: dict[tuple[CodeSystem, str], Mapping[str, Any]] = {}
        for first in range(0, len(asked), _TITLES_MAX):
            named = [{"system": system, "code": code} for system, code in asked[first : first + _TITLES_MAX]]
            answer = await self._http.post("/v1/code-titles", json={"on": on.isoformat(), "codes": named})
            found |= {(each["system"], each["code"]): each for each in body_of(answer)["items"]}
        return found

    async def code_sets(self) -> Mapping[str, Any]:
        """Return the editions of code sets, and every code set that there could be editions of."""
        found: Mapping[str, Any] = body_of(await self._http.get("/v1/code-sets"))
        return found

    async def load_table(self, system: str, table: bytes, said: TableToLoad) -> tuple[Mapping[str, Any], bool]:
        """Put a table in force; return its edition, and whether it was new. A repeat is safe."""
        params: dict[str, Any] = {
            "sha256": said.sha256,
            "rows": said.rows,
            "rejected_rows": said.rejected_rows,
            "file": [f"{name}:{digest}" for name, digest in said.files],
            **({"licence": said.licence} if said.licence else {}),
            **({"replaces": said.replaces} if said.replaces else {}),
        }
        answer = await self._http.post(
            f"/v1/code-sets/{part(system)}/tables",
            params=params,
            content=table,
            headers={"Content-Type": "application/octet-stream"},
        )
        return body_of(answer), created(answer)

    async def table(self, system: str, sha256: str) -> bytes:
        """Return a table that was loaded, packed."""
        answer = await self._http.get(f"/v1/code-sets/{part(system)}/tables/{part(sha256)}")
        return answer.content if answer.is_success else bytes(body_of(answer))
