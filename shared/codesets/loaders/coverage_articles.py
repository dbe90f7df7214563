"""The articles of the Medicare Coverage Database as downloaded: several comma-separated tables that make one edition.

Owns: the layout, by the names of the columns. `article.csv` holds whole pages of text and goes through record by
record; half a million rows of diagnoses become one number each. The descriptions of codes are not kept. Nothing in the
download says of which day it is: the newest change of an article does, and it answers for the quarter of that day.
**Source**: Medicare Coverage Database, current_article.zip and its data dictionary.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final

import msgspec

from shared.codesets.coverage_articles import CONTRACTOR_LENGTH, COVERED, NONCOVERED, SYSTEM, Article
from shared.codesets.edition import Interval
from shared.codesets.loaders.commas import columns, fields, records, text
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told
from shared.codesets.packed import head_of, key, write

_ARTICLE: Final = "article.csv"
_PROCEDURES: Final = "article_x_hcpc_code.csv"
_COVERED: Final = "article_x_icd10_covered.csv"
_NONCOVERED: Final = "article_x_icd10_noncovered.csv"
_ISSUED: Final = "article_x_contractor.csv"
_CONTRACTORS: Final = "contractor.csv"
_VERSION: Final = {"id": "article_id", "version": "article_version"}
_CONTRACTOR: Final = {"contractor": "contractor_id", "of": "contractor_version"}
_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    _ARTICLE: {
        **_VERSION,
        "kind": "article_type",
        "title": "title",
        "status": "status",
        "changed": "last_updated",
    },
    _PROCEDURES: {**_VERSION, "code": "hcpc_code_id", "group": "hcpc_code_group"},
    _COVERED: {**_VERSION, "code": "icd10_code_id", "group": "icd10_covered_group"},
    _NONCOVERED: {**_VERSION, "code": "icd10_code_id", "group": "icd10_noncovered_group"},
    _ISSUED: {**_VERSION, **_CONTRACTOR},
    _CONTRACTORS: {**_CONTRACTOR, "number": "contractor_number"},
}
_FIRST: Final = {"first": "article_eff_date"}
_ENDS: Final = {"ends": "article_end_date", "revised": "article_rev_end_date", "retired": "date_retired"}
"""Columns that a download may lack; an article ends on the first of its ends."""
_NEEDED: Final = (_ARTICLE, _PROCEDURES, _COVERED, _NONCOVERED, _ISSUED)
_IN_FORCE: Final = {"A", "R"}  # active, retired; the others are proposed or not yet there
_NOT_IN_FORCE: Final = "proposed, not in force"
_ANY_DIAGNOSIS: Final = b"XX000"  # as a code of a list: this article asks for no diagnosis
_BEFORE_ALL: Final = date(1966, 7, 1)  # Medicare began
_PROCEDURE_LENGTH: Final = 5
_DIAGNOSIS_LENGTHS: Final = range(3, 8)
_GROUP_MAX: Final = 0xFFFF


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one download from all its members. **Errors**: `NotOfficial`."""
    tables = _by_table(members)
    told = Told()
    articles = _Articles(tables, told)
    procedures = _procedures(tables[_PROCEDURES], articles, told)
    diagnoses = _Diagnoses()
    covered = diagnoses.read(tables[_COVERED], _COVERED, articles, told)
    noncovered = diagnoses.read(tables[_NONCOVERED], _NONCOVERED, articles, told)
    provenance = stated.provenance(
        SYSTEM.name,
        tables[_ARTICLE].name,
        articles.printed(),
        source="CMS, Medicare Coverage Database, articles",
        told=told,
        foreign=(_NOT_IN_FORCE,),
    )
    sections: dict[str, bytes] = {"articles": msgspec.json.encode(articles.listed)}
    sections |= {name: each.tobytes() for name, each in procedures.items()}
    sections |= {name: each.tobytes() for name, each in diagnoses.sections(covered, COVERED, len(articles.listed))}
    sections |= {
        name: each.tobytes() for name, each in diagnoses.sections(noncovered, NONCOVERED, len(articles.listed))
    }
    sections["diagnoses"] = array("Q", sorted(diagnoses.place_of)).tobytes()
    rows = len(procedures["code_articles"]) + len(covered) + len(noncovered)
    return Built.of(SYSTEM, write({"edition": head_of(provenance)}, sections), rows, told)


