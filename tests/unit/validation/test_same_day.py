"""Services of one provider, patient and day, across encounters, from the facts as they come."""

from dataclasses import replace
from datetime import date
from typing import Any

from msgspec import structs

from services.validation.domain.tables import Tables
from services.validation.main import service
from services.validation.settings import Settings
from shared.codesets import ncci_ptp
from shared.events.coding import CodesAssigned, EncounterDocumented
from shared.events.envelope import Event
from shared.events.validation import Finding
from tests.support import pure_driver
from tests.unit.validation.driver import TABLES, Driver
from tests.unit.validation.samples import (
    BILLING,
    CODED_LINE,
    COVERAGE,
    ENCOUNTER,
    NOW,
    PATIENT,
    PAYER,
    RENDERING,
    assigned,
)
from tests.unit.validation.tables import pair_edits, with_pair_edits

EDITS: Tables = replace(
    TABLES,
    library=TABLES.library.with_table(
        ncci_ptp.PRACTITIONER, pair_edits(with_pair_edits(("11721", "11720", "19970101", "*", "0")))
    ),
)
REGISTERED = (PATIENT, COVERAGE, PAYER, RENDERING, BILLING)
NEXT_DAY = date(2026, 3, 4)


def visit(encounter_id: str, **changes: Any) -> EncounterDocumented:  # noqa: ANN401 (any field of the event)
    return structs.replace(ENCOUNTER, encounter_id=encounter_id, **changes)


def coded(encounter_id: str, code: str, *, on: date = ENCOUNTER.service_from_on, version: int = 1) -> CodesAssigned:
    line = structs.replace(CODED_LINE, procedure_code=code, service_from_on=on, service_to_on=on)
    return structs.replace(assigned("E119", lines=(line,), coding_version=version), encounter_id=encounter_id)


def pairs_found(encounter_id: str, *events: Event) -> list[tuple[str, ...]]:
    """Return what the pair edit says of an encounter after these facts."""
    driver = pure_driver.Driver(service(Settings(), EDITS))
    driver.take(*REGISTERED, *events, now=NOW)
    found: tuple[Finding, ...] = driver.row("scrubs", encounter_id).findings
    return [each.inputs for each in found if each.rule_id == "ncci_pair_edit"]


FIRST = (visit("EN-1"), coded("EN-1", "11721"))
PAIR = (
    "11721 pays",
    "11720 does not",
    "2026-03-03",
    "indicator 0",
    "in force 1997-01-01..",
    "with line 1 of encounter EN-1",
)


def test_a_later_encounter_of_the_day_is_compared_with_the_earlier_one() -> None:
    assert pairs_found("EN-2", *FIRST, visit("EN-2"), coded("EN-2", "11720")) == [PAIR]


def test_an_encounter_does_not_meet_itself() -> None:
    assert pairs_found("EN-1", *FIRST, coded("EN-1", "11720", version=2)) == []


def test_the_latest_codes_of_the_other_encounter_count() -> None:
    changed = coded("EN-1", "99213", version=2)

    assert pairs_found("EN-2", *FIRST, changed, visit("EN-2"), coded("EN-2", "11720")) == []


def test_a_line_that_was_moved_to_another_day_counts_there_alone() -> None:
    moved = coded("EN-1", "11721", on=NEXT_DAY, version=2)
    second, third = coded("EN-2", "11720"), coded("EN-3", "11720", on=NEXT_DAY)
    visits = (visit("EN-2"), visit("EN-3", service_from_on=NEXT_DAY, service_to_on=NEXT_DAY))

    assert pairs_found("EN-2", *FIRST, moved, *visits, second, third) == []
    assert len(pairs_found("EN-3", *FIRST, moved, *visits, second, third)) == 1


def test_another_provider_or_patient_or_day_is_another_matter() -> None:
    other_provider = visit("EN-2", rendering_provider_id="PR-2")
    other_patient = structs.replace(PATIENT, patient_id="PT-2")
    of_other = structs.replace(coded("EN-2", "11720"), patient_id="PT-2")

    assert pairs_found("EN-2", *FIRST, other_provider, coded("EN-2", "11720")) == []
    assert pairs_found("EN-2", *FIRST, other_patient, visit("EN-2", patient_id="PT-2"), of_other) == []
    assert pairs_found("EN-2", *FIRST, visit("EN-2"), coded("EN-2", "11720", on=NEXT_DAY)) == []


def test_the_same_npi_under_another_id_is_the_same_provider() -> None:
    again = structs.replace(RENDERING, provider_id="PR-9")

    assert pairs_found("EN-2", *FIRST, again, visit("EN-2", rendering_provider_id="PR-9"), coded("EN-2", "11720")) == [
        PAIR
    ]


def test_who_bills_rendered_it_where_nobody_else_is_documented() -> None:
    first = (visit("EN-1", rendering_provider_id=None), FIRST[1])

    assert pairs_found("EN-2", *first, visit("EN-2", rendering_provider_id=None), coded("EN-2", "11720")) == [PAIR]
    assert pairs_found("EN-2", *first, visit("EN-2"), coded("EN-2", "11720")) == []


def test_an_encounter_without_documentation_is_found_once_that_comes() -> None:
    codes, documented = FIRST[1], FIRST[0]
    second = (visit("EN-2"), coded("EN-2", "11720"))

    assert pairs_found("EN-2", codes, *second) == []
    assert len(pairs_found("EN-1", codes, *second, documented)) == 1


def test_a_service_of_two_encounters_stops_the_later_one() -> None:
    driver = Driver()
    driver.take(*REGISTERED)
    for encounter_id in ("EN-1", "EN-2"):
        visit = structs.replace(ENCOUNTER, encounter_id=encounter_id)
        driver.take(visit, structs.replace(assigned("E119"), encounter_id=encounter_id))

    assert [driver.row("scrubs", each).status for each in ("EN-1", "EN-2")] == ["validated", "rejected"]
    assert driver.row("findings", "EN-2/duplicate_service").places[0].inputs[-1] == "as line 1 of encounter EN-1"
