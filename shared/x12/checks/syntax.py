"""The elements of one segment against the standard and against the guide's line for it.

Owns: levels 1 and 2 within a segment. Refuses: where the segment stands (`placing.py`), and code sets of others.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from shared.x12.checks.datatypes import faults, formatted_fault
from shared.x12.checks.dictionary import Composite, Condition, Shape, segments
from shared.x12.checks.notation import ElementUse, SegmentUse
from shared.x12.separators import Separators
from shared.x12.tokens import Segment

FORMATTED: Final = {"DTP": (2, 3), "DMG": (1, 2), "PAT": (5, 6), "DTM": (5, 6), "INS": (11, 12), "MPI": (6, 7)}
"""Elements whose format another one of the segment names: which, and the element itself."""
_HI_FORMAT, _HI_VALUE = 2, 3  # components 3 and 4 of a diagnosis or another code, counted from 0
_ANY: Final = ElementUse("S")
_UNUSED: Final = ElementUse("-")


class Fault(NamedTuple):
    """What is wrong within a segment. **Shape**: as in `Finding`."""

    rule: str
    element: str = ""
    detail: str = ""


def segment_faults(segment: Segment, use: SegmentUse | None, separators: Separators) -> Iterator[Fault]:
    """Yield what is wrong with the elements of a segment; without `use` only what the standard says."""
    name, *elements = segment.elements
    definition = segments().get(name)
    if definition is None:
        yield Fault("1-unknown-segment")
        return
    if not elements or not elements[-1]:
        yield Fault("1-empty-tail")
    if len(elements) > len(definition.elements):
        yield Fault("1-too-many-elements", f"{len(definition.elements) + 1:02d}", f"at most {len(definition.elements)}")
    uses = use.elements if use is not None else None
    yield from _elements(elements, definition, uses, separators)
    yield from _formats(name, elements, separators)


def _elements(
    elements: list[str], definition: Composite, uses: tuple[ElementUse, ...] | None, separators: Separators
) -> Iterator[Fault]:
    for at, shape in enumerate(definition.elements):
        text = elements[at] if at < len(elements) else ""
        use = _ANY if uses is None else uses[at] if at < len(uses) else _UNUSED
        place = f"{at + 1:02d}"
        if not text:
            if use.requirement == "R":
                yield Fault("2-element-missing", place)
        elif use.requirement == "-":
            yield Fault("2-element-unused", place)
        else:
            yield from _repeated(text, place, shape, use, separators)
    present = [bool(text) for text in elements]
    yield from _conditions(definition.conditions, present)


def _repeated(text: str, place: str, shape: Shape, use: ElementUse, separators: Separators) -> Iterator[Fault]:
    mark = separators.repetition
    repeats = text.split(mark) if mark and mark in text else [text]
    if len(repeats) > 1 and not shape.repeats:
        yield Fault("1-too-many-repeats", place)
        repeats = repeats[:1]
    elif len(repeats) > use.repeats and use is not _ANY:
        yield Fault("1-too-many-repeats", place, f"at most {use.repeats}")
    for each in repeats:
        if shape.parts is not None:
            yield from _components(each, place, shape.parts, use, separators)
        elif separators.component in each:
            yield Fault("1-too-many-components", place)
        else:
            yield from _value(each, place, shape, use)


def _components(
    text: str, place: str, definition: Composite, use: ElementUse, separators: Separators
) -> Iterator[Fault]:
    parts = text.split(separators.component)
    if not parts[-1]:
        yield Fault("1-empty-tail", place)
    if len(parts) > len(definition.elements):
        yield Fault("1-too-many-components", place, f"at most {len(definition.elements)}")
    for at, shape in enumerate(definition.elements):
        part = parts[at] if at < len(parts) else ""
        each = (use.parts[at] if at < len(use.parts) else _UNUSED) if use.parts else _ANY
        where = f"{place}-{at + 1}"
        if not part:
            if each.requirement == "R":
                yield Fault("2-element-missing", where)
        elif each.requirement == "-":
            yield Fault("2-element-unused", where)
        else:
            yield from _value(part, where, shape, each)
    yield from _conditions(definition.conditions, [bool(part) for part in parts], prefix=f"{place}-")


def _value(text: str, place: str, shape: Shape, use: ElementUse) -> Iterator[Fault]:
    found = faults(text, shape, min(use.length_max or shape.length_max, shape.length_max))
    for rule in found:
        limits = f"{shape.length_min} to {use.length_max or shape.length_max} characters"
        yield Fault(rule, place, limits if rule in {"1-too-short", "1-too-long"} else "")
    if not found and use.codes and text not in use.codes:
        listed = sorted(use.codes)
        yield Fault("2-code", place, f"one of {', '.join(listed[:_LISTED])}" + (" …" if len(listed) > _LISTED else ""))


_LISTED: Final = 12


def _conditions(conditions: tuple[Condition, ...], present: list[bool], prefix: str = "") -> Iterator[Fault]:
    for condition in conditions:
        there = [at <= len(present) and present[at - 1] for at in condition.positions]
        first, others = condition.positions[0], there[1:]
        named = ", ".join(f"{prefix}{at:02d}" for at in condition.positions)
        match condition.kind:
            case "P" if any(there) and not all(there):
                yield Fault("1-paired", f"{prefix}{condition.positions[there.index(False)]:02d}", named)
            case "R" if not any(there):
                yield Fault("1-one-needed", f"{prefix}{first:02d}", named)
            case "E" if sum(there) > 1:
                yield Fault("1-exclusive", f"{prefix}{first:02d}", named)
            case "C" if there[0] and not all(others):
                yield Fault("1-needs-other", f"{prefix}{condition.positions[1:][others.index(False)]:02d}", named)
            case "L" if there[0] and not any(others):
                yield Fault("1-needs-other", f"{prefix}{condition.positions[1]:02d}", named)
            case _:
                pass


def _formats(name: str, elements: list[str], separators: Separators) -> Iterator[Fault]:
    format_at, value_at = FORMATTED.get(name, (0, 0))
    if value_at and len(elements) >= value_at and elements[value_at - 1]:
        rule = formatted_fault(elements[format_at - 1], elements[value_at - 1])
        if rule is not None:
            yield Fault(rule, f"{value_at:02d}")
    if name == "HI":
        for at, element in enumerate(elements, start=1):
            parts = element.split(separators.component)
            rule = formatted_fault(parts[_HI_FORMAT], parts[_HI_VALUE]) if len(parts) > _HI_VALUE else None
            if rule is not None:
                yield Fault(rule, f"{at:02d}-{_HI_VALUE + 1}")
