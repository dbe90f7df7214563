"""The four separators of an interchange; the ISA names them by position, nothing else does.

**Source**: X12.5; the ISA is the one segment of fixed width, 106 bytes with its terminator.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from shared.x12.malformed import MalformedX12

ISA_LENGTH: Final = 106
_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_ELEMENT_AT: Final = tuple(accumulate((width + 1 for width in _WIDTHS[:-1]), initial=3))


class UnreadableISA(MalformedX12):
    """What should be an ISA is not 106 bytes with every separator in its place; guessing would misread all the rest."""

    slug = "x12-unreadable-isa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Separators:
    """The characters that structure an interchange.

    **Shape**: `repetition` is empty where the ISA has none: a U in 4010, a blank, or what separates something else.
    """

    element: str = "*"
    repetition: str = "^"
    component: str = ":"
    terminator: str = "~"


STANDARD: Final = Separators()


def read_separators(isa: str, *, offset: int, segment: int) -> Separators:
    """Return what an ISA of exactly 106 characters says. **Errors**: `UnreadableISA`."""
    if len(isa) != ISA_LENGTH or not isa.startswith("ISA"):
        raise UnreadableISA("an interchange begins with an ISA of 106 bytes", offset=offset, segment=segment)
    element = isa[3]
    if element.isalnum() or isa.count(element, 0, ISA_LENGTH - 1) != len(_ELEMENT_AT):
        raise UnreadableISA("an ISA has sixteen elements", offset=offset, segment=segment)
    if any(isa[at] != element for at in _ELEMENT_AT):
        raise UnreadableISA("an element of the ISA is too short or too long", offset=offset, segment=segment)
    repetition, component, terminator = isa[82], isa[104], isa[105]
    used = [element, component, terminator]
    if len(set(used)) != len(used) or any(character.isalnum() for character in used):
        raise UnreadableISA("the separators of an ISA are three different marks", offset=offset, segment=segment)
    is_mark = not repetition.isalnum() and repetition not in {" ", *used}
    return Separators(
        element=element, repetition=repetition if is_mark else "", component=component, terminator=terminator
    )
