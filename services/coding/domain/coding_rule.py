"""The automatic rule: documentation that carries its codes is coded as documented, and nothing is guessed.

Owns: which documentation is complete, and why another one is not. Refuses: mapping of code systems (SNOMED stays),
likeness of words, and whether a payer will take the codes (validation). A person codes what stops here.
**Source**: ICD-10-CM Official Guidelines, section IV (outpatient); 005010X222A1, 2300 HI and 2400 SV1 for the limits.
Next: `coding_case.py` keeps the outcome.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias, assert_never, get_args

from shared.codesets.edition import (
    MoreDigitsNeeded,
    NotValidOnDate,
    TableNotLoaded,
    UnknownCode,
    Valid,
    outside,
)
from shared.codesets.hcpcs import is_cpt
from shared.codesets.icd10 import Icd10
from shared.events.coding import (
    CodedLine,
    Diagnosis,
    DocumentedCode,
    DocumentedCondition,
    DocumentedProcedure,
    EncounterDocumented,
)
from shared.kernel.erased import known

DIAGNOSES_MAX: Final = 12  # 2300 HI holds twelve
LINES_MAX: Final = 50  # 2400 repeats fifty times
MODIFIERS_MAX: Final = 4  # SV101-3 to SV101-6
POINTERS_MAX: Final = 4  # SV107-1 to SV107-4

Reason: TypeAlias = Literal[
    "code-set-not-loaded",
    "no-diagnosis-code",
    "ambiguous-title",
    "ambiguous-code",
    "diagnosis-not-billable",
    "too-many-diagnoses",
    "no-procedure-code",
    "too-many-lines",
    "too-many-modifiers",
    "pointers-missing",
    "pointer-out-of-range",
    "too-many-pointers",
    "service-date-outside-visit",
    "place-of-service-missing",
    "provider-missing",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
"""In the order in which somebody works on them; the first one of a case is the one that it is listed under."""

_LEVEL_II: Final = re.compile(r"[A-CE-V][0-9]{4}")  # D codes are CDT, which a professional claim does not carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """The documentation carries a complete set of codes."""

    diagnoses: tuple[Diagnosis, ...]
    lines: tuple[CodedLine, ...]
    editions: tuple[str, ...]
    attribution: Literal["documented-codes", "exact-title"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """Why the documentation is not enough. **Shape**: at least one reason, in the order of `REASONS`."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resolved:
    code: str
    by_title: bool


def read(event: EncounterDocumented, table: Icd10 | None) -> Coded | Stuck:
    """Return the codes that a documentation carries, or every reason why a coder must look."""
    conditions = _resolve(event, table)
    reasons: set[Reason] = {each for each in conditions if not isinstance(each, _Resolved)}
    if not_loaded(table, event.service_from_on):
        reasons.add("code-set-not-loaded")
    if not conditions:
        reasons.add("no-diagnosis-code")
    resolved = [each for each in conditions if isinstance(each, _Resolved)]
    codes = tuple(dict.fromkeys(each.code for each in resolved))
    if len(codes) > DIAGNOSES_MAX:
        reasons.add("too-many-diagnoses")
    if event.place_of_service is None:
        reasons.add("place-of-service-missing")
    if event.rendering_provider_id is None or event.billing_provider_id is None:
        reasons.add("provider-missing")
    order = [codes.index(each.code) + 1 if isinstance(each, _Resolved) else None for each in conditions]
    lines, line_reasons = _lines(event, order)
    reasons |= line_reasons
    if reasons or table is None:
        return Stuck(reasons=tuple(reason for reason in REASONS if reason in reasons))
    return Coded(
        diagnoses=tuple(Diagnosis(order=place, code=code) for place, code in enumerate(codes, start=1)),
        lines=lines,
        editions=(table.edition.name,),
        attribution="exact-title" if any(each.by_title for each in resolved) else "documented-codes",
    )


def not_loaded(table: Icd10 | None, on: date) -> bool:
    """Return whether nobody can code a visit of that day, because no edition of the diagnosis codes covers it."""
    return table is None or outside(table.edition, on) is not None


