"""HTTP of validation: scrub, try codes, let a finding pass; show scrubs, findings, rules and rule sets.

Rules stand in `domain/rules`, the codes of refusals in `shared/runtime/http.py`; one file per noun, what they share in
`body.py`.
"""

from typing import Final

from services.validation.api import finding, history, rule, scrub
from services.validation.api.body import ROUTER

__all__ = ["ACCESS", "ROUTER"]

ACCESS: Final = {**scrub.ACCESS, **history.ACCESS, **finding.ACCESS, **rule.ACCESS}
