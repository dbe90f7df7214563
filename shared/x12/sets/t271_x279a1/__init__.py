"""271, the answer whether somebody is insured (005010X279A1): values, `read_271`, `write_271`, `patients`."""

from shared.x12.sets.t271_x279a1.benefit import (
    AnsweredReceiver,
    AnsweringSource,
    Benefit,
    Condition,
    Delivery,
    EligibilityResponse,
    InsuredDependent,
    InsuredSubscriber,
    Rejection,
    RelatedEntity,
    patients,
)
from shared.x12.sets.t271_x279a1.reading import eligibility_response, read_271
from shared.x12.sets.t271_x279a1.writing import write_271

__all__ = [
    "AnsweredReceiver",
    "AnsweringSource",
    "Benefit",
    "Condition",
    "Delivery",
    "EligibilityResponse",
    "InsuredDependent",
    "InsuredSubscriber",
    "Rejection",
    "RelatedEntity",
    "eligibility_response",
    "patients",
    "read_271",
    "write_271",
]
