"""Medicare physician fee schedule: the relative values of a procedure code, and what its indicators say of its billing.

Owns: reading the table that `loaders/mpfs.py` builds. Refuses: prices (`pricing.py`), and judging a claim; the rules in
validation do. A code may stand there with modifier 26 (professional component), TC (technical component) or 53 (broken
off), each with values of its own.
**Source**: Medicare Claims Processing Manual chapter 12, section 30, and chapter 23, addendum (MPFSDB record layout).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from heapq import merge
from typing import Final, Self, TypeAlias

from shared.codesets.edition import Answer, Edition, Interval, TableNotLoaded, UnknownCode, Valid, absent_code, outside
from shared.codesets.library import System
from shared.codesets.packed import Buffer, NotATable, Packed, text_of

CODE_LENGTH: Final = 5
NUMBERS: Final = (
    "work",
    "office_expense",
    "facility_expense",
    "malpractice",
    "cap_office",
    "cap_facility",
    "cap_malpractice",
)
"""The sections of relative values, in hundredths."""
QUALIFYING: Final = "qualifying_"
"""What the names of the sections of the second file begin with."""


class GlobalPeriod(StrEnum):
    """Which days around a procedure its payment includes."""

    SAME_DAY = "000"
    MINOR = "010"
    MAJOR = "090"
    MATERNITY = "MMM"  # its days are not counted from one service
    NONE = "XXX"
    BY_CONTRACTOR = "YYY"  # whoever pays says which days
    OF_ANOTHER = "ZZZ"  # an add-on: the days of the service that it belongs to

    def days(self, performed: date) -> Interval | None:
        """Return the days whose related visits are paid with a procedure; None where the schedule names no days."""
        match self:
            case GlobalPeriod.SAME_DAY:
                return Interval(performed, performed)
            case GlobalPeriod.MINOR:
                return Interval(performed, performed + timedelta(days=10))
            case GlobalPeriod.MAJOR:  # 92 days: the day before, the day itself, 90 after
                return Interval(performed - timedelta(days=1), performed + timedelta(days=90))
            case _:
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """What the schedule says of billing a code. **Shape**: one or two characters each, as CMS prints them.

    `status`: A active, B bundled, C priced by the contractor, I and N not payable, R restricted, T only if alone …
    `components`: 0 physician service, 1 has components 26 and TC, 2 professional only, 3 technical only, 4 both in one.
    `multiple`: 0 no reduction, 2 standard, 3 endoscopy, 4 imaging, 5 therapy, 6 cardiology, 7 ophthalmology, 9 does not
    apply. `bilateral`: 0 never, 1 one and a half times, 2 is bilateral already, 3 each side in full, 9 does not apply.
    `assistant`, `co_surgeons`, `team`: 0 only with documents, 1 never, 2 paid, 9 does not apply; for the last two
    0 is never and 1 only with documents.
    `supervision`: of a diagnostic test, 01 general, 02 direct, 03 personal, 09 does not apply.
    """

    status: str
    components: str
    global_period: GlobalPeriod
    multiple: str
    bilateral: str
    assistant: str
    co_surgeons: str
    team: str
    endoscopy_of: str | None
    supervision: str
    imaging_family: str
    seldom_in_office: bool
    seldom_in_facility: bool
    share_before_percent: int
    share_during_percent: int
    share_after_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutpatientCap:
    """What a hospital would be paid for the technical part of imaging, at most. **Units**: hundredths of a value."""

    office_expense: int
    facility_expense: int
    malpractice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeValues:
    """What a service weighs. **Units**: hundredths of a value; `factor` in ten-thousandths of a dollar per value.

    `cap` None: no cap. `factor` is the conversion factor that the file itself prints.
    """

    edition: Edition
    code: str
    modifier: str
    work: int
    office_expense: int
    facility_expense: int
    malpractice: int
    cap: OutpatientCap | None
    indicators: Indicators
    factor: int


Found: TypeAlias = RelativeValues | UnknownCode | TableNotLoaded


class FeeSchedule:
    """One edition of relative values. **Shape**: immutable, read in place. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final = table.edition(system)
        try:
            shared = _Shared(
                tuple(_indicators(each) for each in table.head["indicators"]),
                tuple(int(each) for each in table.head["factors"]),
            )
            two_files = bool(table.head["has_qualifying"])
        except (KeyError, TypeError, ValueError) as wrong:
            raise NotATable("the head is not that of a table of relative values") from wrong
        self._usual: Final = _Rows(self.edition, table, "", shared)
        self._qualifying: Final = _Rows(self.edition, table, QUALIFYING, shared) if two_files else self._usual

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of rows: codes, and codes with a modifier."""
        return len(self._usual)

    def look_up(self, code: str, on: date) -> Answer:
        """Return whether the schedule lists a code, which does not mean that it is paid."""
        found = self.values(code, on)
        return Valid(self.edition) if isinstance(found, RelativeValues) else found

    def values(self, code: str, on: date, *, modifier: str = "", qualifying: bool = False) -> Found:
        """Return the values of a code on a day, or why there are none.

        **Shape**: `modifier` 26, TC or 53 where the code has a row for it; `qualifying`: of the file for clinicians who
        take part in an advanced payment model (from 2026; before there is one file for all).
        """
        if (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        rows = self._qualifying if qualifying else self._usual
        return rows.get(code, modifier) or absent_code(self.edition)

    def global_period(self, code: str, on: date) -> GlobalPeriod | UnknownCode | TableNotLoaded:
        """Return which days the payment of a procedure includes."""
        found = self.values(code, on)
        return found.indicators.global_period if isinstance(found, RelativeValues) else found

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each row and what it says as one line, in the order of the codes, that of the second file after it."""
        usual = ((_name(key), _says(found)) for key, found in self._usual.all())
        if self._qualifying is self._usual:
            return usual
        return merge(usual, ((f"{_name(key)} qualifying", _says(found)) for key, found in self._qualifying.all()))


