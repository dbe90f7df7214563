"""The facts that registration publishes: their fields, units and version history.

A class here is public for ever: add optional fields or a new version, never rename. `make contracts` freezes it.
Key: `patient_id` for everything about a patient, else the own stream.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta

from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.erased import PERSONAL, Erased
from shared.kernel.identifiers import (
    AppointmentId,
    AuthorizationId,
    CoverageId,
    EncounterId,
    PatientId,
    PayerId,
    ProviderId,
)
from shared.kernel.person import Address, Identifier, PersonName, Sex, Subscriber

Relationship: TypeAlias = Literal["self", "spouse", "child", "other"]
FilingOrder: TypeAlias = Literal["primary", "secondary", "tertiary"]
AuthorizationSource: TypeAlias = Literal["payer-rule", "eligibility-answer", "referring-provider", "person"]
AuthorizationChannel: TypeAlias = Literal["278", "fhir-pas", "portal", "phone", "fax"]
PendReason: TypeAlias = Literal["under-review", "information-requested", "other"]
DenialReason: TypeAlias = Literal[
    "not-medically-necessary", "not-covered", "out-of-network", "information-missing", "withdrawn-by-payer", "other"
]
CancelReason: TypeAlias = Literal["not-needed", "service-not-rendered", "asked-elsewhere", "entered-in-error"]


class PatientRegistered(Event, frozen=True, kw_only=True):
    """A patient got a record.

    **Moment**: after the duplicate check. **Key**: `patient_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "patient_id"
    patient_id: PatientId
    mrn: Annotated[
        str | Erased, PERSONAL, Meta(description="Medical record number of the practice.", examples=["MRN-1001"])
    ]
    name: Annotated[
        PersonName | Erased, PERSONAL, Meta(description="Legal name.", examples=[{"family": "Sample", "given": "Ada"}])
    ]
    birth_on: Annotated[date | Erased, PERSONAL, Meta(description="Birth date.", examples=["1970-05-15"])]
    sex: Annotated[Sex | Erased, PERSONAL, Meta(description="Administrative sex.", examples=["female"])]
    address: Annotated[
        Address | Erased | None,
        PERSONAL,
        Meta(
            description="Home address.",
            examples=[{"line": "1 Elm St", "city": "Tampa", "state": "FL", "zip": "336020001"}],
        ),
    ]
    identifiers: Annotated[
        tuple[Identifier, ...] | Erased,
        PERSONAL,
        Meta(
            description="Numbers that others gave the patient.",
            examples=[[{"system": "urn:example:ehr", "value": "P-1"}]],
        ),
    ]
    duplicate_check: Annotated[
        Literal["none-found", "not-enough-data"],
        Meta(description="What the check for an existing record could say.", examples=["none-found"]),
    ]
    registered_at: Instant


class CoverageAdded(Event, frozen=True, kw_only=True):
    """A patient's insurance became known. **Moment**: card read. **Key**: `patient_id`. **Versions**: 1 (2026-11)."""

    key: ClassVar[str] = "patient_id"
    coverage_id: CoverageId
    patient_id: PatientId
    payer_id: PayerId
    filing_order: Annotated[FilingOrder, Meta(description="Whose turn the payer has.", examples=["primary"])]
    plan: Annotated[str | None, Meta(description="Plan name on the card.", examples=["Gold PPO"])]
    relationship: Annotated[Relationship, Meta(description="Patient to subscriber.", examples=["self"])]
    member_id: Annotated[
        str | Erased, PERSONAL, Meta(description="The subscriber's number at the payer.", examples=["PAID0001"])
    ]
    group_number: Annotated[
        str | Erased | None, PERSONAL, Meta(description="Number of the insured group.", examples=["GRP0001"])
    ]
    subscriber: Annotated[
        Subscriber | Erased | None, PERSONAL, Meta(description="The insured, unless the patient.", examples=[None])
    ]
    effective_from_on: Annotated[date, Meta(description="First insured day.", examples=["2026-01-01"])]
    effective_to_on: Annotated[date | None, Meta(description="Last insured day; none: open.", examples=["2026-12-31"])]
    added_at: Instant


class PayerAdded(Event, frozen=True, kw_only=True):
    """A payer can be billed. **Moment**: master data. **Key**: `payer_id`. **Versions**: 1 (2026-11)."""

    key: ClassVar[str] = "payer_id"
    payer_id: PayerId
    payer_name: Annotated[str, Meta(description="Name of the payer.", examples=["Example Health Plan"])]
    clearinghouse_payer_id: Annotated[
        str, Meta(description="Number of the payer at the clearinghouse (2010BB NM109).", examples=["EXHP1"])
    ]
    claim_filing_indicator: Annotated[
        str, Meta(description="Kind of insurance (SBR09), two characters.", examples=["CI"])
    ]
    filing_limit_days: Annotated[int | None, Meta(description="Days from service to a claim in time.", examples=[180])]
    filing_limit_months: Annotated[int | None, Meta(description="Calendar months instead of days.", examples=[12])]
    zone: Annotated[str, Meta(description="Time zone of the payer's clocks.", examples=["America/New_York"])]
    address: Annotated[
        Address | None,
        Meta(
            description="Address for paper.",
            examples=[{"line": "1 Plan Way", "city": "Tampa", "state": "FL", "zip": "336020001"}],
        ),
    ]
    added_at: Instant


class ProviderAdded(Event, frozen=True, kw_only=True):
    """A clinician or organization can render or bill. **Moment**: master data. **Key**: `provider_id`.

    **Versions**: 1 (2026-11). The tax number of an organization is printed on every claim and is no patient's secret;
    it is sealed all the same, under the tenant's key, because a clinician's may be a social security number.
    """

    key: ClassVar[str] = "provider_id"
    provider_id: ProviderId
    kind: Annotated[
        Literal["person", "organization"], Meta(description="Clinician or organization.", examples=["organization"])
    ]
    npi: Annotated[str, Meta(description="National Provider Identifier.", examples=["1234567893"])]
    provider_name: Annotated[str, Meta(description="Name, or family name of a clinician.", examples=["Example Clinic"])]
    given_name: Annotated[str | None, Meta(description="Given name of a clinician.", examples=["Ann"])]
    taxonomy: Annotated[str | None, Meta(description="Taxonomy code of the specialty.", examples=["207Q00000X"])]
    tax_id: Annotated[str | Erased | None, PERSONAL, Meta(description="Tax number, 9 digits.", examples=["587654321"])]
    address: Annotated[
        Address | None,
        Meta(
            description="Practice address.",
            examples=[{"line": "100 Main St", "city": "Miami", "state": "FL", "zip": "331110001"}],
        ),
    ]
    added_at: Instant


class AppointmentBooked(Event, frozen=True, kw_only=True):
    """A visit is planned. **Moment**: calendar entry. **Key**: `patient_id`. **Versions**: 1 (2026-11)."""

    key: ClassVar[str] = "patient_id"
    appointment_id: AppointmentId
    patient_id: PatientId
    provider_id: ProviderId
    starts_at: Instant
    visit_type: Annotated[str, Meta(description="Kind of visit.", examples=["office-visit"])]
    booked_at: Instant


class PatientCheckedIn(Event, frozen=True, kw_only=True):
    """The patient is there, and the encounter has its id.

    **Moment**: desk. **Key**: `patient_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "patient_id"
    appointment_id: AppointmentId
    patient_id: PatientId
    encounter_id: EncounterId
    coverage_ids: Annotated[
        tuple[str, ...],
        Meta(
            description="Coverages in filing order as known at the desk; none: the patient pays.",
            examples=[["0190f3c2-0000-7000-8000-000000000002"]],
        ),
    ]
    checked_in_at: Instant


