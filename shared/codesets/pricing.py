"""What the Medicare physician fee schedule pays for one unit of a service, to the cent.

    (work x index + practice expense x index + malpractice x index) x conversion factor, rounded half up at the end

Owns: the formula, the choice of practice expense by place of service, components (26, TC), and the cap of imaging.
Refuses: what depends on the other lines of a claim (several procedures, both sides, assistants): the indicators in
`mpfs.py` say which of them apply. **Source**: 42 CFR 414.20 to 414.30; section 5102(b) of the Deficit Reduction Act.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, TypeAlias

from shared.codesets.conversion_factors import ConversionFactor, factor_on
from shared.codesets.edition import TableNotLoaded, UnknownCode
from shared.codesets.gpci import NATIONAL, Locality
from shared.codesets.mpfs import FeeSchedule, RelativeValues
from shared.codesets.pos import PlaceOfService
from shared.kernel.money import Money

_BROKEN_OFF: Final = "53"
COMPONENTS: Final = ("26", "TC", _BROKEN_OFF)
"""Modifiers that may have values of their own."""
_CENT: Final = Decimal("0.01")
_EXPONENT: Final = -9  # hundredths of a value x thousandths of an index x ten-thousandths of a dollar
_WITH_VALUES: Final = "ART"  # the statuses that are paid by their values: active, restricted, only if alone
_BY_CONTRACTOR: Final = "C"


class NoPrice(StrEnum):
    """Why the schedule has no price for a service that it lists."""

    NOT_PAID = "not-paid"  # bundled, not covered, not valid for Medicare: the status says which
    BY_CONTRACTOR = "by-contractor"  # whoever pays sets it
    NO_SUCH_COMPONENT = "no-such-component"  # the code has no professional or technical part of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """One unit. **Shape**: `factor` in ten-thousandths of a dollar; `seldom`: rarely done in such a place."""

    amount: Money
    values: RelativeValues
    locality: Locality
    facility: bool
    factor: int
    capped: bool
    seldom: bool


@dataclass(frozen=True, slots=True)
class NotPriced:
    """The schedule lists the code and has no price for it. **Shape**: `values` of the code itself."""

    why: NoPrice
    values: RelativeValues


Price: TypeAlias = Priced | NotPriced | UnknownCode | TableNotLoaded


def price(  # noqa: PLR0913 (a price depends on all of these)
    schedule: FeeSchedule,
    code: str,
    on: date,
    *,
    place: PlaceOfService,
    modifiers: Collection[str] = (),
    locality: Locality = NATIONAL,
    qualifying: bool = False,
) -> Price:
    """Return what one unit of a service is paid on a day, or why there is no price.

    **Shape**: of `modifiers` the one counts that stands for a component; `qualifying`: the clinician takes part in an
    advanced payment model. `place` must be assigned: `pos.POS` has no row for any other.
    """
    whole = schedule.values(code, on, qualifying=qualifying)
    if not isinstance(whole, RelativeValues):
        return whole
    found = _component(schedule, whole, on, modifiers, qualifying=qualifying)
    if isinstance(found, NoPrice):
        return NotPriced(found, whole)
    if found.indicators.status not in _WITH_VALUES:
        by_contractor = found.indicators.status == _BY_CONTRACTOR
        return NotPriced(NoPrice.BY_CONTRACTOR if by_contractor else NoPrice.NOT_PAID, found)
    if not (found.work or found.office_expense or found.facility_expense or found.malpractice):
        return NotPriced(NoPrice.BY_CONTRACTOR, found)
    factor = conversion_factor(found, on, qualifying=qualifying)
    whole_amount, most = payment(found, locality, factor, facility=place.facility)
    indicators = found.indicators
    return Priced(
        amount=whole_amount if most is None else min(whole_amount, most),
        values=found,
        locality=locality,
        facility=place.facility,
        factor=factor,
        capped=most is not None and most < whole_amount,
        seldom=indicators.seldom_in_facility if place.facility else indicators.seldom_in_office,
    )


def payment(values: RelativeValues, locality: Locality, factor: int, *, facility: bool) -> tuple[Money, Money | None]:
    """Return what the formula gives, and the most that is paid for imaging; None where nothing caps it.

    The cap puts the expense and the malpractice of the outpatient hospital in the place of the schedule's own; the work
    is the same.
    """
    expense = values.facility_expense if facility else values.office_expense
    amount = _formula((values.work, expense, values.malpractice), locality, factor)
    if values.cap is None:
        return amount, None
    most = values.cap.facility_expense if facility else values.cap.office_expense
    return amount, _formula((values.work, most, values.cap.malpractice), locality, factor)


def conversion_factor(values: RelativeValues, on: date, *, qualifying: bool = False) -> int:
    """Return the factor of a day: the restated one where it was compared, else that of the file of the values.

    A factor may change within a quarter (2024-03-09) whose file prints the old one: so the restated one goes before.
    """
    match factor_on(on):
        case ConversionFactor(compared=True) as restated:
            return restated.of(qualifying=qualifying)
        case ConversionFactor() as restated:
            return values.factor or restated.of(qualifying=qualifying)
        case _:
            return values.factor


def _component(
    schedule: FeeSchedule, whole: RelativeValues, on: date, modifiers: Collection[str], *, qualifying: bool
) -> RelativeValues | NoPrice:
    """Return the row that the modifiers ask for, or why the code has none."""
    for modifier in COMPONENTS:
        if modifier in modifiers:
            found = schedule.values(whole.code, on, modifier=modifier, qualifying=qualifying)
            if isinstance(found, RelativeValues):
                return found
            return NoPrice.BY_CONTRACTOR if modifier == _BROKEN_OFF else NoPrice.NO_SUCH_COMPONENT
    return whole


def _formula(values: tuple[int, int, int], locality: Locality, factor: int) -> Money:
    work, expense, malpractice = values
    weighed = work * locality.work + expense * locality.practice_expense + malpractice * locality.malpractice
    dollars = Decimal(weighed * factor).scaleb(_EXPONENT).quantize(_CENT, ROUND_HALF_UP)
    return Money(int(dollars.scaleb(2)))
