"""How a payer shares the cost of care with a member, what it wants to know first, and what a member has used up.

Owns: plans and coverages as values, and each member's year while it is written. Refuses: prices (`contract.py`) and
decisions (`adjudication.py`). A year's amounts move when a claim is decided, and move back when the decision is
reversed, so the order in which claims are decided matters, as it does in life; plans that count by claim have no order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

ANY: Final = frozenset({"*"})
"""Every procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a member is entitled to. **Units**: cents, percent, days.

    **Shape**: `deductible_cents` is of a year, or of each claim where `by_claim`; the copay is of each claim, on its
    first paid line; `out_of_pocket_max_cents` ends a member's share of a year. `authorization_for`, `not_covered` and
    `not_for_wellness` are procedures, `ANY` all of them; `bundles` is whether a visit is part of what was done with it.
    """

    name: str
    deductible_cents: int = 0
    by_claim: bool = False
    copay_cents: int = 0
    coinsurance_percent: int = 0
    out_of_pocket_max_cents: int | None = None
    filing_days_max: int | None = None
    authorization_for: frozenset[str] = frozenset()
    not_covered: frozenset[str] = frozenset()
    not_for_wellness: frozenset[str] = frozenset()
    known_procedures: frozenset[str] = ANY
    bundles: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A member's plan, and from when to when it holds. **Shape**: both days inclusive, None without a limit."""

    plan: Plan
    effective_on: date | None = None
    terminated_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether a service of that day is covered at all."""
        begun = self.effective_on is None or self.effective_on <= day
        return begun and (self.terminated_on is None or day <= self.terminated_on)


@dataclass(frozen=True, slots=True)
class Used:
    """What a member bore of one year so far. **Units**: cents."""

    deductible_cents: int = 0
    out_of_pocket_cents: int = 0

    def plus(self, other: "Used") -> "Used":
        """Return both together."""
        return Used(
            self.deductible_cents + other.deductible_cents, self.out_of_pocket_cents + other.out_of_pocket_cents
        )

    def times(self, factor: int) -> "Used":
        """Return it so many times; minus once takes it back."""
        return Used(self.deductible_cents * factor, self.out_of_pocket_cents * factor)


NOTHING_USED: Final = Used()


@dataclass(slots=True)
class Accumulators:
    """What each member of each payer bore of each year."""

    _used: dict[tuple[str, str, int], Used] = field(default_factory=dict)

    def used(self, payer_id: str, member_id: str, year: int) -> Used:
        """Return what a member bore so far."""
        return self._used.get((payer_id, member_id.upper(), year), NOTHING_USED)

    def add(self, payer_id: str, member_id: str, year: int, used: Used) -> None:
        """Count what a decision left to the member, or uncount it where it is taken back."""
        self._used[payer_id, member_id.upper(), year] = self.used(payer_id, member_id, year).plus(used)


def covers(procedures: frozenset[str], procedure: str) -> bool:
    """Return whether a list of procedures names one."""
    return procedures is ANY or procedure in procedures or "*" in procedures


def is_before(coverages: Iterable[Coverage], day: date) -> bool:
    """Return whether a day lies before everything that covers somebody began."""
    begins = [coverage.effective_on for coverage in coverages]
    return bool(begins) and all(each is not None and day < each for each in begins)


def holding(coverages: Iterable[Coverage], day: date) -> Coverage | None:
    """Return the coverage that holds on a day, None where there is none."""
    return next((coverage for coverage in coverages if coverage.holds_on(day)), None)
