"""The values of a remittance (835): what a payer paid, what it did not, and why, per check, claim and line.

Owns: shapes. Refuses: to show whom a claim is about (names and numbers of people are no part of a `repr`); to mend
amounts; to drop a code it does not know. What the guide does not use, as CLP10 and SVC01-7, stays in `raw`.
**Source**: 005010X221A1; each class names its loop. Next: `balance.py`, without which nothing may be posted.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from shared.x12.adjustment import Adjustment
from shared.x12.figures import (
    InpatientAdjudication,
    InpatientSummary,
    OutpatientAdjudication,
    ProviderSummary,
)
from shared.x12.party import Address
from shared.x12.segments import Contact, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementalAmount:
    """An amount for information (AMT), never part of a balance. **Units**: cents."""

    qualifier: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementalQuantity:
    """A quantity for information (QTY), such as covered days. **Units**: as its qualifier says."""

    qualifier: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceParty:
    """Someone whom a claim names (NM1 in 2100).

    **Shape**: `role` QC patient, IL insured, 74 the patient's or insured's name as the payer corrects it, 82 who
    rendered, TT the carrier that the claim was passed to, PR the payer that should have come first, GB another insured.
    `kind` 1 a person, 2 an organization; `number_qualifier` says whose number it is (MI a member's, XX an NPI).
    """

    role: str
    kind: str = "1"
    last_name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    number_qualifier: str = ""
    number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceLine:
    """One service line (2110).

    **Shape**: `procedure` is the adjudicated one; `submitted_procedure` is filled where it differs (SVC06). Days are
    inclusive, None where only the claim has them. `remark_codes` from LQ*HE, `other_remarks` from any other LQ with its
    qualifier, RX a pharmacy's; `line_control_number` is REF*6R, the other REF are `references`. **Units**: cents.
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
    submitted_qualifier: str = ""
    submitted_description: str = ""
    submitted_units: Decimal | None = None
    service_from: date | None = None
    service_to: date | None = None
    line_control_number: str = ""
    references: tuple[Reference, ...] = ()
    amounts: tuple[SupplementalAmount, ...] = ()
    quantities: tuple[SupplementalQuantity, ...] = ()
    remark_codes: tuple[str, ...] = ()
    other_remarks: tuple[tuple[str, str], ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceClaim:
    """One claim (2100).

    **Shape**: `status` is CLP02: 1 to 3 processed, 4 denied, 19 to 21 processed and forwarded, 22 reversal.
    `group_number` is the LX01 that it stands under; `discharge_fraction` a part of one. **Units**: cents.
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
    drg_code: str = ""
    drg_weight: Decimal | None = None
    discharge_fraction: Decimal | None = None
    group_number: str = "1"
    adjustments: tuple[Adjustment, ...] = ()
    parties: tuple[RemittanceParty, ...] = ()
    inpatient: InpatientAdjudication | None = None
    outpatient: OutpatientAdjudication | None = None
    references: tuple[Reference, ...] = ()
    service_from: date | None = None
    service_to: date | None = None
    received_on: date | None = None
    coverage_expired_on: date | None = None
    contacts: tuple[Contact, ...] = ()
    amounts: tuple[SupplementalAmount, ...] = ()
    quantities: tuple[SupplementalQuantity, ...] = ()
    lines: tuple[RemittanceLine, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """Return the remarks on the claim as a whole (MIA, MOA)."""
        return tuple(
            code for priced in (self.inpatient, self.outpatient) if priced is not None for code in priced.remark_codes
        )

    @property
    def rendering_npi(self) -> str:
        """Return who rendered, empty where it is who is paid, or is not known by an NPI."""
        return next(
            (party.number for party in self.parties if party.role == "82" and party.number_qualifier == "XX"), ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimGroup:
    """What is said of the claims under one LX (2000). **Shape**: `number` is LX01; only where there is something."""

    number: str
    provider: ProviderSummary | None = None
    inpatient: InpatientSummary | None = None


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
    """The accounts of a payment by transfer (BPR05 to BPR09, BPR12 to BPR15).

    **Shape**: the kind of a bank is 01 for a routing number of the United States, 04 for a Canadian bank and branch.
    """

    payer_routing_number: str
    payer_account: str = field(repr=False)
    payee_routing_number: str
    payee_account: str = field(repr=False)
    payment_format: str = "CCP"
    payee_account_kind: str = "DA"
    payer_bank_kind: str = "01"
    payee_bank_kind: str = "01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays (1000A).

    **Shape**: `payer_id` from REF*2U, N104, BPR10 or TRN03, the first that is there; `plan_id` is N104; `references`
    the other REF; `contacts` CX for claims, BL technical, which every payer has, IC the web site (UR).
    """

    name: str
    payer_id: str
    plan_id: str = ""
    address: Address | None = None
    references: tuple[Reference, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceDelivery:
    """How the remittance is to reach who is paid (RDM).

    **Shape**: `method` BM by post, EM by electronic mail, FT as a file, OL to be fetched; `number` the address for it.
    """

    method: str
    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Who is paid (1000B).

    **Shape**: named by `npi`, or by `plan_id`, which is a health plan's, or by `tax_id` alone.
    """

    name: str
    npi: str = ""
    tax_id: str = ""
    plan_id: str = ""
    address: Address | None = None
    references: tuple[Reference, ...] = ()
    delivery: RemittanceDelivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """One check or transfer, or a notice without money, with its claims (one ST).

    **Shape**: `handling_code` BPR01, `method` BPR04 (ACH, CHK, NON), `trace_number` TRN02 and `trace_originator` TRN03
    meet the bank's entry. `references` are REF*EV and F2. `currency` is empty for United States dollars. `body_hash`
    says what was read, whatever the envelope. **Units**: cents.
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
    groups: tuple[ClaimGroup, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    credit_or_debit: str = "C"
    originator_id: str = ""
    originator_supplement: str = ""
    trace_supplement: str = ""
    transfer: BankTransfer | None = None
    currency: str = ""
    references: tuple[Reference, ...] = ()
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
