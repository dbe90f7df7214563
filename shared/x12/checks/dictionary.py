"""What the standard itself says of segments: element types, lengths, and which elements need each other.

Owns: the shape of every segment, whatever guide uses it. Refuses: what a guide demands (`guides/`).
A line is a segment or composite: its elements in order, then `;` and the conditions between them. A type is `AN` text,
`ID` code, `N0` whole number, `R` decimal, `M` amount of money, `DT` day, `TM` time, each with its lengths, or the name
of a composite; a line that begins with a blank goes on with the one before; `^` may repeat; `5x` stands for five of
the next. Conditions are the standard's: `P0304` all or none,
`R0203` at least one, `E0203` not both, `C0402` the first needs the others, `L050607` the first needs one of them.
**Source**: ASC X12 005010, X12.3 and X12.22.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

_COMPOSITES: Final = """
C001 ID2 R1-15 R1-10 4xID2
C002 ID1-2 5xAN1-2
C003 ID2 AN1-48 4xAN2 AN1-80 AN1-48
C004 4xN0.1-2
C005 5xID1-2
C006 5xID1-3
C022 ID1-3 AN1-30 ID2-3 AN1-35 M1-18 R1-15 AN1-30 AN1-30 ID1
C023 AN1-2 ID1-2 ID1
C024 3xID2-3 ID2 ID2-3
C030 N0.1-2 N0.1-2 N0.1-4
C035 AN1-3 ID2-3 ID1
C040 ID2-3 AN1-50 ID2-3 AN1-50 ID2-3 AN1-50 ; P0304 P0506
C042 ID2 AN1-50
C043 AN1-30 AN1-30 ID2-3 ID1-3
C056 ID1 ID1-3 AN1-30
C998 AN1-35 AN1-35
C999 N0.1-4 N0.1-4
"""
_SEGMENTS: Final = """
AAA ID1 ID2 ID2 ID1
AK1 ID2 N0.1-9 AN1-12
AK2 ID3 AN4-9 AN1-35
AK9 ID1 N0.1-6 N0.1-6 N0.1-6 5xID1-3
AMT ID1-3 M1-18 ID1
BHT ID4 ID2 AN1-50 DT8 TM4-8 ID2
BPR ID1-2 M1-18 ID1 ID3 ID1-10 ID2 AN3-12 ID1-3 AN1-35 AN10 AN9 ID2 AN3-12 ID1-3 AN1-35 DT8 ID1-3 ID2 AN3-12 ID1-3
 AN1-35 ; P0607 C0809 P1213 C1415 P1819 C2021
CAS ID1-2 ID1-5 M1-18 R1-15 ID1-5 M1-18 R1-15 ID1-5 M1-18 R1-15 ID1-5 M1-18 R1-15 ID1-5 M1-18 R1-15 ID1-5 M1-18 R1-15
 ; P0506 C0705 P0809 C1008 P1112 C1311 P1415 C1614 P1718 C1917
