"""One resource to its records: validated against R4, then mapped; what is not there stays None and is never guessed.

Owns: Patient, RelatedPerson, Coverage, Organization, Practitioner. Next: `visits.py` for Encounter, Condition,
Procedure and DocumentReference; `linking.py` puts the records together.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fhir.resources.R4B.coverage import Coverage
from fhir.resources.R4B.organization import Organization
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.practitioner import Practitioner
from fhir.resources.R4B.relatedperson import RelatedPerson
from fhir.resources.R4B.resource import Resource as FhirResource
from pydantic import ValidationError

from apps.cli.fhir import datatypes, visits
from apps.cli.fhir.datatypes import NotMappable, each, needed
from apps.cli.fhir.reader import Found
from apps.cli.fhir.records import (
    CoverageRecord,
    Failure,
    Mapped,
    Names,
    PayerRecord,
    PersonRecord,
    ProviderRecord,
    Record,
)
from shared.events.registration import FilingOrder, Relationship
from shared.kernel.identifiers import is_npi
from shared.kernel.person import Sex

_FAULTS_MAX: Final = 3
_FILING_ORDERS: Final[Mapping[int, FilingOrder]] = {1: "primary", 2: "secondary", 3: "tertiary"}
_RELATIONSHIPS: Final[Mapping[str, Relationship]] = {
    "self": "self",
    "spouse": "spouse",
    "child": "child",
    "parent": "other",
    "common": "other",
    "other": "other",
    "injured": "other",
}


def mapped(found: Found) -> Mapped | Failure | None:
    """Return what a resource means to the services, or why it means nothing; None for a type that nobody asked for."""
    resource_type = found.resource["resourceType"]
    if resource_type not in _TYPES:
        return None
    model, to_records = _TYPES[resource_type]
    try:
        resource = model.model_validate(found.resource)
        records = to_records(resource)
    except ValidationError as error:
        return _failure(found, f"not FHIR R4: {_faults(error)}")
    except NotMappable as error:
        return _failure(found, str(error))
    return Mapped(found.place, resource_type, _names(found), records)


def _failure(found: Found, reason: str) -> Failure:
    return Failure(found.place, found.resource["resourceType"], reason, visits.belongs_to(found.resource))


def _faults(error: ValidationError) -> str:
    """Return which elements are wrong and in what way, never what stands in them."""
    faults = [
        ".".join(part if isinstance(part, str) else str(part) for part in fault["loc"]) + f" ({fault['type']})"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    more = len(faults) - _FAULTS_MAX
    return "; ".join(faults[:_FAULTS_MAX]) + (f"; and {more} more" if more > 0 else "")


def _names(found: Found) -> Names:
    """Return by what names other resources may refer to this one."""
    resource, resource_type = found.resource, found.resource["resourceType"]
    identifiers = resource.get("identifier") or ()
    by_number = tuple(
        f"{resource_type}?identifier={each['system']}|{each['value']}"
        for each in (identifiers if isinstance(identifiers, list) else ())
        if "system" in each and "value" in each
    )
    own = f"{resource_type}/{resource['id']}" if "id" in resource else found.full_url
    return Names(own or str(found.place), ((found.full_url,) if found.full_url else ()) + by_number)


def _sex(gender: str | None) -> Sex:
    match gender:
        case "female":
            return "female"
        case "male":
            return "male"
        case _:
            return "unknown"


def _patient(patient: Patient) -> tuple[Record, ...]:
    return (
        PersonRecord(
            name=datatypes.name(patient.name),
            birth_on=needed(datatypes.day(patient.birthDate), "a birth date with its day"),
            sex=_sex(patient.gender),
            address=datatypes.address(patient.address),
            mrn=needed(datatypes.medical_record_number(patient.identifier), "a medical record number (type MR)"),
            source=datatypes.source("Patient", patient.id, patient.identifier),
        ),
    )


def _related_person(person: RelatedPerson) -> tuple[Record, ...]:
    return (
        PersonRecord(
            name=datatypes.name(person.name),
            birth_on=datatypes.day(person.birthDate),
            sex=_sex(person.gender),
            address=datatypes.address(person.address),
        ),
    )


def _coverage(coverage: Coverage) -> tuple[Record, ...]:
    if coverage.status != "active":
        return ()  # cancelled, a draft, or entered in error: nobody may be billed by it
    codes = [coding.code or "" for coding in each(coverage.relationship.coding if coverage.relationship else None)]
    relationship = next((_RELATIONSHIPS[code] for code in codes if code in _RELATIONSHIPS), None)
    order = needed(coverage.order, "the order of the coverage")
    return (
        CoverageRecord(
            patient=needed(datatypes.reference(coverage.beneficiary), "the beneficiary"),
            payer=needed(next((datatypes.reference(payor) for payor in each(coverage.payor)), None), "the payor"),
            subscriber=datatypes.reference(coverage.subscriber),
            relationship=needed(relationship, "the relationship to the subscriber"),
            filing_order=needed(_FILING_ORDERS.get(order), "an order of 1, 2 or 3"),
            member_id=needed(coverage.subscriberId, "the subscriber's number"),
            group_number=_classified(coverage, "group"),
            plan=_classified(coverage, "plan"),
            effective_from_on=needed(datatypes.first_day(coverage.period), "the first day of the coverage"),
            effective_to_on=datatypes.last_day(coverage.period),
        ),
    )


def _classified(coverage: Coverage, kind: str) -> str | None:
    return next((found.value for found in each(coverage.class_fhir) if datatypes.has_type(found.type, {kind})), None)


def _organization(organization: Organization) -> tuple[Record, ...]:
    """Return the payer, the provider, or both that an organization is. **Errors**: `NotMappable` for neither."""
    name = needed(organization.name, "a name")
    address = datatypes.address(organization.address)
    records: list[Record] = []
    payer_id = datatypes.number_of(organization.identifier, datatypes.PAYER_ID)
    if payer_id is not None:
        records.append(
            PayerRecord(
                payer_name=name,
                clearinghouse_payer_id=payer_id,
                claim_filing_indicator=_text(organization, "claim-filing-indicator"),
                filing_limit_days=_number(organization, "filing-limit-days"),
                filing_limit_months=_number(organization, "filing-limit-months"),
                zone=_text(organization, "zone"),
                address=address,
            )
        )
    npi = datatypes.number_of(organization.identifier, datatypes.NPI)
    if npi is not None:
        records.append(
            ProviderRecord(
                kind="organization",
                npi=_valid_npi(npi),
                provider_name=name,
                given_name=None,
                taxonomy=datatypes.coded(organization.type, datatypes.TAXONOMY),
                tax_id=datatypes.number_of(organization.identifier, datatypes.EIN),
                address=address,
            )
        )
    if not records:
        raise NotMappable("neither an NPI nor a payer number: it can neither bill nor pay")
    return tuple(records)


def _practitioner(practitioner: Practitioner) -> tuple[Record, ...]:
    name = datatypes.name(practitioner.name)
    return (
        ProviderRecord(
            kind="person",
            npi=_valid_npi(needed(datatypes.number_of(practitioner.identifier, datatypes.NPI), "an NPI")),
            provider_name=name.family,
            given_name=name.given,
            taxonomy=datatypes.coded((each.code for each in each(practitioner.qualification)), datatypes.TAXONOMY),
            tax_id=None,
            address=datatypes.address(practitioner.address),
        ),
    )


def _valid_npi(npi: str) -> str:
    if not is_npi(npi):
        raise NotMappable("the NPI has a wrong length, first or check digit")
    return npi


def _text(organization: Organization, name: str) -> str | None:
    return next((found.valueString or found.valueCode for found in datatypes.ours(organization.extension, name)), None)


def _number(organization: Organization, name: str) -> int | None:
    return next((found.valuePositiveInt for found in datatypes.ours(organization.extension, name)), None)


_TYPES: Final[Mapping[str, tuple[type[FhirResource], Callable[[Any], tuple[Record, ...]]]]] = {
    "Patient": (Patient, _patient),
    "RelatedPerson": (RelatedPerson, _related_person),
    "Coverage": (Coverage, _coverage),
    "Organization": (Organization, _organization),
    "Practitioner": (Practitioner, _practitioner),
    **visits.TYPES,
}
