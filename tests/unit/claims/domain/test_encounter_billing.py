"""The rules of `services/claims/domain/encounter_billing.py` as examples."""

from dataclasses import replace

import pytest

from services.claims.domain.encounter_billing import (
    ENCOUNTER_BILLINGS,
    AskAgain,
    BillEncounter,
    BillingAskedAgain,
    BillingEvent,
    BillingFactsArrived,
    CodingChangedAfterRelease,
    EncounterBilled,
    EncounterBillingWaiting,
    EncounterHeld,
    EncounterNotHeld,
    Outcome,
    ToPatient,
    ToPayer,
    ToPerson,
    Waits,
)
from shared.events.claims import EncounterReleasedToSelfPay, PricedLine
from tests.unit.claims.examples import NOW

TO_PATIENT = ToPatient((PricedLine(line_no=1, line_control_number="L1", charge_cents=150_00),))
TO_PAYER = ToPayer("K-1", "Y-1")


def bill(outcome: Outcome, version: int = 1) -> BillEncounter:
    return BillEncounter(encounter_id="E-1", patient_id="P-1", coding_version=version, outcome=outcome, now=NOW)


def after(*commands: BillEncounter | AskAgain) -> tuple[BillingEvent, ...]:
    """Return the history that some commands make."""
    given: tuple[BillingEvent, ...] = ()
    for command in commands:
        given += ENCOUNTER_BILLINGS.outcome(given=given, when=command)
    return given


def kinds(facts: tuple[BillingEvent, ...]) -> list[type[BillingEvent]]:
    return [type(fact) for fact in facts]


@pytest.mark.parametrize(
    ("outcome", "facts"),
    [
        (TO_PAYER, [EncounterBilled]),
        (TO_PATIENT, [EncounterBilled, EncounterReleasedToSelfPay]),
        (ToPerson("no-coverage"), [EncounterHeld]),
        (Waits(("payer/Y-1",)), [EncounterBillingWaiting]),
    ],
)
def test_becomes_what_its_facts_amount_to_once(outcome: Outcome, facts: list[type[BillingEvent]]) -> None:
    given = after(bill(outcome))

    assert kinds(given) == facts
    assert ENCOUNTER_BILLINGS.outcome(given=given, when=bill(outcome)) == ()


def test_sums_up_what_the_patient_is_asked_for() -> None:
    (_, released) = after(bill(ToPatient((*TO_PATIENT.lines, replace_line(2, 12_50)))))

    assert isinstance(released, EncounterReleasedToSelfPay)
    assert released.charge_cents == 162_50


def replace_line(number: int, cents: int) -> PricedLine:
    return PricedLine(line_no=number, line_control_number=f"L{number}", charge_cents=cents)


def test_says_what_it_waits_for_and_what_it_does_not_wait_for_any_more() -> None:
    facts = after(
        bill(Waits(("patient/P-1", "price/99213"))),
        bill(Waits(("price/99213",))),
        bill(Waits(("price/99213", "payer/Y-1"))),
        bill(TO_PAYER),
    )

    assert kinds(facts) == [
        EncounterBillingWaiting,
        BillingFactsArrived,
        EncounterBillingWaiting,
        BillingFactsArrived,
        EncounterBilled,
    ]
    assert [fact.arrived for fact in facts if isinstance(fact, BillingFactsArrived)] == [
        ("patient/P-1",),
        ("price/99213", "payer/Y-1"),
    ]


@pytest.mark.parametrize("late", [Waits(("payer/Y-1",)), TO_PAYER, TO_PATIENT, ToPerson("no-coverage")])
def test_is_not_settled_again_for_the_same_codes(late: Outcome) -> None:
    assert ENCOUNTER_BILLINGS.outcome(given=after(bill(TO_PAYER)), when=bill(late)) == ()


def test_is_billed_anew_for_new_codes() -> None:
    given = after(bill(ToPerson("no-coverage")), bill(TO_PAYER, 2), bill(TO_PAYER, 3))

    assert kinds(given) == [EncounterHeld, EncounterBilled, EncounterBilled]
    assert ENCOUNTER_BILLINGS.outcome(given=given, when=bill(TO_PAYER, 2)) == ()


@pytest.mark.parametrize("outcome", [TO_PATIENT, TO_PAYER])
def test_never_charges_a_patient_twice_but_notes_new_codes(outcome: Outcome) -> None:
    given = after(bill(TO_PATIENT))

    facts = ENCOUNTER_BILLINGS.outcome(given=given, when=bill(outcome, 2))

    assert kinds(facts) == [CodingChangedAfterRelease]
    assert ENCOUNTER_BILLINGS.outcome(given=(*given, *facts), when=bill(outcome, 2)) == ()


def test_decides_on_the_stream_of_the_encounter() -> None:
    assert ENCOUNTER_BILLINGS.stream(replace(bill(TO_PAYER), encounter_id="E-7")) == "encounter_billing-E-7"


ASK = AskAgain(encounter_id="E-1", now=NOW)


@pytest.mark.parametrize("outcome", [TO_PAYER, TO_PATIENT, ToPerson("no-coverage")])
def test_is_looked_at_anew_with_the_same_codes_once_it_was_mended(outcome: Outcome) -> None:
    given = after(bill(ToPerson("price-ambiguous")), ASK)

    assert isinstance(given[-1], BillingAskedAgain)
    assert given[-1].patient_id == "P-1"
    assert kinds(ENCOUNTER_BILLINGS.outcome(given=given, when=bill(outcome)))


@pytest.mark.parametrize("before", [(), (bill(TO_PAYER),), (bill(TO_PATIENT),), (bill(Waits(("payer/Y-1",))),)])
def test_is_not_looked_at_anew_unless_it_is_held(before: tuple[BillEncounter, ...]) -> None:
    with pytest.raises(EncounterNotHeld):
        ENCOUNTER_BILLINGS.outcome(given=after(*before), when=ASK)
