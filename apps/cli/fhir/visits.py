"""A visit and what belongs to it: Encounter, Condition, Procedure and DocumentReference to records.

Owns: what of a record counts. A finished visit counts, a confirmed condition, a completed service. What was ruled out
or entered in error does not; what is uncertain keeps its words and loses its codes, so that a coder decides.
**Source**: ICD-10-CM guidelines IV.H (uncertain diagnoses are not coded in outpatient care).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fhir.resources.R4B.attachment import Attachment
from fhir.resources.R4B.condition import Condition
from fhir.resources.R4B.documentreference import DocumentReference
from fhir.resources.R4B.encounter import Encounter
from fhir.resources.R4B.procedure import Procedure
from fhir.resources.R4B.resource import Resource as FhirResource

from apps.cli.fhir import datatypes
from apps.cli.fhir.datatypes import NotMappable, each, needed
from apps.cli.fhir.records import ConditionRecord, EncounterRecord, NoteRecord, ProcedureRecord, Record

_VERIFICATION: Final = ("http://terminology.hl7.org/CodeSystem/condition-ver-status",)
_RULED_OUT: Final = frozenset({"refuted", "entered-in-error"})
_UNCERTAIN: Final = frozenset({"unconfirmed", "provisional", "differential"})
_NOT_DONE: Final = frozenset({"not-done", "entered-in-error"})
_RENDERING: Final = ("PPRF", "ATND")  # primary performer, then attender
_TEXTS: Final = frozenset({"text/plain", "text/markdown"})
_FAR: Final = 1_000


def belongs_to(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the visits, or for a coverage the patient, that a resource is part of, as far as it can be told.

    It is asked for a resource that could not be mapped, so nothing is known of its shape.
    """
    context = resource.get("context")
    inside = context.get("encounter") if isinstance(context, dict) else None
    holders = [resource.get("encounter"), resource.get("beneficiary"), *(inside if isinstance(inside, list) else ())]
    found = (holder.get("reference") for holder in holders if isinstance(holder, dict))
    return tuple(reference for reference in found if isinstance(reference, str))


def _encounter(encounter: Encounter) -> tuple[Record, ...]:
    if encounter.status != "finished":
        raise NotMappable("the visit is not finished")
    first = needed(datatypes.first_day(encounter.period), "the day of the visit")
    diagnoses = sorted(each(encounter.diagnosis), key=lambda found: found.rank or _FAR)
    found = (datatypes.reference(diagnosis.condition) for diagnosis in diagnoses)
    return (
        EncounterRecord(
            patient=needed(datatypes.reference(encounter.subject), "the patient"),
            rendering=_rendering(encounter),
            billing=datatypes.reference(encounter.serviceProvider),
            service_from_on=first,
            service_to_on=datatypes.last_day(encounter.period) or first,
            place_of_service=_place_of_service(encounter),
            diagnoses=tuple(reference for reference in found if reference),
            reasons=tuple(
                ConditionRecord(None, datatypes.codings(reason), datatypes.words(reason))
                for reason in each(encounter.reasonCode)
            ),
            signed_at=datatypes.instant(encounter.period.end if encounter.period else None),
            source=datatypes.source("Encounter", encounter.id, encounter.identifier),
        ),
    )


def _rendering(encounter: Encounter) -> str | None:
    for role in _RENDERING:
        for participant in each(encounter.participant):
            if any(datatypes.has_type(kind, {role}) for kind in each(participant.type)):
                return datatypes.reference(participant.individual)
    return None


def _place_of_service(encounter: Encounter) -> str | None:
    """Return the place as two digits. The class of a visit is no place: ambulatory may be an office or a hospital."""
    found = datatypes.ours(encounter.extension, "place-of-service")
    coding = found[0].valueCoding if found else None
    return coding.code if coding else None


def _condition(condition: Condition) -> tuple[Record, ...]:
    text = datatypes.words(condition.code)
    codes = datatypes.codings(condition.code)
    if not (text or codes):
        raise NotMappable("neither a code nor words say what the condition is")
    uncertain = datatypes.coded([condition.verificationStatus], _VERIFICATION)
    if uncertain in _UNCERTAIN:
        codes, text = (), f"{uncertain}: {text}"  # the words alone may be a code's title, which would be taken for it
    return (
        ConditionRecord(
            encounter=datatypes.reference(condition.encounter),
            codes=codes,
            text=text,
            counts=not datatypes.has_type(condition.verificationStatus, _RULED_OUT),
        ),
    )


def _procedure(procedure: Procedure) -> tuple[Record, ...]:
    text = datatypes.words(procedure.code)
    codes = datatypes.codings(procedure.code)
    if not (text or codes):
        raise NotMappable("neither a code nor words say what was done")
    modifiers = datatypes.ours(procedure.extension, "modifier")
    units = datatypes.ours(procedure.extension, "units")
    reasons = (datatypes.reference(found) for found in each(procedure.reasonReference))
    return (
        ProcedureRecord(
            encounter=datatypes.reference(procedure.encounter),
            codes=codes if procedure.status == "completed" else (),
            text=text,
            modifiers=tuple(found.valueCode.upper() for found in modifiers if found.valueCode),
            units=(units[0].valuePositiveInt or 1) if units else 1,
            reasons=tuple(reference for reference in reasons if reference),
            service_on=datatypes.day(procedure.performedDateTime) or datatypes.first_day(procedure.performedPeriod),
            counts=procedure.status not in _NOT_DONE,
        ),
    )


def _note(document: DocumentReference) -> tuple[Record, ...]:
    """Return the words of a note; a superseded one was replaced by a later visit's, and stays this visit's own."""
    encounters = (
        datatypes.reference(found) for found in each(document.context.encounter if document.context else None)
    )
    texts = [_attached(content.attachment) for content in each(document.content)]
    return (
        NoteRecord(
            encounters=tuple(reference for reference in encounters if reference),
            text="" if document.status == "entered-in-error" else "\n\n".join(text for text in texts if text),
            written_at=datatypes.instant(document.date),
        ),
    )


def _attached(attachment: Attachment | None) -> str:
    """Return an attached text; pictures and links are left out. **Errors**: `NotMappable` where it is no UTF-8."""
    if attachment is None or attachment.data is None:
        return ""
    if (attachment.contentType or "text/plain").partition(";")[0].strip() not in _TEXTS:
        return ""
    try:
        return bytes(attachment.data).decode().strip()
    except UnicodeDecodeError:
        raise NotMappable("the attached text is not UTF-8") from None


TYPES: Final[Mapping[str, tuple[type[FhirResource], Callable[[Any], tuple[Record, ...]]]]] = {
    "Encounter": (Encounter, _encounter),
    "Condition": (Condition, _condition),
    "Procedure": (Procedure, _procedure),
    "DocumentReference": (DocumentReference, _note),
}
