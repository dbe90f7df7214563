"""837I, the institutional claim (005010X223A2): values, `write_837i`, `read_837i`."""

from shared.x12.adjustment import Adjustment
from shared.x12.party import Address, PersonName
from shared.x12.sets.t837.benefits import LineAdjudication, OtherPayer, OtherPayerProvider
from shared.x12.sets.t837.contract import Contract
from shared.x12.sets.t837.parties import (
    BillingProvider,
    Patient,
    Payer,
    PayToPlan,
    Provider,
    Receiver,
    ServiceFacility,
    Submitter,
    Subscriber,
)
from shared.x12.sets.t837.repricing import Repricing
from shared.x12.sets.t837.supplements import Attachment, Drug, Note
from shared.x12.sets.t837i_x223a2.claim import (
    ClaimBatch,
    Diagnosis,
    InstitutionalClaim,
    Occurrence,
    OccurrenceSpan,
    Procedure,
    RevenueLine,
    ValueCode,
)
from shared.x12.sets.t837i_x223a2.reading import claim_batch, claims, read_837i
from shared.x12.sets.t837i_x223a2.writing import write_837i, write_837i_sets

__all__ = [
    "Address",
    "Adjustment",
    "Attachment",
    "BillingProvider",
    "ClaimBatch",
    "Contract",
    "Diagnosis",
    "Drug",
    "InstitutionalClaim",
    "LineAdjudication",
    "Note",
    "Occurrence",
    "OccurrenceSpan",
    "OtherPayer",
    "OtherPayerProvider",
    "Patient",
    "PayToPlan",
    "Payer",
    "PersonName",
    "Procedure",
    "Provider",
    "Receiver",
    "Repricing",
    "RevenueLine",
    "ServiceFacility",
    "Submitter",
    "Subscriber",
    "ValueCode",
    "claim_batch",
    "claims",
    "read_837i",
    "write_837i",
    "write_837i_sets",
]
