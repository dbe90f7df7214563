"""What a line says of medical equipment and of tests: how it is rented, how long it is needed, what was measured.

Owns: the values of SV5, CR3 with its days, and MEA, how they are read and written. Refuses: codes that their segment
does not have, and a renewal without its day. **Source**: 005010X222A1 2400. Next: `reading.py`, `writing.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from shared.x12.elements import cents_or_none, quantity_or_none
from shared.x12.sets.t837.codes import CodeList
from shared.x12.sets.t837.walk import Draft, Elements, Walk
from shared.x12.sets.t837.writing import write_day, written_units
from shared.x12.writer import CannotBeWritten, SetWriter, amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Rental:
    """What the equipment of a line costs to rent and to buy (SV5). **Units**: days, cents.

    **Shape**: `frequency` 1 a rent by the week, 4 by the month, 6 by the day. A number is None where a partner left it
    out, here and below; all are required when writing.
    """

    days: Decimal | None
    rental_cents: int | None
    purchase_cents: int | None
    frequency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """For how long equipment is needed, as a physician certified it (CR3, DTP*463, 607 and 461). **Units**: months.

    **Shape**: `kind` I initial, R renewed, S revised; the last two have the day `renewed_on`; `certified_on` is that of
    the last certificate.
    """

    kind: str
    months: Decimal | None
    therapy_began_on: date | None = None
    renewed_on: date | None = None
    certified_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a test found (MEA). **Shape**: `reference` TR a result, OG a first dose; `kind` HT, R1, R2, R3 or R4.

    **Units**: of the kind: HT inches, R1 and R4 g and mg to the dl, R2 percent, R3 units of epoetin to the kg.
    """

    reference: str
    kind: str
    found: Decimal | None


_FREQUENCIES: Final = CodeList("how often a rent is due", frozenset("146"))
_KINDS: Final = CodeList("the kind of a certificate of need", frozenset("IRS"))
_FIRST: Final = "I"
_REFERENCES: Final = CodeList("what a measurement is", frozenset({"OG", "TR"}))
_MEASURED: Final = CodeList("what was measured", frozenset("HT R1 R2 R3 R4".split()))  # noqa: SIM905 (shorter)
_MEASUREMENTS_MAX: Final = 5
_DAYS: Final = (("607", "renewed_on"), ("463", "therapy_began_on"), ("461", "certified_on"))


def rental(walk: Walk, line: Draft) -> Rental | None:
    """Return what equipment costs, None where the line has none. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    found = _first(walk, line, "SV5")
    if found is None:
        return None
    return Rental(
        days=quantity_or_none(found[3]),
        rental_cents=cents_or_none(found[4]),
        purchase_cents=cents_or_none(found[5]),
        frequency=found[6],
    )


def need(walk: Walk, line: Draft) -> Need | None:
    """Return what was certified, None where nothing was. **Errors**: `NotAnX12Value`."""
    found = _first(walk, line, "CR3")
    if found is None:
        return None
    days = {name: line.days[qualifier][0] for qualifier, name in _DAYS if qualifier in line.days}
    return Need(kind=found[1], months=quantity_or_none(found[3]), **days)


def measurements(walk: Walk, line: Draft) -> tuple[Measurement, ...]:
    """Return what tests of a line found. **Errors**: `NotAnX12Value`."""
    found = []
    for walk.at, e in line.kept.get("MEA", ()):
        found.append(Measurement(reference=e[1], kind=e[2], found=quantity_or_none(e[3])))
    return tuple(found)


def _first(walk: Walk, line: Draft, tag: str) -> Elements | None:
    for walk.at, e in line.kept.get(tag, ()):
        return e
    return None


def write_rental(out: SetWriter, found: Rental, procedure: str) -> None:
    """Append the SV5 of a line. **Errors**: `CannotBeWritten`, also for a price of less than nothing."""
    rent, price = found.rental_cents, found.purchase_cents
    if rent is None or price is None or min(rent, price) < 0:
        raise CannotBeWritten("a rent and a price are there, and not negative")
    frequency = _FREQUENCIES.checked(found.frequency)
    out.add("SV5", ("HC", procedure), "DA", _number(found.days), amount(rent), amount(price), frequency)


def write_need(out: SetWriter, found: Need) -> None:
    """Append the CR3 of a line. **Errors**: `CannotBeWritten`, also for a renewal without its day."""
    if (found.kind == _FIRST) == (found.renewed_on is not None):
        raise CannotBeWritten("a certificate that is renewed or revised has its day, the first one has none")
    out.add("CR3", _KINDS.checked(found.kind), "MO", _number(found.months))


def write_need_days(out: SetWriter, found: Need) -> None:
    """Append the days of a certificate, which stand behind those of the service."""
    for qualifier, name in _DAYS:
        write_day(out, qualifier, getattr(found, name))


def write_measurements(out: SetWriter, found: Sequence[Measurement]) -> None:
    """Append what tests found. **Errors**: `CannotBeWritten`."""
    if len(found) > _MEASUREMENTS_MAX:
        raise CannotBeWritten("a line has at most five measurements")
    for each in found:
        out.add("MEA", _REFERENCES.checked(each.reference), _MEASURED.checked(each.kind), _number(each.found))


def _number(found: Decimal | None) -> str:
    if found is None:
        raise CannotBeWritten("what is said of equipment and tests has a number")
    return written_units(found)
