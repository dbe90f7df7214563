"""What no 837 may be: sums that differ, numbers that are missing, decisions of other payers that do not add up.

Owns: what each guide forbids and no validator of syntax sees (x12.md, sections 5, 7 and 9). Refuses: to mend; what is
wrong is said in words, without a value. **Source**: RFI 1538 (REF*F8), 1555, 1294, 1115 and 524 (balances).
"""

from collections.abc import Sequence
from typing import Final, Protocol

from shared.x12.adjustment import Adjustment
from shared.x12.sets.t837.benefits import LineAdjudication, OtherPayer
from shared.x12.sets.t837.parties import Subscriber
from shared.x12.writer import CannotBeWritten

OTHER_PAYERS_MAX: Final = 10
_BEFORE_RULE: Final = "a claim to a payer that is not the first names the payers before it, the primary (P) among them"
ADJUDICATIONS_MAX: Final = 15
_CORRECTIONS: Final = ("7", "8")
_REASON_MAX: Final = 5
_FIRST: Final = "P"
_UNORDERED: Final = "U"  # whose place nobody knows
_PLACES: Final = {place: at for at, place in enumerate("PSTABCDEFGH")}
_GROUPS: Final = frozenset({"CO", "OA", "PI", "PR"})  # CR is gone from the remittance, so nobody can have received it


class Line(Protocol):
    """A line, as far as sums go."""

    @property
    def charge_cents(self) -> int:
        """Return what was charged."""

    @property
    def line_control_number(self) -> str:
        """Return its number in the claim."""

    @property
    def adjudications(self) -> tuple[LineAdjudication, ...]:
        """Return what other payers decided about it."""


class Claim(Protocol):
    """A claim, as far as sums and numbers go."""

    @property
    def charge_cents(self) -> int:
        """Return what was charged."""

    @property
    def frequency(self) -> str:
        """Return whether it is an original."""

    @property
    def original_payer_control_number(self) -> str:
        """Return the payer's number of what is corrected."""

    @property
    def subscriber(self) -> Subscriber:
        """Return who is insured."""

    @property
    def other_payers(self) -> tuple[OtherPayer, ...]:
        """Return who else pays."""

    @property
    def lines(self) -> Sequence[Line]:
        """Return the lines."""


def refuse_uncorrectable(claim: Claim, *, original: str = "1") -> None:
    """Refuse a correction of nothing, and an original that corrects something."""
    number = claim.original_payer_control_number
    if claim.frequency in _CORRECTIONS and not number:
        raise CannotBeWritten("a replacement or void names the payer's claim number")
    if claim.frequency == original and number:
        raise CannotBeWritten("an original claim does not name a payer's claim number")


def refuse_lines(claim: Claim, *, lines_max: int) -> None:
    """Refuse too many lines or none, a charge that is not their sum or is negative, and numbers that repeat."""
    lines = claim.lines
    if not 1 <= len(lines) <= lines_max:
        raise CannotBeWritten(f"a claim of this kind has 1 to {lines_max} lines")
    charges = [line.charge_cents for line in lines]
    if claim.charge_cents != sum(charges):
        raise CannotBeWritten("the charge of a claim is the sum of its lines")
    if min(charges) < 0:
        raise CannotBeWritten("a charge is not negative: what was wrong is voided or replaced")
    numbers = [line.line_control_number for line in lines if line.line_control_number]
    if len(set(numbers)) != len(numbers):
        raise CannotBeWritten("the control number of a line is its own in the claim")


def refuse_benefits(claim: Claim) -> None:
    """Refuse other payers that are in no order, and decisions of theirs that do not add up to the charges."""
    others, lines = claim.other_payers, claim.lines
    if not others:
        if claim.subscriber.responsibility not in {_FIRST, _UNORDERED}:
            raise CannotBeWritten(_BEFORE_RULE)
        if any(line.adjudications for line in lines):
            raise CannotBeWritten("a decision about a line is of a payer that the claim names")
        return
    _refuse_order(claim)
    lines_here = range(1, len(lines) + 1)
    known = {other.payer.payer_id for other in others}
    for line in lines:
        if len(line.adjudications) > ADJUDICATIONS_MAX:
            raise CannotBeWritten("a line has at most fifteen decisions of other payers")
        if not known.issuperset(decided.payer_id for decided in line.adjudications):
            raise CannotBeWritten("a decision about a line is of a payer that the claim names")
        if any(one.bundled_into is not None and one.bundled_into not in lines_here for one in line.adjudications):
            raise CannotBeWritten("what a line was paid with is a line of the claim, counted from 1")
    for other in others:
        _refuse_payer(claim, other)


