"""The tabular list of ICD-10-CM as its keeper publishes it: one XML file of chapters, sections and codes with notes.

Owns: reading it as a stream, and finding the codes that a note names. Refuses: documents with a type or entities (an
official one has none), and anything deeper or longer than the list can be.
**Source**: icd10cm_tabular.xsd (NCHS); the list nests chapter, section, diag, diag …
"""

import re
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from shared.codesets.edition import Provenance
from shared.codesets.icd10cm_notes import CATEGORY_LENGTH, SYSTEM, WHOLE_LENGTH, NoteKind, highest
from shared.codesets.loaders.fiscal_year import fiscal_year, printed
from shared.codesets.official import Built, Layout, Member, NotOfficial, Stated, Told
from shared.codesets.packed import head_of, key, write

ROOT: Final = "ICD10CM.tabular"
_KINDS: Final[Mapping[str, NoteKind]] = {
    "includes": NoteKind.INCLUDES,
    "inclusionTerm": NoteKind.INCLUSION_TERM,
    "excludes1": NoteKind.EXCLUDES1,
    "excludes2": NoteKind.EXCLUDES2,
    "codeFirst": NoteKind.CODE_FIRST,
    "useAdditionalCode": NoteKind.USE_ADDITIONAL_CODE,
    "codeAlso": NoteKind.CODE_ALSO,
    "notes": NoteKind.GENERAL,
    "sevenChrNote": NoteKind.SEVENTH_CHARACTER,
    "sevenChrDef": NoteKind.SEVENTH_CHARACTER,
}
_NODES: Final = frozenset({"chapter", "section", "diag"})
_TEXTS: Final = frozenset({"name", "note", "extension", "version"})
_DEPTH_MAX: Final = 24
_TEXT_MAX: Final = 8_000
_NOTES_MAX: Final = 200_000
_YEAR: Final = re.compile(r"20\d\d")
_GROUP: Final = re.compile(r"\(([^()]*)\)")
_NAMED: Final = r"([A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?)(?:\.?-)?"
_ITEM: Final = re.compile(rf"{_NAMED}(?:\s?-\s?{_NAMED})?")


@dataclass(slots=True)
class _Node:
    """A chapter, section or code. **Shape**: `name` as `TabularNotes` gives it, empty until it was read."""

    tag: str
    parent: "_Node | None"
    line: int
    name: str
    notes: list[tuple[NoteKind, str]] = field(default_factory=list)
    sevenths: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _List:
    """What was read so far. **Shape**: nodes in the order of the list."""

    version: str = ""
    nodes: list[_Node] = field(default_factory=list)
    notes: int = 0


