"""What validation does about facts of others, in whatever order they come."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from msgspec import structs

from services.validation.domain.backlog import TURN_ENCOUNTERS_MAX, BacklogLeft
from services.validation.domain.scrub import ScrubWaiting
from shared.events.envelope import Event
from shared.events.registration import AuthorizationEvent, CoverageAdded
from shared.events.validation import AuthorizedLine, CodesRejected, CodesValidated
from shared.kernel.erased import ERASED
from tests.unit.validation.driver import Driver
from tests.unit.validation.samples import (
    ASKED,
    BILLING,
    CANCELLED,
    CODED_LINE,
    CONSENTED,
    COVERAGE,
    ENCOUNTER,
    NEEDED,
    NOW,
    PATIENT,
    PAYER,
    PENDED,
    REFUSED,
    REJECTED,
    RENDERING,
    SUBMITTED,
    assigned,
    visit_and_codes,
)

GOOD = assigned("E119", "I10")
HEADING = assigned("E11")
MENDED = assigned("E119", coding_version=2)
REGISTERED = (PATIENT, COVERAGE, PAYER, RENDERING, BILLING)


def after(*events: Event) -> Driver:
    driver = Driver()
    driver.take(*events)
    return driver


def kinds(driver: Driver) -> list[str]:
    return [type(fact).__name__ for fact in driver.facts]


def test_validates_as_soon_as_everything_is_there() -> None:
    driver = after(*REGISTERED, ENCOUNTER, GOOD)
    (validated,) = driver.facts

    assert isinstance(validated, CodesValidated)
    assert [(each.rule_id, each.inputs) for each in validated.findings] == [
        ("excludes1_pair", ("E119", "I10", "icd10cm_notes: before-first-edition")),
        ("procedure_code_known", ("99213", "cpt: licensed")),
        ("medically_unlikely_units", ("99213", "mue_practitioner: absent")),
        ("add_on_primary", ("99213", "add_ons: absent")),
        ("place_seldom", ("99213", "mpfs: absent")),
        ("npi_registered", ("1234567893", "1987654328", "nppes: absent")),
        ("taxonomy_known", ("207Q00000X", "taxonomy: licensed")),
    ]
    assert (validated.filing_deadline_on, validated.filing_days_left) == (date(2026, 8, 30), 173)
    assert "icd10cm" in validated.editions[0]
    assert validated.subject() == "EN-1"


def test_rejects_a_heading_and_names_the_edition() -> None:
    rejected = after(*REGISTERED, ENCOUNTER, HEADING).facts[-1]

    assert isinstance(rejected, CodesRejected)
    assert [(each.rule_id, each.inputs) for each in rejected.findings if each.severity == "error"] == [
        ("diagnosis_billable", ("E11", "2026-03-03"))
    ]
    assert rejected.findings[0].edition == rejected.editions[0]


@pytest.mark.parametrize("codes", [GOOD, HEADING], ids=["validated", "rejected"])
def test_every_order_of_the_facts_ends_in_the_same_state(codes: Event) -> None:
    facts = (*REGISTERED, ENCOUNTER, codes)
    expected = after(*facts).end()

    differing = [order for order in permutations(facts) if after(*order).end() != expected]

    assert differing == []


def test_every_order_of_two_sets_of_codes_ends_with_the_later_one() -> None:
    facts = (PATIENT, COVERAGE, PAYER, ENCOUNTER, HEADING, MENDED)
    ready = (RENDERING, BILLING)
    expected = after(*ready, *facts).end()

    differing = [order for order in permutations(facts) if after(*ready, *order).end() != expected]

    assert differing == []
    assert after(*ready, *facts).row("scrubs", "EN-1").coding_version == 2


def test_every_fact_may_come_twice() -> None:
    facts = (*REGISTERED, ENCOUNTER, GOOD)
    once, twice = after(*facts), after(*(each for fact in facts for each in (fact, fact)), *facts)

    assert twice.end() == once.end()
    assert kinds(twice) == kinds(once)


def test_says_nothing_before_there_are_codes() -> None:
    assert after(*REGISTERED, ENCOUNTER).facts == []


def test_waits_for_the_visit_before_it_knows_whom_else_to_wait_for() -> None:
    (waiting,) = after(GOOD).facts

    assert isinstance(waiting, ScrubWaiting)
    assert waiting.missing == ("encounter/EN-1", "patient/PT-1")


def test_learns_the_payer_from_a_late_coverage() -> None:
    driver = after(PATIENT, RENDERING, BILLING, ENCOUNTER, GOOD)
    before = driver.row("scrubs", "EN-1").missing
    driver.take(COVERAGE)

    assert (before, driver.row("scrubs", "EN-1").missing) == (("coverage/CV-1",), ("payer/PY-1",))


def test_a_late_fact_of_the_desk_ends_the_wait() -> None:
    driver = after(COVERAGE, PAYER, RENDERING, BILLING, ENCOUNTER, GOOD)
    waits = driver.row("waits", "patient/PT-1")
    driver.take(PATIENT)

    assert waits.encounter_ids == ("EN-1",)
    assert driver.row("waits", "patient/PT-1") is None
    assert driver.row("scrubs", "EN-1").status == "validated"


def test_a_visit_without_coverage_waits_for_no_payer_and_has_no_deadline() -> None:
    driver = after(PATIENT, RENDERING, BILLING, structs.replace(ENCOUNTER, coverage_ids=()), GOOD)
    validated = driver.facts[-1]

    assert isinstance(validated, CodesValidated)
    assert (validated.filing_deadline_on, validated.filing_days_left) == (None, None)


def test_a_visit_without_a_biller_goes_back_to_the_desk() -> None:
    visit = structs.replace(ENCOUNTER, rendering_provider_id=None, billing_provider_id=None)
    rejected = after(PATIENT, COVERAGE, PAYER, visit, GOOD).facts[-1]

    assert isinstance(rejected, CodesRejected)
    assert [each.rule_id for each in rejected.findings if each.severity == "error"] == ["billing_provider_known"]


def rejected_by(*events: Event) -> list[str]:
    rejected = after(*events).facts[-1]
    assert isinstance(rejected, CodesRejected)
    return [each.rule_id for each in rejected.findings if each.severity == "error"]


def test_a_coverage_of_another_patient_goes_back_to_the_desk() -> None:
    of_another = structs.replace(COVERAGE, patient_id="PT-9")

    assert rejected_by(PATIENT, of_another, *REGISTERED[2:], ENCOUNTER, GOOD) == ["coverage_of_patient"]


def test_a_filing_order_that_begins_with_the_secondary_goes_back_to_the_desk() -> None:
    second = structs.replace(COVERAGE, coverage_id="CV-2", filing_order="secondary")
    turned = structs.replace(ENCOUNTER, coverage_ids=("CV-2", "CV-1"))

    assert rejected_by(*REGISTERED, second, turned, GOOD) == ["coverage_filing_order"]


def test_a_secondary_coverage_that_has_ended_warns_and_lets_the_claim_go() -> None:
    ended = structs.replace(COVERAGE, coverage_id="CV-2", filing_order="secondary", effective_to_on=date(2026, 1, 31))
    driver = after(*REGISTERED, ended, structs.replace(ENCOUNTER, coverage_ids=("CV-1", "CV-2")), GOOD)

    assert driver.row("scrubs", "EN-1").status == "validated"
    assert driver.row("findings", "EN-1/coverage_active").severity == "warning"


def test_mended_codes_clear_the_work_list() -> None:
    driver = after(*REGISTERED, ENCOUNTER, HEADING)
    before = driver.row("findings", "EN-1/diagnosis_billable")
    driver.take(MENDED)

    assert (before.severity, before.owner, before.outcome) == ("error", "coder", "fail")
    assert driver.row("findings", "EN-1/diagnosis_billable") is None
    assert driver.row("scrubs", "EN-1").status == "validated"


def test_a_patient_whose_key_is_gone_is_scrubbed_without_age_and_sex() -> None:
    erased = structs.replace(PATIENT, birth_on=ERASED, sex=ERASED, name=ERASED, mrn=ERASED)
    driver = after(erased, *REGISTERED[1:], ENCOUNTER, assigned("Z3800"))

    assert driver.row("findings", "EN-1/age_edit").outcome == "no-data"
    assert driver.row("scrubs", "EN-1").status == "validated"


def test_an_age_edit_warns_and_keeps_the_age_to_itself() -> None:
    driver = after(*REGISTERED, ENCOUNTER, assigned("Z3800"))

    assert driver.row("scrubs", "EN-1").status == "validated"
    assert driver.row("findings", "EN-1/age_edit").places[0].inputs == ("Z3800", "2026-03-03", "age outside 0-0")


def test_a_visit_before_the_first_edition_has_no_data_and_no_pass() -> None:
    early = date(1986, 1, 2)
    line = structs.replace(CODED_LINE, service_from_on=early, service_to_on=early)
    visit = structs.replace(ENCOUNTER, service_from_on=early, service_to_on=early, coverage_ids=())
    driver = after(PATIENT, RENDERING, BILLING, visit, assigned("E119", lines=(line,)))

    assert [
        (each.outcome, each.missing_table)
        for each in driver.row("scrubs", "EN-1").findings
        if each.rule_id == "diagnosis_billable"
    ] == [("no-data", "icd10cm")]
    assert driver.row("findings", "EN-1/diagnosis_billable") is None  # nobody mends that at the encounter


@pytest.mark.parametrize("waiting", [1, TURN_ENCOUNTERS_MAX, 2 * TURN_ENCOUNTERS_MAX + 1])
def test_a_fact_that_many_wait_for_is_worked_off_in_turns(waiting: int) -> None:
    driver = after(PATIENT, COVERAGE, RENDERING, BILLING)
    for number in range(waiting):
        driver.take(*visit_and_codes(number))
    driver.units.clear()
    driver.take(PAYER)

    assert driver.row("waits", "payer/PY-1") is None
    assert sum(isinstance(fact, CodesValidated) for fact in driver.facts) == waiting
    assert sum(isinstance(fact, BacklogLeft) for fact in driver.facts) == (waiting - 1) // TURN_ENCOUNTERS_MAX
    assert max(driver.units) <= 3 * TURN_ENCOUNTERS_MAX + 1


SECOND = structs.replace(COVERAGE, coverage_id="CV-2", filing_order="secondary")
LEFT_OUT = "EN-1/coverage_left_out"


def test_a_late_coverage_scrubs_again_what_no_payer_has() -> None:
    driver = after(*REGISTERED, ENCOUNTER, GOOD)
    before = driver.row("findings", LEFT_OUT)
    driver.take(SECOND)

    assert before is None
    assert driver.row("findings", LEFT_OUT).places[0].inputs[:2] == ("CV-2", "secondary")
    assert kinds(driver)[-2:] == ["FindingRaised", "CodesValidated"]


def test_a_late_coverage_of_a_self_payer_is_told_to_the_desk() -> None:
    driver = after(PATIENT, PAYER, RENDERING, BILLING, structs.replace(ENCOUNTER, coverage_ids=()), GOOD)
    driver.take(COVERAGE)

    assert driver.row("findings", LEFT_OUT).owner == "front-desk"


@pytest.mark.parametrize(
    "coverage",
    [
        structs.replace(SECOND, effective_to_on=date(2026, 3, 2)),
        structs.replace(SECOND, effective_from_on=date(2026, 3, 4)),
        structs.replace(SECOND, effective_from_on=date(2027, 1, 1)),
        structs.replace(SECOND, filing_order="primary", effective_from_on=date(2025, 1, 1)),
        structs.replace(SECOND, patient_id="PT-9"),
    ],
    ids=["ended", "begins later", "begins next year", "an older card", "of another patient"],
)
def test_a_late_coverage_that_changes_nothing_adds_nothing(coverage: CoverageAdded) -> None:
    driver = after(*REGISTERED, ENCOUNTER, GOOD)
    before = list(driver.facts)
    driver.take(coverage)

    assert driver.facts == before


@pytest.mark.parametrize(
    ("claims", "again"),
    [
        ((SUBMITTED,), False),
        ((SUBMITTED, REJECTED), True),
        ((SUBMITTED, REJECTED, structs.replace(SUBMITTED, submission_id="SU-2")), False),
    ],
    ids=["submitted", "rejected at the front end", "submitted anew"],
)
def test_a_late_coverage_leaves_alone_what_a_payer_has(claims: tuple[Event, ...], *, again: bool) -> None:
    driver = after(*REGISTERED, ENCOUNTER, GOOD, *claims)
    driver.take(SECOND)

    assert (driver.row("findings", LEFT_OUT) is not None) is again


def test_every_order_with_a_coverage_too_many_ends_in_the_same_state() -> None:
    facts = (PATIENT, COVERAGE, SECOND, ENCOUNTER, GOOD)
    ready = (PAYER, RENDERING, BILLING)
    expected = after(*ready, *facts).end()

    differing = [order for order in permutations(facts) if after(*ready, *order).end() != expected]

    assert differing == []
    assert after(*ready, *facts).row("findings", LEFT_OUT) is not None


def test_a_late_coverage_of_many_visits_is_worked_off_in_turns_each_time() -> None:
    driver = after(*REGISTERED)
    many = 2 * TURN_ENCOUNTERS_MAX + 1
    for number in range(many):
        driver.take(*visit_and_codes(number))
    for late in (SECOND, structs.replace(SECOND, coverage_id="CV-3", filing_order="tertiary")):
        before = len(driver.facts)
        driver.units.clear()
        driver.take(late)
        added = driver.facts[before:]

        assert sum(isinstance(fact, CodesValidated) for fact in added) == many
        assert sum(isinstance(fact, BacklogLeft) for fact in added) == 2
        assert max(driver.units) <= 3 * TURN_ENCOUNTERS_MAX + 1


def test_a_late_coverage_does_not_look_at_visits_that_nobody_can_bill_any_more() -> None:
    old = date(2023, 12, 31)
    line = structs.replace(CODED_LINE, service_from_on=old, service_to_on=old)
    visit = structs.replace(ENCOUNTER, service_from_on=old, service_to_on=old, coverage_ids=())
    driver = after(PATIENT, PAYER, RENDERING, BILLING, visit, assigned("E119", lines=(line,)))
    before = list(driver.facts)
    driver.take(structs.replace(COVERAGE, effective_from_on=date(2020, 1, 1)))

    assert driver.facts == before


UNAUTHORIZED = "EN-1/authorization_on_service"
ENDED = structs.replace(CONSENTED, valid_from_on=date(2026, 2, 1), valid_to_on=date(2026, 2, 28))


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ((NEEDED,), "required"),
        ((NEEDED, ASKED), "requested"),
        ((NEEDED, ASKED, PENDED), "pended"),
        ((NEEDED, ASKED, REFUSED), "denied"),
        ((NEEDED, ASKED, CONSENTED, REFUSED), "denied"),
    ],
)
def test_a_late_want_of_consent_stops_what_no_payer_has(said: tuple[AuthorizationEvent, ...], standing: str) -> None:
    driver = after(*REGISTERED, ENCOUNTER, GOOD, *said)

    assert driver.row("scrubs", "EN-1").status == "rejected"
    assert driver.row("findings", UNAUTHORIZED).places[0].inputs[3] == f"{standing} AU-1"


@pytest.mark.parametrize("last", [CONSENTED, CANCELLED], ids=["approved", "cancelled"])
def test_a_late_consent_or_the_end_of_the_want_lets_it_go(last: AuthorizationEvent) -> None:
    driver = after(*REGISTERED, ENCOUNTER, GOOD, NEEDED, ASKED)
    before = driver.row("findings", UNAUTHORIZED)
    driver.take(last)

    assert before is not None
    assert driver.row("findings", UNAUTHORIZED) is None
    assert kinds(driver)[-2:] == ["FindingMended", "CodesValidated"]


def test_says_which_consent_each_line_draws_on() -> None:
    second = structs.replace(CODED_LINE, line_no=2, procedure_code="99214")
    driver = after(*REGISTERED, ENCOUNTER, assigned("E119", lines=(CODED_LINE, second)), NEEDED, CONSENTED)
    validated = driver.facts[-1]

    assert isinstance(validated, CodesValidated)
    assert validated.authorizations == (AuthorizedLine(line_no=1, authorization_id="AU-1"),)


def test_a_consent_that_nobody_knew_was_needed_is_told_as_well() -> None:
    wide = structs.replace(NEEDED, procedure_codes=("70551",))
    driver = after(*REGISTERED, ENCOUNTER, GOOD, wide)
    before = list(driver.facts)
    driver.take(CONSENTED)
    (validated,) = driver.facts[len(before) :]

    assert kinds(driver)[: len(before)] == ["CodesValidated"]
    assert isinstance(validated, CodesValidated)
    assert [each.authorization_id for each in validated.authorizations] == ["AU-1"]


@pytest.mark.parametrize(
    "wanted",
    [
        structs.replace(NEEDED, service_to_on=date(2026, 3, 2)),
        structs.replace(NEEDED, service_from_on=date(2026, 3, 4)),
        structs.replace(NEEDED, procedure_codes=("99214",)),
        structs.replace(NEEDED, coverage_id="CV-9"),
        structs.replace(NEEDED, patient_id="PT-9"),
    ],
    ids=["ended", "begins later", "another procedure", "another coverage", "another patient"],
)
def test_a_late_authorization_that_changes_nothing_adds_nothing(wanted: AuthorizationEvent) -> None:
    driver = after(*REGISTERED, ENCOUNTER, GOOD)
    before = list(driver.facts)
    driver.take(wanted)

    assert driver.facts == before


def test_a_late_authorization_leaves_alone_what_a_payer_has() -> None:
    driver = after(*REGISTERED, ENCOUNTER, GOOD, SUBMITTED)
    before = list(driver.facts)
    driver.take(NEEDED)

    assert driver.facts == before


@pytest.mark.parametrize(
    "said",
    [
        (NEEDED, CONSENTED),
        (NEEDED, structs.replace(CONSENTED, valid_to_on=date(2026, 3, 2))),
        (structs.replace(NEEDED, service_from_on=date(2026, 2, 1), service_to_on=date(2026, 2, 28)), ENDED),
        (CONSENTED, REFUSED),
    ],
    ids=["approved", "not covered", "ended", "of nothing"],
)
def test_every_order_with_an_authorization_ends_in_the_same_state(said: tuple[AuthorizationEvent, ...]) -> None:
    facts = (PATIENT, COVERAGE, ENCOUNTER, GOOD, *said)
    ready = (PAYER, RENDERING, BILLING)
    expected = after(*ready, *facts).end()
    orders = [order for order in permutations(facts) if order.index(said[0]) < order.index(said[1])]

    differing = [order for order in orders if after(*ready, *order).end() != expected]

    assert len(orders) == 360
    assert differing == []


def test_late_answers_about_many_visits_are_worked_off_in_turns_each_time() -> None:
    driver = after(*REGISTERED)
    many = 2 * TURN_ENCOUNTERS_MAX + 1
    for number in range(many):
        driver.take(*visit_and_codes(number))
    spring = {"service_from_on": date(2026, 1, 1), "service_to_on": date(2026, 6, 30)}
    for minute, late in enumerate((NEEDED, ASKED, ASKED)):
        before = len(driver.facts)
        driver.units.clear()
        moment = {"found_at": NOW} if late is NEEDED else {"requested_at": NOW + timedelta(minutes=minute)}
        driver.take(structs.replace(late, **spring, **moment))
        added = driver.facts[before:]

        assert sum(isinstance(fact, CodesRejected) for fact in added) == (many if minute < 2 else 0)
        assert sum(isinstance(fact, BacklogLeft) for fact in added) == 2
        assert max(driver.units) <= 3 * TURN_ENCOUNTERS_MAX + 1
