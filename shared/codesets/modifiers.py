"""Modifiers of a service line: Level II from the HCPCS file of CMS or restated, CPT by number only.

Restated are the common ones, with our own labels; that table is partial, so a modifier that it lacks is "not loaded".
The file is whole for Level II; CPT's numbers come from here in either case, and one that is missing is "not loaded".
At most four stand on a line.
**Source**: CMS HCPCS Level II modifiers (labels restated); CPT modifier numbers without their descriptions.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final

from shared.codesets import code_list
from shared.codesets.code_list import licensed
from shared.codesets.dated import DatedTable
from shared.codesets.edition import Answer, Interval, Provenance, TableNotLoaded, Why
from shared.codesets.library import Library, System

PER_LINE_MAX: Final = 4
_CPT_SHAPE: Final = re.compile(r"[0-9]{2}|[0-9]P|P[0-9]")
_BEFORE_ALL: Final = date(1996, 1, 1)


class Kind(StrEnum):
    """What a modifier is about; edits ask by kind."""

    SIDE = "side"
    DIGIT = "digit"
    EYELID = "eyelid"
    CORONARY = "coronary"
    ANESTHESIA = "anesthesia"
    THERAPY = "therapy"
    TELEHEALTH = "telehealth"
    NOTICE = "notice"  # advance notice of noncoverage, statutory exclusion
    DISTINCT = "distinct"  # says that two services stand apart: lifts a pair edit
    DRUG = "drug"
    EQUIPMENT = "equipment"
    COMPONENT = "component"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Modifier:
    """One modifier. **Shape**: `label` None where the description is licensed, `description` where nobody gave it."""

    code: str
    kind: Kind
    label: str | None
    valid: Interval
    description: str | None = None

    @property
    def summary(self) -> str:
        """Return what it is about, and the label where there may be one."""
        return self.kind.value if self.label is None else f"{self.kind.value} {self.label}"


def answer(library: Library, code: str, on: date) -> Answer:
    """Return what is known of a modifier on a date of service; a list of CPT's goes before the numbers that ship."""
    if is_cpt(code):
        found = licensed(library, code_list.CPT_MODIFIERS, code, on)
        if not isinstance(found, TableNotLoaded):
            return found
    return library.look_up(SYSTEM, code, on)


def is_cpt(code: str) -> bool:
    """Return whether a modifier belongs to CPT, which no modifier of Level II resembles."""
    return _CPT_SHAPE.fullmatch(code) is not None


def of_another_set(code: str) -> TableNotLoaded | None:
    """Return that a modifier is one of CPT, whose list nobody supplied; None for one of Level II."""
    return TableNotLoaded(code_list.CPT_MODIFIERS.name, Why.LICENSED) if is_cpt(code) else None


def kind_of(code: str) -> Kind:
    """Return what a modifier is about; `Kind.SERVICE` where no edit asks for a kind of its own."""
    row = MODIFIERS.row(code)
    return Kind.SERVICE if row is None else row.kind


def _these(kind: Kind, lines: str, *, since: date = _BEFORE_ALL) -> tuple[Modifier, ...]:
    named = (line.strip().partition(" ") for line in lines.strip().splitlines())
    return tuple(Modifier(code, kind, label, Interval(since)) for code, _, label in named)


def _numbers(kind: Kind, codes: str, *, since: date = _BEFORE_ALL) -> tuple[Modifier, ...]:
    return tuple(Modifier(code, kind, None, Interval(since)) for code in codes.split())


_LEFT_HAND: Final = (
    "FA left thumb\nF1 left index finger\nF2 left middle finger\nF3 left ring finger\nF4 left little finger"
)
_RIGHT_HAND: Final = (
    "F5 right thumb\nF6 right index finger\nF7 right middle finger\nF8 right ring finger\nF9 right little finger"
)
_LEFT_FOOT: Final = "TA left big toe\nT1 left second toe\nT2 left third toe\nT3 left fourth toe\nT4 left little toe"
_RIGHT_FOOT: Final = (
    "T5 right big toe\nT6 right second toe\nT7 right third toe\nT8 right fourth toe\nT9 right little toe"
)

