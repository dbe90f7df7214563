"""The facts that validation publishes; the same rules as in `registration.py`. Key: `encounter_id`."""

from datetime import date
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from shared.events.coding import CodingVersion
from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.erased import PERSONAL, Erased
from shared.kernel.identifiers import AuthorizationId, EncounterId, PatientId

_FINDING = {
    "rule_id": "diagnosis_billable",
    "rule_version": 1,
    "outcome": "fail",
    "severity": "error",
    "line_no": None,
    "field": "diagnoses/1",
    "inputs": ["E11"],
    "edition": "icd10cm FY2016-FY2027",
    "citation": "ICD-10-CM Official Guidelines, section I.B.2",
    "owner": "coder",
    "mend": "Use a code with all its characters.",
}
_AUTHORIZED = {"line_no": 1, "authorization_id": "0190f3c2-0000-7000-8000-00000000000c"}
RuleSetVersion = Annotated[
    str,
    Meta(
        description="Which rules ran; after a plus, which rules of payers, counted up by each change of them.",
        examples=["2026.11"],
    ),
]
Editions = Annotated[
    tuple[str, ...], Meta(description="Table editions that rules read.", examples=[["icd10cm FY2016-FY2027"]])
]
FilingDaysLeft = Annotated[
    int | None,
    Meta(description="Days until the payer's filing limit; none: no payer or no limit known.", examples=[120]),
]


OverrideReason: TypeAlias = Literal[
    "payer-allows", "documentation-supports", "data-outdated", "rule-does-not-fit", "supervisor-decided"
]
Reason = Annotated[
    OverrideReason, Meta(description="Why it may pass, out of a closed list.", examples=["documentation-supports"])
]
OverriddenBy = Annotated[str, Meta(description="Whose account let it pass; never a name.", examples=["biller-2"])]


class Override(Struct, frozen=True, kw_only=True, gc=False):
    """Who let a finding pass, when and why; the note stands in `FindingOverridden`, sealed."""

    reason: Reason
    overridden_by: OverriddenBy
    overridden_at: Instant


class ProposedChange(Struct, frozen=True, gc=False):
    """What a rule of a payer proposes to change in the codes; a coder makes it, or does not."""

    change: Annotated[
        Literal["add", "remove", "replace", "move-first"], Meta(description="What to do.", examples=["add"])
    ]
    field: Annotated[
        Literal["modifiers", "place_of_service", "diagnoses"], Meta(description="Where.", examples=["modifiers"])
    ]
    line_no: Annotated[int | None, Meta(description="In which line; none: the whole.", examples=[1])]
    value: Annotated[str | None, Meta(description="The code that should stand there, or first.", examples=["25"])]
    instead_of: Annotated[str | None, Meta(description="The code that stands there now.", examples=[None])] = None


class Finding(Struct, frozen=True, kw_only=True, gc=False):
    """What one rule says about one thing: a failure, or that it could not judge. A pass is not recorded."""

    rule_id: Annotated[str, Meta(description="The rule; its file has this name.", examples=["diagnosis_billable"])]
    rule_version: Annotated[int, Meta(description="Which form of the rule.", examples=[1], ge=1)]
    outcome: Annotated[
        Literal["fail", "no-data"], Meta(description="Broken, or no data to judge by: never a pass.", examples=["fail"])
    ]
    severity: Annotated[Literal["error", "warning"], Meta(description="An error stops the claim.", examples=["error"])]
    line_no: Annotated[int | None, Meta(description="The line it is about; none: the whole.", examples=[1])]
    field: Annotated[str, Meta(description="What it is about.", examples=["diagnoses/1"])]
    inputs: Annotated[
        tuple[str, ...], Meta(description="Codes and dates that were judged; nothing personal.", examples=[["E11"]])
    ]
    edition: Annotated[str | None, Meta(description="Table edition that was read.", examples=["icd10cm FY2016-FY2027"])]
    citation: Annotated[
        str, Meta(description="Where the rule stands.", examples=["ICD-10-CM Official Guidelines, section I.B.2"])
    ]
    owner: Annotated[Literal["coder", "biller", "front-desk"], Meta(description="Who can mend it.", examples=["coder"])]
    mend: Annotated[str, Meta(description="What to do.", examples=["Use a code with all its characters."])]
    overridden: Annotated[
        Override | None, Meta(description="Who let it pass: it stops nothing any more.", examples=[None])
    ] = None
    missing_table: Annotated[
        str | None,
        Meta(description="Code set whose table could not say; only where there is no data.", examples=["mue_dme"]),
    ] = None
    proposed: Annotated[
        ProposedChange | None, Meta(description="What to change, where a rule of a payer says so.", examples=[None])
    ] = None


