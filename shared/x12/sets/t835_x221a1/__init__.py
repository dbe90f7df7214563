"""835, the remittance advice (005010X221A1): values, `read_835`, `stream_835`, `balance`, `write_835`."""

from shared.x12.adjustment import Adjustment
from shared.x12.figures import (
    InpatientAdjudication,
    InpatientSummary,
    OutpatientAdjudication,
    ProviderSummary,
)
from shared.x12.party import Address
from shared.x12.segments import Contact, Reference
from shared.x12.sets.t835_x221a1.balance import Imbalance, Sums, balance
from shared.x12.sets.t835_x221a1.reading import RemittanceReading, claims, read_835, remittance, stream_835
from shared.x12.sets.t835_x221a1.remittance import (
    BankTransfer,
    ClaimGroup,
    NaturalKey,
    Payee,
    Payer,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceDelivery,
    RemittanceLine,
    RemittanceParty,
    SupplementalAmount,
    SupplementalQuantity,
    natural_key,
)
from shared.x12.sets.t835_x221a1.writing import write_835

__all__ = [
    "Address",
    "Adjustment",
    "BankTransfer",
    "ClaimGroup",
    "Contact",
    "Imbalance",
    "InpatientAdjudication",
    "InpatientSummary",
    "NaturalKey",
    "OutpatientAdjudication",
    "Payee",
    "Payer",
    "ProviderAdjustment",
    "ProviderSummary",
    "Reference",
    "Remittance",
    "RemittanceClaim",
    "RemittanceDelivery",
    "RemittanceLine",
    "RemittanceParty",
    "RemittanceReading",
    "Sums",
    "SupplementalAmount",
    "SupplementalQuantity",
    "balance",
    "claims",
    "natural_key",
    "read_835",
    "remittance",
    "stream_835",
    "write_835",
]