_MODIFIERS: Final = (
    *_these(Kind.SIDE, "LT left side\nRT right side"),
    *_numbers(Kind.SIDE, "50"),
    *_these(Kind.DIGIT, f"{_LEFT_HAND}\n{_RIGHT_HAND}\n{_LEFT_FOOT}\n{_RIGHT_FOOT}"),
    *_these(Kind.EYELID, "E1 left upper lid\nE2 left lower lid\nE3 right upper lid\nE4 right lower lid"),
    *_these(
        Kind.CORONARY,
        "LC circumflex\nLD left anterior descending\nLM left main\nRC right coronary\nRI ramus intermedius",
    ),
    *_these(
        Kind.ANESTHESIA,
        """
        AA anesthesia by the anesthesiologist in person
        AD supervision of more than four anesthesias at once
        QK direction of two to four anesthesias at once
        QS monitored anesthesia care
        QX nurse anesthetist, directed by a physician
        QY direction of one nurse anesthetist
        QZ nurse anesthetist, not directed
        """,
    ),
    *_these(
        Kind.THERAPY,
        """
        GN speech-language plan of care
        GO occupational therapy plan of care
        GP physical therapy plan of care
        KX conditions of the medical policy are met
        """,
    ),
    *_these(
        Kind.TELEHEALTH,
        """
        GQ telehealth, stored and forwarded
        GT telehealth, live sound and picture
        """,
    ),
    *_these(Kind.TELEHEALTH, "G0 telehealth for an acute stroke", since=date(2019, 1, 1)),
    *_numbers(Kind.TELEHEALTH, "95", since=date(2017, 1, 1)),
    *_numbers(Kind.TELEHEALTH, "93", since=date(2022, 1, 1)),
    *_these(
        Kind.NOTICE,
        """
        GA notice of likely denial signed, required by policy
        GX notice of likely denial signed, voluntary
        GY excluded by statute
        GZ denial expected, no notice signed
        """,
    ),
    *_these(
        Kind.DISTINCT,
        "XE other encounter\nXP other practitioner\nXS other structure\nXU service that does not overlap",
        since=date(2015, 1, 1),
    ),
    *_numbers(Kind.DISTINCT, "25 59"),
    *_these(Kind.DRUG, "JW amount thrown away"),
    *_these(Kind.DRUG, "JZ nothing thrown away", since=date(2023, 1, 1)),
    *_these(Kind.EQUIPMENT, "NU new equipment\nRR rented equipment\nUE used equipment\nRA replacement of an item"),
    *_these(Kind.COMPONENT, "TC technical component"),
    *_numbers(Kind.COMPONENT, "26"),
    *_these(
        Kind.SERVICE,
        """
        AI principal physician of an admission
        AS assistant at surgery who is no physician
        AT active chiropractic treatment
        CR related to a disaster
        EP Medicaid screening of a child
        GC resident under a teaching physician
        GE resident without the teaching physician, primary care exception
        GV attending physician not employed by the hospice
        GW unrelated to the terminal illness
        PT screening colonoscopy that became diagnostic
        Q5 substitute physician, reciprocal
        Q6 substitute physician, paid by time
        QW test waived from laboratory certification
        SA nurse practitioner with a physician
        SL vaccine supplied by the state
        """,
    ),
    *_numbers(
        Kind.SERVICE,
        "22 23 24 27 32 33 47 51 52 53 54 55 56 57 58 62 63 66 73 74 76 77 78 79 80 81 82 90 91 92 99 1P 2P 3P 8P",
    ),
    *_numbers(Kind.ANESTHESIA, "P1 P2 P3 P4 P5 P6"),
    *_numbers(Kind.SERVICE, "96 97", since=date(2018, 1, 1)),
)

MODIFIERS: Final = DatedTable(
    Provenance(
        system="modifiers",
        release="restated 2026-09",
        effective_from=date(2015, 10, 1),
        effective_to=None,
        source="CMS HCPCS Level II modifiers, restated with own labels; CPT modifier numbers",
        complete=False,
    ),
    _MODIFIERS,
    elsewhere=of_another_set,
)
SYSTEM: Final = System(
    name="modifiers",
    title="Modifiers: HCPCS Level II, CPT by number",
    source="https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system/quarterly-update",
    read=partial(DatedTable.read, "modifiers", Modifier, elsewhere=of_another_set),
)
