"""A guide as a table: which loops and segments it has, in which order, how often, and what their elements hold.

Owns: the notation and the structure it becomes. Refuses: the tables (`guides/`), and matching (`placing.py`).

A table is blocks, one a loop, the first being the transaction set:

    [2010BA subscriber name]
    R 1  NM1*IL  . =1,2 R S S - S S=MI,II S
    S 1  N3      R S
    S *  2300

A line: `R` required or `S` situational, how often (`*` without limit), then a segment with its key, or the name of a
loop. The key is what tells segments of one id apart: `REF*EI,SY` by its first element, `HL***20` by its third,
`HI*ABK,BK` by the first component where that element is a composite. Then its elements in order: `.` what the key
says, `R` required, `S` situational, `-` not used, and so is all that the line does not name. `=1,2` after it lists the
codes (`=1,2` alone is `R=1,2`), `=@name` takes a list of `codes.py`, `<50` shortens the longest length, `^5` allows
repeats, `(…)` has the components; a line that begins with a blank continues the one before. Lines after each other
with the same segment id share a place in the order, as they
do in the standard.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, TypeAlias

from shared.x12.checks.codes import LISTS

NO_LIMIT: Final = 1_000_000_000
_TOKEN: Final = re.compile(r"[^\s()]*\((?:[^()]*)\)|\S+")
_WORD: Final = re.compile(r"([RS.-]?)(?:=([^<^(]+))?(?:<(\d+))?(?:\^(\d+))?(?:\((.*)\))?")


@dataclass(frozen=True, slots=True)
class ElementUse:
    """What a guide says of one element. **Shape**: `codes` empty where any value may stand; 0: the standard's length.

    `parts` are its components.
    """

    requirement: str
    codes: frozenset[str] = frozenset()
    length_max: int = 0
    repeats: int = 1
    parts: "tuple[ElementUse, ...]" = ()


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """One line of a guide. **Shape**: the segment has the element `key_at` (from 1; 0: no key) with one of `key`."""

    id: str
    is_required: bool
    times: int
    key_at: int
    key: frozenset[str]
    elements: tuple[ElementUse, ...]

    def fits(self, elements: tuple[str, ...], component: str) -> bool:
        """Return whether a segment is the one that this line speaks of."""
        return elements[0] == self.id and (not self.key or self.key_of(elements, component) in self.key)

    def key_of(self, elements: tuple[str, ...], component: str) -> str:
        """Return what a segment has where this line has its key."""
        return elements[self.key_at].partition(component)[0] if self.key_at < len(elements) else ""


@dataclass(frozen=True, slots=True)
class LoopUse:
    """A loop where another one has it."""

    loop: "Loop"
    is_required: bool
    times: int

    @property
    def id(self) -> str:
        """Return the id of the segment that begins it."""
        return self.loop.first.id

    def fits(self, elements: tuple[str, ...], component: str) -> bool:
        """Return whether a segment begins this loop."""
        return self.loop.first.fits(elements, component)


Use: TypeAlias = SegmentUse | LoopUse


@dataclass(slots=True, eq=False)
class Loop:
    """A loop, made once for each guide. **Shape**: `places` in their order; what shares a place may come in any."""

    name: str
    title: str
    places: tuple[tuple[Use, ...], ...] = field(default=(), repr=False)

    @property
    def first(self) -> SegmentUse:
        """Return the segment that begins it."""
        first = self.places[0][0]
        assert isinstance(first, SegmentUse)  # noqa: S101 (a test reads every table)
        return first


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """One implementation guide. **Shape**: `also` older names of it that partners send and the table fits as well."""

    code: str
    name: str
    title: str
    body: Loop
    also: frozenset[str]
    functional_id: str
    segment_ids: frozenset[str]


def read_guide(text: str, *, name: str, functional_id: str, title: str, also: tuple[str, ...] = ()) -> Guide:
    """Return the guide that a table describes; its first loop is the whole set and begins with ST."""
    blocks = [block for block in re.split(r"(?m)^\[", text) if block.strip()]
    lines: dict[str, list[str]] = {}
    loops: dict[str, Loop] = {}
    for block in blocks:
        head, _, rest = block.partition("]")
        loop_name, _, loop_title = head.partition(" ")
        loops[loop_name] = Loop(loop_name, loop_title)
        lines[loop_name] = [line for line in rest.replace("\n ", " ").splitlines() if line.strip()]
    for loop_name, loop in loops.items():
        uses = [_use(line, loops) for line in lines[loop_name]]
        loop.places = tuple(tuple(same) for _, same in groupby(uses, key=lambda use: _starts_with(use, lines)))
    body = next(iter(loops.values()))
    ids = frozenset(use.id for loop in loops.values() for place in loop.places for use in place)
    return Guide(
        code=min(body.first.key),
        name=name,
        title=title,
        body=body,
        also=frozenset(also),
        functional_id=functional_id,
        segment_ids=ids,
    )


def _starts_with(use: Use, lines: Mapping[str, list[str]]) -> str:
    """Return the segment id by which a line is placed; a loop may not have been read yet."""
    if isinstance(use, SegmentUse):
        return use.id
    return lines[use.loop.name][0].split()[2].partition("*")[0]


def _use(line: str, loops: Mapping[str, Loop]) -> Use:
    requirement, times, name, *rest = line.split(maxsplit=3)
    limit = NO_LIMIT if times == "*" else int(times)
    if name in loops:
        return LoopUse(loops[name], requirement == "R", limit)
    segment_id, *key = name.split("*")
    codes = _codes(key[-1]) if key else frozenset()
    elements = tuple(_elements(rest[0] if rest else "", codes))
    return SegmentUse(segment_id, requirement == "R", limit, len(key), codes, elements)


def _elements(text: str, key: frozenset[str]) -> Iterator[ElementUse]:
    for token in _TOKEN.findall(text):
        found = _WORD.fullmatch(token)
        if found is None:
            raise ValueError(token)
        requirement, codes, length, repeats, parts = found.groups()
        yield ElementUse(
            "R" if requirement in {"", "."} else requirement,
            key if requirement == "." else _codes(codes or ""),
            int(length or 0),
            int(repeats or 1),
            tuple(_elements(parts or "", key)),
        )


def _codes(text: str) -> frozenset[str]:
    if text.startswith("@"):
        return LISTS[text[1:]]
    return frozenset(text.split(",")) if text else frozenset()
