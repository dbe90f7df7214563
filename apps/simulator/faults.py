"""What is wrong with a set that cannot be taken, as a 999 says it: segment, element, and the code for the fault.

Owns: which of our checks is which code (IK304, IK403). Refuses: to check (`shared/x12/checks`), and to check every
file: that takes many times as long as reading it, so only one with a set that could not be read, and that once.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import Final

from shared.x12.checks import check
from shared.x12.checks.finding import Finding
from shared.x12.interchange import TransactionSet
from shared.x12.malformed import MalformedX12, segment_name
from shared.x12.sets.t999_x231a1 import ElementError, SegmentError

_ERRORS_MAX: Final = 20
_SYNTAX_LEVEL_MAX: Final = 2
_IN_ERROR: Final = "8"  # IK304: the segment has errors in its elements
_MISSING: Final = "3"
_FIRST_WORD: Final = re.compile(r"[ *]")
_FIRST_OF_LOOP: Final = {
    "2000A": "HL", "2000B": "HL", "2000C": "HL", "2300": "CLM", "2320": "SBR", "2400": "LX", "2410": "LIN",
    "2430": "SVD",
}  # fmt: skip
"""The segment that a loop begins with, where that is no name."""
_OF_SEGMENTS: Final = {
    "1-unknown-segment": "1",
    "2-segment-unexpected": "2",
    "2-segment-missing": _MISSING,
    "2-loop-missing": _MISSING,
    "2-loop-repeats": "4",
    "2-segment-repeats": "5",
    "2-order": "7",
}
"""IK304 of what is wrong with a segment as a whole."""
_OF_ELEMENTS: Final = {
    "1-too-many-elements": "3",
    "1-too-many-components": "3",
    "1-too-short": "4",
    "1-too-long": "5",
    "1-character": "6",
    "1-blank": "6",
    "1-number": "6",
    "1-amount": "6",
    "1-date": "8",
    "1-period": "8",
    "1-time": "9",
    "1-exclusive": "10",
    "1-too-many-repeats": "12",
    "1-paired": "2",
    "1-needs-other": "2",
    "1-one-needed": "2",
    "2-element-missing": "1",
    "2-element-unused": "I10",
    "2-code": "7",
    "2-qualifier": "7",
}
"""IK403 of what is wrong with an element."""


class Faults:
    """What is wrong with the syntax of one file, set by set."""

    __slots__ = ("_content", "_found")

    def __init__(self, content: bytes) -> None:
        self._content: Final = content
        self._found: list[Finding] | None = None

    def of(self, transaction: TransactionSet) -> tuple[SegmentError, ...]:
        """Return what checks find wrong with one set, at most twenty segments of it."""
        if self._found is None:
            self._found = sorted(filter(_is_told, check(self._content)), key=_segment)
        first = bisect_left(self._found, transaction.index, key=_segment)
        end = bisect_left(self._found, transaction.index + len(transaction.raw), lo=first, key=_segment)
        by_segment = groupby(self._found[first:end], key=_segment)
        errors = (_segment_error(tuple(of_segment), transaction) for _, of_segment in by_segment)
        return tuple(islice(errors, _ERRORS_MAX))


def unreadable(error: MalformedX12, transaction: TransactionSet) -> SegmentError:
    """Return what a reader stumbled over, where no check says more."""
    position = error.segment - transaction.index + 1
    return SegmentError(segment_id=_named(error.segment_id or ""), position=max(1, position), code=_IN_ERROR)


def _is_told(found: Finding) -> bool:
    """Return whether a finding has a place in a 999."""
    is_known = found.rule.id in _OF_SEGMENTS or found.rule.id in _OF_ELEMENTS
    return is_known and found.is_error and found.rule.level <= _SYNTAX_LEVEL_MAX


def _segment(found: Finding) -> int:
    return found.segment


def _segment_error(found: Sequence[Finding], transaction: TransactionSet) -> SegmentError:
    first = found[0]
    elements = tuple(
        ElementError(position=_position(each.element), code=_OF_ELEMENTS[each.rule.id])
        for each in found
        if each.rule.id in _OF_ELEMENTS and each.element
    )
    whole = next((_OF_SEGMENTS[each.rule.id] for each in found if each.rule.id in _OF_SEGMENTS), _IN_ERROR)
    error = SegmentError(
        segment_id=_named(_missing(first) or first.segment_id),
        position=first.segment - transaction.index + 1,
        code=whole,
        loop=first.loop,
    )
    return replace(error, elements=elements) if whole == _IN_ERROR else error


def _position(element: str) -> str:
    """Return an element as IK401 counts it: `05-3` is `5:3`."""
    at, _, component = element.partition("-")
    return f"{int(at)}:{component}" if component else str(int(at))


def _missing(found: Finding) -> str:
    """Return which segment is missing before the one at which that was noticed, nothing where none is."""
    if _OF_SEGMENTS.get(found.rule.id) != _MISSING:
        return ""
    name = _FIRST_WORD.split(found.detail, maxsplit=1)[0]  # of a loop its number, of a segment its id
    return _FIRST_OF_LOOP.get(name, "NM1") if name[:1].isdigit() else name


def _named(segment_id: str) -> str:
    """Return what IK301 calls a segment: its id, or that it has none which one could repeat."""
    return segment_name(segment_id) or "UNK"
