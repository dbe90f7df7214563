"""A set of codes as a coder types it: rows that come, go and change places, and the codes that they mean.

Owns: the fields of the form, what a row's place has to do with the pointers to it, what cannot be read as codes at all,
and which field a refusal or a finding is about. Pure. Refuses: whether codes are good ones, which coding and validation
say. Next: `pages/coding.py`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import zip_longest
from typing import Any, Final

from apps.console.desk import Form
from apps.console.rendering import dotted
from shared.clients.coding import LineToAssign

DIAGNOSES_MAX: Final = 12
"""As many rows as a professional claim has places (005010X222A1, 2300 HI); coding refuses more."""
LINES_MAX: Final = 50
_PAIR: Final = 2
_BETWEEN: Final = re.compile(r"[\s,;]+")
_LETTERS: Final = "ABCDEFGHIJKL"
"""The paper form counts diagnoses so, and coders point with these letters as well."""
_PROCEDURES: Final = ("cpt", "hcpcs")
_DIAGNOSIS: Final = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_PROCEDURE: Final = re.compile(r"[0-9]{4}[0-9A-Z]|[A-CE-V][0-9]{4}")
_MODIFIER: Final = re.compile(r"[0-9A-Z]{2}")
_PLACES: Final = 4
"""A line has as many places for modifiers, and as many for pointers (SV101-3 to -6, SV107)."""
_LIKE_A_CODE: Final = re.compile(r"(?=.*[0-9])[0-9A-Za-z.\-]{1,20}")
"""Every code has a digit; what has none, or spaces, is what somebody looks for a code by."""
_SENT_PLACE: Final = re.compile(r"/(diagnoses|lines)/(\d+)(?:/(\w+))?")
_FIELDS: Final = {
    "procedure_code": "code",
    "modifiers": "modifiers",
    "units": "units",
    "pointers": "pointers",
    "service_from_on": "from_on",
    "service_to_on": "to_on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One row. **Shape**: `said` is how the visit's documentation words it, empty for a row of the coder's own."""

    code: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row, as typed. **Shape**: `pointers` are numbers or letters of diagnosis rows; no day: the visit's first."""

    code: str = ""
    modifiers: str = ""
    units: str = "1"
    pointers: str = ""
    from_on: str = ""
    to_on: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A set of codes as typed; rows without a code count for nothing."""

    diagnoses: tuple[Diagnosis, ...] = (Diagnosis(),)
    lines: tuple[Line, ...] = (Line(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What cannot be read. **Shape**: `field` is the id of an input: `dx-1`, `units-2`; empty: none in particular."""

    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The codes that a draft means. **Shape**: `diagnosis_rows` and `line_rows` say in which rows they are, from 1."""

    diagnoses: tuple[str, ...]
    lines: tuple[LineToAssign, ...]
    diagnosis_rows: tuple[int, ...]
    line_rows: tuple[int, ...]
    wrongs: tuple[Wrong, ...] = field(default=())


# -- where drafts come from ----------------------------------------------------------------------------------------


def sent(form: Form) -> Draft:
    """Return the draft that a form holds."""
    diagnoses = zip_longest(form.all("dx"), form.all("dx_said"), fillvalue="")
    names = ("code", "modifiers", "units", "pointers", "from_on", "to_on", "line_said")
    lines = zip_longest(*(form.all(name) for name in names), fillvalue="")
    return Draft(
        diagnoses=tuple(Diagnosis(code=code.strip(), said=said) for code, said in diagnoses) or (Diagnosis(),),
        lines=tuple(
            Line(
                code=code.strip(),
                modifiers=modifiers.strip(),
                units=units.strip(),
                pointers=pointers.strip(),
                from_on=from_on,
                to_on=to_on,
                said=said,
            )
            for code, modifiers, units, pointers, from_on, to_on, said in lines
        )
        or (Line(),),
    )


def assigned(codes: Mapping[str, Any]) -> Draft:
    """Return the draft that says what is assigned."""
    return Draft(
        diagnoses=tuple(Diagnosis(code=dotted(each["code"])) for each in codes["diagnoses"]),
        lines=tuple(
            Line(
                code=each["procedure_code"],
                modifiers=" ".join(each["modifiers"]),
                units=str(each["units"]),
                pointers=_listed(each["pointers"]),
                from_on=each["service_from_on"],
                to_on=each["service_to_on"],
            )
            for each in codes["lines"]
        ),
    )


def documented(encounter: Mapping[str, Any]) -> Draft:
    """Return the draft that a documentation proposes: its codes, and a row without one where it has only words."""
    rows, place_of = list[Diagnosis](), dict[int, int]()
    for number, condition in enumerate(encounter["conditions"], start=1):
        found = [each["code"] for each in condition["codes"] if each["system"] == "icd10cm"]
        code = dotted(found[0]) if len(found) == 1 else ""
        same = next((place for place, row in enumerate(rows, start=1) if code and row.code == code), None)
        if same is None:
            rows.append(Diagnosis(code=code, said=condition["text"]))
        place_of[number] = same or len(rows)
    lines = tuple(_documented_line(each, place_of, len(rows)) for each in encounter["procedures"])
    return Draft(diagnoses=tuple(rows) or (Diagnosis(),), lines=lines or (Line(pointers="1"),))


def _documented_line(procedure: Mapping[str, Any], place_of: Mapping[int, int], rows: int) -> Line:
    found = [each["code"] for each in procedure["codes"] if each["system"] in _PROCEDURES]
    pointers = dict.fromkeys(place_of[each] for each in procedure["pointers"] if each in place_of)
    return Line(
        code=found[0] if len(found) == 1 else "",
        modifiers=" ".join(procedure["modifiers"]),
        units=str(procedure["units"]),
        pointers=_listed(pointers) or ("1" if rows == 1 else ""),
        from_on=procedure["service_on"] or "",
        to_on=procedure["service_on"] or "",
        said=procedure["text"],
    )


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


# -- rows that come, go and change places --------------------------------------------------------------------------


def edited(draft: Draft, do: str) -> tuple[Draft, str]:
    """Return a draft after one step (`add dx`, `up line 2`, `remove dx 1`), and the id of the field to go on in.

    Pointers follow their diagnoses. A step that cannot be taken changes nothing.
    """
    verb, _, rest = do.partition(" ")
    kind, _, number = rest.partition(" ")
    place = int(number) - 1 if number.isdecimal() else -1
    if kind == "dx":
        order, at = _step(verb, place, len(draft.diagnoses), DIAGNOSES_MAX)
        diagnoses = tuple(Diagnosis() if old is None else draft.diagnoses[old] for old in order) or (Diagnosis(),)
        moved = {old + 1: new for new, old in enumerate(order, start=1) if old is not None}
        return replace(draft, diagnoses=diagnoses, lines=_pointing(draft.lines, moved)), f"dx-{at + 1}"
    if kind == "line":
        order, at = _step(verb, place, len(draft.lines), LINES_MAX)
        new = Line(pointers="1" if len(draft.diagnoses) == 1 else "")
        lines = tuple(new if old is None else draft.lines[old] for old in order) or (new,)
        return replace(draft, lines=lines), f"code-{at + 1}"
    return draft, ""


def _step(verb: str, place: int, rows: int, rows_max: int) -> tuple[list[int | None], int]:
    """Return which old row stands where afterwards, None for a new one, and the place to go on at."""
    order: list[int | None] = list(range(rows))
    if verb == "add" and rows < rows_max:
        return [*order, None], rows
    if verb == "remove" and 0 <= place < rows:
        return order[:place] + order[place + 1 :], max(0, min(place, rows - 2))
    other = place + {"up": -1, "down": 1}.get(verb, 0)
    if 0 <= place < rows and 0 <= other < rows:
        order[place], order[other] = order[other], order[place]
        return order, other
    return order, max(0, min(place, rows - 1))


def _pointing(lines: Iterable[Line], moved: Mapping[int, int]) -> tuple[Line, ...]:
    """Return lines whose pointers follow rows that moved; one to a row that went, goes; what is unreadable stays."""

    def pointers(line: Line) -> str:
        numbers = pointed(line.pointers)
        return line.pointers if numbers is None else _listed(moved[each] for each in numbers if each in moved)

    return tuple(replace(line, pointers=pointers(line)) for line in lines)


# -- what a draft means --------------------------------------------------------------------------------------------


def pointed(typed: str) -> tuple[int, ...] | None:
    """Return the rows that pointers as typed lead to, None where they are neither numbers nor letters."""
    numbers: list[int] = []
    for each in filter(None, _BETWEEN.split(typed.upper())):
        if each.isdecimal():
            numbers.append(int(each))
        elif all(letter in _LETTERS for letter in each):
            numbers.extend(_LETTERS.index(letter) + 1 for letter in each)
        else:
            return None
    return tuple(numbers)


def modifiers_of(typed: str) -> tuple[str, ...]:
    """Return modifiers as typed, with spaces or commas between them or without: `25 RT`, `25RT`."""
    found: list[str] = []
    for each in filter(None, _BETWEEN.split(typed.upper())):
        pairs = len(each) > _PAIR and len(each) % _PAIR == 0
        found += [each[n : n + _PAIR] for n in range(0, len(each), _PAIR)] if pairs else [each]
    return tuple(found)


def is_like_a_code(typed: str) -> bool:
    """Return whether what is typed may be a code, and not the words by which somebody looks for one."""
    return _LIKE_A_CODE.fullmatch(typed) is not None


def readable(draft: Draft) -> Draft:
    """Return a draft without what is not a code yet: the words by which somebody looks for one."""

    def code(typed: str) -> str:
        return typed if is_like_a_code(typed) else ""

    return Draft(
        diagnoses=tuple(replace(each, code=code(each.code)) for each in draft.diagnoses),
        lines=tuple(replace(each, code=code(each.code)) for each in draft.lines),
    )


def meant(draft: Draft) -> Codes:
    """Return the codes that a draft means, and what in it cannot be read."""
    rows = [n for n, each in enumerate(draft.diagnoses, start=1) if each.code]
    place_of = {row: place for place, row in enumerate(rows, start=1)}
    wrongs = [
        Wrong(field=f"dx-{n}", text=f"Diagnosis {n}: these are words, choose a code for them.")
        for n in rows
        if not is_like_a_code(draft.diagnoses[n - 1].code)
    ]
    lines, line_rows = list[LineToAssign](), list[int]()
    for number, line in enumerate(draft.lines, start=1):
        if not line.code:
            continue
        wrongs += _unreadable(number, line, place_of)
        line_rows.append(number)
        lines.append(
            LineToAssign(
                procedure_code=line.code.upper(),
                modifiers=modifiers_of(line.modifiers),
                units=int(line.units) if _is_count(line.units) else 1,
                pointers=tuple(place_of[each] for each in pointed(line.pointers) or () if each in place_of),
                service_from_on=_day(line.from_on),
                service_to_on=_day(line.to_on),
            )
        )
    return Codes(
        diagnoses=tuple(each.code.upper() for each in draft.diagnoses if each.code),
        lines=tuple(lines),
        diagnosis_rows=tuple(rows),
        line_rows=tuple(line_rows),
        wrongs=tuple(wrongs),
    )


def _unreadable(number: int, line: Line, place_of: Mapping[int, int]) -> Iterator[Wrong]:
    if not is_like_a_code(line.code):
        yield Wrong(field=f"code-{number}", text=f"Line {number}: these are words, choose a code for them.")
    if not _is_count(line.units):
        yield Wrong(field=f"units-{number}", text=f"Line {number}: units are a whole number.")
    numbers = pointed(line.pointers)
    if numbers is None:
        yield Wrong(field=f"pointers-{number}", text=f"Line {number}: point to diagnoses by number, such as 1, 2.")
    for each in dict.fromkeys(numbers or ()):
        if each not in place_of:
            yield Wrong(field=f"pointers-{number}", text=f"Line {number}: there is no diagnosis {each}.")
    for name, typed in (("from_on", line.from_on), ("to_on", line.to_on)):
        if typed and _day(typed) is None:
            yield Wrong(field=f"{name}-{number}", text=f"Line {number}: a day is such as 2026-03-03.")


def _is_count(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= 4  # noqa: PLR2004 (coding counts to 9999)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


# -- which row something is about ----------------------------------------------------------------------------------


def by_row(findings: Iterable[Mapping[str, Any]], codes: Codes) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return findings by the row that they are about, `dx-1` or `line-2`; those of the whole under an empty name."""
    found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in findings:
        first, _, rest = each["field"].partition("/")
        place = rest.partition("/")[0]
        if each["line_no"] is not None:
            found[_row("line", codes.line_rows, each["line_no"])].append(each)
        elif first == "diagnoses" and place.isdecimal():
            found[_row("dx", codes.diagnosis_rows, int(place))].append(each)
        else:
            found[""].append(each)
    return found


