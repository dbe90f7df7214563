"""Text of separated columns as agencies save it from their spreadsheets: quotes, line breaks inside them, any encoding.

Owns: cutting a file into rows and finding its headings. Refuses: to guess what a column means; each layout says that.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from shared.codesets.official import Member, NotOfficial

Rows: TypeAlias = Iterator[tuple[int, list[str]]]
HEADINGS_MAX: Final = 40
"""Lines in which the headings have to come: notices of copyright stand before them."""


def rows(member: Member, separator: str = ",") -> Rows:
    """Yield the rows that hold anything, cells without blanks around, each with the line where it ends.

    **Errors**: `NotOfficial`.
    """
    table = csv.reader(map(text, member.lines), delimiter=separator)
    try:
        for cells in table:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield table.line_num, stripped
    except csv.Error:
        raise NotOfficial(member.name, "its columns cannot be told apart", table.line_num) from None


def text(line: bytes) -> str:
    """Return a line in UTF-8, and in Latin-1 where it is no UTF-8. **Shape**: without a mark of byte order."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def after_headings(member: Member, found: Rows, is_heading: Callable[[Sequence[str]], bool], about: str) -> list[str]:
    """Return the headings, leaving the rows behind them. **Errors**: `NotOfficial` where they do not come."""
    for line, cells in found:
        if is_heading(cells):
            return cells
        if line > HEADINGS_MAX:
            raise NotOfficial(member.name, f"the headings {about} were expected", line)
    raise NotOfficial(member.name, f"it ends before the headings {about}")


def word(heading: str) -> str:
    """Return a heading as it is compared: lower case, only letters and digits, so that `Add-On Code` is addoncode."""
    return "".join(filter(str.isalnum, heading.lower()))
