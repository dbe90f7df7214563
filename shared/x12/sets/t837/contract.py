"""What was agreed with a payer: the contract that prices a charge (CN1), and figures in a form of its own (K3).

Owns: the value, and how both are read and written, on a claim or on a line of either kind. Refuses: to know what a
contract says, and to bend a figure whose blanks count. **Source**: 005010X222A1 and 005010X223A2, CN1 and K3 of 2300,
005010X222A1, CN1 and K3 of 2400.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shared.x12.elements import cents_or_none, quantity_or_none, written_quantity
from shared.x12.sets.t837 import codes
from shared.x12.sets.t837.walk import Draft, Walk
from shared.x12.writer import CannotBeWritten, SetWriter, amount, identifier

_FIXED_MAX: Final = 10
_FIXED_LENGTH_MAX: Final = 80
_PERCENT_DIGITS_MAX: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The contract that prices a charge (CN1). **Units**: cents; percentages as they were written.

    **Shape**: `kind` 01 by DRG, 02 by the day, 03 by the day at rates that vary, 04 a flat sum, 05 by the head, 06 a
    percentage, 09 another; `code` and `version` are the payer's names of it.
    """

    kind: str
    amount_cents: int | None = None
    percent: Decimal | None = None
    code: str = ""
    discount_percent: Decimal | None = None
    version: str = ""


def contract(walk: Walk, draft: Draft) -> Contract | None:
    """Return the contract of a claim or a line. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    for walk.at, e in draft.kept.get("CN1", ()):
        return Contract(
            kind=e[1],
            amount_cents=cents_or_none(e[2]),
            percent=quantity_or_none(e[3]),
            code=e[4],
            discount_percent=quantity_or_none(e[5]),
            version=e[6],
        )
    return None


def fixed_figures(draft: Draft) -> tuple[str, ...]:
    """Return what a claim or a line says in a form of its own."""
    return tuple(e[1] for _, e in draft.kept.get("K3", ()))


def write_contract(out: SetWriter, found: Contract | None) -> None:
    """Append the contract of a claim or a line, if there is one. **Errors**: `CannotBeWritten`."""
    if found is None:
        return
    if found.amount_cents is not None and found.amount_cents < 0:
        raise CannotBeWritten("what a contract allows is not negative")
    out.add(
        "CN1",
        codes.CONTRACTS.checked(found.kind),
        amount(found.amount_cents) if found.amount_cents is not None else "",
        _percent(found.percent),
        identifier(found.code, length_max=50, required=False),
        _percent(found.discount_percent),
        identifier(found.version, length_max=30, required=False),
    )


def write_fixed_figures(out: SetWriter, found: tuple[str, ...]) -> None:
    """Append what is said in a form of its own, as it is. **Errors**: `CannotBeWritten`."""
    if len(found) > _FIXED_MAX:
        raise CannotBeWritten("a claim or a line says at most ten things in a form of their own (K3)")
    for text in found:
        out.add("K3", identifier(text, length_max=_FIXED_LENGTH_MAX))


def _percent(found: Decimal | None) -> str:
    if found is None:
        return ""
    text = written_quantity(found)
    if found < 0 or len(text.replace(".", "")) > _PERCENT_DIGITS_MAX:
        raise CannotBeWritten("a percentage of a contract has at most six digits, and is not negative")
    return text
