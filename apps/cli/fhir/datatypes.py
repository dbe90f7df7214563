"""FHIR's datatypes as ours: identifiers, names, addresses, days, codes, extensions. Pure; absent is None.

Owns: which URI means which code system or number, ours included (`https://claimlog.dev/fhir/…`, samples/README.md).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from fhir.resources.R4B.address import Address as FhirAddress
from fhir.resources.R4B.codeableconcept import CodeableConcept
from fhir.resources.R4B.coding import Coding as FhirCoding
from fhir.resources.R4B.extension import Extension
from fhir.resources.R4B.humanname import HumanName
from fhir.resources.R4B.identifier import Identifier as FhirIdentifier
from fhir.resources.R4B.period import Period
from fhir.resources.R4B.reference import Reference

from apps.cli.fhir.records import Coding
from shared.kernel.dates import day_as_sent
from shared.kernel.errors import Malformed
from shared.kernel.person import Address, Identifier, PersonName

OURS: Final = "https://claimlog.dev/fhir/"
NPI: Final = "http://hl7.org/fhir/sid/us-npi"
EIN: Final = "urn:oid:2.16.840.1.113883.4.4"
TAXONOMY: Final = ("http://nucc.org/provider-taxonomy", "urn:oid:2.16.840.1.113883.6.101")
PAYER_ID: Final = f"{OURS}clearinghouse-payer-id"
ICD10CM: Final = "icd10cm"
_SYSTEMS: Final = {
    "http://hl7.org/fhir/sid/icd-10-cm": ICD10CM,
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "http://www.ama-assn.org/go/cpt": "cpt",
    "urn:oid:2.16.840.1.113883.6.12": "cpt",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs",
    "http://terminology.hl7.org/CodeSystem/HCPCS-all-codes": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.285": "hcpcs",
    "http://snomed.info/sct": "snomed",
}
_PERSONAL_NUMBERS: Final = frozenset({"MR", "SS", "DL", "PPN", "TAX", "MB"})
_OLD_NAMES: Final = frozenset({"old", "maiden", "nickname", "anonymous"})
_LOCAL_CODE: Final = re.compile(r"[0-9A-Za-z.\-]{1,40}")
Element = TypeVar("Element")


class NotMappable(Malformed):
    """A resource lacks something without which a service cannot take it. **Shape**: the message names what."""

    slug = "fhir-not-mappable"


def each(elements: Iterable[Element | None] | None) -> Iterator[Element]:
    """Return the elements of a list that may be missing or have holes."""
    return (element for element in elements or () if element is not None)


def needed(value: Element | None, what: str) -> Element:
    """Return a value that must be there. **Errors**: `NotMappable`."""
    if value is None or value == "":
        raise NotMappable(f"{what} is missing")
    return value


def has_type(concept: CodeableConcept | None, codes: frozenset[str] | set[str]) -> bool:
    """Return whether a concept carries one of some codes, whatever the system."""
    return concept is not None and any(coding.code in codes for coding in each(concept.coding))


def number_of(identifiers: Iterable[FhirIdentifier | None] | None, system: str) -> str | None:
    """Return the number that a system gave, the first where it gave several."""
    return next((found.value for found in each(identifiers) if found.system == system and found.value), None)


def medical_record_number(identifiers: Iterable[FhirIdentifier | None] | None) -> str | None:
    """Return the number that is marked as the medical record's."""
    return next((found.value for found in each(identifiers) if has_type(found.type, {"MR"}) and found.value), None)


def source(
    resource_type: str, resource_id: str | None, identifiers: Sequence[FhirIdentifier | None] | None
) -> Identifier:
    """Return by what a record is known where it comes from: its business number, else its id there.

    **Errors**: `NotMappable` where it has neither, for then a second import could not know it again.
    """
    for found in each(identifiers):
        if found.system and found.value and not has_type(found.type, _PERSONAL_NUMBERS):
            return Identifier(system=found.system, value=found.value)
    return Identifier(system=f"{OURS}{resource_type}", value=needed(resource_id, "an identifier or id"))


def name(names: Iterable[HumanName | None] | None) -> PersonName:
    """Return the name of a person, the official one first. **Errors**: `NotMappable`."""
    usable = [found for found in each(names) if found.use not in _OLD_NAMES]
    usable.sort(key=lambda found: found.use != "official")
    best = needed(next(iter(usable), None), "a name")
    given = [part for part in each(best.given) if part]
    return PersonName(
        family=needed(best.family, "a family name"),
        given=needed(given[0] if given else None, "a given name"),
        middle=" ".join(given[1:]) or None,
    )


def address(addresses: Iterable[FhirAddress | None] | None) -> Address | None:
    """Return the first whole address that is still in use; a partial one is none."""
    for found in each(addresses):
        lines = [line for line in each(found.line) if line]
        if found.use != "old" and lines and found.city and found.state and found.postalCode:
            digits = found.postalCode.replace("-", "").strip()
            line_2 = ", ".join(lines[1:]) or None
            return Address(line=lines[0], line_2=line_2, city=found.city, state=found.state, zip=digits)
    return None


def day(value: object) -> date | None:
    """Return the day of a FHIR date or dateTime, in the offset as it was sent; None for a month, a year, or nothing."""
    if isinstance(value, datetime):
        return day_as_sent(value)
    return value if isinstance(value, date) else None


def instant(value: object) -> datetime | None:
    """Return the instant of a FHIR dateTime; None where it is only a day."""
    return value if isinstance(value, datetime) else None


def first_day(period: Period | None) -> date | None:
    """Return the day on which a period begins."""
    return None if period is None else day(period.start)


def last_day(period: Period | None) -> date | None:
    """Return the day on which a period ends, None where it is open."""
    return None if period is None else day(period.end)


def reference(found: Reference | None) -> str | None:
    """Return what a reference says: `Patient/1`, `urn:uuid:…`, `Patient?identifier=s|v`; a logical one too."""
    if found is None:
        return None
    if found.reference:
        return found.reference
    logical = found.identifier
    if logical is not None and found.type and logical.system and logical.value:
        return f"{found.type}?identifier={logical.system}|{logical.value}"
    return None


def codings(concept: CodeableConcept | None) -> tuple[Coding, ...]:
    """Return the codes of a concept: known systems by our names, codes upper case, ICD-10-CM without the dot.

    A local code that is more than letters, digits, dot and hyphen is left out: no service reads it, and its words stay.
    """
    return tuple(
        _coding(found.system, found.code)
        for found in each(concept.coding if concept else None)
        if found.system and found.code and (found.system in _SYSTEMS or _LOCAL_CODE.fullmatch(found.code))
    )


def _coding(uri: str, code: str) -> Coding:
    system, text = _SYSTEMS.get(uri, uri), code.strip().upper()
    return Coding(system, text.replace(".", "") if system == ICD10CM else text)


def words(concept: CodeableConcept | None) -> str:
    """Return what a concept is called in the record: its text, else the display of its first coding that has one."""
    if concept is None:
        return ""
    display = next((found.display for found in each(concept.coding) if found.display), None)
    return (concept.text or display or "").strip()


def coded(concepts: Iterable[CodeableConcept | None] | None, systems: Sequence[str]) -> str | None:
    """Return the first code of some systems."""
    found: Iterator[FhirCoding] = (coding for concept in each(concepts) for coding in each(concept.coding))
    return next((coding.code for coding in found if coding.system in systems and coding.code), None)


def ours(extensions: Iterable[Extension | None] | None, name: str) -> tuple[Extension, ...]:
    """Return the extensions of ours with a name, in the order of the file."""
    return tuple(found for found in each(extensions) if found.url == OURS + name)
