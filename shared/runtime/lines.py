"""Lines of a request as they arrive.

Owns: cutting, and how long one may be. Refuses: knowing what a line means (`bulk.py`).
"""

from collections.abc import AsyncIterator
from typing import Final, TypeAlias

from shared.kernel.errors import KnownError, Malformed

LINE_BYTES_MAX: Final = 262_144
_GROUP_LINES: Final = 250

Line: TypeAlias = bytes | KnownError
"""A line as it came, or why it cannot be read."""


class LineTooLong(Malformed):
    """A line of a bulk request is longer than one may be; the other lines were taken."""

    slug = "line-too-long"


async def lines_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[Line]]:
    """Yield lines as they arrive, some at a time; the last one needs no line feed. Empty ones are no lines."""
    rest, dropped = b"", False
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        lines: list[Line] = []
        for each in whole:
            if dropped:
                dropped = False  # the end of a line that was too long already
            elif len(each) > LINE_BYTES_MAX:
                lines.append(too_long())
            elif each.strip():
                lines.append(each)
        if len(rest) > LINE_BYTES_MAX:
            if not dropped:
                lines.append(too_long())
            rest, dropped = b"", True
        for start in range(0, len(lines), _GROUP_LINES):
            yield lines[start : start + _GROUP_LINES]
    if rest.strip() and not dropped:
        yield [rest]


def too_long() -> LineTooLong:
    """Return what a line is answered that is too long."""
    return LineTooLong(f"a line has {LINE_BYTES_MAX} bytes at most; send long texts with a request of their own")