class _Reading:
    """One pass over the document. **Errors**: `NotOfficial`, with the line."""

    def __init__(self, name: str) -> None:
        self.found = _List()
        self._name = name
        self._tags: list[str] = []
        self._open: list[_Node] = []
        self._text: list[str] = []
        self._length = 0
        self._attribute = ""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, lines: Iterable[bytes]) -> _List:
        try:
            for line in lines:
                self._parser.Parse(line, False)  # noqa: FBT003 (expat takes it by position: more follows)
            self._parser.Parse(b"", True)  # noqa: FBT003 (and here nothing does)
        except expat.ExpatError as wrong:
            raise NotOfficial(self._name, "it is no well-formed XML", wrong.lineno) from wrong
        return self.found

    def _refused(self, why: str) -> NotOfficial:
        return NotOfficial(self._name, why, self._parser.CurrentLineNumber)

    def _doctype(self, *_: object) -> None:
        raise self._refused("a document type is declared, which the tabular list has not")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self._tags and tag != ROOT:
            raise self._refused(f"the element {ROOT} was expected")
        self._tags.append(tag)
        if len(self._tags) > _DEPTH_MAX:
            raise self._refused("elements are nested deeper than the tabular list")
        self._text, self._length, self._attribute = [], 0, attributes.get("char", "")
        if tag in _NODES:
            node = _Node(
                tag, self._open[-1] if self._open else None, self._parser.CurrentLineNumber, attributes.get("id", "")
            )
            self._open.append(node)
            self.found.nodes.append(node)

    def _characters(self, text: str) -> None:
        if self._tags[-1] in _TEXTS:
            self._length += len(text)
            if self._length > _TEXT_MAX:
                raise self._refused("a text is longer than any of the tabular list")
            self._text.append(text)

    def _end(self, tag: str) -> None:
        self._tags.pop()
        within = self._tags[-1] if self._tags else ""
        if tag in _NODES:
            if not self._open.pop().name:
                raise self._refused(f"the {tag} that ends here has no name")
        elif tag in _TEXTS:
            text = " ".join("".join(self._text).split())
            self._text = []
            if tag == "version":
                self.found.version = text
            elif self._open and text:
                self._keep(self._open[-1], tag, within, text)

    def _keep(self, node: _Node, tag: str, within: str, text: str) -> None:
        if tag == "name" and within == node.tag:
            node.name = text.replace(".", "") if node.tag == "diag" else f"{node.tag} {text}"
        elif tag == "extension" and within == "sevenChrDef":
            node.sevenths[self._attribute] = text
        elif tag == "note" and within in _KINDS:
            self.found.notes += 1
            if self.found.notes > _NOTES_MAX:
                raise self._refused("it has more notes than the tabular list can have")
            node.notes.append((_KINDS[within], text))


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of a release. **Errors**: `NotOfficial`."""
    if len(members) > 1:
        raise NotOfficial(members[1].name, "this is a second tabular list: load one at a time")
    (member,) = members
    told = Told()
    found = _Reading(member.name).read(member.lines)
    codes = _codes(member.name, found, told)
    said = fiscal_year(int(found.version)) if _YEAR.fullmatch(found.version) else None
    provenance = stated.provenance(
        SYSTEM.name, member.name, printed(member.name) or said, source=SYSTEM.source, told=told
    )
    blocks = [node for node in found.nodes if node.tag != "diag"]
    table = _table_of(provenance, codes, blocks)
    return Built(table=table, edition=SYSTEM.read(table).edition, rows=found.notes, told=told)


def _codes(name: str, found: _List, told: Told) -> Mapping[str, _Node]:
    """Return the codes by themselves, in their order. **Errors**: `NotOfficial`."""
    codes: dict[str, _Node] = {}
    for node in found.nodes:
        if node.tag != "diag":
            continue
        is_code = CATEGORY_LENGTH <= len(node.name) <= WHOLE_LENGTH and key(node.name) is not None
        if not is_code or node.name in codes:
            told.reject(name, node.line, "a code of the list has not 3 to 7 letters and digits, or stands there twice")
        else:
            codes[node.name] = node
    if not codes:
        raise NotOfficial(name, "it has no code")
    return dict(sorted(codes.items()))


def _table_of(provenance: Provenance, codes: Mapping[str, _Node], blocks: Sequence[_Node]) -> bytes:
    place_of = {id(block): place for place, block in enumerate(blocks)}
    owners = [node for node in codes.values() if node.notes]
    sevenths = sorted({_seventh(node) for node in codes.values() if node.sevenths})
    categories = {code: node for code, node in codes.items() if len(code) == CATEGORY_LENGTH and node.parent}
    notes = [note for node in (*owners, *blocks) for note in sorted(node.notes, key=lambda note: note[0])]
    named = [named_codes(text, codes) for _, text in notes]
    head = {
        "edition": head_of(provenance),
        "blocks": [(block.name, place_of[id(block.parent)] if block.parent else None) for block in blocks],
        "sevenths": sevenths,
        "seventh_of": {code: sevenths.index(_seventh(node)) for code, node in codes.items() if node.sevenths},
    }
    sections = {
        "owners": array("Q", [key(node.name) or 0 for node in owners]),
        "starts": array("I", _running(len(node.notes) for node in (*owners, *blocks))),
        "categories": array("Q", [key(code) or 0 for code in categories]),
        "block_of": array("H", [place_of[id(node.parent)] for node in categories.values()]),
        "kind": array("B", [kind for kind, _ in notes]),
        "text_ends": array("I", list(_running(len(text.encode()) for _, text in notes))[1:]),
        "named_starts": array("I", _running(len(each) for each in named)),
        "lowest": array("Q", [key(first) or 0 for each in named for first, _ in each]),
        "highest": array("Q", [highest(last) for each in named for _, last in each]),
    }
    text = "".join(text for _, text in notes).encode()
    return write(head, {name: section.tobytes() for name, section in sections.items()} | {"text": text})


def _seventh(node: _Node) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(node.sevenths.items()))


def _running(lengths: Iterable[int]) -> Iterator[int]:
    """Yield where each part begins, and where the last one ends."""
    end = 0
    yield end
    for length in lengths:
        end += length
        yield end


def named_codes(text: str, codes: Container[str]) -> tuple[tuple[str, str], ...]:
    """Return the codes that a note names, first and last of each range, in their stored form.

    **Shape**: only what stands in parentheses, alone or in a list: `(A05.-)`, `(C51-C52, C60.-)`. A group with a word
    in it (`E08-E13 with .44`) is left to whoever reads the text, as is one whose categories `codes` lacks.
    """
    named: list[tuple[str, str]] = []
    for group in _GROUP.findall(text):
        items = [_ITEM.fullmatch(item.strip()) for item in group.split(",")]
        ranges = [_ends(item) for item in items if item is not None]
        known = (end[:CATEGORY_LENGTH] in codes for ends in ranges for end in ends)
        if len(ranges) == len(items) and all(known) and all(first <= last for first, last in ranges):
            named.extend(ranges)
    return tuple(named)


def _ends(item: re.Match[str]) -> tuple[str, str]:
    first = item[1].replace(".", "")
    return first, item[2].replace(".", "") if item[2] else first


def _recognises(_: str, head: bytes) -> bool:
    return f"<{ROOT}>".encode() in head or f"<{ROOT} ".encode() in head


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="ICD-10-CM tabular list (icd10cm_tabular_2027.xml)",
        recognises=_recognises,
        build=build,
    ),
)
