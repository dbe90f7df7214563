"""Prices of the physician fee schedule, to the cent, against those that Medicare published."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.conversion_factors import EDITION, FACTORS, ConversionFactor, factor_on
from shared.codesets.edition import Interval, TableNotLoaded, UnknownCode, Why
from shared.codesets.gpci import NATIONAL, Locality
from shared.codesets.mpfs import FeeSchedule, RelativeValues
from shared.codesets.official import Stated
from shared.codesets.pos import POS, PlaceOfService
from shared.codesets.pricing import NoPrice, NotPriced, Price, Priced, conversion_factor, payment, price
from shared.kernel.money import Money
from tests.unit.shared.codesets import reference_data
from tests.unit.shared.codesets.fee_schedule_files import row, schedule

MIAMI = Locality("0910204", "FL", "MIAMI", 1_000, 1_027, 2_500, Interval(date(2024, 1, 1)))
OF_2024 = Stated(release="2024", effective_from=date(2024, 1, 1), effective_to=date(2024, 12, 31))
MAY_2024 = date(2024, 5, 1)
OCTOBER = date(2026, 10, 1)


def place(code: str) -> PlaceOfService:
    found = POS.row(code)
    assert found is not None
    return found


OFFICE, HOSPITAL = place("11"), place("22")


def cents(found: Price) -> int:
    assert isinstance(found, Priced)
    return found.amount.cents


@pytest.mark.parametrize(
    ("where", "locality", "on", "expected"),
    [
        (OFFICE, NATIONAL, MAY_2024, 90_87),
        (HOSPITAL, NATIONAL, MAY_2024, 65_24),
        (OFFICE, MIAMI, MAY_2024, 97_06),
        (HOSPITAL, MIAMI, MAY_2024, 70_74),
        (OFFICE, NATIONAL, date(2024, 3, 8), 89_39),  # the factor changed on the day after, within a quarter
        (OFFICE, NATIONAL, date(2024, 3, 9), 90_87),
    ],
)
def test_an_office_visit_of_2024(where: PlaceOfService, locality: Locality, on: date, expected: int) -> None:
    table = schedule(row("99213", factor="32.7442"), stated=OF_2024)

    assert cents(price(table, "99213", on, place=where, locality=locality)) == expected


@pytest.mark.parametrize(
    ("where", "qualifying", "expected"),
    [(OFFICE, False, 95_19), (HOSPITAL, False, 57_45), (OFFICE, True, 95_67), (HOSPITAL, True, 57_74)],
)
def test_an_office_visit_of_2026(where: PlaceOfService, qualifying: bool, expected: int) -> None:  # noqa: FBT001 (a case)
    lines = [row("99213", ("1.30", "1.47", "0.34", "0.08"))]  # 2.85 and 1.72 together
    found = price(schedule(*lines), "99213", OCTOBER, place=where, qualifying=qualifying)

    assert cents(found) == expected


CT = ("0.85", "2.36", "2.36", "0.05"), ("0.85", "0.30", "0.30", "0.04"), ("0.00", "2.06", "2.06", "0.01")


def imaging(cap: tuple[str, str, str]) -> FeeSchedule:
    whole, professional, technical = CT
    return schedule(
        row("70450", whole, components="1", cap=cap, facility="NA"),
        row("70450", professional, modifier="26", components="1"),
        row("70450", technical, modifier="TC", components="1", cap=cap),
    )


def test_components_have_prices_of_their_own() -> None:
    table = imaging(("9.00", "9.00", "0.10"))
    amounts = {
        which: cents(price(table, "70450", OCTOBER, place=OFFICE, modifiers=which))
        for which in ((), ("26",), ("LT", "TC"))
    }

    assert amounts == {(): 108_89, ("26",): 39_75, ("LT", "TC"): 69_14}


def test_imaging_is_paid_no_more_than_the_hospital_would_be() -> None:
    found = price(imaging(("1.00", "1.10", "0.01")), "70450", OCTOBER, place=HOSPITAL, modifiers=("TC",))

    assert isinstance(found, Priced)
    assert (found.capped, found.amount) == (True, Money(37_07))  # 1.11 x 33.4009
    assert payment(found.values, NATIONAL, 33_4009, facility=False) == (Money(69_14), Money(33_73))


def test_a_cap_above_the_price_does_not_count() -> None:
    found = price(imaging(("3.18", "3.18", "0.02")), "70450", OCTOBER, place=HOSPITAL)

    assert isinstance(found, Priced)
    assert (found.capped, found.seldom, found.facility) == (False, True, True)


@pytest.mark.parametrize(
    ("line", "modifiers", "why"),
    [
        (row("99213", status="C"), (), NoPrice.BY_CONTRACTOR),
        (row("99213", status="B"), (), NoPrice.NOT_PAID),
        (row("99213", status="N"), (), NoPrice.NOT_PAID),
        (row("99213", ("0.00", "0.00", "0.00", "0.00"), status="R"), (), NoPrice.BY_CONTRACTOR),
        (row("99213"), ("26",), NoPrice.NO_SUCH_COMPONENT),
        (row("99213"), ("53",), NoPrice.BY_CONTRACTOR),
    ],
)
def test_what_has_no_price_says_why(line: str, modifiers: tuple[str, ...], why: NoPrice) -> None:
    found = price(schedule(line), "99213", OCTOBER, place=OFFICE, modifiers=modifiers)

    assert isinstance(found, NotPriced)
    assert (found.why, found.values.code) == (why, "99213")


def test_a_code_that_the_schedule_lacks_has_no_price() -> None:
    table = schedule(row("99213"))

    assert isinstance(price(table, "99214", OCTOBER, place=OFFICE), UnknownCode)
    assert isinstance(price(table, "99213", date(2027, 1, 1), place=OFFICE), TableNotLoaded)


def test_a_proposed_factor_is_not_loaded() -> None:
    assert factor_on(date(2027, 1, 1)) == TableNotLoaded("conversion_factors", Why.AFTER_LAST_EDITION, EDITION)
    assert factor_on(date(2014, 12, 31)) == TableNotLoaded("conversion_factors", Why.BEFORE_FIRST_EDITION, EDITION)


@pytest.mark.parametrize(
    ("on", "printed", "expected"),
    [
        (date(2024, 3, 20), "32.7442", 33_2875),  # compared: goes before the file of the quarter
        (date(2019, 5, 1), "36.0390", 36_0390),  # not compared: the file goes before
        (date(2019, 5, 1), "0", 36_0391),
        (date(2027, 1, 1), "32.8400", 32_8400),  # none is restated: as the file says
    ],
)
def test_the_factor_of_a_day(on: date, printed: str, expected: int) -> None:
    table = schedule(
        row("99213", factor=printed),
        stated=Stated(release="x", effective_from=date(2015, 1, 1), effective_to=date(2027, 12, 31)),
    )
    found = table.values("99213", on)

    assert isinstance(found, RelativeValues)
    assert conversion_factor(found, on) == expected


def test_factors_follow_one_another() -> None:
    for before, after in pairwise(FACTORS):
        assert before.valid.last is not None
        assert (after.valid.first - before.valid.last).days == 1
    of_2026 = factor_on(OCTOBER)
    assert isinstance(of_2026, ConversionFactor)
    assert (of_2026.of_anesthesia(qualifying=False), of_2026.of_anesthesia(qualifying=True)) == (20_4976, 20_5998)
    of_2025 = factor_on(date(2025, 12, 31))
    assert isinstance(of_2025, ConversionFactor)
    assert (of_2025.of(qualifying=True), of_2025.of_anesthesia(qualifying=True)) == (32_3465, 20_3178)


def test_the_restated_factors_are_those_of_the_sample() -> None:
    for each in reference_data.rows("mpfs/conversion_factors.csv"):
        found = factor_on(date.fromisoformat(each["from"]))
        assert isinstance(found, ConversionFactor)
        assert found.valid == Interval(date.fromisoformat(each["from"]), date.fromisoformat(each["to"]))
        assert found.usual == int(each["pfs_cf_nonQP"].replace(".", ""))
        assert (found.qualifying or 0) == int(each["pfs_cf_QP"].replace(".", "") or 0)
        assert (found.anesthesia or 0) == int(each["anesthesia_cf_nonQP"].replace(".", "") or 0)
        assert found.compared == each["confidence"].startswith("high") or each["from"] == "2024-01-01"


def test_the_rates_of_2026_are_rounded_as_published() -> None:
    checked = 0
    for each in reference_data.rows("mpfs/national_rates_2026_sample_AMA.csv"):
        totals = {OFFICE: each["total_nonfac_rvu_implied"], HOSPITAL: each["total_fac_rvu_implied"]}
        rates = {OFFICE: each["nonfacility_rate_nonQP"], HOSPITAL: each["facility_rate_nonQP"]}
        table = schedule(row(each["hcpcs"], ("0", totals[OFFICE] or "0", totals[HOSPITAL] or "0", "0")))
        for where, rate in rates.items():
            if totals[where] and float(totals[where]):
                assert cents(price(table, each["hcpcs"], OCTOBER, place=where)) == round(float(rate) * 100)
                checked += 1
    assert checked > 100


weights = st.integers(0, 100_000)


@given(st.tuples(weights, weights, weights), st.tuples(*[st.integers(300, 3_000)] * 3), st.integers(1, 999_999))
def test_the_formula_is_exact(values: tuple[int, int, int], indices: tuple[int, int, int], factor: int) -> None:
    lines = [row("99213", [f"{each // 100}.{each % 100:02d}" for each in (values[0], values[1], 0, values[2])])]
    found = schedule(*lines).values("99213", OCTOBER)
    assert isinstance(found, RelativeValues)
    weighed = sum(
        (Decimal(value) / 100 * Decimal(index) / 1_000 for value, index in zip(values, indices, strict=True)),
        Decimal(0),
    )
    expected = (weighed * Decimal(factor) / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP)
    amount, most = payment(found, Locality("", "", "", *indices, Interval(OCTOBER)), factor, facility=False)

    assert (amount, most) == (Money(int(expected * 100)), None)