class _Articles:
    """The articles of a download, in the order of their numbers, and the newest day on which one changed."""

    def __init__(self, tables: Mapping[str, Member], told: Told) -> None:
        self._newest: date | None = None
        self._left_out: set[tuple[bytes, bytes]] = set()
        issued = _issued(tables)
        read = sorted(self._read(tables[_ARTICLE], issued, told), key=lambda each: (each[1].number, each[1].version))
        self.listed = [article for _, article in read]
        self._at = {version: at for at, (version, _) in enumerate(read)}

    def at(self, version: tuple[bytes, bytes]) -> int | None:
        """Return the place of an article, None where it is not kept. **Errors**: `KeyError` where nobody knows it."""
        return None if version in self._left_out else self._at[version]

    def printed(self) -> Period | None:
        """Return the quarter of the newest change; its day is the release."""
        if self._newest is None:
            return None
        quarter = Period.quarter_from(self._newest)
        return Period(self._newest.isoformat(), quarter.first, quarter.last)

    def _read(
        self, member: Member, issued: Mapping[tuple[bytes, bytes], set[str]], told: Told
    ) -> Iterator[tuple[tuple[bytes, bytes], Article]]:
        seen: set[tuple[bytes, bytes]] = set()
        for line, row in _rows(member, _ARTICLE):
            version = row["id"], row["version"]
            first = _day(row.get("first", b""))
            last = min((day for name in _ENDS if (day := _day(row.get(name, b""))) is not None), default=None)
            changed = _day(row["changed"])
            if changed is not None and (self._newest is None or changed > self._newest):
                self._newest = changed
            if text(row["status"]).upper() not in _IN_FORCE:
                told.drop(_NOT_IN_FORCE)
                self._left_out.add(version)
            elif version in seen:
                told.reject(member.name, line, "the article stands there twice")
            elif not row["id"].isdigit() or (first and last and last < first):
                told.reject(member.name, line, "an article has a number, and ends after it begins")
                self._left_out.add(version)
            else:
                seen.add(version)
                yield (
                    version,
                    Article(
                        number=f"A{row['id'].decode()}",
                        version=text(row["version"]),
                        title=text(row["title"]),
                        kind=text(row["kind"]),
                        valid=Interval(first or _BEFORE_ALL, last),
                        contractors=tuple(sorted(issued.get(version, ()))),
                    ),
                )


class _Diagnoses:
    """The codes of the lists, each once, and the lists themselves."""

    def __init__(self) -> None:
        self.place_of: dict[int, int] = {}

    def read(self, member: Member, table: str, articles: _Articles, told: Told) -> "array[int]":
        """Return a number of 64 bits for each row: the article, the code as it was first seen, the group."""
        found = array("Q")
        for line, row in _rows(member, table):
            code = row["code"].replace(b".", b"").upper()
            group, at = _group(row["group"]), _at(articles, row)
            if code == _ANY_DIAGNOSIS or at is None:
                continue
            number = key(code.decode("latin-1")) if len(code) in _DIAGNOSIS_LENGTHS and code.isalnum() else None
            if number is None or group is None or at < 0:
                told.reject(member.name, line, "a known article, a diagnosis code and the number of a list are wanted")
            else:
                found.append(at << 48 | self.place_of.setdefault(number, len(self.place_of)) << 16 | group)
        return found

    def sections(self, found: Iterable[int], prefix: str, articles: int) -> "Iterator[tuple[str, array[int]]]":
        """Yield the sections of the lists, by article and code. **Shape**: call it when all lists are read."""
        place = [0] * len(self.place_of)
        for at, number in enumerate(sorted(self.place_of)):
            place[self.place_of[number]] = at
        rows = sorted({row >> 48 << 48 | place[row >> 16 & 0xFFFF_FFFF] << 16 | row & _GROUP_MAX for row in found})
        yield f"{prefix}starts", _starts((row >> 48 for row in rows), articles)
        yield f"{prefix}diagnoses", array("I", [row >> 16 & 0xFFFF_FFFF for row in rows])
        yield f"{prefix}groups", array("H", [row & _GROUP_MAX for row in rows])


def _by_table(members: Sequence[Member]) -> dict[str, Member]:
    """Return the members by the name of their table. **Errors**: `NotOfficial` where one is missing or comes twice."""
    tables: dict[str, Member] = {}
    for member in members:
        if tables.setdefault(_table(member.name), member) is not member:
            raise NotOfficial(member.name, "the table stands there twice: load one download at a time")
    if missing := [name for name in _NEEDED if name not in tables]:
        raise NotOfficial(members[0].name, f"{', '.join(missing)} of the same download must be loaded with it")
    return tables