def is_procedure_code(code: str) -> bool:
    """Return whether a code has the shape of CPT or HCPCS Level II; CPT is licensed, so only its shape is known."""
    return is_cpt(code) or _LEVEL_II.fullmatch(code) is not None


# -- diagnoses -----------------------------------------------------------------------------------------------------


def _resolve(event: EncounterDocumented, table: Icd10 | None) -> list[_Resolved | Reason]:
    texts: Sequence[str] = known(event.condition_texts, otherwise=())
    on = event.service_from_on
    return [
        _diagnosis(condition, texts[place] if place < len(texts) else "", on, table)
        for place, condition in enumerate(event.conditions)
    ]


def _diagnosis(condition: DocumentedCondition, text: str, on: date, table: Icd10 | None) -> _Resolved | Reason:
    if table is None or not_loaded(table, on):
        return "code-set-not-loaded"
    codes = _codes_of(condition.codes, "icd10cm")
    if len(codes) > 1:
        return "ambiguous-code"
    if not codes:
        return _by_title(text, on, table)
    answer = table.look_up(codes[0], on)
    match answer:
        case Valid():
            return _Resolved(code=codes[0], by_title=False)
        case MoreDigitsNeeded() | NotValidOnDate() | UnknownCode():
            return "diagnosis-not-billable"
        case TableNotLoaded():
            return "code-set-not-loaded"
        case _:
            assert_never(answer)


def _by_title(text: str, on: date, table: Icd10) -> _Resolved | Reason:
    codes = table.titles(text, on) if text else ()
    if len(codes) > 1:
        return "ambiguous-title"
    return _Resolved(code=codes[0], by_title=True) if codes else "no-diagnosis-code"


def _codes_of(codes: Iterable[DocumentedCode], *systems: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.code for each in codes if each.system in systems))


# -- lines ---------------------------------------------------------------------------------------------------------


def _lines(event: EncounterDocumented, order: Sequence[int | None]) -> tuple[tuple[CodedLine, ...], set[Reason]]:
    reasons: set[Reason] = set()
    if not event.procedures:
        reasons.add("no-procedure-code")
    if len(event.procedures) > LINES_MAX:
        reasons.add("too-many-lines")
    lines: list[CodedLine] = []
    for line_no, procedure in enumerate(event.procedures, start=1):
        line = _line(line_no, procedure, event, order)
        if isinstance(line, CodedLine):
            lines.append(line)
        else:
            reasons |= line
    return tuple(lines), reasons


def _line(
    line_no: int, procedure: DocumentedProcedure, event: EncounterDocumented, order: Sequence[int | None]
) -> CodedLine | set[Reason]:
    reasons: set[Reason] = set()
    codes = tuple(filter(is_procedure_code, _codes_of(procedure.codes, "cpt", "hcpcs")))
    if len(codes) != 1:
        reasons.add("ambiguous-code" if codes else "no-procedure-code")
    pointers = _pointers(procedure, order)
    if isinstance(pointers, str):
        reasons.add(pointers)
    if len(procedure.modifiers) > MODIFIERS_MAX:
        reasons.add("too-many-modifiers")
    service_on = procedure.service_on or event.service_from_on
    if not event.service_from_on <= service_on <= event.service_to_on:
        reasons.add("service-date-outside-visit")
    if reasons or isinstance(pointers, str):
        return reasons
    return CodedLine(
        line_no=line_no,
        procedure_code=codes[0],
        modifiers=procedure.modifiers,
        units=procedure.units,
        pointers=pointers,
        service_from_on=service_on,
        service_to_on=service_on,
    )


def _pointers(procedure: DocumentedProcedure, order: Sequence[int | None]) -> tuple[int, ...] | Reason:
    """Return the diagnoses of a line. Where none is documented, a single diagnosis is the only one that it can mean."""
    if not procedure.pointers:
        return (1,) if len(set(order)) <= 1 else "pointers-missing"
    if not all(1 <= pointer <= len(order) for pointer in procedure.pointers):
        return "pointer-out-of-range"
    places = (order[pointer - 1] for pointer in procedure.pointers)
    pointers = tuple(dict.fromkeys(place for place in places if place is not None))
    return pointers if len(pointers) <= POINTERS_MAX else "too-many-pointers"
