"""The piece of an X12 file that is about one claim, segment by segment.

Owns: where such a piece begins and ends: in an 837 and a 277CA at its level, in an 835 at its CLP. Refuses: meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BEGIN: Final = {"HL", "CLP"}
_END: Final = {*_BEGIN, "PLB", "SE", "LX"}
_ENDS_OF_LEVELS: Final = {*_BEGIN, "PLB", "SE"}
_SEGMENTS_MAX: Final = 400
_TERMINATOR_AT: Final = 105
_ELEMENT_AT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some segments. **Shape**: `first` is the number of the first, from 1; each with whether it names the claim."""

    first: int
    lines: tuple[tuple[str, bool], ...]
    is_whole: bool


def excerpt(content: bytes, number: str) -> Piece:
    """Return what a file says about a number; its beginning where the number does not stand in it."""
    text = content.decode("latin-1").lstrip("\xef\xbb\xbf \r\n")
    terminator, element = text[_TERMINATOR_AT : _TERMINATOR_AT + 1] or "~", text[_ELEMENT_AT : _ELEMENT_AT + 1] or "*"
    segments = [each.strip() for each in text.split(terminator) if each.strip()]
    found = [at for at, raw in enumerate(segments) if number and number in raw.split(element)]
    if not found:
        lines = tuple((raw, False) for raw in segments[:_SEGMENTS_MAX])
        return Piece(first=1, lines=lines, is_whole=len(segments) <= _SEGMENTS_MAX)
    first, last = _bounds(segments, element, found[0])
    lines = tuple((raw, at in found) for at, raw in enumerate(segments[first:last], first))
    return Piece(first=first + 1, lines=lines, is_whole=False)


def _bounds(segments: Sequence[str], element: str, at: int) -> tuple[int, int]:
    ids = [raw.partition(element)[0] for raw in segments]
    first = next((n for n in range(at, -1, -1) if ids[n] in _BEGIN), 0)
    ends = _ENDS_OF_LEVELS if ids[first] == "HL" else _END
    last = next((n for n in range(at + 1, len(ids)) if ids[n] in ends), len(ids))
    return first, min(last, first + _SEGMENTS_MAX)
