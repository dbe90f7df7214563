"""The rules of `services/registration/domain/coverage.py` as examples; all people are synthetic."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from msgspec import structs

from services.registration.domain.coverage import (
    COVERAGES,
    AddCoverage,
    CoverageDiffers,
    EffectiveRangeReversed,
    SubscriberUnclear,
    names,
    order_on,
)
from shared.events.registration import CoverageAdded, FilingOrder
from shared.kernel.erased import ERASED
from shared.kernel.person import Address, PersonName, Subscriber

ADD = AddCoverage(
    coverage_id="c-1",
    patient_id="p-1",
    payer_id="y-1",
    filing_order="primary",
    plan=None,
    relationship="self",
    member_id="PAID0001",
    group_number=None,
    subscriber=None,
    effective_from_on=date(2026, 1, 1),
    effective_to_on=None,
    now=datetime(2026, 3, 3, tzinfo=UTC),
)
PARENT = Subscriber(
    name=PersonName(family="Sample", given="Bea"),
    birth_on=date(1950, 1, 1),
    sex="female",
    address=Address(line="1 Elm St", city="Tampa", state="FL", zip="33602"),
)
DAY = date(2026, 6, 1)


def added(
    coverage_id: str, order: FilingOrder = "primary", *, since: date = date(2026, 1, 1), until: date | None = None
) -> CoverageAdded:
    command = replace(ADD, coverage_id=coverage_id, filing_order=order, effective_from_on=since, effective_to_on=until)
    (event,) = COVERAGES.outcome(given=(), when=command)
    return event


def test_adds_a_coverage_once() -> None:
    event = added("c-1")

    assert (event.coverage_id, event.member_id, event.added_at) == ("c-1", "PAID0001", ADD.now)
    assert COVERAGES.outcome(given=[event], when=ADD) == ()


@pytest.mark.parametrize(
    "other",
    [replace(ADD, effective_to_on=date(2026, 12, 31)), replace(ADD, plan="Gold PPO"), replace(ADD, patient_id="p-2")],
    ids=["end", "plan", "patient"],
)
def test_refuses_another_card_for_the_same_coverage(other: AddCoverage) -> None:
    with pytest.raises(CoverageDiffers):
        COVERAGES.outcome(given=[added("c-1")], when=other)


def test_takes_the_same_card_in_another_spelling() -> None:
    assert COVERAGES.outcome(given=[added("c-1")], when=replace(ADD, member_id="paid 0001")) == ()


def test_takes_a_coverage_of_one_day() -> None:
    assert added("c-1", until=date(2026, 1, 1)).effective_to_on == date(2026, 1, 1)


def test_refuses_a_coverage_that_ends_before_it_begins() -> None:
    with pytest.raises(EffectiveRangeReversed):
        added("c-1", until=date(2025, 12, 31))


@pytest.mark.parametrize(
    "unclear",
    [replace(ADD, relationship="child"), replace(ADD, subscriber=PARENT)],
    ids=["dependent without subscriber", "self with subscriber"],
)
def test_refuses_a_coverage_whose_insured_is_unclear(unclear: AddCoverage) -> None:
    with pytest.raises(SubscriberUnclear):
        COVERAGES.outcome(given=(), when=unclear)


def test_takes_a_dependent_with_the_subscriber() -> None:
    (event,) = COVERAGES.outcome(given=(), when=replace(ADD, relationship="child", subscriber=PARENT))

    assert event.subscriber == PARENT


def test_reserves_one_place_in_a_payers_line_per_patient() -> None:
    first, again = added("c-1"), added("c-2")
    (shared,) = COVERAGES.outcome(given=(), when=replace(ADD, patient_id="p-2"))

    assert names(first) == names(again)
    assert names(first) != names(shared)
    assert names(first) != names(added("c-3", "secondary"))
    assert names(first) != names(added("c-4", since=date(2026, 1, 2)))
    assert names(structs.replace(first, member_id=ERASED)) == ()


@pytest.mark.parametrize(
    ("coverages", "expected"),
    [
        ((), ()),
        ((added("b", "secondary"), added("a")), ("a", "b")),
        ((added("old", until=date(2026, 5, 31)), added("new", since=date(2026, 6, 1))), ("new",)),
        ((added("last-day", until=DAY),), ("last-day",)),
        ((added("not-yet", since=date(2026, 6, 2)),), ()),
        ((added("older"), added("newer", since=date(2026, 2, 1))), ("newer",)),
        ((added("only", "tertiary"),), ("only",)),
    ],
    ids=["none", "filing order", "changed payer", "last day counts", "later", "newer card", "gap in the order"],
)
def test_orders_what_holds_on_a_day(coverages: tuple[CoverageAdded, ...], expected: tuple[str, ...]) -> None:
    for arrived in permutations(coverages):
        assert order_on(arrived, DAY) == expected
