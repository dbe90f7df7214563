"""The rules of `services/coding/domain/encounter.py` as examples."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from msgspec import structs

from services.coding.domain.encounter import (
    ENCOUNTERS,
    DocumentEncounter,
    EncounterAlreadyDocumented,
    EncounterSourced,
    ServiceDatesImpossible,
    names,
)
from shared.events.coding import DocumentedCondition, EncounterDocumented
from shared.kernel.decider import Name
from shared.kernel.erased import ERASED
from shared.kernel.person import Identifier

NOW = datetime(2026, 3, 3, 20, tzinfo=UTC)
DAY = date(2026, 3, 3)
SOURCE = Identifier(system="urn:example:ehr", value="Encounter/e-1")
DOCUMENT = DocumentEncounter(
    encounter_id="e-1",
    patient_id="p-1",
    appointment_id=None,
    service_from_on=DAY,
    service_to_on=DAY,
    place_of_service="11",
    rendering_provider_id="v-1",
    billing_provider_id="v-2",
    coverage_ids=("c-1",),
    conditions=(DocumentedCondition(codes=()),),
    condition_texts=("Acute cough",),
    procedures=(),
    procedure_texts=(),
    note="Feels well.",
    note_sha256=None,
    source=SOURCE,
    signed_at=NOW,
    now=NOW,
)


def test_takes_a_documentation_and_where_it_came_from() -> None:
    documented, sourced = ENCOUNTERS.outcome(given=(), when=DOCUMENT)

    assert isinstance(documented, EncounterDocumented)
    assert (documented.condition_texts, documented.note, documented.signed_at) == (("Acute cough",), "Feels well.", NOW)
    assert sourced == EncounterSourced(encounter_id="e-1", patient_id="p-1", source=SOURCE, sourced_at=NOW)
    assert names(documented) == ()
    assert names(sourced) == (Name("encounter_source", "urn:example:ehr\x1fEncounter/e-1"),)


def test_takes_a_documentation_that_comes_from_nowhere_else() -> None:
    (documented,) = ENCOUNTERS.outcome(given=(), when=replace(DOCUMENT, source=None))

    assert isinstance(documented, EncounterDocumented)


@pytest.mark.parametrize(
    "repeat",
    [
        DOCUMENT,
        replace(DOCUMENT, source=None, signed_at=datetime(2026, 3, 4, tzinfo=UTC)),
        replace(DOCUMENT, note="Corrected there."),
    ],
    ids=["the same", "same content later", "same record"],
)
def test_adds_nothing_for_a_repeat(repeat: DocumentEncounter) -> None:
    given = ENCOUNTERS.outcome(given=(), when=DOCUMENT)

    assert ENCOUNTERS.outcome(given=given, when=repeat) == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(DOCUMENT, source=None, note="Other."),
        replace(DOCUMENT, source=None, patient_id="p-2"),
        replace(DOCUMENT, source=Identifier(system="urn:example:ehr", value="Encounter/e-2"), note="Other."),
    ],
    ids=["other content", "other patient", "other record"],
)
def test_refuses_to_document_a_visit_twice(other: DocumentEncounter) -> None:
    given = ENCOUNTERS.outcome(given=(), when=DOCUMENT)

    with pytest.raises(EncounterAlreadyDocumented):
        ENCOUNTERS.outcome(given=given, when=other)


@pytest.mark.parametrize(
    ("from_on", "to_on"),
    [(DAY, date(2026, 3, 2)), (date(2026, 3, 6), date(2026, 3, 6))],
    ids=["ends before it begins", "in the future everywhere"],
)
def test_refuses_impossible_dates(from_on: date, to_on: date) -> None:
    with pytest.raises(ServiceDatesImpossible):
        ENCOUNTERS.outcome(given=(), when=replace(DOCUMENT, service_from_on=from_on, service_to_on=to_on))


@pytest.mark.parametrize("on", [date(1986, 5, 1), date(2026, 3, 4)], ids=["long ago", "today in Kiritimati"])
def test_takes_any_date_that_has_come(on: date) -> None:
    facts = ENCOUNTERS.outcome(given=(), when=replace(DOCUMENT, service_from_on=on, service_to_on=on))

    assert len(facts) == 2


def test_lets_go_of_an_erased_source() -> None:
    _, sourced = ENCOUNTERS.outcome(given=(), when=DOCUMENT)
    assert isinstance(sourced, EncounterSourced)
    erased = structs.replace(sourced, source=ERASED)

    assert names(erased) == ()
    assert ENCOUNTERS.state([erased]) is None
