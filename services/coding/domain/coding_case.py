"""The coding case of an encounter: from its documentation to complete sets of codes, each a new coding version.

Owns: what an assignment must have to be one at all, and when a person has to look. Refuses: whether a payer would take
the codes, which validation says as findings. Next: `coding_rule.py` for the automatic rule.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, assert_never

from msgspec import Meta

from services.coding.domain.coding_rule import (
    DIAGNOSES_MAX,
    LINES_MAX,
    MODIFIERS_MAX,
    POINTERS_MAX,
    Coded,
    Reason,
    Stuck,
    is_procedure_code,
)
from shared.events.coding import CodedLine, CodesAssigned, Diagnosis, ServiceFromOn
from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.errors import Malformed, Rejected
from shared.kernel.identifiers import EncounterId, PatientId
from shared.kernel.unions import members

_DIAGNOSIS: Final = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_MODIFIER: Final = re.compile(r"[0-9A-Z]{2}")


class CodingCaseOpened(Event, frozen=True, kw_only=True):
    """Somebody must code an encounter. **Moment**: the automatic rule found its documentation not enough.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11). Private: others hear of codes, not of waiting for them.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    service_from_on: ServiceFromOn
    status: Annotated[
        Literal["open", "refused"],
        Meta(description="Open for a coder; refused: nobody can code it yet.", examples=["open"]),
    ]
    reasons: Annotated[
        tuple[str, ...], Meta(description="Why, slugs, the first one first.", examples=[["no-diagnosis-code"]])
    ]
    opened_at: Instant


CaseEvent: TypeAlias = CodingCaseOpened | CodesAssigned


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingCase:
    """The coding work for an encounter; `None` in its place means that it has not begun."""

    latest: CodesAssigned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeAsDocumented:
    """Keep what the automatic rule read in a documentation."""

    encounter_id: str
    patient_id: str
    service_from_on: date
    reading: Coded | Stuck
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWanted:
    """One line as a coder writes it. **Shape**: no dates mean the first day of the visit."""

    procedure_code: str
    modifiers: tuple[str, ...]
    units: int
    pointers: tuple[int, ...]
    service_from_on: date | None
    service_to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCodes:
    """Sign a complete set of codes. **Shape**: `editions` cover the visit; none: no diagnosis codes of its date."""

    encounter_id: str
    patient_id: str
    service_from_on: date
    service_to_on: date
    diagnoses: tuple[str, ...]
    lines: tuple[LineWanted, ...]
    editions: tuple[str, ...]
    now: datetime


Command: TypeAlias = CodeAsDocumented | AssignCodes


def decide(case: CodingCase | None, command: Command) -> tuple[CaseEvent, ...]:
    """Return the fact that a command adds, none where the automatic rule comes after somebody.

    **Errors**: of an assignment only: `CodeSetNotLoaded`, and those below that say what is wrong with it.
    """
    match command:
        case CodeAsDocumented():
            return () if case else (_as_documented(command),)
        case AssignCodes():
            return (_assign(case, command),)
        case _:
            assert_never(command)


def _as_documented(command: CodeAsDocumented) -> CaseEvent:
    match command.reading:
        case Coded() as coded:
            return CodesAssigned(
                encounter_id=command.encounter_id,
                patient_id=command.patient_id,
                coding_version=1,
                diagnoses=coded.diagnoses,
                lines=coded.lines,
                editions=coded.editions,
                attribution=coded.attribution,
                assigned_at=command.now,
            )
        case Stuck() as stuck:
            waits_for_table: Reason = "code-set-not-loaded"
            return CodingCaseOpened(
                encounter_id=command.encounter_id,
                patient_id=command.patient_id,
                service_from_on=command.service_from_on,
                status="refused" if waits_for_table in stuck.reasons else "open",
                reasons=stuck.reasons,
                opened_at=command.now,
            )
        case _:
            assert_never(command.reading)


class CodeSetNotLoaded(Rejected):
    """A visit is coded in the edition of its date, and none is here."""

    slug = "code-set-not-loaded"


