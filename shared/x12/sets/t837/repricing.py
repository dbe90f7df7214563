"""What a repricer made of a charge (HCP), on a claim or on a line of either kind.

Owns: the value, and the one table that reader and writer share. Refuses: to know methods and reasons, which are kept as
they come. **Source**: 005010X222A1 and 005010X223A2, HCP of 2300 and 2400.
"""

from dataclasses import dataclass
from decimal import Decimal

from shared.x12.elements import cents, cents_or_none, quantity_or_none, written_quantity
from shared.x12.sets.t837 import codes
from shared.x12.sets.t837.walk import Draft, Walk
from shared.x12.sets.t837.writing import written_units
from shared.x12.writer import CannotBeWritten, SetWriter, amount, identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Repricing:
    """What a repricer allows (HCP). **Units**: cents; `rate` in dollars as it was written.

    **Shape**: `method` two digits; `organization_id` who repriced; `group_code` and `group_cents` the ambulatory group
    or DRG that was approved; a line has an approved `revenue_code` (institutional only) or procedure with its
    qualifier, and `units` in `unit_basis`; `reject_reason` T1 to T6, `policy_compliance` and `exception` a digit.
    """

    method: str
    allowed_cents: int
    savings_cents: int | None = None
    organization_id: str = ""
    rate: Decimal | None = None
    group_code: str = ""
    group_cents: int | None = None
    revenue_code: str = ""
    procedure_qualifier: str = ""
    procedure: str = ""
    unit_basis: str = ""
    units: Decimal | None = None
    reject_reason: str = ""
    policy_compliance: str = ""
    exception: str = ""


def repricing(walk: Walk, draft: Draft) -> Repricing | None:
    """Return what a repricer made of a claim or a line. **Errors**: `NotAnAmount`, `NotAnX12Value`."""
    found = draft.kept.get("HCP")
    if found is None:
        return None
    walk.at, e = found[0]
    return Repricing(
        method=e[1],
        allowed_cents=cents(e[2]),
        savings_cents=cents_or_none(e[3]),
        organization_id=e[4],
        rate=quantity_or_none(e[5]),
        group_code=e[6],
        group_cents=cents_or_none(e[7]),
        revenue_code=e[8],
        procedure_qualifier=e[9],
        procedure=e[10],
        unit_basis=e[11],
        units=quantity_or_none(e[12]),
        reject_reason=e[13],
        policy_compliance=e[14],
        exception=e[15],
    )


def write_repricing(out: SetWriter, found: Repricing | None, code_sets: codes.CodeList | None = None) -> None:
    """Append what a repricer made of a charge, if there is any.

    **Shape**: `code_sets` of a line; a claim has neither procedure nor units. **Errors**: `CannotBeWritten`.
    """
    if found is None:
        return
    done = (found.procedure_qualifier, found.procedure, found.unit_basis, found.units)
    if code_sets is None and any(done):
        raise CannotBeWritten("a claim that was repriced has no procedure and no units of its own")
    if bool(found.procedure_qualifier) != bool(found.procedure) or bool(found.unit_basis) != bool(found.units):
        raise CannotBeWritten("a procedure has its code set, and units have their basis")
    out.add(
        "HCP",
        codes.REPRICING_METHOD.checked(found.method),
        amount(found.allowed_cents),
        _amount(found.savings_cents),
        identifier(found.organization_id, length_max=50, required=False),
        written_quantity(found.rate) if found.rate is not None else "",
        identifier(found.group_code, length_max=50, required=False),
        _amount(found.group_cents),
        identifier(found.revenue_code, length_max=48, required=False),
        code_sets.checked_if_any(found.procedure_qualifier) if code_sets else "",
        identifier(found.procedure, length_max=48, required=False),
        found.unit_basis,
        written_units(found.units) if found.units is not None else "",
        codes.REPRICING_REJECTED.checked_if_any(found.reject_reason),
        codes.REPRICING_DIGIT.checked_if_any(found.policy_compliance),
        codes.REPRICING_DIGIT.checked_if_any(found.exception),
    )


def _amount(cents_: int | None) -> str:
    return amount(cents_) if cents_ is not None else ""
