"""The file of a big table: one head in JSON and aligned sections behind it, read in place.

    CLTABLE1 | length of the head | head | sections, each at a multiple of 8 bytes, little-endian

The repository and the file store carry it as one zlib member (a third of the size). `plain` undoes that, so that a
service may keep the plain form in its cache folder and map it: processes then share its pages. Measured on the 104,000
ICD-10-CM codes: bisection over the mapped keys finds 1.5 million a second; a dict four million, but each process would
fill its own, and one index more (a slice per category) gained nothing.
"""

import json
import sys
import zlib
from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from mmap import mmap
from typing import Any, Final, TypeAlias

from shared.codesets.edition import Edition, Provenance
from shared.kernel.errors import Malformed

Buffer: TypeAlias = bytes | bytearray | memoryview | mmap

CODE_BYTES_MAX: Final = 8
PLAIN_BYTES_MAX: Final = 256 * 1024 * 1024  # no table comes near; a damaged file must not fill the memory
_MAGIC: Final = b"CLTABLE1"
_LENGTH_BYTES: Final = 8
_UNEQUAL: Final = "the sections of the table are not of one length"
_LEVEL: Final = 9
_LEVEL_OF_BIG: Final = 5  # measured on numbers: an eighth of the time for 1 % more bytes
_BIG_BYTES: Final = 32 * 1024 * 1024


class NotATable(Malformed):
    """The file is no table of ours, is cut off, or is of a later format."""

    slug = "not-a-code-table"


class Packed:
    """An opened table. **Shape**: `head` as written; `numbers` and `text` read sections in place, without copying."""

    def __init__(self, buffer: Buffer) -> None:
        if sys.byteorder != "little":  # the sections are read in place, so the machine has to agree with the file
            raise NotATable("tables are read on little-endian machines only")
        self._bytes = memoryview(plain(buffer)).cast("B")
        start = len(_MAGIC) + _LENGTH_BYTES
        length = int.from_bytes(self._bytes[len(_MAGIC) : start], "little")
        try:
            self.head: Mapping[str, Any] = json.loads(bytes(self._bytes[start : start + length]))
            self._sections: Mapping[str, tuple[int, int]] = {
                name: (int(at), int(size)) for name, at, size in self.head["sections"]
            }
        except (ValueError, KeyError, TypeError) as wrong:
            raise NotATable("the head of the table cannot be read") from wrong
        if any(at + size > len(self._bytes) for at, size in self._sections.values()):
            raise NotATable("the table ends early")

    def section(self, name: str) -> memoryview:
        """Return the bytes of a section. **Errors**: `NotATable` where it is missing."""
        if name not in self._sections:
            raise NotATable("a section is missing")
        at, size = self._sections[name]
        return self._bytes[at : at + size]

    def numbers(self, name: str, kind: str) -> memoryview:
        """Return a section as numbers. **Shape**: `kind` as in `struct`: B, H, I or Q. **Errors**: `NotATable`."""
        try:
            return self.section(name).cast(kind)  # type: ignore[call-overload, no-any-return]  # typeshed wants a literal
        except (TypeError, ValueError) as wrong:
            raise NotATable("a section is cut off") from wrong

    def columns(self, *wanted: tuple[str, str]) -> tuple[memoryview, ...]:
        """Return sections that hold one number for each row. **Shape**: asked by name and kind, given in that order.

        **Errors**: `NotATable`, also where they are not of one length.
        """
        found = tuple(self.numbers(name, kind) for name, kind in wanted)
        if len({len(each) for each in found}) > 1:
            raise NotATable(_UNEQUAL)
        return found

    def starts(self, name: str, *, groups: int, rows: int) -> memoryview:
        """Return the section that says at which row each group starts, and the last one ends. **Errors**: as above."""
        found = self.numbers(name, "I")
        if len(found) != groups + 1 or found[-1] != rows:
            raise NotATable(_UNEQUAL)
        return found

    def edition(self, system: str) -> Edition:
        """Return which release the table is. **Errors**: `NotATable`, also for a table of another code set."""
        try:
            written = dict(self.head["edition"])
            edition = Edition.of(
                Provenance(
                    system=str(written["system"]),
                    release=str(written["release"]),
                    effective_from=date.fromisoformat(written["effective_from"]),
                    effective_to=day(written["effective_to"]),
                    source=str(written["source"]),
                    complete=bool(written["complete"]),
                ),
                sha256(self._bytes).hexdigest(),
            )
        except (KeyError, TypeError, ValueError) as wrong:
            raise NotATable("the head does not say which edition the table is") from wrong
        if edition.system != system:
            raise NotATable("the table is of another code set")
        return edition


