"""Every order of the facts that a claim is built from, through reactions, decisions and read models: one end state."""

import itertools
from typing import Final

import pytest
from msgspec.structs import replace

from services.claims.main import service
from services.claims.settings import Settings
from shared.events.envelope import Event
from tests.support.pure_driver import Driver
from tests.unit.claims.examples import (
    AUTHORIZED,
    BILLER,
    CODES,
    CONSENTED,
    COVERAGE,
    DOCTOR,
    ENCOUNTER,
    NOW,
    PATIENT,
    PAYER,
    VALIDATED,
)
from tests.unit.claims.test_line import CLAIM_ID, PUBLISH
from tests.unit.claims.test_locks import REJECTED

SERVICE: Final = service(Settings())
PARTIES: Final = (PATIENT, COVERAGE, PAYER)
WORK: Final = (ENCOUNTER, CODES, VALIDATED)
PRICES: Final = "prices"
NAMED: Final = replace(VALIDATED, authorizations=AUTHORIZED)
USUAL: Final[tuple[Event | str, ...]] = (*PARTIES, *WORK, PRICES)


def driven(order: tuple[Event | str, ...]) -> Driver:
    driver = Driver(SERVICE)
    driver.take(BILLER, DOCTOR, now=NOW)
    for step in order:
        if isinstance(step, str):
            driver.handle(PUBLISH, now=NOW)
        else:
            driver.take(step, now=NOW)
    return driver


def end_of(order: tuple[Event | str, ...]) -> tuple[object, ...]:
    driver = driven(order)
    return (
        driver.states.get(f"claim-{CLAIM_ID}"),
        driver.row("claims", CLAIM_ID),
        driver.row("encounter_billings", ENCOUNTER.encounter_id),
        [fact for fact in driver.facts if type(fact).__name__ in {"ClaimAssembled", "ClaimPriced"}],
    )


def verdicts_and(order: tuple[Event | str, ...], *verdicts: Event) -> list[tuple[Event | str, ...]]:
    """Return some steps with verdicts in their order, spread over all places."""
    places = itertools.combinations_with_replacement(range(len(order) + 1), len(verdicts))
    spread = []
    for chosen in places:
        steps = list(order)
        for place, verdict in sorted(zip(chosen, verdicts, strict=True), key=lambda each: each[0], reverse=True):
            steps.insert(place, verdict)
        if [step for step in steps if step in verdicts] == list(verdicts):
            spread.append(tuple(steps))
    return spread


@pytest.mark.parametrize(("verdicts", "goes"), [((VALIDATED, REJECTED), False), ((REJECTED, VALIDATED), True)])
def test_the_last_verdict_on_codes_holds_whenever_it_comes(verdicts: tuple[Event, ...], goes: bool) -> None:  # noqa: FBT001 (a parameter)
    others = (PATIENT, COVERAGE, PAYER, ENCOUNTER, CODES, PRICES)

    ready = set()
    for order in verdicts_and(others, *verdicts):
        driver = driven(order)
        claim = driver.states.get(f"claim-{CLAIM_ID}")
        ready.add(claim is not None and claim.may_go())

    assert ready == {goes}


def test_every_order_of_one_encounters_facts_assembles_the_same_claim() -> None:
    usual = end_of(USUAL)

    assert [type(fact).__name__ for fact in usual[3]] == ["ClaimAssembled", "ClaimPriced"]  # type: ignore[attr-defined]
    for order in itertools.permutations(USUAL):
        assert end_of(order) == usual, order


@pytest.mark.parametrize("twice", [*PARTIES, *WORK], ids=lambda fact: type(fact).__name__)
def test_a_fact_that_comes_twice_changes_nothing(twice: Event) -> None:
    usual = end_of(USUAL)

    assert end_of((*USUAL, twice)) == usual
    assert end_of((twice, *USUAL)) == usual


def test_every_order_of_a_consent_and_the_verdict_that_names_it_makes_the_same_claim() -> None:
    facts: tuple[Event | str, ...] = (COVERAGE, ENCOUNTER, CODES, NAMED, CONSENTED, PRICES)

    driven_ones = [driven((PATIENT, PAYER, *order)) for order in itertools.permutations(facts)]

    ends = {repr((each.states[f"claim-{CLAIM_ID}"], each.row("claims", CLAIM_ID))) for each in driven_ones}
    assert len(ends) == 1
    assert all(each.row("claims", CLAIM_ID).authorizations == AUTHORIZED for each in driven_ones)


def test_every_order_of_a_consent_and_two_verdicts_ends_with_the_consent_on_the_claim() -> None:
    others = (PATIENT, COVERAGE, PAYER, ENCOUNTER, CODES, PRICES, CONSENTED)

    for verdicts in ((VALIDATED, NAMED), (REJECTED, NAMED), (VALIDATED, REJECTED, NAMED)):
        claims = [driven(order).states[f"claim-{CLAIM_ID}"] for order in verdicts_and(others, *verdicts)]

        assert {claim.authorizations for claim in claims} == {AUTHORIZED}
        assert all(claim.may_go() for claim in claims)


def test_a_consent_that_validation_names_no_more_leaves_the_claim() -> None:
    others = (PATIENT, COVERAGE, PAYER, ENCOUNTER, CODES, PRICES, CONSENTED)

    claims = [driven(order).states[f"claim-{CLAIM_ID}"] for order in verdicts_and(others, NAMED, VALIDATED)]

    assert {claim.authorizations for claim in claims} == {()}