CL1 ID1 ID1 ID1-2 ID1
CLM AN1-38 M1-18 ID1-2 ID1-2 C023 ID1 ID1 ID1 ID1 ID1 C024 ID2-3 ID1 ID1-3 ID1 ID1 ID1-2 ID1 ID2 ID1-2
CLP AN1-38 ID1-2 M1-18 M1-18 M1-18 ID1-2 AN1-50 AN1-2 ID1 ID1-2 ID1-4 R1-15 R1-10 ID1
CN1 ID2 M1-18 R1-6 AN1-50 R1-6 AN1-30
CR1 ID2 R1-10 ID1 ID1 ID2 R1-15 AN1-55 AN1-55 AN1-80 AN1-80 ; P0102 P0506
CR2 N0.1-9 R1-15 ID2-3 ID2-3 ID2 R1-15 R1-15 ID1 ID1 AN1-80 AN1-80 ID1 ; P0102 C0403 P0506
CR3 ID1 ID2 R1-15 ID1 AN1-80 ; P0203
CRC ID2 ID1 5xID2-3
CTP ID2 ID3 R1-17 R1-15 C001 ID3 R1-10 M1-18 ID2 AN1-10 N0.1-2 ; P0405
CTX ^C998 ID2-3 N0.1-10 AN1-6 C030 C999
CUR ID2-3 ID3 R4-10 ID2-3 ID3 ID3 ID3 DT8 TM4-8 ID3 DT8 TM4-8 ; C0807 C0907 C1110 C1210
DMG ID2-3 AN1-35 ID1 ID1 ^C056 ID1-2 ID2-3 ID1-2 R1-15 ID1-3 AN1-30 ; P0102 P1011 C1105
DN1 R1-15 R1-15 ID1 AN1-80
DN2 AN1-50 ID1-2 R1-15 ID2-3 AN1-35 ID1-3 ; P0405
DTM ID3 DT8 TM4-8 ID2 ID2-3 AN1-35 ; R020305 C0403 P0506
DTP ID3 ID2-3 AN1-35
EB ID1-3 ID3 ^ID1-2 ID1-3 AN1-50 ID1-2 M1-18 R1-10 ID2 R1-15 ID1 ID1 C003 C004 ; P0910
EQ ^ID1-2 C003 ID3 ID1-3 C004 ; R0102
FRM AN1-20 ID1 AN1-50 DT8 R1-6 ; R02030405
HCP ID2 M1-18 M1-18 AN1-50 R1-9 AN1-50 M1-18 AN1-48 ID2 AN1-48 ID2 R1-15 ID2 ID1-2 ID1-2 ; R0113 P0910 P1112
HI 12xC022
HL AN1-12 AN1-12 ID1-2 ID1
HSD ID2 R1-15 ID2 R1-6 ID1-2 N0.1-3 ID1-2 ID1 ; P0102 C0605
III ID1-3 AN1-30 ID2 AN1-264 R1-15 C001 2xID2 ; P0102 C0304
IK3 ID2-3 N0.1-10 AN1-4 ID1-3
IK4 C030 N0.1-4 ID1-3 AN1-99
IK5 ID1 5xID1-3
INS ID1 ID2 ID3 ID2-3 ID1 AN1 ID2 ID2 ID1 ID1 ID2-3 AN1-35 ID1 AN2-30 ID2 ID2-3 N0.1-9 ; P1112
K3 AN1-80 ID1-2 C001
LE AN1-4
LIN AN1-20 ID2 AN1-48 ID2 AN1-48 ID2 AN1-48 ; P0405 P0607
LQ ID1-3 AN1-30 ; C0102
LS AN1-4
LX N0.1-6
MEA ID2 ID1-3 R1-20 C001 R1-20 R1-20 ID2 ID2 ID2 ID2-4 ID2 AN1-30
MIA R1-15 M1-18 R1-15 M1-18 AN1-50 M1-18 M1-18 M1-18 M1-18 M1-18 M1-18 M1-18 M1-18 M1-18 R1-15 M1-18 M1-18 M1-18
 M1-18 4xAN1-50 M1-18
MOA R1-10 M1-18 5xAN1-50 M1-18 M1-18
MPI ID1 ID2 ID1 AN1-80 ID2 ID2-3 AN1-35 ; P0607
MSG AN1-264 ID2 N0.1-9 ; C0302
N1 ID2-3 AN1-60 ID1-2 AN2-80 ID2 ID2-3 ; R0203 P0304
N2 2xAN1-60
N3 2xAN1-55
N4 AN2-30 ID2 ID3-15 ID2-3 ID1-2 AN1-30 ID1-3 ; E0207 C0605 C0704
NM1 ID2-3 ID1 AN1-60 AN1-35 AN1-25 AN1-10 AN1-10 ID1-2 AN2-80 ID2 ID2-3 AN1-60 ; P0809 C1110 C1203
NTE ID3 AN1-80
OI ID1-2 ID2 4xID1
PAT ID2 ID1 ID2 ID1 ID2-3 AN1-35 ID2 R1-10 ID1 ; P0506 P0708
PER ID2 AN1-60 ID2 AN1-256 ID2 AN1-256 ID2 AN1-256 AN1-20 ; P0304 P0506 P0708
PLB AN1-50 DT8 C042 M1-18 C042 M1-18 C042 M1-18 C042 M1-18 C042 M1-18 C042 M1-18 ; P0506 P0708 P0910 P1112 P1314
PRV ID1-3 ID2-3 AN1-50 ID2 C035 ID3 ; P0203
PS1 AN1-50 M1-18 ID2
PWK ID2 ID1-2 N0.1-2 ID2-3 ID1-2 AN2-80 AN1-80 C002 ID1-2 ; P0506
QTY ID2 R1-15 C001 AN1-30 ; R0204 E0204
RDM ID1-2 AN1-60 AN1-256 C040 C040
REF ID2-3 AN1-50 AN1-80 C040 ; R0203
SBR ID1 ID2 AN1-50 AN1-60 ID1-3 ID1 ID1 ID2 ID1-2
SE N0.1-10 AN4-9
ST ID3 AN4-9 AN1-35
STC C043 DT8 ID1-2 M1-18 M1-18 DT8 ID3 DT8 AN1-16 C043 C043 AN1-264
SV1 C003 M1-18 ID2 R1-15 AN1-2 ID1-2 C004 M1-18 ID1 ID1-2 ID1 ID1 ID1-2 ID1-2 ID1 ID1 AN1-50 ID3-15 M1-18 ID1 AN1-50
 ; P0304
