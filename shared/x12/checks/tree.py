"""A file as people read it: loops indented, segments by name, amounts and days as they are written elsewhere.

Owns: words and layout. Refuses: judging (`checking.py`), and deciding what is hidden: a masker is brought.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from shared.kernel.errors import Malformed
from shared.x12.checks.datatypes import day
from shared.x12.checks.dictionary import Shape, segments
from shared.x12.checks.guides import guide_of
from shared.x12.checks.masking import Masker
from shared.x12.checks.notation import Loop, LoopUse
from shared.x12.checks.placing import Placing
from shared.x12.checks.syntax import FORMATTED
from shared.x12.elements import cents
from shared.x12.tokens import Segment, Source, blocks

WORDS: Final = {
    "AAA": "refused", "AK1": "answers group", "AK2": "answers set", "AK9": "verdict on the group", "AMT": "amount",
    "BHT": "begins", "BPR": "payment", "CAS": "adjustment", "CL1": "admission", "CLM": "claim", "CLP": "claim paid",
    "CN1": "contract", "CR1": "ambulance", "CR2": "chiropractic", "CR3": "equipment", "CRC": "condition",
    "CTP": "drug quantity", "CTX": "context", "CUR": "currency", "DMG": "birth and sex", "DN1": "orthodontics",
    "DN2": "tooth status", "DTM": "day", "DTP": "day", "EB": "benefit", "EQ": "asked for", "FRM": "form answer",
    "GE": "end of group", "GS": "group", "HCP": "repricing", "HI": "codes", "HL": "level", "HSD": "delivery",
    "IEA": "end of interchange", "III": "place or diagnosis", "IK3": "segment at fault", "IK4": "element at fault",
    "IK5": "verdict on the set", "INS": "relation", "ISA": "interchange", "K3": "file information",
    "LE": "end of related loops", "LIN": "drug", "LQ": "remark or form", "LS": "related loops", "LX": "line",
    "MEA": "measure", "MIA": "inpatient outcome", "MOA": "outpatient outcome", "MPI": "military", "MSG": "message",
    "N1": "party", "N2": "more of the name", "N3": "street", "N4": "city", "NM1": "name", "NTE": "note",
    "OI": "other coverage", "PAT": "patient", "PER": "contact", "PLB": "provider adjustment", "PRV": "provider",
    "PS1": "purchased service", "PWK": "paperwork", "QTY": "quantity", "RDM": "delivery of remittance",
    "REF": "reference", "SBR": "insurance", "SE": "end of set", "ST": "set", "STC": "status",
    "SV1": "professional service", "SV2": "institutional service", "SV3": "dental service", "SV5": "equipment service",
    "SVC": "service paid", "SVD": "decided by other payer", "TA1": "answer to an interchange", "TOO": "tooth",
    "TRN": "trace", "TS2": "provider summary", "TS3": "provider summary",
}  # fmt: skip
"""Our own names of segments."""
_DEPTHS: Final = {"ISA": 0, "IEA": 0, "TA1": 1, "GS": 1, "GE": 1, "ST": 2, "SE": 2}


class Line(NamedTuple):
    """A line of the tree. **Shape**: `number` of the segment, 0 for the heading of a loop; `depth` from 0."""

    depth: int
    number: int
    segment_id: str
    text: str


def tree(source: Source, *, masker: Masker | None) -> Iterator[Line]:
    """Yield the lines of a file; `masker` None shows personal data as they are.

    **Errors**: `UnreadableISA`, `TruncatedInterchange`, `SegmentTooLong`; lines before the fault were yielded.
    """
    placing: Placing | None = None
    titles: dict[str, str] = {}
    guide_name = ""
    for block in blocks(source):
        separators = block.separators
        for at, (raw, offset) in enumerate(zip(block.raw, block.offsets(), strict=True)):
            shown = masker.segment(raw, separators) if masker is not None else raw
            placed = Segment(tuple(raw.split(separators.element)), block.first + at + 1, offset)
            segment = Segment(tuple(shown.split(separators.element)), placed.index, offset)
            name = segment.elements[0]
            if name == "GS":
                guide_name = segment.elements[8] if len(segment.elements) > 8 else ""  # noqa: PLR2004 (GS08)
            if name == "ST":
                placing, titles = _opened(segment, guide_name, separators.component)
            depth = _DEPTHS.get(name, 3)
            if placing is not None and name not in _DEPTHS:
                begun = placing.place(placed)
                depth = 1 + len(placing.loops)
                if begun.begins:
                    yield Line(depth, 0, "", f"{begun.loop} {titles.get(begun.loop, '')}".rstrip())
                depth += 1
            elif placing is not None and name == "ST":
                placing.place(placed)
            yield Line(depth, segment.index, name, _said(segment, separators.component))


def _opened(st: Segment, guide_name: str, component: str) -> tuple[Placing | None, dict[str, str]]:
    elements = (*st.elements, "", "", "")
    guide, _ = guide_of(elements[1], elements[3] or guide_name)
    if guide is None:
        return None, {}
    return Placing(guide, component, _silent), dict(_titles(guide.body))


def _silent(*_: object, **__: object) -> None:
    """Tell nothing: a tree judges nothing."""


def _titles(loop: Loop) -> Iterator[tuple[str, str]]:
    yield loop.name, loop.title
    for place in loop.places:
        for use in place:
            if isinstance(use, LoopUse):
                yield from _titles(use.loop)


def _said(segment: Segment, component: str) -> str:
    name, *elements = segment.elements
    definition = segments().get(name)
    shapes = definition.elements if definition is not None else ()
    said = []
    for at, text in enumerate(elements, start=1):
        if not text.strip():
            continue
        shape = shapes[at - 1] if at <= len(shapes) else None
        formatted = FORMATTED.get(name)
        if formatted is not None and at == formatted[1] and formatted[0] <= len(elements):
            said.append(_period(text))
        else:
            said.append(_element(text, shape, component))
    return ": ".join(part for part in (WORDS.get(name, ""), ", ".join(said)) if part)


def _period(text: str) -> str:
    first, dash, last = text.partition("-")
    return f"{_day(first)} to {_day(last)}" if dash else _day(text)


def _day(text: str) -> str:
    found = day(text)
    return f"{found:%Y-%m-%d}" if found is not None else text


def _element(text: str, shape: Shape | None, component: str) -> str:
    if shape is None:
        return text.strip()
    if shape.parts is not None:
        parts = zip(text.split(component), shape.parts.elements, strict=False)
        return " ".join(_element(part, each, component) for part, each in parts if part)
    if shape.kind == "M":
        try:
            amount = cents(text)
        except Malformed:
            return text
        return f"{'-' if amount < 0 else ''}{abs(amount) // 100:,}.{abs(amount) % 100:02d}"
    return _day(text) if shape.kind == "DT" else text