def _issued(tables: Mapping[str, Member]) -> dict[tuple[bytes, bytes], set[str]]:
    """Return the numbers of the contractors of each article; none where the download has no list of contractors."""
    number_of: dict[tuple[bytes, bytes], str] = {}
    if _CONTRACTORS in tables:
        for _, row in _rows(tables[_CONTRACTORS], _CONTRACTORS):
            if number := text(row["number"]):
                number_of[row["contractor"], row["of"]] = number.zfill(CONTRACTOR_LENGTH)
    issued: dict[tuple[bytes, bytes], set[str]] = {}
    unknown: set[tuple[bytes, bytes]] = set()
    for _, row in _rows(tables[_ISSUED], _ISSUED):
        number_or_none = number_of.get((row["contractor"], row["of"]))
        if number_or_none is None:  # by whom else it may be is not known, so it concerns everybody
            unknown.add((row["id"], row["version"]))
        else:
            issued.setdefault((row["id"], row["version"]), set()).add(number_or_none)
    return {version: numbers for version, numbers in issued.items() if version not in unknown}


def _procedures(member: Member, articles: _Articles, told: Told) -> "dict[str, array[int]]":
    found: set[tuple[int, int, int]] = set()
    for line, row in _rows(member, _PROCEDURES):
        code = row["code"].upper()
        number = key(code.decode("latin-1")) if len(code) == _PROCEDURE_LENGTH and code.isalnum() else None
        group, at = _group(row["group"]), _at(articles, row)
        if at is None:
            continue
        if number is None or group is None or at < 0:
            told.reject(member.name, line, "a known article, a procedure code and the number of a list are wanted")
        else:
            found.add((number, at, group))
    rows = sorted(found)
    codes, starts = array("Q"), array("I")
    for code_number, same in groupby(range(len(rows)), key=lambda row: rows[row][0]):
        codes.append(code_number)
        starts.append(next(same))
    starts.append(len(rows))
    return {
        "codes": codes,
        "code_starts": starts,
        "code_articles": array("I", [at for _, at, _ in rows]),
        "code_groups": array("H", [group for _, _, group in rows]),
    }


def _rows(member: Member, table: str) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Yield the rows of a table, the wanted columns by our names. **Errors**: `NotOfficial`."""
    found = records(member)
    line, record = next(found, (1, b""))
    headings = fields(record)
    at = columns(member, line, headings, _COLUMNS[table])
    if table == _ARTICLE:
        there = {text(heading).lower() for heading in headings}
        optional = {name: each for name, each in (_FIRST | _ENDS).items() if each in there}
        at |= columns(member, line, headings, optional)
    for line, record in found:
        cells = fields(record)
        if len(cells) == len(headings):
            yield line, {name: cells[place].strip() for name, place in at.items()}
        elif record:
            raise NotOfficial(member.name, f"{len(headings)} columns were expected, {len(cells)} are there", line)


def _at(articles: _Articles, row: Mapping[str, bytes]) -> int | None:
    """Return the place of the article of a row; None where it is left out, -1 where nobody knows it."""
    try:
        return articles.at((row["id"], row["version"]))
    except KeyError:
        return -1


def _starts(at: Iterable[int], articles: int) -> "array[int]":
    counts = [0] * articles
    for each in at:
        counts[each] += 1
    starts, total = array("I", [0]), 0
    for count in counts:
        total += count
        starts.append(total)
    return starts


def _group(written: bytes) -> int | None:
    return int(written) if written.isdigit() and int(written) <= _GROUP_MAX else None


def _day(written: bytes) -> date | None:
    """Return a day as `2026-11-01 00:00:00` or `11/1/2026`; None for none, and for the one that stands for none."""
    words = written.decode("latin-1").split()
    if not words:
        return None
    month, slash, rest = words[0].partition("/")
    day, _, year = rest.partition("/")
    try:
        found = date.fromisoformat(f"{year:0>4}-{month:0>2}-{day:0>2}" if slash else words[0])
    except ValueError:
        return None
    return found if found >= _BEFORE_ALL else None


def _table(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _recognises(name: str, head: bytes) -> bool:
    wanted = _COLUMNS.get(_table(name))
    there = {text(heading).lower() for heading in fields(head.split(b"\n", 1)[0].rstrip(b"\r"))}
    return wanted is not None and there.issuperset(wanted.values())


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="coverage articles (current_article.zip: article.csv, article_x_…csv, contractor.csv together)",
        recognises=_recognises,
        build=build,
    ),
)
