"""Scrubs over HTTP: scrub again what is known, try codes without keeping anything, show."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

from pydantic import AfterValidator, Field, StringConstraints

from services.validation.api.body import ROUTER, Body, Id
from services.validation.domain.facts import Codes, Coverage, Encounter, Facts, Patient, Payer, Provider
from services.validation.domain.payer_rule.in_force import PayerJudges, judges_of
from services.validation.domain.rule_set import in_force
from services.validation.domain.rules import RULE_SETS
from services.validation.domain.scrub import ScrubCodes, findings_of, stops
from services.validation.domain.subject import subject_of
from services.validation.domain.tables import Tables
from services.validation.projections.loaded_tables import LOADED_TABLES
from services.validation.projections.payer_rules_in_force import ALL, PAYER_RULES_IN_FORCE
from services.validation.projections.scrubs import STANDINGS, ScrubFinding
from services.validation.reactors import command_of, needs_of
from shared.codesets.icd10cm import stored_form
from shared.events.coding import CodedLine
from shared.events.registration import FilingOrder
from shared.kernel.errors import NotFound
from shared.kernel.person import Sex
from shared.kernel.reaction import Rows
from shared.runtime.days_and_instants import Day as SentDay
from shared.runtime.days_and_instants import Zone
from shared.runtime.http import Access, Call, CallAsOf, OneCall
from shared.runtime.tables import EVERYTHING, CodeTables, LoadedTables

STREAM: Final = "scrub-{encounter_id}"
ACCESS: Final[Mapping[str, Access]] = {
    "POST /v1/scrubs": Access(
        scope="validation.write", does="ScrubCodes → CodesValidated | CodesRejected", validates=True
    ),
    "GET /v1/scrubs/{encounter_id}": Access(scope="validation.read", reads="scrubs", as_of=True, version_of=STREAM),
}
_TRY: Final = "tried"  # stands where a stored encounter has its ids
_FILING_ORDERS: Final[tuple[FilingOrder, ...]] = get_args(FilingOrder)
Code: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=20, pattern=r"^[\x20-\x7e]+$"), AfterValidator(stored_form)
]
Number: TypeAlias = Annotated[int, Field(strict=True, ge=-1_000_000, le=1_000_000)]
Day: TypeAlias = Annotated[SentDay, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]


class KnownEncounter(Body):
    """An encounter whose facts are here already."""

    encounter_id: Id


class TriedLine(Body):
    """A line to try."""

    procedure_code: Code = Field(description="CPT or HCPCS Level II.", examples=["99213"])
    modifiers: tuple[Code, ...] = Field(default=(), max_length=20, description="Modifiers.", examples=[["25"]])
    units: Number = Field(default=1, description="How often.", examples=[1])
    pointers: tuple[Number, ...] = Field(
        default=(1,), max_length=50, description="Diagnoses by place, from 1.", examples=[[1]]
    )
    service_from_on: Day = Field(description="First day of service.")
    service_to_on: Day | None = Field(default=None, description="Last day of service; null: the first.")


class TriedCoverage(Body):
    """A coverage to try, with its payer's kind and filing limit. **Shape**: no `payer_id`: nobody in particular."""

    payer_id: Id | None = None
    claim_filing_indicator: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2}$")] = Field(
        default="CI", description="Kind of insurance (SBR09).", examples=["CI"]
    )
    effective_from_on: Day = Field(description="First day of coverage.")
    effective_to_on: Day | None = Field(default=None, description="Last day of coverage; null: open.")
    filing_limit_days: int | None = Field(
        default=None, strict=True, ge=1, le=36_500, description="Days from service to a claim in time.", examples=[180]
    )
    filing_limit_months: int | None = Field(
        default=None, strict=True, ge=1, le=1_200, description="Calendar months instead of days.", examples=[12]
    )
    zone: Zone = Field(
        default="America/New_York", description="Time zone of the payer's clocks.", examples=["America/New_York"]
    )