class _Rows:
    """The rows of one file; each is made when it is first asked for."""

    def __init__(self, edition: Edition, table: Packed, prefix: str, shared: "_Shared") -> None:
        keys, self._indicators, self._factors, *self._numbers = table.columns(
            (f"{prefix}keys", "Q"),
            (f"{prefix}indicators", "H"),
            (f"{prefix}factors", "B"),
            *((prefix + name, "I") for name in NUMBERS),
        )
        self._edition = edition
        self._shared = shared
        names = [text_of(number) for number in keys]
        self._place_of = {(name[:CODE_LENGTH], name[CODE_LENGTH:]): at for at, name in enumerate(names)}
        self._made: dict[tuple[str, str], RelativeValues] = {}

    def __len__(self) -> int:
        return len(self._place_of)

    def get(self, code: str, modifier: str) -> RelativeValues | None:
        found = self._made.get((code, modifier))
        if found is None and (at := self._place_of.get((code, modifier))) is not None:
            found = self._made[code, modifier] = self._values(code, modifier, at)
        return found

    def all(self) -> Iterator[tuple[tuple[str, str], RelativeValues]]:
        for (code, modifier), at in self._place_of.items():
            yield (code, modifier), self._values(code, modifier, at)

    def _values(self, code: str, modifier: str, at: int) -> RelativeValues:
        work, office, facility, malpractice, *cap = (numbers[at] for numbers in self._numbers)
        return RelativeValues(
            edition=self._edition,
            code=code,
            modifier=modifier,
            work=work,
            office_expense=office,
            facility_expense=facility,
            malpractice=malpractice,
            cap=OutpatientCap(office_expense=cap[0], facility_expense=cap[1], malpractice=cap[2]) if any(cap) else None,
            indicators=self._shared.indicators[self._indicators[at]],
            factor=self._shared.factors[self._factors[at]],
        )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What many rows say alike: it stands once in the head."""

    indicators: tuple[Indicators, ...]
    factors: tuple[int, ...]


def _name(key: tuple[str, str]) -> str:
    return "-".join(filter(None, key))


def _says(found: RelativeValues) -> str:
    says, cap = found.indicators, found.cap
    parts = {
        "status": says.status,
        "global": says.global_period,
        "values": _hundredths(found.work, found.office_expense, found.facility_expense, found.malpractice),
        "cap": _hundredths(cap.office_expense, cap.facility_expense, cap.malpractice) if cap else "",
        "factor": f"{found.factor / 10_000:.4f}",
        "components": says.components,
        "multiple": says.multiple,
        "bilateral": says.bilateral,
        "assistant": says.assistant,
        "co-surgeons": says.co_surgeons,
        "team": says.team,
        "endoscopy of": says.endoscopy_of,
        "supervision": says.supervision,
        "imaging": says.imaging_family,
        "shares": f"{says.share_before_percent} {says.share_during_percent} {says.share_after_percent}",
        "seldom in": " ".join(
            where
            for where, seldom in (("office", says.seldom_in_office), ("facility", says.seldom_in_facility))
            if seldom
        ),
    }
    return " ".join(f"{name} {part}" for name, part in parts.items() if part)


def _hundredths(*values: int) -> str:
    return " ".join(f"{value // 100}.{value % 100:02d}" for value in values)


def _indicators(written: dict[str, str | int | bool | None]) -> Indicators:
    return Indicators(**{**written, "global_period": GlobalPeriod(written["global_period"])})  # type: ignore[arg-type]  # of the head


SYSTEM: Final = System(
    name="mpfs",
    title="Medicare physician fee schedule, relative values",
    source="https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files",
    read=partial(FeeSchedule.read, "mpfs"),
    licence="AMA: CPT numbers",
)
