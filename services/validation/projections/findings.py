"""What rules found and nobody mended or let pass yet: the work list of coders, billers and the front desk.

One row for each encounter and rule. It goes when a later scrub finds nothing there, or a person lets all of it pass.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Annotated, Final, Self, TypeAlias, assert_never

from msgspec import Meta

from services.validation.domain.rule import Owner, Severity
from services.validation.domain.scrub import FindingMended, FindingRaised
from services.validation.projections.scrubs import ShownChange
from shared.events.validation import Finding, FindingOverridden
from shared.kernel.dates import day_as_sent
from shared.kernel.projection import Projection
from shared.kernel.unions import members

FindingEvent: TypeAlias = FindingRaised | FindingMended | FindingOverridden


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One thing that a rule found. **Shape**: `inputs` are codes and dates, nothing personal."""

    outcome: str
    severity: str
    line_no: Annotated[int | None, Meta(description="Which line, from 1; null: the claim.", examples=[1])]
    field: Annotated[str, Meta(description="Which field.", examples=["modifiers"])]
    inputs: tuple[str, ...]
    edition: str | None
    mend: Annotated[str, Meta(description="What to do about it.", examples=["use the code with all its characters"])]
    proposed: ShownChange | None = None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Return the place of a finding."""
        return cls(
            outcome=finding.outcome,
            severity=finding.severity,
            line_no=finding.line_no,
            field=finding.field,
            inputs=finding.inputs,
            edition=finding.edition,
            mend=finding.mend,
            proposed=None if finding.proposed is None else ShownChange.of(finding.proposed),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFinding:
    """One row. **Shape**: `outcome` and `severity` are the worst of its places; open since `raised_on`, in UTC.

    What a person let pass, and then did not, is open since then: nobody was to mend it between the two.

    Without a coding version: it would be that of the first codes in which the rule found this, and so depend on the
    order in which facts came; the scrub has the latest one.
    """

    encounter_id: str
    rule_id: str
    rule_version: int
    owner: Annotated[Owner, Meta(description="Who mends it.")]
    outcome: str
    severity: Severity
    citation: Annotated[
        str, Meta(description="What the rule rests on.", examples=["ICD-10-CM Official Guidelines, I.B.2"])
    ]
    payer_id: str | None
    raised_on: Annotated[date, Meta(description="Since when it is open, UTC.")]
    places: Annotated[tuple[Place, ...], Meta(description="Where the rule found it.")]


def keys(event: FindingEvent) -> tuple[str, ...]:
    """Return encounter and rule."""
    return (f"{event.encounter_id}/{event.rule_id}",)


def apply(row: OpenFinding | None, event: FindingEvent) -> OpenFinding | None:
    """Return what the rule found last; None when it is mended, or all of it was let pass."""
    match event:
        case FindingRaised():
            return _raised(row, event)
        case FindingOverridden():
            passing = set(map(Place.of, event.findings))
            left = tuple(each for each in row.places if each not in passing) if row else ()
            return _left(row, left) if row and left else None
        case FindingMended():
            return None
        case _:
            assert_never(event)


def _raised(row: OpenFinding | None, event: FindingRaised) -> OpenFinding | None:
    first = event.findings[0]
    places = tuple(Place.of(finding) for finding in event.findings if finding.overridden is None)
    if not places:
        return None
    outcome, severity = _worst(places)
    return OpenFinding(
        encounter_id=event.encounter_id,
        rule_id=event.rule_id,
        rule_version=first.rule_version,
        owner=first.owner,
        outcome=outcome,
        severity=severity,
        citation=first.citation,
        payer_id=event.payer_id,
        raised_on=row.raised_on if row else day_as_sent(event.raised_at.astimezone(UTC)),
        places=places,
    )


def _left(row: OpenFinding, places: tuple[Place, ...]) -> OpenFinding:
    outcome, severity = _worst(places)
    return replace(row, outcome=outcome, severity=severity, places=places)


def _worst(places: tuple[Place, ...]) -> tuple[str, Severity]:
    outcome = min(place.outcome for place in places)  # in the alphabet, fail comes before no-data
    return outcome, "error" if any(place.severity == "error" for place in places) else "warning"


FINDINGS: Final[Projection[OpenFinding, FindingEvent]] = Projection(
    name="findings",
    version=3,
    source="own",
    row=OpenFinding,
    events=members(FindingEvent),
    keys=keys,
    apply=apply,
    filters=("rule_id", "owner", "severity", "outcome", "payer_id", "encounter_id", "raised_on"),
    countable=("rule_id", "owner", "severity", "outcome", "payer_id"),
)
