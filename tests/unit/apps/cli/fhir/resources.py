"""FHIR R4 resources with valid defaults; all people are synthetic."""

from typing import Any

from apps.cli.fhir.mapping import mapped
from apps.cli.fhir.reader import Found
from apps.cli.fhir.records import Failure, Mapped, Place, Record

OURS = "https://claimlog.dev/fhir/"
NPI = "http://hl7.org/fhir/sid/us-npi"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"
SNOMED = "http://snomed.info/sct"
Resource = dict[str, Any]


def concept(system: str, code: str, text: str | None = None) -> Resource:
    """Return a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def patient(**changes: object) -> Resource:
    """Return a patient with a medical record number and a social security number."""
    return {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [
            {"type": concept("urn:t", "SS"), "system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-00-0001"},
            {"type": concept("urn:t", "MR"), "system": "urn:example:mrn", "value": "MRN-1001"},
            {"system": "urn:example:ehr", "value": "P-1"},
        ],
        "name": [{"use": "official", "family": "Sample", "given": ["Ada", "Q"]}],
        "gender": "female",
        "birthDate": "1970-05-15",
        "address": [{"line": ["1 Elm St"], "city": "Tampa", "state": "FL", "postalCode": "33602-0001"}],
    } | changes


def payer(**changes: object) -> Resource:
    """Return an organization that pays."""
    return {
        "resourceType": "Organization",
        "id": "payer",
        "identifier": [{"system": f"{OURS}clearinghouse-payer-id", "value": "EXHP1"}],
        "name": "Example Plan",
    } | changes


def clinic(**changes: object) -> Resource:
    """Return an organization that bills."""
    return {
        "resourceType": "Organization",
        "id": "clinic",
        "identifier": [
            {"system": NPI, "value": "1234567893"},
            {"system": "urn:oid:2.16.840.1.113883.4.4", "value": "00-1234567"},
        ],
        "type": [concept("http://nucc.org/provider-taxonomy", "261QP2300X")],
        "name": "Example Clinic",
        "address": [{"line": ["100 Main St"], "city": "Miami", "state": "FL", "postalCode": "331110001"}],
    } | changes


def practitioner(**changes: object) -> Resource:
    """Return a clinician."""
    return {
        "resourceType": "Practitioner",
        "id": "ann",
        "identifier": [{"system": NPI, "value": "1999999208"}],
        "name": [{"family": "Doe", "given": ["Ann"]}],
        "qualification": [{"code": concept("http://nucc.org/provider-taxonomy", "207Q00000X")}],
    } | changes


def coverage(**changes: object) -> Resource:
    """Return a primary coverage of the patient's own."""
    return {
        "resourceType": "Coverage",
        "id": "c1",
        "status": "active",
        "subscriberId": "PAID0001",
        "beneficiary": {"reference": "Patient/p1"},
        "relationship": concept("urn:r", "self"),
        "period": {"start": "2026-01-01"},
        "payor": [{"reference": "Organization/payer"}],
        "class": [{"type": concept("urn:c", "group"), "value": "GRP7"}],
        "order": 1,
    } | changes


def encounter(**changes: object) -> Resource:
    """Return a finished visit."""
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "extension": [{"url": f"{OURS}place-of-service", "valueCoding": {"code": "11"}}],
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "Patient/p1"},
        "participant": [{"type": [concept("urn:p", "PPRF")], "individual": {"reference": "Practitioner/ann"}}],
        "period": {"start": "2026-10-01T21:30:00-04:00", "end": "2026-10-01T22:00:00-04:00"},
        "serviceProvider": {"reference": "Organization/clinic"},
    } | changes


def condition(number: int = 1, **changes: object) -> Resource:
    """Return a condition of the visit."""
    return {
        "resourceType": "Condition",
        "id": f"d{number}",
        "code": concept(ICD10CM, "E11.9", "Type 2 diabetes mellitus without complications"),
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": "Encounter/e1"},
    } | changes


def procedure(**changes: object) -> Resource:
    """Return a service of the visit."""
    return {
        "resourceType": "Procedure",
        "id": "s1",
        "status": "completed",
        "code": concept(CPT, "99213"),
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": "Encounter/e1"},
        "performedDateTime": "2026-10-01T21:30:00-04:00",
        "reasonReference": [{"reference": "Condition/d1"}],
    } | changes


def note(data: str = "RmVlbHMgd2VsbC4=", **changes: object) -> Resource:
    """Return a note of the visit."""
    return {
        "resourceType": "DocumentReference",
        "id": "n1",
        "status": "current",
        "date": "2026-10-02T09:00:00-04:00",
        "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": data}}],
        "context": {"encounter": [{"reference": "Encounter/e1"}]},
    } | changes


def without(resource: Resource, *names: str) -> Resource:
    """Return a resource without some elements."""
    return {name: value for name, value in resource.items() if name not in names}


def result(resource: Resource, *, number: int = 1, full_url: str = "") -> Mapped | Failure | None:
    """Return what the mapping makes of a resource."""
    return mapped(Found(Place("file.ndjson", number), resource, full_url))


def good(resource: Resource, *, number: int = 1, full_url: str = "") -> Mapped:
    """Return a resource that can be mapped."""
    found = result(resource, number=number, full_url=full_url)
    assert isinstance(found, Mapped), found
    return found


def records(resource: Resource) -> tuple[Record, ...]:
    """Return the records of a resource that can be mapped."""
    return good(resource).records


def failure(resource: Resource) -> Failure:
    """Return why a resource cannot be mapped."""
    found = result(resource)
    assert isinstance(found, Failure), found
    return found
