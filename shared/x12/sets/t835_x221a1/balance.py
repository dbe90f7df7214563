"""The three sums of an 835; exact, without tolerance. What does not balance is held, never mended.

**Source**: RFI 2348 and 2601 (line, claim), RFI 427 and 1756 (transaction).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from shared.x12.adjustment import Adjustment
from shared.x12.sets.t835_x221a1.remittance import Remittance, RemittanceClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Imbalance:
    """A sum that is not what the payer says it is.

    **Shape**: `claim` and `line` count from 1 in the order of the file. **Units**: cents that the payer's own figure
    is above what follows from the others.
    """

    level: Literal["line", "claim", "transaction"]
    difference_cents: int
    claim: int | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """Return where it is, in words and without values."""
        parts = ["BPR02" if self.claim is None else f"claim {self.claim}"]
        return ", ".join([*parts, f"line {self.line}"] if self.line is not None else parts)


def balance(remittance: Remittance) -> tuple[Imbalance, ...]:
    """Return every sum that does not hold: lines and claims in order, the transaction last; empty: it may be posted."""
    sums = Sums()
    found = [imbalance for claim in remittance.claims for imbalance in sums.claim(claim)]
    return (*found, *sums.transaction(remittance))


class Sums:
    """The sums of a remittance whose claims are still coming, and need not be kept."""

    __slots__ = ("_claims", "_paid_cents")

    def __init__(self) -> None:
        self._claims = self._paid_cents = 0

    def claim(self, claim: RemittanceClaim) -> tuple[Imbalance, ...]:
        """Return what does not hold in the next claim."""
        self._claims += 1
        self._paid_cents += claim.paid_cents
        return tuple(_claim(self._claims, claim))

    def transaction(self, remittance: Remittance) -> tuple[Imbalance, ...]:
        """Return what does not hold in the whole, once every claim was given; those of `remittance` are not looked at.

        **Shape**: nothing, or one.
        """
        adjusted = sum(adjustment.amount_cents for adjustment in remittance.provider_adjustments)
        difference = remittance.payment_cents - (self._paid_cents - adjusted)
        return (Imbalance(level="transaction", difference_cents=difference),) if difference else ()


def _claim(number: int, claim: RemittanceClaim) -> Iterator[Imbalance]:
    adjusted = _sum(claim.adjustments)
    for position, line in enumerate(claim.lines, start=1):
        adjusted_on_line = _sum(line.adjustments)
        adjusted += adjusted_on_line
        difference = line.paid_cents - (line.charge_cents - adjusted_on_line)
        if difference:
            yield Imbalance(level="line", difference_cents=difference, claim=number, line=position)
    difference = claim.paid_cents - (claim.charge_cents - adjusted)
    if difference:
        yield Imbalance(level="claim", difference_cents=difference, claim=number)


def _sum(adjustments: tuple[Adjustment, ...]) -> int:
    return sum(adjustment.amount_cents for adjustment in adjustments)
