"""What of a segment says nothing about a person: only this stays when a file is masked, and all else does not.

Owns: the list of what stays. It follows from the dictionary: codes, numbers, amounts, days and times stay where they
have the form of one; of texts stay the codes that guides list, and those that are named below, in their form. What
nobody thought of does not stay. Refuses: what depends on another element (`masking.py`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from shared.x12.checks.dictionary import Shape, segments
from shared.x12.checks.guides import guides
from shared.x12.checks.notation import ElementUse, Loop, LoopUse, SegmentUse

_NUMBER: Final = r"-?(?:\d+\.?\d*|\.\d+)"
_CODE: Final = r"(?=.*\d|.{1,2}$)[A-Z0-9.]{1,7}"  # a name of three letters or more is none
_DRUG: Final = r"\d{11}|\d{4,5}-\d{3,4}-\d{1,2}"
_WHEN: Final = r"\d{4,8}|\d{12}|\d{14}|\d{8}-\d{8}|\d{12}-\d{12}"
_CODE_LENGTH_MAX: Final = 5  # of longer ones only those stay that a guide lists: a postal code is one to the standard
_PROCEDURES: Final = ("SV101", "SV202", "SV301", "SV501", "SVC01", "SVC06", "SVD03", "EB13", "EQ02")
_TEXTS: Final = {
    _CODE: (
        "CLM05-1", "CLP08", "FRM01", "HCP08", "HCP10", "III02", "LQ02", "SV105", "SV201", "SV303", "SVC04", "SVD04",
        "TOO02", "TS302", *(f"MOA{at:02d}" for at in range(3, 8)), "MIA05", *(f"MIA{at}" for at in range(20, 24)),
        *(f"STC{at}-{part}" for at in ("01", "10", "11") for part in (1, 2)), *(f"HI{at:02d}-2" for at in range(1, 13)),
        *(f"{place}-{part}" for place in _PROCEDURES for part in (3, 4, 5, 6, 8)),
    ),
    f"{_CODE}|{_DRUG}": tuple(f"{place}-2" for place in _PROCEDURES),
    _DRUG: ("LIN03", "LIN05", "LIN07"),
    r"[0-9A-Z]{9}X": ("PRV03",),
    _WHEN: ("DTP03", "DTM06", "DN205", "MPI07", *(f"HI{at:02d}-4" for at in range(1, 13))),
    r"\d{1,12}": ("HL01", "HL02"),
    r"(?=.*\d)[A-Z0-9]{1,9}": ("ST02", "SE02", "AK202"),
    r"\d{5,6}[A-Z0-9]{0,7}": ("ST03", "AK103", "AK203"),
    r"\d{3,4}[A-Z]{0,2}": ("IK303", "CTX04", "LS01", "LE01"),
    r"SITUATIONAL TRIGGER|(?:(?:PATIENT|SUBSCRIBER) (?:NAME|NUMBER) )?[A-Z][A-Z0-9]{1,2}\d\d": ("CTX01-1",),
}  # fmt: skip
"""Texts that are codes, days, or numbers that hold the file together: which form stays in which element."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element, or a component of one. **Shape**: `parts` where it is a composite."""

    form: "re.Pattern[str] | None" = None
    codes: frozenset[str] = frozenset()
    parts: "tuple[Element, ...]" = ()

    @property
    def is_hidden(self) -> bool:
        """Return whether nothing that stands here stays."""
        return self.form is None and not self.codes

    def stays(self, text: str) -> bool:
        """Return whether a text says nothing about a person."""
        return text in self.codes or (self.form is not None and self.form.fullmatch(text) is not None)


HIDDEN: Final = Element()
"""An element of which nothing stays."""


@cache
def public() -> MappingProxyType[str, tuple[Element, ...]]:
    """Return what stays of each segment that the dictionary has, by its id."""
    forms = {place: re.compile(form, re.ASCII) for form, places in _TEXTS.items() for place in places}
    listed: dict[str, frozenset[str]] = {}
    for guide in guides().values():
        for place, codes in _listed(guide.body):
            listed[place] = listed.get(place, frozenset()) | codes
    return MappingProxyType(
        {
            name: tuple(
                _element(f"{name}{at:02d}", shape, forms, listed)
                for at, shape in enumerate(definition.elements, start=1)
            )
            for name, definition in segments().items()
        }
    )


def _listed(loop: Loop) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the codes that a guide lists, with their place."""
    for use in (use for place in loop.places for use in place):
        if isinstance(use, LoopUse):
            yield from _listed(use.loop)
        elif isinstance(use, SegmentUse):
            yield from _codes(use.id, use.elements)


def _codes(name: str, elements: tuple[ElementUse, ...]) -> Iterator[tuple[str, frozenset[str]]]:
    for at, element in enumerate(elements, start=1):
        yield f"{name}{at:02d}", element.codes
        for part, component in enumerate(element.parts, start=1):
            yield f"{name}{at:02d}-{part}", component.codes


def _element(
    place: str, shape: Shape, forms: dict[str, "re.Pattern[str]"], listed: dict[str, frozenset[str]]
) -> Element:
    if shape.parts is not None:
        parts = enumerate(shape.parts.elements, start=1)
        return Element(parts=tuple(_element(f"{place}-{part}", each, forms, listed) for part, each in parts))
    return Element(forms.get(place) or _form(shape), listed.get(place, frozenset()))


def _form(shape: Shape) -> "re.Pattern[str] | None":
    """Return the form in which an element of this type stays, None where it is a text."""
    match shape.kind:
        case "ID" if shape.length_max <= _CODE_LENGTH_MAX:
            return re.compile(f"[A-Z0-9]{{1,{shape.length_max}}}", re.ASCII)
        case "N0" | "R" | "M":
            return re.compile(_NUMBER, re.ASCII)
        case "DT":
            return re.compile(r"\d{6}|\d{8}", re.ASCII)
        case "TM":
            return re.compile(r"\d{4,8}", re.ASCII)
        case _:
            return None
