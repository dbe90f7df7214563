"""837P, the professional claim (005010X222A1): values, `write_837p`, `read_837p`."""

from shared.x12.adjustment import Adjustment
from shared.x12.party import Address, PersonName
from shared.x12.sets.t837.benefits import LineAdjudication, OtherPayer, OtherPayerProvider
from shared.x12.sets.t837.contract import Contract
from shared.x12.sets.t837.parties import (
    BillingProvider,
    OrderingProvider,
    Patient,
    PatientCondition,
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
from shared.x12.sets.t837p_x222a1.certificates import Answer, Certificate, Form, Ride, SpinalTreatment, Stop
from shared.x12.sets.t837p_x222a1.claim import ClaimBatch, ClaimDates, LineDates, ProfessionalClaim, ServiceLine
from shared.x12.sets.t837p_x222a1.equipment import Measurement, Need, Rental
from shared.x12.sets.t837p_x222a1.purchase import Purchase
from shared.x12.sets.t837p_x222a1.reading import claim_batch, claims, read_837p
from shared.x12.sets.t837p_x222a1.writing import write_837p, write_837p_sets

__all__ = [
    "Address",
    "Adjustment",
    "Answer",
    "Attachment",
    "BillingProvider",
    "Certificate",
    "ClaimBatch",
    "ClaimDates",
    "Contract",
    "Drug",
    "Form",
    "LineAdjudication",
    "LineDates",
    "Measurement",
    "Need",
    "Note",
    "OrderingProvider",
    "OtherPayer",
    "OtherPayerProvider",
    "Patient",
    "PatientCondition",
    "PayToPlan",
    "Payer",
    "PersonName",
    "ProfessionalClaim",
    "Provider",
    "Purchase",
    "Receiver",
    "Rental",
    "Repricing",
    "Ride",
    "ServiceFacility",
    "ServiceLine",
    "SpinalTreatment",
    "Stop",
    "Submitter",
    "Subscriber",
    "claim_batch",
    "claims",
    "read_837p",
    "write_837p",
    "write_837p_sets",
]