class TriedCodes(Body):
    """Codes and facts to try. **Shape**: diagnoses and coverages in order; nothing is kept."""

    validate_only: Literal[True] = Field(description="Nothing is kept.")
    service_on: Day = Field(description="Day of the visit.")
    diagnoses: tuple[Code, ...] = Field(max_length=100, description="ICD-10-CM, in order.", examples=[["E11.9"]])
    lines: tuple[TriedLine, ...] = Field(max_length=200, description="What would be billed.")
    place_of_service: Code | None = Field(default=None, description="Place of service, two digits.", examples=["11"])
    birth_on: Day | None = Field(default=None, description="Birth date of the patient.", examples=["1984-07-02"])
    sex: Sex | None = Field(default=None, description="Sex of the patient.")
    rendering_npi: Id | None = Field(default=None, description="NPI of who renders.", examples=["1234567893"])
    billing_npi: Id | None = Field(default=None, description="NPI of who bills.", examples=["1234567893"])
    coverages: tuple[TriedCoverage, ...] = Field(
        default=(), max_length=3, description="In filing order; none: the patient pays."
    )


class Scrub(Body):
    """How a scrub stands. **Shape**: without ids, version and `changed_at` where codes were only tried."""

    encounter_id: str | None
    patient_id: str | None
    status: Literal["waiting", "validated", "rejected"] = Field(description="What the rules say.")
    coding_version: int | None = Field(description="Which codes.", examples=[1])
    missing: tuple[str, ...]
    rule_set_version: str | None
    editions: tuple[str, ...]
    findings: tuple[ScrubFinding, ...] = Field(description="What rules found.")
    filing_deadline_on: date | None = Field(description="Last day on which a claim is in time.")
    filing_days_left: int | None
    changed_at: datetime | None = Field(description="When that was last said.")


class CodesNotFound(NotFound):
    """No codes were assigned to this encounter, so that there is nothing to scrub."""

    slug = "codes-not-found"


class ScrubNotFound(NotFound):
    """No scrub of this encounter is known."""

    slug = "scrub-not-found"


@ROUTER.post("/scrubs")
async def scrub(body: KnownEncounter | TriedCodes, call: Call) -> Scrub:
    """Scrub what is known of an encounter again, or try codes and keep nothing. **Errors**: 404 `codes-not-found`."""
    if isinstance(body, TriedCodes):
        loaded = await call.row(LOADED_TABLES, EVERYTHING)
        rules = await call.row(PAYER_RULES_IN_FORCE, ALL)
        return _tried(body, _tables(call, loaded), judges_of(rules, call.now), call.now)
    await call.handle(await again(body.encounter_id, call))
    return await standing(body.encounter_id, call)


@ROUTER.get("/scrubs/{encounter_id}")
async def show_scrub(encounter_id: str, call: CallAsOf) -> Scrub:
    """Return how the scrub of an encounter stands. **Errors**: 404 `scrub-not-found`."""
    return await standing(encounter_id, call)


async def again(encounter_id: str, call: OneCall) -> ScrubCodes:
    """Return the command that scrubs what is known of an encounter again. **Errors**: `CodesNotFound`."""
    rows = await _rows(encounter_id, call)
    command = command_of(encounter_id, rows, _tables(call, rows.get(LOADED_TABLES, EVERYTHING)))
    if command is None:
        raise CodesNotFound("codes come first")
    return command


async def standing(encounter_id: str, call: OneCall) -> Scrub:
    """Return how the scrub of an encounter stands. **Errors**: `ScrubNotFound`."""
    row = await call.row(STANDINGS, encounter_id)
    if row is None:
        raise ScrubNotFound("no codes of this encounter came here")
    return Scrub.model_validate(row)


def _tables(call: OneCall, loaded: LoadedTables | None) -> Tables:
    return call.resource(Tables).over(call.resource(CodeTables).library(loaded))


