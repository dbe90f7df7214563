"""HTTP of coding: parse, make the command of one unit, hand it over, show the new state (never events).

Rules stand in `domain/`, the codes of refusals in `shared/runtime/http.py`; one file per noun, what they share in
`body.py`.
"""

from typing import Final

from services.coding.api import code, code_set, coding_case, encounter
from services.coding.api.body import ROUTER

__all__ = ["ACCESS", "INTAKES", "ROUTER"]

ACCESS: Final = {**encounter.ACCESS, **coding_case.ACCESS, **code_set.ACCESS, **code.ACCESS}
INTAKES: Final = {"POST /v1/encounters/bulk": encounter.IN_BULK}
