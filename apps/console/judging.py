"""Judging codes while they are typed: what the rules say of them, what they are called, and for whom they are tried.

Owns: the questions to registration, coding and validation behind one look at a draft, and what the answers are to its
rows. Nothing is kept. Refuses: what a draft means (`draft.py`). Next: `pages/coding.py` shows it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias

from apps.console.desk import Ask, Desk
from apps.console.draft import Codes, Draft, by_row, is_like_a_code, meant, readable
from shared.clients.coding import CodeSystem
from shared.clients.validation import CodesToTry, CoverageToTry, LineToTry
from shared.codesets.hcpcs import is_cpt
from shared.codesets.icd10cm import stored_form

Key: TypeAlias = tuple[str, str]
"""A code as typed with what it is of, `dx` or `line`: some procedures look like diagnoses."""
_COVERAGES_MAX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the rules say of a draft, by row. **Shape**: `answered` False: nobody said anything."""

    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    unseen: int = 0
    errors: int = 0
    warnings: int = 0
    answered: bool = False


def people(desk: Desk, visit: Mapping[str, Any]) -> Mapping[str, tuple[str, Ask[Any]]]:
    """Return how to ask who the visit is of, and whose."""
    rendering, billing = visit["rendering_provider_id"], visit["billing_provider_id"]

    async def provider(provider_id: str | None) -> Mapping[str, Any] | None:
        return await desk.registration.provider(provider_id) if provider_id else None

    return {
        "patient": ("registration", lambda: desk.registration.patient(visit["patient_id"])),
        "rendering": ("registration", lambda: provider(rendering)),
        "biller": ("registration", lambda: provider(billing)),
    }


async def judge(desk: Desk, visit: Mapping[str, Any], draft: Draft, found: Mapping[str, Any]) -> Judged:
    """Return what the rules say of a draft; those that look at other visits or authorizations do not run."""
    read = meant(readable(draft))
    if not read.diagnoses or not read.lines:
        return Judged()
    used = used_coverages(visit, found["patient"])
    coverages = await desk.asked("registration", lambda: _coverages(desk, used))
    tried = _to_try(visit, read, found, coverages or ())
    answer = await desk.asked("validation", lambda: desk.validation.try_codes(tried))
    return by_rows(answer["findings"], read) if answer else Judged()


def _to_try(
    visit: Mapping[str, Any], read: Codes, found: Mapping[str, Any], coverages: tuple[CoverageToTry, ...]
) -> CodesToTry:
    patient, rendering, biller = found["patient"] or {}, found["rendering"] or {}, found["biller"] or {}
    day = date.fromisoformat(visit["service_from_on"])
    born = patient.get("birth_on")
    return CodesToTry(
        service_on=day,
        diagnoses=read.diagnoses,
        lines=tuple(
            LineToTry(
                procedure_code=each.procedure_code,
                service_from_on=each.service_from_on or day,
                service_to_on=each.service_to_on,
                modifiers=each.modifiers,
                units=each.units,
                pointers=each.pointers,
            )
            for each in read.lines
        ),
        place_of_service=visit["place_of_service"],
        birth_on=date.fromisoformat(born) if born else None,
        sex=patient.get("sex"),
        rendering_npi=rendering.get("npi"),
        billing_npi=biller.get("npi"),
        coverages=coverages,
    )


def used_coverages(visit: Mapping[str, Any], patient: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """Return the coverages that the visit is billed to, in filing order."""
    by_id = {each["coverage_id"]: each for each in (patient or {}).get("coverages", ())}
    return [by_id[each] for each in visit["coverage_ids"] if each in by_id]


async def _coverages(desk: Desk, used: Sequence[Mapping[str, Any]]) -> tuple[CoverageToTry, ...]:
    used = used[:_COVERAGES_MAX]
    payers = await asyncio.gather(*(desk.registration.payer(each["payer_id"]) for each in used))
    return tuple(
        CoverageToTry(
            effective_from_on=date.fromisoformat(each["effective_from_on"]),
            effective_to_on=date.fromisoformat(each["effective_to_on"]) if each["effective_to_on"] else None,
            filing_limit_days=payer["filing_limit_days"],
            filing_limit_months=payer["filing_limit_months"],
            zone=payer["zone"],
            claim_filing_indicator=payer["claim_filing_indicator"],
            payer_id=payer["payer_id"],
        )
        for each, payer in zip(used, payers, strict=True)
    )


def by_rows(findings: Sequence[Mapping[str, Any]], read: Codes) -> Judged:
    """Return findings by the rows of a draft; rules without a table are only counted."""
    failed = [each for each in findings if each["outcome"] != "no-data"]
    stopping = [each for each in failed if each["severity"] == "error" and not each["overridden"]]
    return Judged(
        rows=by_row(failed, read),
        unseen=len(findings) - len(failed),
        errors=len(stopping),
        warnings=sum(each["severity"] == "warning" for each in failed),
        answered=True,
    )


async def titles_of(desk: Desk, on: str, typed: Iterable[Key]) -> Mapping[Key, Mapping[str, Any]]:
    """Return what is known of codes as they are typed: title, whether billable; all in one question."""
    wanted = {each: (_system(*each), stored_form(each[1])) for each in typed if is_like_a_code(each[1])}
    found = await desk.coding.code_titles(list(wanted.values()), on=date.fromisoformat(on))
    return {each: found[name] for each, name in wanted.items() if name in found}


def keys_of(draft: Draft) -> list[Key]:
    """Return the codes of a draft with what they are of; a procedure's may look like a diagnosis."""
    keys = [("dx", each.code) for each in draft.diagnoses] + [("line", each.code) for each in draft.lines]
    return [each for each in keys if each[1]]


def _system(kind: str, code: str) -> CodeSystem:
    if kind == "dx":
        return "icd10cm"
    return "cpt" if is_cpt(code.upper()) else "hcpcs"
