"""Why less was paid than charged (CAS): the same words in a payer's 835 and in the next payer's 837.

Owns: the value, and how it is written and read. Refuses: sums, which are those of the set that carries it.
**Source**: 005010X221A1 2100 and 2110, 005010X222A1 and X223A2 2320 and 2430.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, groupby
from typing import Final

from shared.x12.elements import cents, quantity_or_none, written_quantity
from shared.x12.making import maker
from shared.x12.writer import SetWriter, amount

_PER_SEGMENT: Final = 6
_REASONS: Final = range(2, 20, 3)  # CAS02, 05 … 17; an amount and a quantity stand behind each


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One reason why less was paid (CAS). **Shape**: `group` CO, PR, OA or PI; `reason` a CARC; positive reduces.

    **Units**: cents.
    """

    group: str
    reason: str
    amount_cents: int
    quantity: Decimal | None = None


_adjustment = maker(Adjustment)


def read_adjustments(e: list[str]) -> list[Adjustment]:
    """Return what one CAS says, padded to nineteen elements. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    return [
        _adjustment(group=e[1], reason=e[at], amount_cents=cents(e[at + 1]), quantity=quantity_or_none(e[at + 2]))
        for at in _REASONS
        if e[at] or e[at + 1]
    ]


def grouped(adjustments: Iterable[Adjustment]) -> tuple[Adjustment, ...]:
    """Return adjustments with those of a group together, which is all that a CAS can say of their order.

    **Shape**: groups in the order of their first adjustment, adjustments of a group in their own.
    """
    by_group: dict[str, list[Adjustment]] = {}
    for adjustment in adjustments:
        by_group.setdefault(adjustment.group, []).append(adjustment)
    return tuple(chain.from_iterable(by_group.values()))


def write_adjustments(out: SetWriter, adjustments: tuple[Adjustment, ...]) -> int:
    """Append adjustments in their order, six of a group in each CAS. Return how many CAS that took."""
    segments = 0
    for group, of_group in groupby(adjustments, key=lambda adjustment: adjustment.group):
        found = tuple(of_group)
        for start in range(0, len(found), _PER_SEGMENT):
            chunk = found[start : start + _PER_SEGMENT]
            out.add("CAS", group, *(element for adjustment in chunk for element in _elements(adjustment)))
            segments += 1
    return segments


def _elements(adjustment: Adjustment) -> tuple[str, str, str]:
    number = adjustment.quantity
    return adjustment.reason, amount(adjustment.amount_cents), written_quantity(number) if number is not None else ""
