"""Coordination of benefits: the other payers of a claim, and what they decided about it and about each line.

Owns: shapes. Refuses: sums, which `refusals.py` compares before anything is written. What a payer adjusted goes to the
next one as it came in the 835, unchanged in group, reason and amount. **Source**: loops 2320, 2330A, 2330B and 2430;
x12.md, section 7.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.x12.adjustment import Adjustment
from shared.x12.figures import InpatientAdjudication, OutpatientAdjudication
from shared.x12.party import Address, PersonName
from shared.x12.segments import Reference
from shared.x12.sets.t837.parties import Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPayerProvider:
    """Whom of the claim another payer knows by numbers of its own (2330C and on).

    **Shape**: `role` as in the claim, 85 the biller; `kind` 1 a person; at least one of `references` (G2, LU, 0B, 1G).
    """

    role: str
    kind: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPayer:
    """Another payer of the same claim, and whom it insures (2320, 2330A, 2330B).

    **Shape**: `paid_cents` is None while it has not decided; 0 is a denial. `adjudicated_on` stands here only where no
    line says when; `remaining_liability_cents`, what the patient still owes, here or on the lines. `relationship` is
    the patient's to the insured. `noncovered_cents` is what it was not even asked for; `inpatient` and `outpatient`
    are how it priced the claim, as its 835 says, the former in an institutional claim only. `subscriber_kind` 2 is an
    employer, insured for its people. **Units**: cents.
    """

    payer: Payer
    responsibility: str
    member_id: str = field(repr=False)
    subscriber_name: PersonName
    subscriber_address: Address | None = None
    relationship: str = "18"
    group_number: str = ""
    group_name: str = ""
    insurance_type: str = ""
    claim_filing: str = ""
    paid_cents: int | None = None
    remaining_liability_cents: int | None = None
    noncovered_cents: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    adjudicated_on: date | None = None
    inpatient: InpatientAdjudication | None = None
    outpatient: OutpatientAdjudication | None = None
    payer_control_number: str = ""
    authorization_number: str = ""
    referral_number: str = ""
    benefits_assigned: str = "Y"
    signature_source: str = ""
    release_of_information: str = "Y"
    member_id_qualifier: str = "MI"
    subscriber_kind: str = "1"
    subscriber_references: tuple[Reference, ...] = ()
    providers: tuple[OtherPayerProvider, ...] = ()

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """Return the remarks on the claim as a whole (MIA, MOA)."""
        return tuple(code for found in (self.inpatient, self.outpatient) if found for code in found.remark_codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAdjudication:
    """What another payer decided about one line (2430).

    **Shape**: `payer_id` names one of the claim's other payers. `procedure` is the one it paid for, not always the one
    billed; an institutional line has a `revenue_code`, and a procedure if it likes. `bundled_into` is the line (LX01)
    that it was paid with. **Units**: cents.
    """

    payer_id: str
    paid_cents: int
    units: Decimal
    procedure: str = ""
    modifiers: tuple[str, ...] = ()
    procedure_qualifier: str = "HC"
    description: str = ""
    revenue_code: str = ""
    bundled_into: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    adjudicated_on: date | None = None
    remaining_liability_cents: int | None = None
