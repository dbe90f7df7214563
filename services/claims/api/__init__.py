"""HTTP of claims: parse, make the commands of one unit, hand them over, show the new state (never events).

Rules stand in `domain/`, the codes of refusals in `shared/runtime/http.py`; one file per noun, what they share in
`body.py`.
"""

from typing import Final

from services.claims.api import batch, claim, encounter_billing, fee_schedule, hourly_figures
from services.claims.api.body import ROUTER

__all__ = ["ACCESS", "ROUTER"]

ACCESS: Final = {
    **claim.ACCESS,
    **batch.ACCESS,
    **encounter_billing.ACCESS,
    **fee_schedule.ACCESS,
    **hourly_figures.ACCESS,
}
