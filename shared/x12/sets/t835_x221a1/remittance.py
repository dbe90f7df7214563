"""The values of a remittance (835): what a payer paid, what it did not, and why, per check, claim and line.

Owns: shapes. Refuses: patient names, which stay in `raw`; to mend amounts; to drop a code it does not know.
**Source**: 005010X221A1; each class names its loop. Next: `balance.py`, without which nothing may be posted.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from shared.x12.adjustment import Adjustment
from shared.x12.party import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementalAmount:
    """An amount for information (AMT), never part of a balance. **Units**: cents."""

    qualifier: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceLine:
    """One service (2110).

    **Shape**: `procedure` is the adjudicated one; `submitted_procedure` is filled where it differs (SVC06). Days are
    inclusive, None where only the claim has them. `remark_codes` from LQ. **Units**: cents.
    """

    procedure: str
    charge_cents: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...] = ()
    modifiers: tuple[str, ...] = ()
    procedure_qualifier: str = "HC"
    revenue_code: str = ""
    units: Decimal | None = None
    submitted_procedure: str = ""
    submitted_modifiers: tuple[str, ...] = ()
    submitted_units: Decimal | None = None
    service_from: date | None = None
    service_to: date | None = None
    line_control_number: str = ""
    amounts: tuple[SupplementalAmount, ...] = ()
    remark_codes: tuple[str, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceClaim:
    """One claim (2100).

    **Shape**: `status` is CLP02: 1 to 3 processed, 4 denied, 19 to 21 processed and forwarded, 22 reversal.
    `remark_codes` from MOA and MIA. **Units**: cents.
    """

    patient_control_number: str
    status: str
    charge_cents: int
    paid_cents: int
    patient_responsibility_cents: int = 0
    claim_filing: str = ""
    payer_control_number: str = ""
    facility_code: str = ""
    frequency: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[RemittanceLine, ...] = ()
    amounts: tuple[SupplementalAmount, ...] = ()
    remark_codes: tuple[str, ...] = ()
    rendering_npi: str = ""
    service_from: date | None = None
    service_to: date | None = None
    received_on: date | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAdjustment:
    """One amount outside the claims (PLB). **Shape**: positive reduces the payment. **Units**: cents."""

    provider_id: str
    fiscal_period_end: date
    reason: str
    amount_cents: int
    reference: str = ""
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTransfer:
    """The accounts of an ACH payment (BPR05 to BPR09, BPR12 to BPR15)."""

    payer_routing_number: str
    payer_account: str = field(repr=False)
    payee_routing_number: str
    payee_account: str = field(repr=False)
    payment_format: str = "CCP"
    payee_account_kind: str = "DA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays (1000A). **Shape**: `payer_id` from REF*2U, N104, BPR10 or TRN03, the first that is there."""

    name: str
    payer_id: str
    address: Address | None = None
    contact_name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Who is paid (1000B). **Shape**: `npi` is empty where the payer names them by tax id alone."""

    name: str
    npi: str = ""
    tax_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """One check or transfer, or a notice without money, with its claims (one ST).

    **Shape**: `handling_code` BPR01, `method` BPR04 (ACH, CHK, NON), `trace_number` TRN02 and `trace_originator` TRN03
    meet the bank's entry. `body_hash` says what was read, whatever the envelope. **Units**: cents.
    """

    handling_code: str
    payment_cents: int
    method: str
    payment_on: date | None
    trace_number: str
    trace_originator: str
    payer: Payer
    payee: Payee
    claims: tuple[RemittanceClaim, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    credit_or_debit: str = "C"
    originator_id: str = ""
    transfer: BankTransfer | None = None
    produced_on: date | None = None
    control_number: str = field(default="", compare=False)
    group_control_number: str = field(default="", compare=False)
    interchange_control_number: str = field(default="", compare=False)
    body_hash: str = field(default="", compare=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


class NaturalKey(NamedTuple):
    """What makes two remittances the same payment, though X12 has no rule for it. **Units**: cents."""

    payer_id: str
    trace_number: str
    trace_originator: str
    payment_cents: int
    payment_on: date | None


def natural_key(remittance: Remittance) -> NaturalKey:
    """Return the name under which a payment is known: never its ISA13, which a resend has anew."""
    return NaturalKey(
        remittance.payer.payer_id,
        remittance.trace_number,
        remittance.trace_originator,
        remittance.payment_cents,
        remittance.payment_on,
    )
