"""The facts that coding publishes; the same rules as in `registration.py`.

Key: `encounter_id`; a code set is its own subject.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.erased import PERSONAL, Erased
from shared.kernel.identifiers import AppointmentId, EncounterId, PatientId, ProviderId, Sha256

ServiceFromOn = Annotated[
    date, Meta(description="First day of service, in the offset as sent.", examples=["2026-03-03"])
]
ServiceToOn = Annotated[date, Meta(description="Last day of service.", examples=["2026-03-03"])]
PlaceOfService = Annotated[
    str | None, Meta(description="Place of service, two digits; none: not documented.", examples=["11"])
]
CodingVersion = Annotated[int, Meta(description="Which complete set of codes, from 1.", examples=[1], ge=1)]
CoverageIds = Annotated[
    tuple[str, ...],
    Meta(
        description="Coverages in filing order as known at the visit; none: the patient pays.",
        examples=[["0190f3c2-0000-7000-8000-000000000002"]],
    ),
]


class DocumentedCode(Struct, frozen=True, kw_only=True, gc=False):
    """A code that the documentation carries, in whatever system."""

    system: Annotated[
        str,
        Meta(description="Code system: icd10cm, cpt, hcpcs, snomed, or a URI as sent.", examples=["icd10cm"]),
    ]
    code: Annotated[str, Meta(description="Code, upper case, without the dot.", examples=["E119"])]


class DocumentedCondition(Struct, frozen=True, kw_only=True, gc=False):
    """A condition of the visit; its words travel in `condition_texts` at the same place."""

    codes: Annotated[tuple[DocumentedCode, ...], Meta(description="Its codes, none where only words were written.")]


class DocumentedProcedure(Struct, frozen=True, kw_only=True, gc=False):
    """A service that was rendered; its words travel in `procedure_texts` at the same place."""

    codes: Annotated[tuple[DocumentedCode, ...], Meta(description="Its codes, none where only words were written.")]
    modifiers: Annotated[tuple[str, ...], Meta(description="Modifiers, at most 4.", examples=[["25"]])] = ()
    units: Annotated[int, Meta(description="How often.", examples=[1])] = 1
    pointers: Annotated[
        tuple[int, ...],
        Meta(description="Conditions that it was done for, from 1; none: not documented.", examples=[[1]]),
    ] = ()
    service_on: Annotated[
        date | None, Meta(description="Day, where not the first of the visit.", examples=["2026-03-03"])
    ] = None


class EncounterDocumented(Event, frozen=True, kw_only=True):
    """A visit's documentation is signed, or a signed one came in. **Moment**: signature. **Key**: `encounter_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    appointment_id: AppointmentId | None
    service_from_on: ServiceFromOn
    service_to_on: ServiceToOn
    place_of_service: PlaceOfService
    rendering_provider_id: ProviderId | None
    billing_provider_id: ProviderId | None
    coverage_ids: CoverageIds
    conditions: Annotated[
        tuple[DocumentedCondition, ...],
        Meta(
            description="Conditions, the reason of the visit first.",
            examples=[[{"codes": [{"system": "icd10cm", "code": "E119"}]}]],
        ),
    ]
    condition_texts: Annotated[
        tuple[str, ...] | Erased,
        PERSONAL,
        Meta(description="Words of each condition.", examples=[["Type 2 diabetes mellitus without complications"]]),
    ]
    procedures: Annotated[
        tuple[DocumentedProcedure, ...],
        Meta(
            description="Services rendered.",
            examples=[[{"codes": [{"system": "cpt", "code": "99213"}], "units": 1, "pointers": [1]}]],
        ),
    ]
    procedure_texts: Annotated[
        tuple[str, ...] | Erased, PERSONAL, Meta(description="Words of each service.", examples=[["Office visit"]])
    ]
    note: Annotated[
        str | Erased | None, PERSONAL, Meta(description="The note, where it is short.", examples=["Feels well."])
    ]
    note_sha256: Annotated[
        Sha256 | None,
        Meta(
            description="The note as a file, where it is long.",
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ]
    signed_at: Instant


class Diagnosis(Struct, frozen=True, kw_only=True, gc=False):
    """One diagnosis of a set of codes."""

    order: Annotated[int, Meta(description="Place on the claim, from 1; 1 is the first-listed.", examples=[1], ge=1)]
    code: Annotated[str, Meta(description="ICD-10-CM code without the dot.", examples=["E119"])]


class CodedLine(Struct, frozen=True, kw_only=True, gc=False):
    """One billable line of a set of codes."""

    line_no: Annotated[int, Meta(description="Place on the claim, from 1.", examples=[1], ge=1)]
    procedure_code: Annotated[str, Meta(description="CPT or HCPCS Level II code.", examples=["99213"])]
    modifiers: Annotated[tuple[str, ...], Meta(description="Modifiers, at most 4.", examples=[["25"]])]
    units: Annotated[int, Meta(description="How often.", examples=[1])]
    pointers: Annotated[tuple[int, ...], Meta(description="Diagnoses by order, 1 to 4 of them.", examples=[[1]])]
    service_from_on: ServiceFromOn
    service_to_on: ServiceToOn


class CodesAssigned(Event, frozen=True, kw_only=True):
    """An encounter has a complete set of codes. **Moment**: a coder or a declared rule signs. **Key**: `encounter_id`.

    **Versions**: 1 (2026-11). Later sets of the same encounter are further facts of this type with a higher
    `coding_version`.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    diagnoses: Annotated[
        tuple[Diagnosis, ...],
        Meta(description="Diagnoses in order, at most 12.", examples=[[{"order": 1, "code": "E119"}]]),
    ]
    lines: Annotated[
        tuple[CodedLine, ...],
        Meta(
            description="Billable lines, 1 to 50.",
            examples=[
                [
                    {
                        "line_no": 1,
                        "procedure_code": "99213",
                        "modifiers": [],
                        "units": 1,
                        "pointers": [1],
                        "service_from_on": "2026-03-03",
                        "service_to_on": "2026-03-03",
                    }
                ]
            ],
        ),
    ]
    editions: Annotated[
        tuple[str, ...],
        Meta(description="Code-set editions that the codes were looked up in.", examples=[["icd10cm 2026"]]),
    ]
    attribution: Annotated[
        Literal["coder", "documented-codes", "exact-title"],
        Meta(
            description="Who signed: a coder, or the rule that took documented codes or an exact title.",
            examples=["coder"],
        ),
    ]
    assigned_at: Instant


class LoadedFile(Struct, frozen=True, kw_only=True, gc=False):
    """A file as its keeper publishes it, from which a table was built."""

    name: Annotated[str, Meta(description="Its name as downloaded.", examples=["MCR_MUE_Practitioner.zip"])]
    sha256: Sha256


class CodeSetEditionLoaded(Event, frozen=True, kw_only=True):
    """An edition of a code set is in force.

    **Moment**: table built and stored. **Key**: `system`. **Versions**: 1 (2026-11). What the product itself carries is
    a starter, and gives way to loaded editions on their days.
    """

    key: ClassVar[str] = "system"
    system: Annotated[str, Meta(description="Which code set.", examples=["icd10cm"])]
    release: Annotated[str, Meta(description="Which edition.", examples=["FY2016-FY2027"])]
    effective_from_on: Annotated[date, Meta(description="First day that it covers.", examples=["2015-10-01"])]
    effective_to_on: Annotated[date | None, Meta(description="Last day; none: open.", examples=["2027-09-30"])]
    sha256: Sha256
    source: Annotated[str, Meta(description="Where it comes from.", examples=["embedded starter"])]
    licence_acknowledged: Annotated[
        str | None, Meta(description="Licence that was accepted, where one is needed.", examples=["public domain"])
    ]
    loaded_at: Instant
    is_starter: Annotated[bool, Meta(description="Carried by the product, not loaded by a user.", examples=[False])] = (
        True
    )
    packed_sha256: Annotated[
        Sha256 | None, Meta(description="The table as a stored file, packed; none: a starter.", examples=[None])
    ] = None
    files: Annotated[
        tuple[LoadedFile, ...], Meta(description="What the table was built from; none: a starter.", examples=[[]])
    ] = ()
    is_complete: Annotated[bool, Meta(description="False: a code that is missing proves nothing.", examples=[True])] = (
        True
    )
    rows: Annotated[int | None, Meta(description="Rows of the table; none: a starter.", examples=[14677])] = None
    rejected_rows: Annotated[int, Meta(description="Rows of the files that could not be read.", examples=[0])] = 0
    replaces: Annotated[
        Sha256 | None, Meta(description="The edition whose place it takes; none: of other days.", examples=[None])
    ] = None


EncounterEvent: TypeAlias = EncounterDocumented
CodingCaseEvent: TypeAlias = CodesAssigned
CodeSetEvent: TypeAlias = CodeSetEditionLoaded
CodingEvent: TypeAlias = EncounterEvent | CodingCaseEvent | CodeSetEvent
