"""HTTP of registration: parse, make the command of one unit, hand it over, show the new state (never events).

Rules stand in `domain/`, the codes of refusals in `shared/runtime/http.py`; one file per noun, what they share in
`body.py`. A repeat of what is known answers 200 with what is there, so that an importer may send everything twice; a
name that somebody else holds answers 409.
"""

from typing import Final

from services.registration.api import appointment, authorization, coverage, patient, payer, provider
from services.registration.api.body import ROUTER

__all__ = ["ACCESS", "INTAKES", "ROUTER"]

ACCESS: Final = {
    **patient.ACCESS,
    **coverage.ACCESS,
    **authorization.ACCESS,
    **payer.ACCESS,
    **provider.ACCESS,
    **appointment.ACCESS,
}
INTAKES: Final = {"POST /v1/patients/bulk": patient.IN_BULK, "POST /v1/coverages/bulk": coverage.IN_BULK}
