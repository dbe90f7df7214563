"""What is true of claims whenever a unit is whole: one sending at a time, at the price that was told.

Owns: sums and axes over facts, for `claimlog verify`, apart from the code that decides. Refuses: mending.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, assert_never

from services.claims.domain.claim_facts import ClaimQueued
from shared.events.claims import ClaimPriced, ClaimRejected, ClaimSubmitted
from shared.kernel.invariant import Invariant
from shared.kernel.unions import members


def _mispriced(_: bool | None, event: ClaimPriced) -> bool | None:  # noqa: FBT001 (a row)
    return True if event.charge_cents != sum(line.charge_cents for line in event.lines) else None


PRICES: Final[Invariant[bool, ClaimPriced]] = Invariant(
    name="claim-charges",
    about="A claim's charge is the sum of its lines.",
    events=(ClaimPriced,),
    keys=lambda event: (event.claim_id,),
    apply=_mispriced,
    is_broken=lambda _: True,
)


@dataclass(frozen=True, slots=True)
class Sending:
    """The sending of a claim that is under way. **Units**: cents."""

    charge_cents: int = 0
    submission_id: str | None = None
    is_wrong: bool = False


Fact: TypeAlias = ClaimPriced | ClaimQueued | ClaimSubmitted | ClaimRejected


def _sent(row: Sending | None, event: Fact) -> Sending:
    row = row or Sending()
    match event:
        case ClaimPriced():
            return replace(row, charge_cents=event.charge_cents)
        case ClaimQueued():
            return replace(row, submission_id=event.submission_id, is_wrong=row.submission_id is not None)
        case ClaimSubmitted():
            is_current = event.submission_id == row.submission_id  # news of an earlier one may be late
            return replace(row, is_wrong=is_current and event.charge_cents != row.charge_cents)
        case ClaimRejected():
            return replace(row, submission_id=None) if event.submission_id == row.submission_id else row
        case _:
            assert_never(event)


SENDINGS: Final[Invariant[Sending, Fact]] = Invariant(
    name="one-sending",
    about="A claim has one sending under way at a time, at the charge that it has.",
    events=members(Fact),
    keys=lambda event: (event.claim_id,),
    apply=_sent,
    is_broken=lambda row: row.is_wrong,
)

INVARIANTS: Final[tuple[Invariant[Any, Any], ...]] = (PRICES, SENDINGS)
