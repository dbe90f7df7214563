"""Comma-separated files as agencies publish them: records and their fields as bytes, each with the line it begins at.

Owns: quoting. A quoted field may hold commas, doubled quotes and ends of lines. Refuses: meaning; who asks knows the
columns. The `csv` module refuses a field of more than 128 KB, as some pages of articles are, unless a limit of the
whole process is raised. Where of 330 columns the first 107 are wanted, cutting bytes takes 4.7 us a record and `csv`
6.7; for all fields both take the same. Smaller files go through `separated.py`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from shared.codesets.official import Member, NotOfficial

RECORD_BYTES_MAX: Final = 16 * 1024 * 1024
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_FIELD: Final = re.compile(rb'"([^"]*+(?:""[^"]*+)*+)"(?:,|\Z)|([^,]*+)(?:,|\Z)')
_OPEN: Final = re.compile(rb'(?:(?:"[^"]*+(?:""[^"]*+)*+"|[^",][^,]*+|),)*+"[^"]*+(?:""[^"]*+)*+\Z')


def records(member: Member) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a file, each with the number of its first line. **Errors**: `NotOfficial`."""
    pending: list[bytes] = []
    quotes = size = begun = 0
    for number, line in enumerate(member.lines, start=1):
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)  # noqa: PLW2901 (the mark is no part of the first line)
        odd = line.count(b'"') % 2
        if pending:
            pending.append(line)
            quotes, size = quotes + odd, size + len(line)
            if quotes % 2 == 0:
                yield begun, b"".join(pending).rstrip(b"\r\n")
                pending.clear()
            elif size > RECORD_BYTES_MAX:
                break
        elif odd and _OPEN.match(line):
            pending.append(line)
            quotes, size, begun = odd, len(line), number
        else:
            yield number, line.rstrip(b"\r\n")
    if pending:
        raise NotOfficial(member.name, "a quoted field does not end", begun)


def fields(record: bytes, most: int = 0) -> list[bytes]:
    """Return the fields of a record without their quotes; only so many of the first where `most` is given."""
    if b'"' not in record:
        return record.split(b",")[: most or None]
    inner = record[1:-1]
    # Where each quote inside belongs to a `","`, all fields are quoted and none holds a quote: cutting there is exact.
    if record[:1] == b'"' == record[-1:] and inner.count(b'"') == 2 * inner.count(b'","'):
        return inner.split(b'","', most)[:most] if most else inner.split(b'","')
    found: list[bytes] = []
    at = 0
    while True:
        match = _FIELD.match(record, at)
        if match is None:  # never: the second form takes what the first does not
            return found
        quoted, bare = match.groups()
        found.append(bare if quoted is None else quoted.replace(b'""', b'"'))
        at = match.end()
        if len(found) == most or (at == len(record) and not match[0].endswith(b",")):
            return found


def text(field: bytes) -> str:
    """Return a field as text: UTF-8, or what Windows writes where it is not."""
    try:
        return field.decode("utf-8").strip()
    except UnicodeDecodeError:
        return field.decode("cp1252", "replace").strip()


def columns(member: Member, line: int, headings: list[bytes], wanted: Mapping[str, str]) -> dict[str, int]:
    """Return where the wanted columns stand, by their headings. **Errors**: `NotOfficial` names those that are missing.

    **Shape**: `wanted` is our name and the heading; upper and lower case do not count.
    """
    at = {text(heading).lower(): place for place, heading in reversed(list(enumerate(headings)))}
    missing = sorted(heading for heading in wanted.values() if heading.lower() not in at)
    if missing:
        raise NotOfficial(member.name, f"without the columns {', '.join(missing)}", line)
    return {name: at[heading.lower()] for name, heading in wanted.items()}