def _row(kind: str, rows: Sequence[int], place: int) -> str:
    return f"{kind}-{rows[place - 1]}" if 1 <= place <= len(rows) else ""


def culprit(slug: str, detail: str, codes: Codes) -> str:
    """Return the id of the field that coding's refusal is about, empty where none is; coding names the rule alone."""
    place = _SENT_PLACE.search(detail)  # counts from 0, as JSON does
    if place is None:
        return next((field_id for broken, field_id in _breaches(codes) if broken == slug), "")
    rows = codes.diagnosis_rows if place[1] == "diagnoses" else codes.line_rows
    name = "dx" if place[1] == "diagnoses" else _FIELDS.get(place[3] or "", "code")
    return f"{name}-{rows[int(place[2])]}" if int(place[2]) < len(rows) else ""


def _breaches(codes: Codes) -> Iterator[tuple[str, str]]:
    """Yield which rule of an assignment is broken in which field; the rule's slug is that of coding's refusal.

    It only leads the eye after coding refused: what is missing here is refused all the same.
    """
    if not codes.diagnoses:
        yield "no-diagnoses", "dx-1"
    if not codes.lines:
        yield "no-lines", "code-1"
    yield from _diagnosis_breaches(codes)
    for row, line in zip(codes.line_rows, codes.lines, strict=True):
        yield from ((slug, f"{name}-{row}") for slug, name in _line_breaches(line))


def _diagnosis_breaches(codes: Codes) -> Iterator[tuple[str, str]]:
    bare = [each.replace(".", "") for each in codes.diagnoses]
    for place, (row, code) in enumerate(zip(codes.diagnosis_rows, bare, strict=True)):
        if code in bare[:place]:
            yield "diagnosis-twice", f"dx-{row}"
        if not _DIAGNOSIS.fullmatch(code):
            yield "not-a-diagnosis-code", f"dx-{row}"


def _line_breaches(line: LineToAssign) -> Iterator[tuple[str, str]]:
    if not _PROCEDURE.fullmatch(line.procedure_code):
        yield "not-a-procedure-code", "code"
    if len(line.modifiers) > _PLACES:
        yield "too-many-modifiers", "modifiers"
    if not all(map(_MODIFIER.fullmatch, line.modifiers)):
        yield "not-a-modifier", "modifiers"
    if not 1 <= len(line.pointers) <= _PLACES or len(set(line.pointers)) < len(line.pointers):
        yield "pointers-wrong", "pointers"
    if line.service_from_on is not None:
        yield "service-date-outside-visit", "from_on"
