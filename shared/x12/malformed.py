"""Why a file cannot be read, and where: by byte and by segment, never by a value, which may be a patient's."""

import re
from typing import Final

from shared.kernel.errors import Malformed

_SEGMENT_ID: Final = re.compile("[A-Z][A-Z0-9]{1,2}")


class MalformedX12(Malformed):
    """The bytes are not the X12 that they claim to be.

    **Shape**: `offset` is the byte where the segment at fault begins, `segment` its number; `segment_id` its name, None
    where it has none. **Units**: bytes from 0, segments from 1, both counted from the start of the file.
    """

    slug = "x12-malformed"

    def __init__(self, rule: str, *, offset: int, segment: int, segment_id: str | None = None) -> None:
        super().__init__(rule)
        self.offset = offset
        self.segment = segment
        self.segment_id = segment_id if segment_id and _SEGMENT_ID.fullmatch(segment_id) else None


class NotAnX12Value(Malformed):
    """An element is not of its type; a reader that knows the place turns this into `UnreadableSegment`."""

    slug = "x12-value"


class UnreadableSegment(MalformedX12):
    """A segment lacks what it must have, or has an amount, a date or a number that is none."""

    slug = "x12-unreadable-segment"


class MisplacedSegment(MalformedX12):
    """A segment stands where its guide has no place for it."""

    slug = "x12-misplaced-segment"


class UnexpectedTransaction(MalformedX12):
    """The file holds another transaction set than the one asked for."""

    slug = "x12-unexpected-transaction"
