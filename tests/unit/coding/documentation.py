"""A documented visit, and how to vary it; every word of it is synthetic."""

from datetime import UTC, date, datetime
from typing import Final

from shared.events.coding import DocumentedCode, DocumentedCondition, DocumentedProcedure, EncounterDocumented

DAY: Final = date(2026, 3, 3)


def condition(*codes: str, system: str = "icd10cm") -> DocumentedCondition:
    return DocumentedCondition(codes=tuple(DocumentedCode(system=system, code=code) for code in codes))


def procedure(*codes: str, system: str = "cpt", pointers: tuple[int, ...] = (1,)) -> DocumentedProcedure:
    return DocumentedProcedure(
        codes=tuple(DocumentedCode(system=system, code=code) for code in codes), pointers=pointers
    )


VISIT: Final = EncounterDocumented(
    encounter_id="e-1",
    patient_id="p-1",
    appointment_id=None,
    service_from_on=DAY,
    service_to_on=DAY,
    place_of_service="11",
    rendering_provider_id="v-1",
    billing_provider_id="v-2",
    coverage_ids=(),
    conditions=(condition("E119"), condition("I10")),
    condition_texts=("sugar", "pressure"),
    procedures=(procedure("99213", pointers=(2, 1)), procedure("G0008", system="hcpcs")),
    procedure_texts=("visit", "shot"),
    note=None,
    note_sha256=None,
    signed_at=datetime(2026, 3, 3, 20, tzinfo=UTC),
)