def _assign(case: CodingCase | None, command: AssignCodes) -> CodesAssigned:
    if not command.editions:
        raise CodeSetNotLoaded("no edition of the diagnosis codes covers the date of service")
    _check_diagnoses(command.diagnoses)
    if not command.lines:
        raise NoLines("an assignment has at least one line")
    if len(command.lines) > LINES_MAX:
        raise TooManyLines("a claim has at most 50 lines")
    for line in command.lines:
        _check_line(line, diagnoses=len(command.diagnoses))
    return CodesAssigned(
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        coding_version=(case.latest.coding_version if case and case.latest else 0) + 1,
        diagnoses=tuple(Diagnosis(order=place, code=code) for place, code in enumerate(command.diagnoses, start=1)),
        lines=tuple(_coded(line_no, line, command) for line_no, line in enumerate(command.lines, start=1)),
        editions=command.editions,
        attribution="coder",
        assigned_at=command.now,
    )


class NoDiagnoses(Malformed):
    """A professional claim names why the patient came."""

    slug = "no-diagnoses"


class TooManyDiagnoses(Malformed):
    """A professional claim holds twelve diagnoses."""

    slug = "too-many-diagnoses"


class DiagnosisTwice(Malformed):
    """A diagnosis stands on a claim once."""

    slug = "diagnosis-twice"


class NotADiagnosisCode(Malformed):
    """An ICD-10-CM code is a letter, a digit and one to five more."""

    slug = "not-a-diagnosis-code"


def _check_diagnoses(codes: tuple[str, ...]) -> None:
    if not codes:
        raise NoDiagnoses("an assignment has at least one diagnosis")
    if len(codes) > DIAGNOSES_MAX:
        raise TooManyDiagnoses("a claim has at most 12 diagnoses")
    if not all(map(_DIAGNOSIS.fullmatch, codes)):
        raise NotADiagnosisCode("a diagnosis does not have the shape of ICD-10-CM")
    if len(set(codes)) < len(codes):
        raise DiagnosisTwice("a diagnosis is listed twice")


class NoLines(Malformed):
    """A claim asks for something."""

    slug = "no-lines"


class TooManyLines(Malformed):
    """A professional claim holds fifty lines."""

    slug = "too-many-lines"


class NotAProcedureCode(Malformed):
    """A procedure code is CPT or HCPCS Level II."""

    slug = "not-a-procedure-code"


class TooManyModifiers(Malformed):
    """A line holds four modifiers."""

    slug = "too-many-modifiers"


class NotAModifier(Malformed):
    """A modifier has two characters."""

    slug = "not-a-modifier"


class PointersWrong(Malformed):
    """A line points to one to four different diagnoses of the assignment."""

    slug = "pointers-wrong"


def _check_line(line: LineWanted, *, diagnoses: int) -> None:
    if not is_procedure_code(line.procedure_code):
        raise NotAProcedureCode("a procedure code has the shape of neither CPT nor HCPCS Level II")
    if len(line.modifiers) > MODIFIERS_MAX:
        raise TooManyModifiers("a line has at most 4 modifiers")
    if not all(map(_MODIFIER.fullmatch, line.modifiers)):
        raise NotAModifier("a modifier is two letters or digits")
    if not 1 <= len(line.pointers) <= POINTERS_MAX or len(set(line.pointers)) < len(line.pointers):
        raise PointersWrong("a line points to one to four different diagnoses")
    if not all(1 <= pointer <= diagnoses for pointer in line.pointers):
        raise PointersWrong("a pointer leads beyond the diagnoses")


class ServiceDateOutsideVisit(Malformed):
    """A line is of a day of the visit, and ends on or after the day on which it begins."""

    slug = "service-date-outside-visit"


def _coded(line_no: int, line: LineWanted, command: AssignCodes) -> CodedLine:
    from_on = line.service_from_on or command.service_from_on
    to_on = line.service_to_on or from_on
    if not command.service_from_on <= from_on <= to_on <= command.service_to_on:
        raise ServiceDateOutsideVisit("a line lies outside the days of the visit")
    return CodedLine(
        line_no=line_no,
        procedure_code=line.procedure_code,
        modifiers=line.modifiers,
        units=line.units,
        pointers=line.pointers,
        service_from_on=from_on,
        service_to_on=to_on,
    )


def evolve(case: CodingCase | None, event: CaseEvent) -> CodingCase:
    """Return the state after a stored fact. Codes end the waiting, whoever assigned them."""
    match event:
        case CodingCaseOpened():
            return case or CodingCase()
        case CodesAssigned():
            return CodingCase(latest=event)
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per encounter."""
    return f"coding_case-{command.encounter_id}"


CODING_CASES: Final[Decider[CodingCase | None, Command, CaseEvent]] = Decider(
    commands=members(Command),
    events=members(CaseEvent),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
)