ProcedureCodes = Annotated[
    tuple[str, ...], Meta(description="CPT or HCPCS Level II codes of the services.", examples=[["70551"]])
]
ServiceFromOn = Annotated[
    date, Meta(description="First day on which the services are planned.", examples=["2026-03-03"])
]
ServiceToOn = Annotated[date, Meta(description="Last day on which the services are planned.", examples=["2026-03-31"])]


class AuthorizationFoundRequired(Event, frozen=True, kw_only=True):
    """A payer wants to be asked before services. **Moment**: its rule, its answer or a person says so.

    **Key**: `patient_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "patient_id"
    authorization_id: AuthorizationId
    patient_id: PatientId
    coverage_id: CoverageId
    procedure_codes: ProcedureCodes
    service_from_on: ServiceFromOn
    service_to_on: ServiceToOn
    source: Annotated[AuthorizationSource, Meta(description="Who says that it is needed.", examples=["payer-rule"])]
    found_at: Instant


class AuthorizationRequested(Event, frozen=True, kw_only=True):
    """A payer was asked for its consent. **Moment**: request sent; again where it was corrected or sent anew.

    **Key**: `patient_id`. **Versions**: 1 (2026-11). Services and days are what was asked for, not what was found.
    """

    key: ClassVar[str] = "patient_id"
    authorization_id: AuthorizationId
    patient_id: PatientId
    coverage_id: CoverageId
    procedure_codes: ProcedureCodes
    service_from_on: ServiceFromOn
    service_to_on: ServiceToOn
    channel: Annotated[AuthorizationChannel, Meta(description="How the payer was asked.", examples=["portal"])]
    requested_at: Instant


class AuthorizationApproved(Event, frozen=True, kw_only=True):
    """A payer consents to services. **Moment**: its answer; again where it was extended or entered wrong.

    **Key**: `patient_id`. **Versions**: 1 (2026-11). The last one counts, and says all of it. The consent ends with its
    last day: no fact says so.
    """

    key: ClassVar[str] = "patient_id"
    authorization_id: AuthorizationId
    patient_id: PatientId
    coverage_id: CoverageId
    number: Annotated[
        str | Erased, PERSONAL, Meta(description="The payer's number of its consent (REF\\*G1).", examples=["AUTH0001"])
    ]
    procedure_codes: Annotated[ProcedureCodes, Meta(description="CPT or HCPCS Level II codes that it covers.")]
    units_approved: Annotated[
        int | None, Meta(description="Units of all these services together; none: no limit said.", examples=[12])
    ]
    valid_from_on: Annotated[date, Meta(description="First day that it covers.", examples=["2026-03-01"])]
    valid_to_on: Annotated[date, Meta(description="Last day that it covers.", examples=["2026-05-31"])]
    approved_at: Instant


class AuthorizationPended(Event, frozen=True, kw_only=True):
    """A payer has a request and has not decided. **Moment**: its answer. **Key**: `patient_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "patient_id"
    authorization_id: AuthorizationId
    patient_id: PatientId
    reason: Annotated[PendReason, Meta(description="Why, out of a closed list.", examples=["information-requested"])]
    pended_at: Instant


class AuthorizationDenied(Event, frozen=True, kw_only=True):
    """A payer refuses services, also where it had consented. **Moment**: its answer. **Key**: `patient_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "patient_id"
    authorization_id: AuthorizationId
    patient_id: PatientId
    reason: Annotated[
        DenialReason, Meta(description="Why, out of a closed list.", examples=["not-medically-necessary"])
    ]
    denied_at: Instant


class AuthorizationCancelled(Event, frozen=True, kw_only=True):
    """Nobody counts on an authorization any more. **Moment**: a person says so. **Key**: `patient_id`.

    **Versions**: 1 (2026-11). It is as if it had never been needed.
    """

    key: ClassVar[str] = "patient_id"
    authorization_id: AuthorizationId
    patient_id: PatientId
    reason: Annotated[CancelReason, Meta(description="Why, out of a closed list.", examples=["not-needed"])]
    cancelled_at: Instant


PatientEvent: TypeAlias = PatientRegistered
CoverageEvent: TypeAlias = CoverageAdded
PayerEvent: TypeAlias = PayerAdded
ProviderEvent: TypeAlias = ProviderAdded
AppointmentEvent: TypeAlias = AppointmentBooked | PatientCheckedIn
AuthorizationEvent: TypeAlias = (
    AuthorizationFoundRequired
    | AuthorizationRequested
    | AuthorizationApproved
    | AuthorizationPended
    | AuthorizationDenied
    | AuthorizationCancelled
)
RegistrationEvent: TypeAlias = (
    PatientEvent | CoverageEvent | PayerEvent | ProviderEvent | AppointmentEvent | AuthorizationEvent
)
