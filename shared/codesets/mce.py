"""Medicare Code Editor: what it says of a diagnosis code beside its validity, and the ages that its groups mean.

Owns: reading the table that `mce_table.py` writes, and the ages. Refuses: judging a claim; the rules in validation do.
Outside inpatient Medicare every one of these edits is a warning. **Source**: Definitions of Medicare Code Edits, v44
(October 2026), which `loaders/mce.py` reads; `tools/write_starter.py` compares the ages with the editor's own table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from functools import partial
from types import MappingProxyType
from typing import Final, Self

from shared.codesets.edition import Edition, Interval, TableNotLoaded, outside
from shared.codesets.library import System
from shared.codesets.packed import Buffer, NotATable, Packed, day, find, key, text_of


class Attribute(IntFlag):
    """What the editor attaches to a code for a span of days. The numbers are stored in tables: never reuse one."""

    NONE = 0
    UNACCEPTABLE_PRINCIPAL = 1  # not acceptable as the principal diagnosis
    MANIFESTATION = 2  # never first: its cause is coded before it
    EXTERNAL_CAUSE = 4  # how it happened, never why the patient came
    UNSPECIFIED = 8  # a more specific code exists, such as one with a side
    NEWBORN = 16
    PEDIATRIC = 32
    MATERNITY = 64
    ADULT = 128
    FEMALE = 256  # CMS ended both sex lists on 2024-09-30; never refuse on sex after that day
    MALE = 512
    SECONDARY_REQUIRED = 1024  # acceptable as principal only with a secondary diagnosis
    QUESTIONABLE_ADMISSION = 2048
    NO_OUTCOME_OF_DELIVERY = 4096
    WRONG_PROCEDURE = 8192
    CLINICAL_TRIAL = 16384


EXTERNAL_CAUSES: Final = frozenset("VWXY")
"""How the codes of chapter 20 begin: all of them are external causes, so that the editor publishes no list of them."""
NEVER_FIRST: Final = Attribute.UNACCEPTABLE_PRINCIPAL | Attribute.MANIFESTATION | Attribute.EXTERNAL_CAUSE
SEX_EDITS_END_ON: Final = date(2024, 9, 30)  # the last day of every sex list


@dataclass(frozen=True, slots=True)
class AgeRange:
    """The ages that a group allows, in days of its validity. **Units**: completed years, both ends allowed."""

    youngest: int
    oldest: int
    valid: Interval

    def allows(self, age_years: int) -> bool:
        """Return whether a patient of that age belongs to the group."""
        return self.youngest <= age_years <= self.oldest


_ALWAYS: Final = Interval(date(1984, 3, 1))
AGES: Final[Mapping[Attribute, tuple[AgeRange, ...]]] = MappingProxyType(
    {
        Attribute.NEWBORN: (AgeRange(0, 0, _ALWAYS),),
        Attribute.PEDIATRIC: (AgeRange(0, 17, _ALWAYS),),
        Attribute.MATERNITY: (
            AgeRange(12, 55, Interval(_ALWAYS.first, date(2019, 9, 30))),
            AgeRange(9, 64, Interval(date(2019, 10, 1))),
        ),
        Attribute.ADULT: (AgeRange(15, 124, _ALWAYS),),
    }
)


def age_conflicts(attributes: Attribute, age_years: int, on: date) -> tuple[Attribute, ...]:
    """Return the age groups of a code that a patient does not belong to on a day; empty where none objects."""
    return tuple(
        group
        for group, ranges in AGES.items()
        if group in attributes
        and not any(each.allows(age_years) for each in ranges if each.valid.holds(on))
        and any(each.valid.holds(on) for each in ranges)
    )


@dataclass(frozen=True, slots=True)
class Edits:
    """What the editor says of a code on a day, and which edition says so; `NONE` where it says nothing."""

    edition: Edition
    attributes: Attribute


class CodeEditor:
    """One edition of the editor's lists. **Shape**: immutable. **Errors**: `NotATable`.

    A code in no list has no attributes, valid or not, but for one of chapter 20, which is an external cause.
    """

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final = table.edition(system)
        self._none: Final = Edits(self.edition, Attribute.NONE)
        self._external_cause: Final = Edits(self.edition, Attribute.EXTERNAL_CAUSE)
        try:
            self._histories = tuple(
                tuple(
                    (date.fromisoformat(first), day(last) or date.max, Edits(self.edition, Attribute(attributes)))
                    for first, last, attributes in spans
                )
                for spans in table.head["histories"]
            )
        except (KeyError, TypeError, ValueError) as wrong:
            raise NotATable("the head is not that of a table of the code editor") from wrong
        self._keys, self._history_of = table.columns(("codes", "Q"), ("history_of", "H"))

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of codes that stand in a list, on whatever day."""
        return len(self._keys)

    def edits(self, code: str, on: date) -> Edits | TableNotLoaded:
        """Return what the editor attaches to a code on a day, or why it cannot say."""
        if (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        number = key(code)
        position = None if number is None else find(self._keys, number)
        if position is not None:
            for first, last, edits in self._histories[self._history_of[position]]:
                if first <= on <= last:
                    return edits
        return self._external_cause if code[:1] in EXTERNAL_CAUSES else self._none

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each listed code and its attributes, with days where they do not hold in all of the edition."""
        for number, history in zip(self._keys, self._history_of, strict=True):
            said = (self._said(*span) for span in self._histories[history])
            yield text_of(number), "; ".join(said)

    def _said(self, first: date, last: date, edits: Edits) -> str:
        days, covers = Interval(first, None if last == date.max else last), self.edition.covers
        words = ", ".join(each.name.lower().replace("_", " ") for each in edits.attributes if each.name)
        return words if days == covers else f"{words} {days}"


SYSTEM: Final = System(
    name="mce",
    title="Medicare Code Editor: ages, sex and first-listed diagnoses",
    source="https://www.cms.gov/medicare/payment/prospective-payment-systems/acute-inpatient-pps"
    "/ms-drg-classifications-and-software",
    read=partial(CodeEditor.read, "mce"),
)
