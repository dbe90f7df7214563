"""Visits after a procedure of another encounter, from the facts as they come."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from msgspec import structs

from services.validation.domain.tables import Tables
from services.validation.main import service
from services.validation.projections.codes import CODES
from services.validation.projections.encounters import ENCOUNTERS
from services.validation.projections.procedure_years import PROCEDURE_YEARS, PROCEDURES_MAX
from services.validation.reactors import needs_of
from services.validation.settings import Settings
from shared.codesets import mpfs
from shared.codesets.official import Stated
from shared.events.coding import CodesAssigned, EncounterDocumented
from shared.events.envelope import Event
from shared.events.validation import Finding
from shared.kernel.reaction import Rows
from tests.support import pure_driver
from tests.unit.shared.codesets.fee_schedule_files import row, schedule
from tests.unit.validation.driver import TABLES
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

SCHEDULE = schedule(
    row("27447", days="090"),
    row("10060", days="010"),
    row("93000"),
    stated=Stated(release="example", effective_from=date(2025, 1, 1)),
)
FEES: Tables = replace(TABLES, library=TABLES.library.with_table(mpfs.SYSTEM, SCHEDULE))
OPERATED_ON, VISITED_ON = date(2025, 12, 10), date(2026, 3, 3)
SURGEON = structs.replace(RENDERING, provider_id="PR-3", npi="1111111112")
REGISTERED = (PATIENT, structs.replace(COVERAGE, effective_from_on=date(2025, 1, 1)), PAYER, RENDERING, BILLING)


def visit(encounter_id: str, on: date, **changes: Any) -> EncounterDocumented:  # noqa: ANN401 (any field of the event)
    return structs.replace(ENCOUNTER, encounter_id=encounter_id, service_from_on=on, service_to_on=on, **changes)


def coded(encounter_id: str, code: str, on: date, *, version: int = 1) -> CodesAssigned:
    line = structs.replace(CODED_LINE, procedure_code=code, service_from_on=on, service_to_on=on)
    return structs.replace(assigned("E119", lines=(line,), coding_version=version), encounter_id=encounter_id)


def driven(*events: Event) -> pure_driver.Driver:
    driver = pure_driver.Driver(service(Settings(), FEES))
    driver.take(*REGISTERED, *events, now=NOW)
    return driver


def included(encounter_id: str, *events: Event) -> list[tuple[str, ...]]:
    """Return what the rule says of an encounter after these facts."""
    found: tuple[Finding, ...] = driven(*events).row("scrubs", encounter_id).findings
    return [each.inputs for each in found if each.rule_id == "global_period"]


OPERATION = (visit("EN-1", OPERATED_ON), coded("EN-1", "27447", OPERATED_ON))
VISIT = (visit("EN-2", VISITED_ON), coded("EN-2", "99213", VISITED_ON))
INCLUDED = (
    "99213",
    "2026-03-03",
    "27447 on 2025-12-10",
    "global period 090",
    "with line 1 of encounter EN-1",
)


def test_a_visit_is_held_against_a_procedure_of_the_year_before() -> None:
    assert included("EN-2", *OPERATION, *VISIT) == [INCLUDED]


@pytest.mark.parametrize("on", [date(2025, 12, 9), date(2026, 3, 10)])
def test_every_day_of_the_period_counts(on: date) -> None:
    assert len(included("EN-2", *OPERATION, visit("EN-2", on), coded("EN-2", "99213", on))) == 1


@pytest.mark.parametrize("on", [date(2025, 12, 8), date(2026, 3, 11)])
def test_no_day_around_it_does(on: date) -> None:
    assert included("EN-2", *OPERATION, visit("EN-2", on), coded("EN-2", "99213", on)) == []


def test_the_latest_codes_of_the_other_encounter_count() -> None:
    assert included("EN-2", *OPERATION, coded("EN-1", "93000", OPERATED_ON, version=2), *VISIT) == []
    assert included("EN-2", *OPERATION, coded("EN-1", "10060", date(2026, 2, 25), version=2), *VISIT) == [
        ("99213", "2026-03-03", "10060 on 2026-02-25", "global period 010", "with line 1 of encounter EN-1")
    ]


def test_a_procedure_of_another_physician_or_patient_is_another_matter() -> None:
    surgeon = structs.replace(SURGEON, taxonomy="208600000X")
    by_surgeon = (surgeon, visit("EN-1", OPERATED_ON, rendering_provider_id="PR-3"), OPERATION[1])
    other = structs.replace(PATIENT, patient_id="PT-2")
    of_other = (visit("EN-1", OPERATED_ON, patient_id="PT-2"), structs.replace(OPERATION[1], patient_id="PT-2"))

    assert included("EN-2", *by_surgeon, *VISIT) == []
    assert included("EN-2", other, *of_other, *VISIT) == []


def test_a_partner_of_the_same_specialty_is_as_the_surgeon() -> None:
    by_partner = (SURGEON, visit("EN-1", OPERATED_ON, rendering_provider_id="PR-3"), OPERATION[1])

    assert included("EN-2", *by_partner, *VISIT) == [(*INCLUDED, "of the same group and specialty")]


def test_a_procedure_of_the_same_day_is_found_once() -> None:
    same_day = (visit("EN-1", VISITED_ON), coded("EN-1", "10060", VISITED_ON))

    assert len(included("EN-2", *same_day, *VISIT)) == 1


def test_a_procedure_that_nobody_is_known_to_have_done_is_nobodys() -> None:
    assert included("EN-2", OPERATION[1], *VISIT) == []


def test_says_where_not_all_procedures_of_the_year_are_compared() -> None:
    lines = tuple(
        structs.replace(CODED_LINE, line_no=1, procedure_code="11720", service_from_on=on, service_to_on=on)
        for on in (date.fromordinal(VISITED_ON.toordinal() - days) for days in range(PROCEDURES_MAX + 60))
    )
    busy = tuple(
        structs.replace(assigned("E119", lines=lines[at : at + 50]), encounter_id=f"EN-9{at}")
        for at in range(0, len(lines), 50)
    )

    ((code, *cut),) = included("EN-2", *busy, structs.replace(busy[0], encounter_id="EN-8"), *busy[:1], *VISIT)

    assert (code, cut) == ("99213", ["more procedures in a year than are compared"])


def test_asks_for_no_row_more_without_a_visit_and_for_few_without_a_procedure() -> None:
    driver = driven(*VISIT, visit("EN-3", VISITED_ON), coded("EN-3", "93000", VISITED_ON))

    asked = {each: needs_of((each,), Rows(driver.rows, NOW)) for each in ("EN-2", "EN-3")}

    assert [asked[each].get(PROCEDURE_YEARS, ()) for each in asked] == [("PT-1/2025", "PT-1/2026"), ()]
    assert asked["EN-2"][CODES] == asked["EN-2"][ENCOUNTERS] == ("EN-2", "EN-3")  # EN-3 is of the same day
