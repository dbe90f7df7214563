"""A claim as rules of payers see it: plain values, with no answers of tables beside them.

Owns: what there is to ask about, for a scrub (`claim_of`) and for the cases of a draft alike. A case states only what
it is about. Refuses: opinions. Next: `field.py` names what may be asked.
"""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from services.validation.domain.authorized import Standing
from services.validation.domain.facts import Coverage, Payer, Provider
from services.validation.domain.subject import Line, ScrubSubject
from shared.events.registration import FilingOrder
from shared.kernel.person import Sex

DIAGNOSES_MAX = 100
LINES_MAX = 200
Code: TypeAlias = Annotated[str, Meta(min_length=1, max_length=80)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]


class ClaimLine(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A line. **Shape**: `pointers` count diagnoses from 1; no days: the first of the claim.

    `authorization`: how the first payer's consent stands, None where nobody said anything of one.
    """

    procedure: Code
    modifiers: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
    units: Count = 1
    pointers: Annotated[tuple[Count, ...], Meta(max_length=20)] = (1,)
    service_from_on: date | None = None
    service_to_on: date | None = None
    line_no: Count = 1
    authorization: Code | None = None


class ClaimCoverage(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A coverage of the claim and its payer. **Shape**: what is None is not known."""

    payer_id: Code
    filing_indicator: Code = "CI"
    filing_order: FilingOrder = "primary"
    of_group: bool | None = None
    medicare_number: bool | None = None


class ClaimProvider(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Who renders or bills. **Shape**: `has_tax_id` None: not known."""

    npi: Code
    taxonomy: Code | None = None
    kind: Literal["person", "organization"] = "person"
    has_tax_id: bool | None = None


class OtherService(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A service of the same provider in another encounter of a day of the claim. **Shape**: no day: the claim's."""

    procedure: Code
    service_on: date | None = None


class Claim(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A claim.

    **Shape**: diagnoses and coverages in order; `age_years`, `sex`, `has_address`, `in_facility` and what is counted in
    days are None where nobody knows, place and providers None where there is none; no visit days: the first of service.
    """

    service_on: date
    visit_from_on: date | None = None
    visit_to_on: date | None = None
    diagnoses: Annotated[tuple[Code, ...], Meta(max_length=DIAGNOSES_MAX)] = ()
    lines: Annotated[tuple[ClaimLine, ...], Meta(max_length=LINES_MAX)] = ()
    place_of_service: Code | None = None
    in_facility: bool | None = None
    age_years: Annotated[int, Meta(ge=-1, le=150)] | None = None
    sex: Sex | None = None
    has_address: bool | None = None
    coverages: Annotated[tuple[ClaimCoverage, ...], Meta(max_length=3)] = ()
    rendering: ClaimProvider | None = None
    billing: ClaimProvider | None = None
    filing_deadline_on: date | None = None
    days_left_to_file: int | None = None
    days_since_service: int | None = None
    same_day: Annotated[tuple[OtherService, ...], Meta(max_length=LINES_MAX)] = ()


def claim_of(subject: ScrubSubject) -> Claim:
    """Return what rules of payers may ask of a scrub."""
    return Claim(
        service_on=subject.service_on,
        visit_from_on=subject.visit[0],
        visit_to_on=subject.visit[1],
        diagnoses=tuple([each.code for each in subject.diagnoses]),
        lines=tuple([_line(each, subject) for each in subject.lines]),
        place_of_service=None if subject.place_of_service is None else subject.place_of_service.code,
        in_facility=subject.in_facility,
        age_years=subject.age_years,
        sex=subject.sex,
        has_address=subject.has_address,
        coverages=tuple(map(_coverage, subject.coverages, subject.payers)),
        rendering=None if subject.rendering is None else _provider(subject.rendering),
        billing=None if subject.billing is None else _provider(subject.billing),
        filing_deadline_on=subject.filing_deadline_on,
        days_left_to_file=subject.filing_days_left,
        days_since_service=(subject.today - subject.service_on).days,
        same_day=tuple(
            [
                OtherService(procedure=each.code, service_on=each.service_from_on)
                for each in subject.services
                if each.encounter_id is not None
            ]
        ),
    )


def _line(line: Line, subject: ScrubSubject) -> ClaimLine:
    return ClaimLine(
        line_no=line.line_no,
        procedure=line.procedure.code,
        modifiers=line.modifier_codes,
        units=line.units,
        pointers=line.pointers,
        service_from_on=line.service_from_on,
        service_to_on=line.service_to_on,
        authorization=_standing(line, subject) if subject.authorized else None,
    )


def _standing(line: Line, subject: ScrubSubject) -> Standing | None:
    return next(
        (each.standing for each in subject.authorized if each.place == 1 and each.line_no == line.line_no), None
    )


def _coverage(coverage: Coverage, payer: Payer) -> ClaimCoverage:
    return ClaimCoverage(
        payer_id=payer.payer_id,
        filing_indicator=payer.claim_filing_indicator,
        filing_order=coverage.filing_order,
        of_group=coverage.of_group,
        medicare_number=coverage.medicare_number,
    )


def _provider(provider: Provider) -> ClaimProvider:
    return ClaimProvider(
        npi=provider.npi, taxonomy=provider.taxonomy, kind=provider.kind, has_tax_id=provider.has_tax_id
    )