async def _rows(encounter_id: str, call: OneCall) -> Rows:
    """Return the rows that a reaction would get, asked for step by step as the runtime does."""
    loaded: dict[tuple[str, str], Any] = {}
    while True:
        rows = Rows(loaded, call.now)
        needed = [(projection, key) for projection, keys in needs_of((encounter_id,), rows).items() for key in keys]
        absent = [(projection, key) for projection, key in needed if not rows.has(projection, key)]
        if not absent:
            return rows
        for projection, key in absent:
            loaded[projection.name, key] = await call.row(projection, key)


def _tried(body: TriedCodes, tables: Tables, judges: PayerJudges, now: datetime) -> Scrub:
    subject = subject_of(_facts(body, now), tables, now)
    judging = in_force(RULE_SETS, now)
    findings = (*findings_of(subject, judging.rules), *judges.findings(subject))
    return Scrub(
        encounter_id=None,
        patient_id=None,
        status="rejected" if stops(findings) else "validated",
        coding_version=None,
        missing=(),
        rule_set_version=judges.after(judging.version),
        editions=subject.editions,
        findings=tuple(map(ScrubFinding.of, findings)),
        filing_deadline_on=subject.filing_deadline_on,
        filing_days_left=subject.filing_days_left,
        changed_at=None,
    )


def _facts(body: TriedCodes, now: datetime) -> Facts:
    days = (
        body.service_on,
        *(day for line in body.lines for day in (line.service_from_on, line.service_to_on) if day is not None),
    )
    return Facts(
        codes=Codes(
            encounter_id=_TRY,
            patient_id=_TRY,
            coding_version=1,
            diagnoses=body.diagnoses,
            lines=tuple(_line(line_no, line) for line_no, line in enumerate(body.lines, 1)),
            assigned_at=now,
        ),
        encounter=Encounter(
            encounter_id=_TRY,
            patient_id=_TRY,
            service_from_on=min(days),
            service_to_on=max(days),
            place_of_service=body.place_of_service,
            rendering_provider_id=None,
            billing_provider_id=None,
            coverage_ids=(),
        ),
        patient=Patient(patient_id=_TRY, birth_on=body.birth_on, sex=body.sex, has_address=True),
        coverages=tuple(
            Coverage(
                coverage_id=_TRY,
                patient_id=_TRY,
                payer_id=each.payer_id or _TRY,
                filing_order=filing_order,
                effective_from_on=each.effective_from_on,
                effective_to_on=each.effective_to_on,
                of_group=False,
                medicare_number=True,
            )
            for each, filing_order in zip(body.coverages, _FILING_ORDERS, strict=False)
        ),
        payers=tuple(map(_payer, body.coverages)),
        rendering=_provider("person", body.rendering_npi),
        billing=_provider("organization", body.billing_npi),
    )


def _payer(tried: TriedCoverage) -> Payer:
    return Payer(
        payer_id=tried.payer_id or _TRY,
        claim_filing_indicator=tried.claim_filing_indicator,
        filing_limit_days=tried.filing_limit_days,
        filing_limit_months=tried.filing_limit_months,
        zone=tried.zone,
    )


def _provider(kind: Literal["person", "organization"], npi: str | None) -> Provider | None:
    """Return a provider with this NPI, of whom nothing else is asked."""
    if npi is None:
        return None
    return Provider(
        provider_id=_TRY,
        kind=kind,
        npi=npi,
        taxonomy=None,
        has_given_name=True,
        has_tax_id=True,
        zip_digits=9,
    )


def _line(line_no: int, line: TriedLine) -> CodedLine:
    return CodedLine(
        line_no=line_no,
        procedure_code=line.procedure_code,
        modifiers=line.modifiers,
        units=line.units,
        pointers=line.pointers,
        service_from_on=line.service_from_on,
        service_to_on=line.service_to_on or line.service_from_on,
    )
