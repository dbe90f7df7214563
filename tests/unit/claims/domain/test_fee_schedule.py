"""The rules of `services/claims/domain/fee_schedule.py` as examples: publishing, and which price holds when."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from msgspec import structs

from services.claims.domain.fee_schedule import (
    FEE_SCHEDULES,
    FeeScheduleUnclear,
    FeeScheduleVersionExists,
    PriceList,
    PublishFeeSchedule,
    fee_schedule_id_of,
    price_on,
)
from shared.events.claims import FeeScheduleItem
from tests.unit.claims.examples import NOW, PRICES

ITEM = FeeScheduleItem(procedure_code="99213", charge_cents=150_00)
PUBLISH = PublishFeeSchedule(
    fee_schedule_id="F-1",
    schedule_name="practice",
    schedule_version=1,
    effective_from_on=date(2026, 1, 1),
    effective_to_on=date(2026, 12, 31),
    items=(ITEM,),
    now=NOW,
)
PUBLISHED = FEE_SCHEDULES.outcome(given=(), when=PUBLISH)


def test_publishes_a_version_once() -> None:
    assert [fact.items for fact in PUBLISHED] == [(ITEM,)]
    assert FEE_SCHEDULES.outcome(given=PUBLISHED, when=replace(PUBLISH, now=NOW.replace(year=2027))) == ()
    assert len(FEE_SCHEDULES.outcome(given=PUBLISHED, when=replace(PUBLISH, schedule_version=2))) == 1


@pytest.mark.parametrize(
    "changed",
    [
        replace(PUBLISH, items=(structs.replace(ITEM, charge_cents=1),)),
        replace(PUBLISH, effective_to_on=None),
        replace(PUBLISH, effective_from_on=date(2025, 1, 1)),
    ],
)
def test_never_changes_a_published_version(changed: PublishFeeSchedule) -> None:
    with pytest.raises(FeeScheduleVersionExists):
        FEE_SCHEDULES.outcome(given=PUBLISHED, when=changed)


@pytest.mark.parametrize(
    "unclear",
    [
        replace(PUBLISH, items=()),
        replace(PUBLISH, items=(ITEM, structs.replace(ITEM, charge_cents=1))),
        replace(PUBLISH, effective_to_on=date(2025, 12, 31)),
    ],
    ids=["prices nothing", "one price twice", "ends before it begins"],
)
def test_refuses_what_prices_nothing_clearly(unclear: PublishFeeSchedule) -> None:
    with pytest.raises(FeeScheduleUnclear):
        FEE_SCHEDULES.outcome(given=(), when=unclear)


def test_knows_a_schedule_by_its_name_however_it_is_typed() -> None:
    assert fee_schedule_id_of(" Practice  2026") == fee_schedule_id_of("practice 2026")
    assert fee_schedule_id_of("practice") != fee_schedule_id_of("practice 2026")


VERSIONS = (
    structs.replace(PRICES, effective_to_on=date(2026, 6, 30)),
    structs.replace(
        PRICES,
        schedule_version=2,
        effective_from_on=date(2026, 4, 1),
        items=(
            structs.replace(ITEM, charge_cents=160_00),
            FeeScheduleItem(procedure_code="99213", modifier="26", charge_cents=90_00),
        ),
    ),
    structs.replace(
        PRICES,
        fee_schedule_id="F-2",
        schedule_name="urgent care",
        items=(
            structs.replace(ITEM, charge_cents=999_00),
            FeeScheduleItem(procedure_code="73030", modifier="TC", charge_cents=40_00),
        ),
    ),
)


@pytest.mark.parametrize(
    ("code", "on", "modifiers", "price"),
    [
        ("99213", date(2026, 3, 31), (), ("practice 1", 150_00)),
        ("99213", date(2026, 4, 1), (), ("practice 2", 160_00)),
        ("99213", date(2026, 4, 1), ("25", "26"), ("practice 2", 90_00)),
        ("99213", date(2026, 3, 31), ("26",), ("practice 1", 150_00)),
        ("36415", date(2026, 6, 30), (), ("practice 1", 12_50)),
        ("36415", date(2026, 7, 1), (), None),
        ("99213", date(2025, 12, 31), (), None),
        ("73030", date(2026, 3, 1), ("TC",), ("urgent care 1", 40_00)),
        ("73030", date(2026, 3, 1), (), None),
        ("99999", date(2026, 3, 1), (), None),
    ],
)
def test_finds_the_price_of_the_day(
    code: str, on: date, modifiers: tuple[str, ...], price: tuple[str, int] | None
) -> None:
    lists = set()
    for order in permutations(VERSIONS):
        prices = PriceList()
        for version in order:
            prices = prices.with_version(version)
        lists.add(prices)
    (prices,) = lists

    found = price_on(prices.of(code), on, modifiers=modifiers)

    assert (found and (found.version, found.charge_cents)) == price
