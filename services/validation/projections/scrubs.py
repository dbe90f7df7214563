"""How the scrub of each encounter stands: what it waits for, or what came of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, Literal, Self, TypeAlias, assert_never

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.validation.domain.scrub import AwaitedFactsArrived, ScrubWaiting
from shared.events.validation import CodesRejected, CodesValidated, Finding, Override, OverrideReason, ProposedChange
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members

StandingEvent: TypeAlias = ScrubWaiting | AwaitedFactsArrived | CodesValidated | CodesRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOverride:
    """Who let a finding pass, when and why."""

    reason: Annotated[OverrideReason, Meta(description="Why, a slug.")]
    overridden_by: str
    overridden_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """What a rule of a payer proposes to change in the codes, as `shared.events.validation.ProposedChange`."""

    change: Annotated[Literal["add", "remove", "replace", "move-first"], Meta(description="What to do with the code.")]
    field: Annotated[str, Meta(description="Which field.", examples=["modifiers"])]
    line_no: Annotated[int | None, Meta(description="Which line, from 1; null: the claim.", examples=[1])]
    value: Annotated[str | None, Meta(description="Which code.", examples=["95"])]
    instead_of: Annotated[str | None, Meta(description="The code that stands there now.", examples=["GT"])]

    @classmethod
    def of(cls, proposed: ProposedChange) -> Self:
        """Return a change as it is shown."""
        return cls(
            change=proposed.change,
            field=proposed.field,
            line_no=proposed.line_no,
            value=proposed.value,
            instead_of=proposed.instead_of,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubFinding:
    """A finding as it is shown; the fields are those of `shared.events.validation.Finding`."""

    rule_id: str
    rule_version: int
    outcome: Literal["fail", "no-data"]
    severity: Literal["error", "warning"]
    line_no: Annotated[int | None, Meta(description="Which line, from 1; null: the claim.", examples=[1])]
    field: Annotated[str, Meta(description="Which field.", examples=["modifiers"])]
    inputs: tuple[str, ...]
    edition: str | None
    citation: Annotated[
        str, Meta(description="What the rule rests on.", examples=["ICD-10-CM Official Guidelines, I.B.2"])
    ]
    owner: Annotated[Literal["coder", "biller", "front-desk"], Meta(description="Who mends it.")]
    mend: Annotated[str, Meta(description="What to do about it.", examples=["use the code with all its characters"])]
    overridden: ShownOverride | None = None
    missing_table: str | None = None
    proposed: ShownChange | None = None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Return a finding as it is shown."""
        return cls(
            rule_id=finding.rule_id,
            rule_version=finding.rule_version,
            outcome=finding.outcome,
            severity=finding.severity,
            line_no=finding.line_no,
            field=finding.field,
            inputs=finding.inputs,
            edition=finding.edition,
            citation=finding.citation,
            owner=finding.owner,
            mend=finding.mend,
            overridden=None if finding.overridden is None else _shown(finding.overridden),
            missing_table=finding.missing_table,
            proposed=None if finding.proposed is None else ShownChange.of(finding.proposed),
        )


def _shown(override: Override) -> ShownOverride:
    return ShownOverride(
        reason=override.reason, overridden_by=override.overridden_by, overridden_at=override.overridden_at
    )


class Standing(Struct, frozen=True, kw_only=True, gc=False):
    """One row. **Shape**: findings, editions and deadline are those of the last outcome, also while later codes wait.

    **Units**: `filing_days_left` as of `changed_at`, by the payer's clock.
    """

    encounter_id: str
    patient_id: str
    status: Literal["waiting", "validated", "rejected"]
    coding_version: int
    missing: tuple[str, ...] = ()
    rule_set_version: str | None = None
    editions: tuple[str, ...] = ()
    findings: tuple[ScrubFinding, ...] = ()
    filing_deadline_on: date | None = None
    filing_days_left: int | None = None
    changed_at: datetime


def keys(event: StandingEvent) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(row: Standing | None, event: StandingEvent) -> Standing | None:
    """Return how the scrub stands after a fact."""
    match event:
        case ScrubWaiting():
            return _waiting(row, event)
        case AwaitedFactsArrived():
            left = tuple(thing for thing in row.missing if thing not in event.arrived) if row else ()
            return replace(row, missing=left) if row else None
        case CodesValidated():
            return replace(
                _concluded(event, "validated", event.validated_at),
                filing_deadline_on=event.filing_deadline_on,
                filing_days_left=event.filing_days_left,
            )
        case CodesRejected():
            return _concluded(event, "rejected", event.rejected_at)
        case _:
            assert_never(event)


def _waiting(row: Standing | None, event: ScrubWaiting) -> Standing:
    before = row or Standing(
        encounter_id=event.encounter_id,
        patient_id=event.patient_id,
        status="waiting",
        coding_version=event.coding_version,
        changed_at=event.waiting_at,
    )
    return replace(
        before,
        status="waiting",
        coding_version=event.coding_version,
        missing=event.missing,
        changed_at=event.waiting_at,
    )


def _concluded(
    event: CodesValidated | CodesRejected, status: Literal["validated", "rejected"], changed_at: datetime
) -> Standing:
    return Standing(
        encounter_id=event.encounter_id,
        patient_id=event.patient_id,
        status=status,
        coding_version=event.coding_version,
        rule_set_version=event.rule_set_version,
        editions=event.editions,
        findings=tuple(map(ScrubFinding.of, event.findings)),
        changed_at=changed_at,
    )


STANDINGS: Final[Projection[Standing, StandingEvent]] = Projection(
    name="scrubs",
    version=2,
    source="own",
    row=Standing,
    events=members(StandingEvent),
    keys=keys,
    apply=apply,
    streams=one_stream("scrub"),
    filters=("status", "patient_id"),
    countable=("status",),
)
