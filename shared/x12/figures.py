"""The segments that are long rows of figures (MIA, MOA, TS3, TS2), and which element is which figure.

Owns: shapes, and the one table that reader and writer share, so that nothing is read from one place and written to
another; that the places are the guide's is what the independent validators of the tests say. How a payer priced a claim
stands in its 835, and in the 837 to the next payer. **Source**: 005010X221A1, 2000 and 2100; 005010X222A1 and X223A2,
2320; fields that the guides do not use stay in the raw segments.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar

from shared.x12.elements import cents_or_none, day_or_none, quantity_or_none, written_quantity
from shared.x12.writer import CannotBeWritten, amount, identifier, written_day


@dataclass(frozen=True, slots=True, kw_only=True)
class InpatientAdjudication:
    """How an inpatient claim was priced (MIA). **Shape**: None where nothing was said. **Units**: cents, days."""

    covered_days: Decimal | None = None
    pps_operating_outlier_cents: int | None = None
    lifetime_psychiatric_days: Decimal | None = None
    drg_cents: int | None = None
    disproportionate_share_cents: int | None = None
    msp_pass_through_cents: int | None = None
    pps_capital_cents: int | None = None
    pps_capital_federal_drg_cents: int | None = None
    pps_capital_hospital_drg_cents: int | None = None
    pps_capital_disproportionate_drg_cents: int | None = None
    old_capital_cents: int | None = None
    pps_capital_medical_education_cents: int | None = None
    operating_hospital_drg_cents: int | None = None
    cost_report_days: Decimal | None = None
    operating_federal_drg_cents: int | None = None
    pps_capital_outlier_cents: int | None = None
    indirect_teaching_cents: int | None = None
    professional_component_cents: int | None = None
    pps_capital_exception_cents: int | None = None
    remark_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutpatientAdjudication:
    """How any other claim was priced (MOA). **Shape**: `reimbursement_rate` a part of one. **Units**: cents."""

    reimbursement_rate: Decimal | None = None
    hcpcs_payable_cents: int | None = None
    esrd_cents: int | None = None
    professional_component_cents: int | None = None
    remark_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSummary:
    """The sums of a group of claims (TS3). **Units**: cents."""

    provider_id: str
    facility_code: str = ""
    fiscal_period_end: date | None = None
    claim_count: Decimal | None = None
    charge_cents: int | None = None
    msp_payer_cents: int | None = None
    non_lab_charge_cents: int | None = None
    hcpcs_reportable_cents: int | None = None
    hcpcs_payable_cents: int | None = None
    professional_component_cents: int | None = None
    msp_patient_liability_cents: int | None = None
    patient_reimbursement_cents: int | None = None
    pip_claim_count: Decimal | None = None
    pip_adjustment_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InpatientSummary:
    """The sums of a group of inpatient claims (TS2). **Units**: cents, days."""

    drg_cents: int | None = None
    federal_specific_cents: int | None = None
    hospital_specific_cents: int | None = None
    disproportionate_share_cents: int | None = None
    capital_cents: int | None = None
    indirect_medical_education_cents: int | None = None
    outlier_days: Decimal | None = None
    day_outlier_cents: int | None = None
    cost_outlier_cents: int | None = None
    average_length_of_stay: Decimal | None = None
    discharge_count: Decimal | None = None
    cost_report_days: Decimal | None = None
    covered_days: Decimal | None = None
    noncovered_days: Decimal | None = None
    msp_pass_through_cents: int | None = None
    average_drg_weight: Decimal | None = None
    pps_capital_federal_drg_cents: int | None = None
    pps_capital_hospital_drg_cents: int | None = None
    pps_capital_disproportionate_drg_cents: int | None = None


Summary: TypeAlias = InpatientAdjudication | OutpatientAdjudication | ProviderSummary | InpatientSummary
_Summary = TypeVar("_Summary", bound=Summary)

_PLACES: Final[dict[type[Any], tuple[int, ...]]] = {
    InpatientAdjudication: (1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 24),
    OutpatientAdjudication: (1, 2, 8, 9),
    ProviderSummary: (1, 2, 3, 4, 5, 13, 15, 17, 18, 20, 21, 22, 23, 24),
    InpatientSummary: tuple(range(1, 20)),
}
"""Which elements hold the fields, in their order, remark codes aside."""
_REMARKS: Final[dict[type[Any], tuple[int, ...]]] = {
    InpatientAdjudication: (5, 20, 21, 22, 23),
    OutpatientAdjudication: (3, 4, 5, 6, 7),
}
_READERS: Final[dict[Any, Callable[[str], object]]] = {
    int | None: cents_or_none,
    Decimal | None: quantity_or_none,
    date | None: day_or_none,
    str: str,
}


def read_summary(summary_class: type[_Summary], e: Sequence[str]) -> _Summary:
    """Return what a segment says. **Shape**: `e` with its id, and blanks behind. **Errors**: `Malformed`."""
    found: dict[str, Any] = {
        each.name: _READERS[each.type](e[at])
        for each, at in zip(fields(summary_class), _PLACES[summary_class], strict=False)
    }
    remarks = _REMARKS.get(summary_class)
    if remarks:
        found["remark_codes"] = tuple(e[at] for at in remarks if e[at])
    return summary_class(**found)


def written_summary(summary: Summary) -> tuple[str, ...]:
    """Return the elements behind the id. **Errors**: `CannotBeWritten`."""
    places = _PLACES[type(summary)]
    remarks = _REMARKS.get(type(summary), ())
    if len(getattr(summary, "remark_codes", ())) > len(remarks):
        raise CannotBeWritten("a decision has at most five remarks on the claim")
    elements = [""] * max(*places, *remarks)
    for each, at in zip(fields(summary), places, strict=False):
        elements[at - 1] = _written(getattr(summary, each.name))
    for code, at in zip(getattr(summary, "remark_codes", ()), remarks, strict=False):
        elements[at - 1] = identifier(code, length_max=50)
    return tuple(elements)


def _written(figure: object) -> str:
    match figure:
        case int():
            return amount(figure)
        case Decimal():
            return written_quantity(figure)
        case date():
            return written_day(figure)
        case str():
            return identifier(figure, length_max=50, required=False)
        case _:
            return ""
