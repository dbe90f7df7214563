"""What rules over more than one segment share: the text of an element, amounts, and the shape of a set of rules."""

from typing import Protocol

from shared.kernel.errors import Malformed
from shared.x12.checks.placing import Placed
from shared.x12.elements import cents
from shared.x12.tokens import Segment


class Situations(Protocol):
    """The rules of one transaction set, which remember what they need of the segments that they saw."""

    def take(self, placed: Placed) -> None:
        """Look at a segment in its place."""

    def end(self, segment: Segment) -> None:
        """Judge what is left when the set ends."""


def at(segment: Segment, element: int) -> str:
    """Return the text of an element, empty where it is not there."""
    return segment.elements[element] if element < len(segment.elements) else ""


def amount_at(segment: Segment, element: int) -> int:
    """Return an amount, 0 where there is none or where it is none, which level 1 tells. **Units**: cents."""
    text = at(segment, element)
    try:
        return cents(text) if text else 0
    except Malformed:
        return 0


def adjusted(cas: Segment, group: str | None = None) -> int:
    """Return the sum of a CAS segment's amounts, of one group only where it is named. **Units**: cents."""
    if group is not None and at(cas, 1) != group:
        return 0
    return sum(amount_at(cas, element) for element in range(3, len(cas.elements), 3))


def dollars(difference: int) -> str:
    """Return a difference in words. **Units**: cents."""
    return f"{'-' if difference < 0 else ''}{abs(difference) // 100}.{abs(difference) % 100:02d} too much"