SV2 AN1-48 C003 M1-18 ID2 R1-15 R1-10 M1-18 ID1 ID1 ID1 ; R0102 P0405
SV3 C003 M1-18 AN1-2 C006 ID1 R1-15 AN1-80 ID1-3 ID1 ID1 C004
SV5 C003 ID2 R1-15 M1-18 M1-18 ID1 ID1 ; R0405 C0604
SVC C003 M1-18 M1-18 AN1-48 R1-15 C003 R1-15
SVD AN2-80 M1-18 C003 AN1-48 R1-15 N0.1-6
TA1 N0.9 DT6 TM4 ID1 ID3
TOO ID1-3 AN1-30 C005 ; P0102
TRN ID1-2 AN1-50 AN10 AN1-50
TS2 6xM1-18 R1-15 2xM1-18 5xR1-15 M1-18 R1-15 3xM1-18
TS3 AN1-50 AN1-2 DT8 R1-15 18xM1-18 R1-15 M1-18
"""
_ELEMENT: Final = re.compile(r"(\^?)(AN|ID|N0|R|M|DT|TM)\.?(\d+)(?:-(\d+))?")
_REPEATED: Final = re.compile(r"(\d+)x(.+)")
_CONDITION: Final = re.compile(r"([PRECL])((?:\d\d){2,})")


@dataclass(frozen=True, slots=True)
class Shape:
    """One element. **Shape**: `parts` where it is a composite, `kind` and lengths where it is not."""

    kind: str
    length_min: int = 0
    length_max: int = 0
    repeats: bool = False
    parts: "Composite | None" = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What elements of one segment demand of each other. **Shape**: `positions` from 1, as in the standard."""

    kind: str
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Composite:
    """The elements of a segment or a composite, and the conditions between them."""

    elements: tuple[Shape, ...]
    conditions: tuple[Condition, ...]


@cache
def segments() -> MappingProxyType[str, Composite]:
    """Return every segment by its id."""
    composites: dict[str, Composite] = {}
    for name, line in _lines(_COMPOSITES):
        composites[name] = _composite(line, composites)
    return MappingProxyType({name: _composite(line, composites) for name, line in _lines(_SEGMENTS)})


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.strip().replace("\n ", " ").splitlines():
        name, _, rest = line.partition(" ")
        yield name, rest


def _composite(line: str, composites: dict[str, Composite]) -> Composite:
    elements, _, conditions = line.partition(";")
    shapes = tuple(shape for word in elements.split() for shape in _shapes(word, composites))
    return Composite(shapes, tuple(_condition(word) for word in conditions.split()))


def _shapes(word: str, composites: dict[str, Composite]) -> tuple[Shape, ...]:
    many = _REPEATED.fullmatch(word)
    if many:
        return _shapes(many[2], composites) * int(many[1])
    plain = _ELEMENT.fullmatch(word)
    if plain:
        shortest = int(plain[3])
        return (Shape(plain[2], shortest, int(plain[4] or shortest), repeats=bool(plain[1])),)
    return (Shape("", repeats=word.startswith("^"), parts=composites[word.lstrip("^")]),)


def _condition(word: str) -> Condition:
    found = _CONDITION.fullmatch(word)
    assert found is not None  # noqa: S101 (the table above is ours; a test reads all of it)
    return Condition(found[1], tuple(int(found[2][at : at + 2]) for at in range(0, len(found[2]), 2)))
