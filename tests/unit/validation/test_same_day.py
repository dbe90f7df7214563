"""Services of one provider, patient and day, across encounters, from the facts as they come."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from msgspec import structs

from services.validation.domain.backlog import TURN_ENCOUNTERS_MAX, BacklogLeft
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
    REJECTED,
    RENDERING,
    SUBMITTED,
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
TWO = ("EN-1", "EN-2")


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


def stood(driver: pure_driver.Driver, *encounter_ids: str) -> list[str]:
    return [driver.row("scrubs", each).status for each in encounter_ids]


def twice(*between: Event) -> Driver:
    """Return two encounters of one day with the same service, and facts that come between the two."""
    driver = Driver()
    driver.take(*REGISTERED, visit("EN-1"), coded("EN-1", "99213"), *between, visit("EN-2"), coded("EN-2", "99213"))
    return driver


def test_a_service_of_two_encounters_stops_both() -> None:
    driver = twice()

    assert stood(driver, "EN-1", "EN-2") == ["rejected", "rejected"]
    assert driver.row("findings", "EN-1/duplicate_service").places[0].inputs[-1] == "as line 1 of encounter EN-2"
    assert driver.row("findings", "EN-2/duplicate_service").places[0].inputs[-1] == "as line 1 of encounter EN-1"


def test_a_service_of_two_encounters_stops_the_later_one_where_a_payer_has_the_first() -> None:
    assert stood(twice(SUBMITTED), "EN-1", "EN-2") == ["validated", "rejected"]


@pytest.mark.parametrize(
    "mended",
    [coded("EN-2", "99214", version=2), coded("EN-2", "99213", on=NEXT_DAY, version=2)],
    ids=["another service", "another day"],
)
def test_mending_one_encounter_lets_the_other_go(mended: CodesAssigned) -> None:
    driver = twice()
    driver.take(mended)

    assert driver.row("scrubs", "EN-1").status == "validated"
    assert driver.row("findings", "EN-1/duplicate_service") is None


def test_every_order_of_two_encounters_of_a_day_ends_in_the_same_state() -> None:
    facts = (RENDERING, visit("EN-1"), visit("EN-2"), coded("EN-1", "11721"), coded("EN-2", "11720"))
    ends = []
    for order in permutations(facts):
        driver = pure_driver.Driver(service(Settings(), EDITS))
        driver.take(PATIENT, COVERAGE, PAYER, BILLING, *order, now=NOW)
        ends.append([(driver.row("scrubs", each), driver.row("findings", f"{each}/ncci_pair_edit")) for each in TWO])

    assert all(end == ends[0] for end in ends)
    assert [scrub.status for scrub, _ in ends[0]] == ["validated", "rejected"]


def test_an_edit_warns_the_encounter_that_is_paid_until_the_other_one_is_mended() -> None:
    driver = pure_driver.Driver(service(Settings(), EDITS))
    driver.take(*REGISTERED, *FIRST, visit("EN-2"), coded("EN-2", "11720"), now=NOW)
    warned = driver.row("findings", "EN-1/ncci_pair_edit")
    driver.take(coded("EN-2", "99213", version=2), now=NOW)

    assert (warned.severity, warned.places[0].inputs[-1]) == ("warning", "with line 1 of encounter EN-2")
    assert driver.row("findings", "EN-1/ncci_pair_edit") is None
    assert stood(driver, "EN-1", "EN-2") == ["validated", "validated"]


def test_an_edit_stops_what_is_paid_where_a_payer_has_what_is_not() -> None:
    driver = pure_driver.Driver(service(Settings(), EDITS))
    driver.take(*REGISTERED, visit("EN-1"), coded("EN-1", "11720"), SUBMITTED, now=NOW)
    driver.take(visit("EN-2"), coded("EN-2", "11721"), now=NOW)

    assert stood(driver, "EN-1", "EN-2") == ["validated", "rejected"]


def test_a_rejected_claim_frees_its_neighbour_and_is_judged_anew_itself() -> None:
    driver = pure_driver.Driver(service(Settings(), EDITS))
    driver.take(*REGISTERED, visit("EN-1"), coded("EN-1", "11720"), SUBMITTED, now=NOW)
    driver.take(visit("EN-2"), coded("EN-2", "11721"), now=NOW)
    driver.take(REJECTED, now=NOW)

    assert stood(driver, "EN-1", "EN-2") == ["rejected", "validated"]


def test_a_rejected_claim_without_neighbours_is_left_as_it_stands() -> None:
    driver = Driver()
    driver.take(*REGISTERED, visit("EN-1"), coded("EN-1", "99213"), SUBMITTED)
    before = len(driver.facts)
    driver.take(REJECTED)

    assert driver.facts[before:] == []


def test_codes_of_a_day_with_many_encounters_scrub_the_others_in_turns() -> None:
    many = 2 * TURN_ENCOUNTERS_MAX + 1
    others = [f"EN-{number:02}" for number in range(many)]
    driver = Driver()
    driver.take(*REGISTERED, visit("EN-99"))
    for number, each in enumerate(others):
        driver.take(visit(each), coded(each, f"{99000 + number}"))
    for version in (1, 2):
        before = len(driver.facts)
        driver.take(coded("EN-99", f"{99000 + version}", version=version))
        left = [fact for fact in driver.facts[before:] if isinstance(fact, BacklogLeft)]

        assert len(left) == 2
        assert [each for each in others if driver.row("scrubs", each).status == "rejected"] == [f"EN-{version:02}"]