def head_of(provenance: Provenance) -> dict[str, str | bool | None]:
    """Return what a head says of its edition, as `Packed.edition` reads it."""
    return {
        "system": provenance.system,
        "release": provenance.release,
        "effective_from": provenance.effective_from.isoformat(),
        "effective_to": None if provenance.effective_to is None else provenance.effective_to.isoformat(),
        "source": provenance.source,
        "complete": provenance.complete,
    }


def day(text: str | None) -> date | None:
    """Return a day of a head. **Errors**: `ValueError`."""
    return None if text is None else date.fromisoformat(text)


def plain(buffer: Buffer) -> Buffer:
    """Return a table as it is mapped, inflated where it is packed. **Errors**: `NotATable`."""
    if bytes(buffer[: len(_MAGIC)]) == _MAGIC:
        return buffer
    inflate = zlib.decompressobj()
    try:
        inflated = inflate.decompress(buffer, PLAIN_BYTES_MAX)
    except zlib.error as wrong:
        raise NotATable("the file is neither a table nor a packed one") from wrong
    if not inflate.eof or inflated[: len(_MAGIC)] != _MAGIC:
        raise NotATable("the packed table ends early or holds something else")
    return inflated


def write(head: Mapping[str, Any], sections: Mapping[str, bytes | memoryview]) -> bytes:
    """Return the packed file; the same content gives the same bytes. **Shape**: a view is one of bytes."""
    placed: list[tuple[str, int, int]] = [(name, 0, len(section)) for name, section in sections.items()]
    room = at = 0
    while True:  # the places stand in the head, so they depend on its length: settle in two or three rounds
        text = json.dumps({**head, "sections": placed}, ensure_ascii=False, sort_keys=True).encode()
        if len(text) <= room:
            break
        room = _aligned(len(text) + 64)
        at = len(_MAGIC) + _LENGTH_BYTES + room
        for index, (name, _, size) in enumerate(placed):
            placed[index] = (name, at, size)
            at = _aligned(at + size)
    level = _LEVEL if at < _BIG_BYTES else _LEVEL_OF_BIG
    squeeze = zlib.compressobj(level)  # section by section: the whole of a big table is not held a second time
    parts = [squeeze.compress(_MAGIC + room.to_bytes(_LENGTH_BYTES, "little") + text.ljust(room))]
    for section in sections.values():
        parts.append(squeeze.compress(section))
        parts.append(squeeze.compress(bytes(_aligned(len(section)) - len(section))))
    return b"".join((*parts, squeeze.flush()))


def key(code: str) -> int | None:
    """Return the number that stands for a code, in the order of the codes; None for what cannot be one."""
    raw = code.encode()
    if len(raw) > CODE_BYTES_MAX or not code.isalnum():
        return None
    return int.from_bytes(raw.ljust(CODE_BYTES_MAX, b"\0"), "big")


def text_of(number: int) -> str:
    """Return the code of which a number is the `key`."""
    return number.to_bytes(CODE_BYTES_MAX, "big").rstrip(b"\0").decode()


def find(keys: memoryview, wanted: int) -> int | None:
    """Return the first position of a number in a sorted section; None where it is missing."""
    position = bisect_left(keys, wanted)
    return position if position < len(keys) and keys[position] == wanted else None


def _aligned(size: int) -> int:
    return -size % 8 + size