def _refuse_order(claim: Claim) -> None:
    others = claim.other_payers
    if len(others) > OTHER_PAYERS_MAX:
        raise CannotBeWritten("a claim names at most ten other payers")
    mine = claim.subscriber.responsibility
    places = [place for place in (mine, *(other.responsibility for other in others)) if place != _UNORDERED]
    if len(set(places)) != len(places):
        raise CannotBeWritten("each payer of a claim has its own place in their order")
    if mine != _UNORDERED and _FIRST not in places:
        raise CannotBeWritten(_BEFORE_RULE)
    if len({other.payer.payer_id for other in others}) != len(others):
        raise CannotBeWritten("each other payer of a claim has its own number")


def _refuse_payer(claim: Claim, other: OtherPayer) -> None:
    payer_id = other.payer.payer_id
    by_line = [tuple(one for one in line.adjudications if one.payer_id == payer_id) for line in claim.lines]
    decided = [one for of_line in by_line for one in of_line]
    _refuse_adjustments(other.adjustments)
    if other.paid_cents is None:
        told = (other.adjudicated_on, other.remaining_liability_cents)
        if decided or other.adjustments or told != (None, None):
            raise CannotBeWritten("a payer that has decided says what it paid on the claim, 0 where it denied")
        if other.noncovered_cents not in {None, claim.charge_cents}:
            raise CannotBeWritten("a payer that was not asked, as it does not cover this, covers none of the claim")
        if other.noncovered_cents is None and _is_asked_before(other, claim.subscriber):
            raise CannotBeWritten("a payer is asked when those before it have decided, or do not cover the claim")
        return
    _refuse_places(other, decided)
    if other.paid_cents < 0 or any(one.paid_cents < 0 for one in decided):
        raise CannotBeWritten("what another payer paid is not negative")
    on_claim = _sum(other.adjustments)
    on_lines = sum(map(_adjusted, decided))
    if claim.charge_cents != other.paid_cents + on_claim + on_lines:
        raise CannotBeWritten("what another payer paid and adjusted is the charge of the claim")
    if not decided:
        return
    if other.paid_cents != sum(one.paid_cents for one in decided) - on_claim:
        raise CannotBeWritten("what another payer paid on the claim is what it paid on the lines, less its adjustments")
    for line, of_line in zip(claim.lines, by_line, strict=True):
        _refuse_line(line, of_line)


def _is_asked_before(other: OtherPayer, mine: Subscriber) -> bool:
    theirs, ours = _PLACES.get(other.responsibility), _PLACES.get(mine.responsibility)
    return theirs is not None and ours is not None and theirs < ours


def _refuse_line(line: Line, of_line: tuple[LineAdjudication, ...]) -> None:
    for one in of_line:
        _refuse_adjustments(one.adjustments)
    if of_line and line.charge_cents != sum(one.paid_cents + _adjusted(one) for one in of_line):
        raise CannotBeWritten("what another payer paid and adjusted on a line is its charge")


def _refuse_places(other: OtherPayer, decided: list[LineAdjudication]) -> None:
    """Refuse a day or an amount that is told on the claim and on the lines, or nowhere."""
    if any(one.adjudicated_on is None for one in decided) or bool(decided) == bool(other.adjudicated_on):
        raise CannotBeWritten("the day of a decision stands on each line that was decided, else on the claim")
    owed_by_lines = any(one.remaining_liability_cents is not None for one in decided)
    if owed_by_lines == (other.remaining_liability_cents is not None):
        raise CannotBeWritten("what the patient still owes stands on the claim or on the lines")


def _refuse_adjustments(adjustments: tuple[Adjustment, ...]) -> None:
    for adjustment in adjustments:
        reason = adjustment.reason
        if adjustment.group not in _GROUPS or not (
            reason.isascii() and reason.isalnum() and len(reason) <= _REASON_MAX
        ):
            raise CannotBeWritten("an adjustment has a group (CO, OA, PI, PR) and a reason")


def _adjusted(decided: LineAdjudication) -> int:
    return _sum(decided.adjustments)


def _sum(adjustments: tuple[Adjustment, ...]) -> int:
    return sum(adjustment.amount_cents for adjustment in adjustments)