class AuthorizedLine(Struct, frozen=True, kw_only=True, gc=False):
    """A line to which the first payer consented."""

    line_no: Annotated[int, Meta(description="The line of the codes.", examples=[1], ge=1)]
    authorization_id: AuthorizationId


Findings = Annotated[
    tuple[Finding, ...], Meta(description="What the rules found, in their order.", examples=[[_FINDING]])
]


class CodesValidated(Event, frozen=True, kw_only=True):
    """The codes of an encounter may be billed. **Moment**: scrub without an error finding. **Key**: `encounter_id`.

    **Versions**: 1 (2026-11). `findings` are warnings, rules without data, and what a person let pass.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    rule_set_version: RuleSetVersion
    editions: Editions
    findings: Findings
    filing_days_left: FilingDaysLeft
    filing_deadline_on: Annotated[
        date | None, Meta(description="Last day to file with the first payer.", examples=["2026-08-30"])
    ]
    validated_at: Instant
    authorizations: Annotated[
        tuple[AuthorizedLine, ...],
        Meta(description="The first payer's consents that lines draw on.", examples=[[_AUTHORIZED]]),
    ] = ()


class CodesRejected(Event, frozen=True, kw_only=True):
    """The codes of an encounter must not be billed: internal rejection.

    **Moment**: an error finding. **Key**: `encounter_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    rule_set_version: RuleSetVersion
    editions: Editions
    findings: Findings
    rejected_at: Instant


class FindingOverridden(Event, frozen=True, kw_only=True):
    """A person lets pass what a rule found in one set of codes. **Moment**: in one unit with the outcome anew.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11). It holds for these findings and this coding version alone.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    rule_id: Annotated[str, Meta(description="The rule; its file has this name.", examples=["diagnosis_billable"])]
    rule_version: Annotated[int, Meta(description="Which form of the rule.", examples=[1], ge=1)]
    findings: Annotated[
        tuple[Finding, ...], Meta(description="What may pass: all failures of the rule.", examples=[[_FINDING]])
    ]
    reason: Reason
    note: Annotated[
        str | Erased | None, PERSONAL, Meta(description="The person's words.", examples=["The payer takes it."])
    ]
    overridden_by: OverriddenBy
    overridden_at: Instant


LapseReason: TypeAlias = Literal["withdrawn", "codes-changed"]


class OverrideLapsed(Event, frozen=True, kw_only=True):
    """What a person let pass does not pass any more. **Moment**: in one unit with the outcome anew.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11). A person withdrew it, or the encounter has other codes.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: Annotated[
        int, Meta(description="The codes in which it was let pass; counts up from 1.", examples=[1], ge=1)
    ]
    rule_id: Annotated[str, Meta(description="The rule; its file has this name.", examples=["diagnosis_billable"])]
    rule_version: Annotated[int, Meta(description="Which form of the rule.", examples=[1], ge=1)]
    findings: Annotated[
        tuple[Finding, ...], Meta(description="What was let pass of this rule; without edition.", examples=[[_FINDING]])
    ]
    reason: Annotated[LapseReason, Meta(description="Withdrawn, or the codes changed.", examples=["withdrawn"])]
    note: Annotated[
        str | Erased | None,
        PERSONAL,
        Meta(description="Why the person withdrew it; none: the codes changed.", examples=["Wrong payer."]),
    ]
    lapsed_by: Annotated[
        str | None,
        Meta(description="Whose account withdrew it, never a name; none: the codes changed.", examples=["biller-2"]),
    ]
    lapsed_at: Instant


ScrubEvent: TypeAlias = CodesValidated | CodesRejected
ValidationEvent: TypeAlias = ScrubEvent | FindingOverridden | OverrideLapsed
