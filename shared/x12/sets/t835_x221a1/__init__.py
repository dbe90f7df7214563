"""835, the remittance advice (005010X221A1): values, `read_835`, `balance`, `natural_key`, `write_835`."""

from shared.x12.adjustment import Adjustment
from shared.x12.party import Address, Member, PersonName
from shared.x12.sets.t835_x221a1.balance import Imbalance, balance, doubts
from shared.x12.sets.t835_x221a1.reading import claims, read_835, remittance
from shared.x12.sets.t835_x221a1.remittance import (
    BankTransfer,
    NaturalKey,
    Payee,
    Payer,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
    SupplementalAmount,
    natural_key,
)
from shared.x12.sets.t835_x221a1.writing import write_835

__all__ = [
    "Address",
    "Adjustment",
    "BankTransfer",
    "Imbalance",
    "Member",
    "NaturalKey",
    "Payee",
    "Payer",
    "PersonName",
    "ProviderAdjustment",
    "Remittance",
    "RemittanceClaim",
    "RemittanceLine",
    "SupplementalAmount",
    "balance",
    "claims",
    "doubts",
    "natural_key",
    "read_835",
    "remittance",
    "write_835",
]
