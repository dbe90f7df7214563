"""What is said of a claim and its lines (STC, SVC): the same in the answer to an inquiry and in an acknowledgement.

Owns: values, reading and writing of both segments. Refuses: what a status means for a claim, which depends on who says
it when. Unknown categories and codes are kept. **Source**: 005010X212 and 005010X214. Next: `sets/t277_x212.py`,
`sets/t277ca_x214.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from shared.x12.elements import cents_or_none, day_or_none, quantity_or_none, written_quantity
from shared.x12.hierarchy import Portion
from shared.x12.segments import (
    Period,
    Procedure,
    Reference,
    number_of,
    read_periods,
    read_procedure,
    read_references,
    write_periods,
    write_references,
    written_procedure,
)
from shared.x12.writer import CannotBeWritten, SetWriter, amount, identifier, sanitize, written_day

_TRIPLES: Final = (1, 10, 11)
_TEXT: Final = 264


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status of an STC (C043).

    **Shape**: `category` such as A2, F1 or P3, `status` a number, `entity` whom it is about, `code_list` mostly empty.
    """

    category: str
    status: str
    entity: str = ""
    code_list: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInformation:
    """One STC.

    **Shape**: one to three statuses; `action` WQ accepted, U rejected, in an acknowledgement alone; what was paid, how
    and when, in the answer to an inquiry alone. **Units**: cents.
    """

    statuses: tuple[Status, ...]
    action: str = ""
    effective_on: date | None = None
    charge_cents: int | None = None
    paid_cents: int | None = None
    adjudicated_on: date | None = None
    payment_method: str = ""
    paid_on: date | None = None
    check_number: str = ""
    text: str = field(default="", repr=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One line as it was charged (SVC). **Units**: cents; `units` as SVC07 counts them."""

    procedure: Procedure
    charge_cents: int | None = None
    paid_cents: int | None = None
    revenue_code: str = ""
    units: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStatus:
    """What is said of one service line (2220D, 2220E).

    **Shape**: `references` REF*FJ, our line control number, and others; `periods` DTP*472.
    """

    service_line: ServiceLine
    information: tuple[StatusInformation, ...]
    periods: tuple[Period, ...] = ()
    references: tuple[Reference, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def line_control_number(self) -> str:
        """Return our number of the line, nothing where it is not repeated."""
        return number_of(self.references, "FJ")


def read_information(portion: Portion) -> tuple[StatusInformation, ...]:
    """Return every STC of a portion. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    return tuple(map(_information, portion.each("STC")))


def _information(portion: Portion) -> StatusInformation:
    stc = portion.first("STC")
    return StatusInformation(
        statuses=tuple(_status(portion, stc[at]) for at in _TRIPLES if stc[at]),
        effective_on=day_or_none(stc[2]),
        action=stc[3],
        charge_cents=cents_or_none(stc[4]),
        paid_cents=cents_or_none(stc[5]),
        adjudicated_on=day_or_none(stc[6]),
        payment_method=stc[7],
        paid_on=day_or_none(stc[8]),
        check_number=stc[9],
        text=stc[12],
        raw=portion.raw,
    )


def _status(portion: Portion, composite: str) -> Status:
    category, status, entity, code_list, *_ = portion.components(composite)
    return Status(category=category, status=status, entity=entity, code_list=code_list)


def write_information(out: SetWriter, all_information: Iterable[StatusInformation]) -> None:
    """Append an STC each. **Errors**: `CannotBeWritten`, also for one that says nothing, or more than three things."""
    for information in all_information:
        statuses = [(one.category, one.status, one.entity, one.code_list) for one in information.statuses]
        if not 1 <= len(statuses) <= len(_TRIPLES):
            raise CannotBeWritten("a status has one to three triples")
        out.add(
            "STC",
            statuses[0],
            written_day(information.effective_on),
            information.action,
            _amount(information.charge_cents),
            _amount(information.paid_cents),
            written_day(information.adjudicated_on),
            information.payment_method,
            written_day(information.paid_on),
            identifier(information.check_number, length_max=16, required=False),
            *statuses[1:],
            *[""] * (len(_TRIPLES) - len(statuses)),
            sanitize(information.text, length_max=_TEXT),
        )


def read_service_line(portion: Portion) -> ServiceLine:
    """Return what the SVC at the start of a portion says. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    svc = portion.first("SVC")
    return ServiceLine(
        procedure=read_procedure(portion.components(svc[1])) or Procedure(code="", qualifier=""),
        charge_cents=cents_or_none(svc[2]),
        paid_cents=cents_or_none(svc[3]),
        revenue_code=svc[4],
        units=quantity_or_none(svc[7]),
    )


def write_service_line(out: SetWriter, line: ServiceLine) -> None:
    """Append an SVC. **Errors**: `CannotBeWritten`."""
    units = "" if line.units is None else written_quantity(line.units)
    revenue_code = identifier(line.revenue_code, length_max=48, required=False)
    charge, paid = _amount(line.charge_cents), _amount(line.paid_cents)
    out.add("SVC", written_procedure(line.procedure), charge, paid, revenue_code, "", "", units)


def read_line_status(portion: Portion) -> LineStatus:
    """Return what a portion that begins with an SVC says. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    return LineStatus(
        service_line=read_service_line(portion),
        information=read_information(portion),
        references=read_references(portion),
        periods=read_periods(portion),
        raw=portion.raw,
    )


def write_line_status(out: SetWriter, line: LineStatus) -> None:
    """Append an SVC and its loop. **Errors**: `CannotBeWritten`, also for one without a status."""
    if not line.information:
        raise CannotBeWritten("a service line has at least one status")
    write_service_line(out, line.service_line)
    write_information(out, line.information)
    write_references(out, line.references)
    write_periods(out, line.periods)


def _amount(in_cents: int | None) -> str:
    return "" if in_cents is None else amount(in_cents)
